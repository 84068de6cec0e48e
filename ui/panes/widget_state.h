// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStyle>
#include <QVariant>
#include <QWidget>

namespace kiln::ui {

/// Sets a property that the application's style sheet selects by, and lets the sheet see it.
inline void setStyled(QWidget &widget, const char *property, const QVariant &value)
{
    if (widget.property(property) == value)
        return;
    widget.setProperty(property, value);
    widget.style()->unpolish(&widget);
    widget.style()->polish(&widget);
}

inline void setRole(QWidget &widget, const char *role) { setStyled(widget, "role", QString::fromLatin1(role)); }
inline void setInvalid(QWidget &widget, bool invalid) { setStyled(widget, "invalid", invalid); }

} // namespace kiln::ui

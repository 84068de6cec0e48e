// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <string>

class QLabel;
class QHBoxLayout;
class QToolButton;
class QVBoxLayout;

namespace kiln::ui {

/// A part of the inspector: a heading, a note at its right, and a body below.
class Section : public QWidget
{
    Q_OBJECT

public:
    explicit Section(const QString &heading, QWidget *parent = nullptr);

    void setHeading(const QString &heading);
    void setNote(const QString &note);
    /// Puts a "+" at the heading's right, named `what` for tooltip and screen reader.
    QToolButton *addButton(const QString &what);
    [[nodiscard]] QVBoxLayout *body() const { return m_body; }

private:
    QLabel *const m_heading;
    QLabel *const m_note;
    QHBoxLayout *const m_top;
    QVBoxLayout *const m_body;
};

/// A grant's text in which lines may end, also within a long path or name.
[[nodiscard]] QString breakable(const std::string &text);

/// A muted sentence that wraps: what would be here and how to get it there.
[[nodiscard]] QLabel *hintLabel(const QString &text, QWidget *parent);

} // namespace kiln::ui

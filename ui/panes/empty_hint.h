// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace kiln::ui {

/// What stands where nothing is yet: what would be here, and how to get it here.
class EmptyHint : public QWidget
{
    Q_OBJECT

public:
    explicit EmptyHint(const QString &iconName, QWidget *parent = nullptr);

    /// `action` is the text of a button that emits actionRequested; none when empty.
    void setText(const QString &title, const QString &text, const QString &action = {});
    [[nodiscard]] QString title() const;

Q_SIGNALS:
    void actionRequested();

private:
    void drawIcon();

    const QString m_iconName;
    QLabel *const m_icon;
    QLabel *const m_title;
    QLabel *const m_text;
    QPushButton *const m_action;
};

} // namespace kiln::ui

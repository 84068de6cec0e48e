// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;

namespace kiln::ui {

/// The line that asks for a line: "120" or "120:8".
class GoToLineBar : public QWidget
{
    Q_OBJECT

public:
    explicit GoToLineBar(QWidget *parent);

    void open(int line, int lines); ///< Where the cursor is, and how many there are; 1-based.
    void close();

Q_SIGNALS:
    void lineChosen(int line, int column); ///< 1-based; 1 … lines.
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void choose();

    QLabel *m_label = nullptr;
    QLineEdit *m_edit = nullptr;
    int m_lines = 1;
};

} // namespace kiln::ui

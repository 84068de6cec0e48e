// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "ui/charts/mark.h"

#include <QWidget>

#include <vector>

namespace kiln::ui {

/// The figures of one invocation in cells: a small caption, and the value with its mark below it.
class SummaryStrip : public QWidget
{
    Q_OBJECT

public:
    struct Cell
    {
        QString caption;
        QString value;
        Mark mark = Mark::None;
        QColor colour; ///< Of the mark and the value; the text's own when not valid.
        QString toolTip;
    };

    explicit SummaryStrip(QWidget *parent = nullptr);

    void setInvocation(const InvocationPtr &invocation);
    [[nodiscard]] const std::vector<Cell> &cells() const { return m_cells; }

    QSize sizeHint() const override { return {480, heightForWidth(480)}; }
    QSize minimumSizeHint() const override { return {120, cellHeight}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    static constexpr int cellHeight = 40;
    void rebuild(); ///< Colours are the theme's.
    std::vector<QRect> boxes(int width) const;
    QFont captionFont() const;
    QFont valueFont() const;

    InvocationPtr m_invocation;
    std::vector<Cell> m_cells;
};

} // namespace kiln::ui

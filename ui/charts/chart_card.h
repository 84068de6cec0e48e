// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/time_chart.h"

#include <QFrame>

class QHBoxLayout;
class QLabel;

namespace kiln::ui {

/// Words with their marks in a row.
class ChartLegend : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;
    void setKeys(QList<ChartKey> keys);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<ChartKey> m_keys;
};

/// The frame of a chart: title, figures, the chart, a legend below.
class ChartCard : public QFrame
{
    Q_OBJECT

public:
    ChartCard(const QString &title, QWidget *chart, QWidget *parent = nullptr); ///< Takes the chart over.

    void setFigures(const QString &figures, const QString &toolTip = {});
    void setLegend(const QList<ChartKey> &keys);
    void addOption(QWidget *option); ///< Beside the legend, at the right.

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void showFigures();

    QString m_text; ///< Of the figures, which are cut to the room there is.
    QLabel *const m_figures;
    ChartLegend *const m_legend;
    QHBoxLayout *m_head;
    QHBoxLayout *m_foot;
    int m_titleWidth = 0;
};

} // namespace kiln::ui

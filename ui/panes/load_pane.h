// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_report.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace kiln::ui {

class ChartCard;
class EmptyHint;
class LoadDistributionChart;
class LoadFigures;
class LoadLatencyChart;
class LoadRateChart;

/// A load run while it goes on, and what came of the last one: figures, and rate and latency over the run. Shows
/// reports and emits wishes. GUI thread.
class LoadPane : public QWidget
{
    Q_OBJECT

public:
    explicit LoadPane(QWidget *parent = nullptr);

    /// Null: there was no run yet. Cheap when it is the one of the last call.
    void setReport(const LoadReportPtr &report);
    [[nodiscard]] LoadReportPtr report() const { return m_report; }

Q_SIGNALS:
    void newRequested();
    void againRequested(const kiln::LoadPlan &plan);
    void stopRequested(quint64 run);
    void saveRequested();
    /// The invocations of the run.
    void invocationsRequested(kiln::WallTime from, kiln::WallTime to);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *makeHead();
    QWidget *makeBody();
    void showHead();
    void showLegends();

    LoadReportPtr m_report;
    QStackedWidget *m_pages = nullptr;
    EmptyHint *m_hint = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_state = nullptr;
    QProgressBar *m_progress = nullptr;
    QPushButton *m_stop = nullptr;
    QPushButton *m_again = nullptr;
    QPushButton *m_new = nullptr;
    QPushButton *m_save = nullptr;
    QPushButton *m_invocations = nullptr;
    LoadFigures *m_figures = nullptr;
    LoadRateChart *m_rate = nullptr;
    LoadLatencyChart *m_latency = nullptr;
    LoadDistributionChart *m_distribution = nullptr;
    ChartCard *m_rateCard = nullptr;
    ChartCard *m_latencyCard = nullptr;
    ChartCard *m_distributionCard = nullptr;
};

} // namespace kiln::ui

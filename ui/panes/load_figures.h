// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_report.h"

#include <QFrame>

class QGridLayout;
class QLabel;
class QVBoxLayout;

namespace kiln::ui {

/// The figures of a load run's report: counts, outcomes, starts, latency, phases, errors. Scrolls where it is small.
class LoadFigures : public QFrame
{
    Q_OBJECT

public:
    explicit LoadFigures(QWidget *parent = nullptr);

    void setReport(const LoadReport &report);

private:
    void makeLatency(QVBoxLayout *column);
    QLabel *makeValue(QGridLayout *grid, int row, const QString &name);
    static void show(QLabel *label, const QString &text);

    static constexpr int percentiles = 7;
    QLabel *m_sent = nullptr, *m_held = nullptr, *m_answered = nullptr, *m_outcomes = nullptr, *m_starts = nullptr;
    QLabel *m_corrected[percentiles]{};
    QLabel *m_service[percentiles]{};
    QLabel *m_phases[6]{};
    QLabel *m_phaseTails[6]{};
    QLabel *m_errors = nullptr;
    QLabel *m_errorsHeading = nullptr;
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_report.h"

#include <QFrame>

class QBoxLayout;
class QGridLayout;
class QLabel;

namespace kiln::ui {

/// The figures of a load run's report: counts, outcomes, starts, latency, phases, errors. Scrolls where it is small.
class LoadFigures : public QFrame
{
    Q_OBJECT

public:
    enum class Columns { One, Two };

    explicit LoadFigures(QWidget *parent = nullptr);

    /// One below the other, or counts beside latency. Sets its width.
    void setColumns(Columns columns);
    void setReport(const LoadReport &report);

private:
    QWidget *makeCounts();
    QWidget *makeLatency();
    QLabel *makeValue(QGridLayout *grid, int row, const QString &name);
    static void show(QLabel *label, const QString &text);

    static constexpr int percentiles = 7;
    QBoxLayout *m_columns = nullptr;
    QLabel *m_sent = nullptr, *m_held = nullptr, *m_answered = nullptr, *m_outcomes = nullptr, *m_starts = nullptr;
    QLabel *m_corrected[percentiles]{};
    QLabel *m_service[percentiles]{};
    QLabel *m_phases[6]{};
    QLabel *m_phaseTails[6]{};
    QLabel *m_errors = nullptr;
    QLabel *m_errorsHeading = nullptr;
};

} // namespace kiln::ui

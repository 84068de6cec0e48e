// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/load_figures.h"

#include "ui/charts/phase_look.h"
#include "ui/models/plain_text.h"
#include "ui/theme/format.h"

#include <QGridLayout>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace kiln::ui {

namespace {

QString many(std::uint64_t count) { return QLocale().toString(qulonglong(count)); }

std::array<LatencyFigures::Span, 7> valuesOf(const LatencyFigures &figures)
{
    return {figures.p50, figures.p90, figures.p95, figures.p99, figures.p999, figures.max, figures.mean};
}

QString outcomesText(const LoadReport &report)
{
    QStringList parts;
    for (int i = 0; i < outcomeCount; ++i) {
        if (const std::uint64_t count = report.outcomes[std::size_t(i)]; count > 0)
            parts << LoadFigures::tr("%1 %2").arg(outcomeText(Outcome(i)), many(count));
    }
    if (report.refused > 0)
        parts << LoadFigures::tr("refused %1").arg(many(report.refused));
    return parts.isEmpty() ? LoadFigures::tr("none yet") : parts.join(QStringLiteral(" · "));
}

QString startsText(const LoadReport &report)
{
    QStringList parts;
    for (int i = 0; i < int(report.starts.size()); ++i) {
        if (const std::uint64_t count = report.starts[std::size_t(i)]; count > 0)
            parts << LoadFigures::tr("%1 %2").arg(startText(Start(i)).toLower(), many(count));
    }
    return parts.isEmpty() ? LoadFigures::tr("none yet") : parts.join(QStringLiteral(" · "));
}

QString heldText(const LoadReport &report)
{
    QStringList lines;
    if (report.late > 0)
        lines << LoadFigures::tr("%1 late: at most %2 may wait for an answer at once")
                     .arg(many(report.late), many(std::uint64_t(report.plan.maxInFlight)));
    if (report.behind > 0)
        lines << LoadFigures::tr("%1 late: this machine was too busy to send them").arg(many(report.behind));
    if (report.unsent > 0)
        lines << LoadFigures::tr("%1 never: the run was over before").arg(many(report.unsent));
    return lines.join(QLatin1Char('\n'));
}

QString answeredText(const LoadReport &report)
{
    QString text = LoadFigures::tr("%1 · %2 · %3 failed (%4\u00A0%)")
                       .arg(many(report.answered), rateText(report.answeredRate()), many(report.failed()),
                            QLocale().toString(report.failedPercent(), 'f', 2));
    if (report.state == LoadReport::State::Ended && report.inFlight > 0)
        text += LoadFigures::tr("; %1 never").arg(many(report.inFlight));
    return text;
}

QString errorsText(const LoadReport &report)
{
    QStringList lines;
    for (const LoadReport::ErrorKind &kind : report.errors) {
        QStringList words{QStringLiteral("%1×").arg(many(kind.count)), toQString(kind.outcome)};
        if (!kind.type.empty())
            words << toQString(kind.type);
        if (!kind.message.empty())
            words << toQString(kind.message);
        lines << words.join(QStringLiteral("  "));
    }
    if (report.otherErrors > 0)
        lines << LoadFigures::tr("%1× of other kinds").arg(many(report.otherErrors));
    return lines.join(QLatin1Char('\n'));
}

QLabel *headingLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text.toUpper(), parent);
    label->setProperty("role", QStringLiteral("heading"));
    return label;
}

} // namespace

LoadFigures::LoadFigures(QWidget *parent)
    : QFrame(parent)
{
    setProperty("role", QStringLiteral("card"));
    auto *inside = new QWidget;
    m_columns = new QBoxLayout(QBoxLayout::TopToBottom, inside);
    m_columns->setContentsMargins(12, 8, 12, 8);
    m_columns->addWidget(makeCounts(), 1);
    m_columns->addWidget(makeLatency(), 1);
    auto *scroll = new QScrollArea(this);
    scroll->setWidget(inside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setAccessibleName(tr("Figures of the load run"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->addWidget(scroll);
    setColumns(Columns::One);
}

void LoadFigures::setColumns(Columns columns)
{
    const bool two = columns == Columns::Two;
    m_columns->setDirection(two ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_columns->setSpacing(two ? 24 : 8);
    setFixedWidth(two ? 680 : 320);
}

QWidget *LoadFigures::makeCounts()
{
    auto *part = new QWidget(this);
    auto *column = new QVBoxLayout(part);
    column->setContentsMargins({});
    column->setSpacing(8);
    auto *counts = new QGridLayout;
    counts->setHorizontalSpacing(12);
    counts->setVerticalSpacing(4);
    counts->setColumnStretch(1, 1);
    m_sent = makeValue(counts, 0, tr("Sent"));
    m_sent->setToolTip(tr("Of the events that were due; and how fast, of the rate that was asked for"));
    m_held = new QLabel(part);
    m_held->setProperty("role", QStringLiteral("error"));
    m_held->setWordWrap(true);
    counts->addWidget(m_held, 1, 0, 1, 2);
    m_answered = makeValue(counts, 2, tr("Answered"));
    m_outcomes = makeValue(counts, 3, tr("Outcomes"));
    m_starts = makeValue(counts, 4, tr("Starts"));
    column->addLayout(counts);
    m_errorsHeading = headingLabel(tr("Errors"), part);
    m_errors = new QLabel(part);
    m_errors->setObjectName(QStringLiteral("errors"));
    m_errors->setWordWrap(true);
    m_errors->setTextFormat(Qt::PlainText);
    m_errors->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    column->addWidget(m_errorsHeading);
    column->addWidget(m_errors);
    column->addStretch(1);
    return part;
}

QLabel *LoadFigures::makeValue(QGridLayout *grid, int row, const QString &name)
{
    auto *label = new QLabel(name, this);
    label->setProperty("role", QStringLiteral("muted"));
    auto *value = new QLabel(this);
    value->setWordWrap(true);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setObjectName(name.toLower());
    grid->addWidget(label, row, 0, Qt::AlignTop);
    grid->addWidget(value, row, 1);
    return value;
}

QWidget *LoadFigures::makeLatency()
{
    auto *part = new QWidget(this);
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(2);
    grid->setColumnStretch(0, 1);
    grid->addWidget(headingLabel(tr("Latency"), this), 0, 0);
    const QString tips[] = {tr("From when the event was due: what a user would have waited. Of what reached a worker"),
                            tr("From when it was sent. Of what reached a worker")};
    int place = 1;
    for (const QString &name : {tr("corrected"), tr("service")}) {
        auto *head = headingLabel(name, this);
        head->setToolTip(tips[place - 1]);
        grid->addWidget(head, 0, place++, Qt::AlignRight);
    }
    const QString names[percentiles] = {tr("p50"),   tr("p90"),     tr("p95"), tr("p99"),
                                        tr("p99.9"), tr("longest"), tr("mean")};
    const auto value = [&](int row, int at, const QString &name) {
        auto *label = new QLabel(this);
        label->setAccessibleName(name);
        grid->addWidget(label, row, at, Qt::AlignRight);
        return label;
    };
    for (int i = 0; i < percentiles; ++i) {
        auto *name = new QLabel(names[i], this);
        name->setProperty("role", QStringLiteral("muted"));
        grid->addWidget(name, i + 1, 0);
        m_corrected[i] = value(i + 1, 1, tr("%1, corrected").arg(names[i]));
        m_corrected[i]->setObjectName(QStringLiteral("corrected-") + names[i]);
        m_service[i] = value(i + 1, 2, tr("%1, service").arg(names[i]));
        m_service[i]->setObjectName(QStringLiteral("service-") + names[i]);
    }
    const int after = percentiles + 1;
    grid->setRowMinimumHeight(after, 8);
    grid->addWidget(headingLabel(tr("Phases"), this), after + 1, 0);
    grid->addWidget(headingLabel(tr("p50"), this), after + 1, 1, Qt::AlignRight);
    grid->addWidget(headingLabel(tr("p99"), this), after + 1, 2, Qt::AlignRight);
    for (int i = 0; i < 6; ++i) {
        auto *name = new QLabel(phaseText(std::size_t(i)), this);
        name->setProperty("role", QStringLiteral("muted"));
        name->setToolTip(phaseExplanation(std::size_t(i)));
        grid->addWidget(name, after + 2 + i, 0);
        m_phases[i] = value(after + 2 + i, 1, tr("%1, p50").arg(name->text()));
        m_phaseTails[i] = value(after + 2 + i, 2, tr("%1, p99").arg(name->text()));
    }
    auto *column = new QVBoxLayout(part);
    column->setContentsMargins({});
    column->addLayout(grid);
    column->addStretch(1);
    return part;
}

/// A label that keeps its text is not laid out again.
void LoadFigures::show(QLabel *label, const QString &text)
{
    if (label->text() != text)
        label->setText(text);
}

void LoadFigures::setReport(const LoadReport &report)
{
    show(m_sent,
         tr("%1 of %2 · %3 of %4")
             .arg(many(report.sent), many(report.due), rateText(report.sentRate()), rateText(report.dueRate())));
    const QString held = heldText(report);
    show(m_held, held);
    m_held->setVisible(!held.isEmpty());
    show(m_answered, answeredText(report));
    show(m_outcomes, outcomesText(report));
    show(m_starts, startsText(report));
    const auto corrected = valuesOf(report.corrected), service = valuesOf(report.service);
    for (int i = 0; i < percentiles; ++i) {
        const bool any = report.corrected.count > 0;
        show(m_corrected[i], any ? durationText(corrected[std::size_t(i)]) : QString());
        show(m_service[i], any ? durationText(service[std::size_t(i)]) : QString());
    }
    for (std::size_t i = 0; i < report.phases.size(); ++i) {
        const LatencyFigures &phase = report.phases[i];
        show(m_phases[i], phase.count > 0 ? durationText(phase.p50) : QString());
        show(m_phaseTails[i], phase.count > 0 ? durationText(phase.p99) : QString());
    }
    const QString errors = errorsText(report);
    show(m_errors, errors);
    m_errors->setVisible(!errors.isEmpty());
    m_errorsHeading->setVisible(!errors.isEmpty());
}

} // namespace kiln::ui

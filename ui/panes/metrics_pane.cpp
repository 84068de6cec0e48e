// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/metrics_pane.h"

#include "ui/charts/chart_card.h"
#include "ui/charts/latency_chart.h"
#include "ui/charts/phase_chart.h"
#include "ui/charts/throughput_chart.h"
#include "ui/charts/time_axis_range.h"
#include "ui/panes/function_picker.h"
#include "ui/theme/theme.h"

#include <QBoxLayout>
#include <QToolButton>

#include <cmath>

namespace kiln::ui {

namespace {

QToolButton *makeToggle(const QString &text, const QString &tip, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(true);
    button->setProperty("bordered", true);
    return button;
}

} // namespace

MetricsPane::MetricsPane(QWidget *parent)
    : QWidget(parent)
    , m_range(new TimeAxisRange(this))
    , m_throughput(new ThroughputChart(m_range))
    , m_latency(new LatencyChart(m_range))
    , m_phases(new PhaseChart)
{
    m_throughputCard = new ChartCard(tr("Invocations / s"), m_throughput, this);
    m_latencyCard = new ChartCard(tr("Latency"), m_latency, this);
    m_phaseCard = new ChartCard(tr("Cold start, by phase"), m_phases, this);
    auto *logarithmic = makeToggle(tr("Log"), tr("Logarithmic scale"), m_latencyCard);
    connect(logarithmic, &QToolButton::toggled, this, [this](bool on) {
        m_latency->setScale(on ? LatencyChart::Scale::Logarithmic : LatencyChart::Scale::Linear);
    });
    m_latencyCard->addOption(logarithmic);
    auto *cards = new QHBoxLayout;
    cards->setContentsMargins(8, 0, 8, 8);
    cards->setSpacing(8);
    for (ChartCard *card : {m_throughputCard, m_latencyCard, m_phaseCard})
        cards->addWidget(card, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeHead());
    layout->addLayout(cards, 1);

    connect(m_range, &TimeAxisRange::changed, this, &MetricsPane::rangeChanged);
    connect(m_throughput, &TimeChart::pointActivated, this, &MetricsPane::activate);
    connect(m_latency, &TimeChart::pointActivated, this, &MetricsPane::activate);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &MetricsPane::themeChanged);
    themeChanged();
    rangeChanged();
}

QWidget *MetricsPane::makeHead()
{
    auto *head = new QWidget(this);
    m_function = new FunctionPicker(head);
    connect(m_function, &FunctionPicker::functionChanged, this, &MetricsPane::refresh);
    auto *layout = new QHBoxLayout(head);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(8);
    layout->addWidget(m_function);
    layout->addStretch();
    const std::pair<double, QString> lengths[] = {
        {60, tr("1 m")}, {300, tr("5 m")}, {900, tr("15 m")}, {3600, tr("1 h")}};
    for (const auto &[seconds, text] : lengths) {
        auto *button =
            makeToggle(text, seconds == 60 ? tr("The last minute") : tr("The last %1 minutes").arg(seconds / 60), head);
        button->setProperty("seconds", seconds);
        const double length = seconds;
        connect(button, &QToolButton::clicked, this, [this, length] {
            m_range->setLiveLength(length);
            rangeChanged(); // a second click on the same one must not leave it unchecked
        });
        m_lengths.append(button);
        layout->addWidget(button);
    }
    m_live = makeToggle(tr("Live"), tr("Follow now (End)"), head);
    connect(m_live, &QToolButton::clicked, this, [this] {
        if (m_range->mode() == TimeAxisRange::Mode::Live)
            m_range->hold(m_range->span());
        else
            m_range->follow();
    });
    layout->addWidget(m_live);
    return head;
}

void MetricsPane::setSnapshot(const SnapshotPtr &snapshot)
{
    m_snapshot = snapshot;
    if (!isVisible())
        return;
    m_function->setWorkspace(snapshot->workspace);
    if (snapshot->metrics == m_shown)
        return;                                       // they come once a second, snapshots thirty times
    m_range->setNow(double(snapshot->metrics->upTo)); // refreshes by the range's change, if it follows
    if (m_shown != snapshot->metrics)
        refresh();
}

void MetricsPane::showEvent(QShowEvent *)
{
    if (!m_snapshot)
        return;
    m_function->setWorkspace(m_snapshot->workspace);
    m_range->setNow(double(m_snapshot->metrics->upTo));
    refresh();
}

void MetricsPane::rangeChanged()
{
    const bool live = m_range->mode() == TimeAxisRange::Mode::Live;
    m_live->setChecked(live);
    for (QToolButton *button : m_lengths)
        button->setChecked(live && button->property("seconds").toDouble() == m_range->liveLength());
    refresh();
}

void MetricsPane::refresh()
{
    if (!m_snapshot || !isVisible())
        return;
    const auto before = m_shown; // the charts point into it until they have the new window
    m_shown = m_snapshot->metrics;
    const TimeSpan span = m_range->span();
    const auto found = m_shown->functions.find(m_function->function().toStdString());
    const MetricSeries none;
    const MetricWindow window(found == m_shown->functions.end() ? none : found->second,
                              std::int64_t(std::floor(span.from)), std::int64_t(std::ceil(span.to)));
    m_throughput->setWindow(window);
    m_latency->setWindow(window);
    m_phases->setWindow(window);
    m_throughputCard->setLegend(m_throughput->legend());
    m_throughputCard->setFigures(m_throughput->figures(),
                                 tr("Per second over the last ten; starts and errors in the time shown"));
    m_latencyCard->setFigures(m_latency->figures(), tr("In the last second in which something ended"));
    m_phaseCard->setFigures(m_phases->figures(), tr("Mean over the starts that were not warm, in the time shown"));
}

void MetricsPane::themeChanged()
{
    m_throughputCard->setLegend(m_throughput->legend());
    m_latencyCard->setLegend(m_latency->legend());
}

void MetricsPane::setFunctionFilter(const QString &function) { m_function->setFunction(function); }

void MetricsPane::activate(double from, double to)
{
    const auto wall = [](double seconds) { return WallTime(std::chrono::microseconds(std::llround(seconds * 1e6))); };
    Q_EMIT rangeActivated(m_function->function(), wall(from), wall(to));
}

} // namespace kiln::ui

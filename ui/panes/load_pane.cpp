// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/load_pane.h"

#include "ui/charts/chart_card.h"
#include "ui/charts/load_distribution_chart.h"
#include "ui/charts/load_latency_chart.h"
#include "ui/charts/load_rate_chart.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/load_figures.h"
#include "ui/panes/load_text.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>

#include <algorithm>

namespace kiln::ui {

static constexpr int roomForTwoColumns = 1440; ///< Of figures; from there on the charts have enough beside them.

LoadPane::LoadPane(QWidget *parent)
    : QWidget(parent)
{
    m_hint = new EmptyHint(QStringLiteral("load"), this);
    m_hint->setText(tr("No load has been run"),
                    tr("A load run fires at a function at a rate, and reports latency, starts and errors."),
                    tr("New load run…"));
    connect(m_hint, &EmptyHint::actionRequested, this, &LoadPane::newRequested);
    auto *page = new QWidget(this);
    auto *column = new QVBoxLayout(page);
    column->setContentsMargins({});
    column->setSpacing(0);
    column->addWidget(makeHead());
    column->addWidget(makeBody(), 1);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_hint);
    m_pages->addWidget(page);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(m_pages);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &LoadPane::showLegends);
    showLegends();
}

QWidget *LoadPane::makeHead()
{
    auto *head = new QWidget(this);
    m_title = new QLabel(head);
    m_title->setObjectName(QStringLiteral("title"));
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setMinimumWidth(0);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_state = new QLabel(head);
    m_state->setObjectName(QStringLiteral("state"));
    m_state->setProperty("role", QStringLiteral("muted"));
    m_progress = new QProgressBar(head);
    m_progress->setAccessibleName(tr("How much of the load run is over"));
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(120, 8);
    const auto button = [&](const char *name, const QString &text, const QString &tip, auto pressed) {
        auto *made = new QPushButton(text, head);
        made->setObjectName(QString::fromLatin1(name));
        made->setToolTip(tip);
        connect(made, &QPushButton::clicked, this, pressed);
        return made;
    };
    m_stop = button("stop", tr("Stop"), tr("Send nothing more; a second time, wait for no answers"),
                    [this] { Q_EMIT stopRequested(m_report->run); });
    m_invocations = button("invocations", tr("Invocations"), tr("Show the invocations of this run"), [this] {
        const auto length = std::chrono::ceil<std::chrono::microseconds>(m_report->elapsed + m_report->corrected.max);
        Q_EMIT invocationsRequested(m_report->began, m_report->began + length);
    });
    m_save = button("save", tr("Save…"), tr("Save the report as JSON or CSV"), [this] { Q_EMIT saveRequested(); });
    m_again = button("again", tr("Run again"), tr("The same load once more"),
                     [this] { Q_EMIT againRequested(m_report->plan); });
    m_new = button("new", tr("New…"), tr("Another load run"), [this] { Q_EMIT newRequested(); });

    auto *layout = new QHBoxLayout(head);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(8);
    layout->addWidget(m_title, 1);
    layout->addWidget(m_state);
    layout->addWidget(m_progress);
    for (QPushButton *each : {m_stop, m_invocations, m_save, m_again, m_new})
        layout->addWidget(each);
    return head;
}

QWidget *LoadPane::makeBody()
{
    auto *body = new QWidget;
    m_figures = new LoadFigures(body);
    m_rate = new LoadRateChart;
    m_latency = new LoadLatencyChart;
    m_distribution = new LoadDistributionChart;
    m_rateCard = new ChartCard(tr("Events / s"), m_rate, body);
    m_latencyCard = new ChartCard(tr("Latency"), m_latency, body);
    m_distributionCard = new ChartCard(tr("Distribution"), m_distribution, body);
    auto *layout = new QHBoxLayout(body);
    layout->setContentsMargins(8, 0, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_figures);
    for (ChartCard *card : {m_rateCard, m_latencyCard, m_distributionCard})
        layout->addWidget(card, 1);
    // Beside the other panes there may not be room for all of it.
    auto *scroll = new QScrollArea(this);
    scroll->setWidget(body);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus); // its parts have it, and come into sight with it
    scroll->setMinimumHeight(body->minimumSizeHint().height());
    return scroll;
}

void LoadPane::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_figures->setColumns(width() < roomForTwoColumns ? LoadFigures::Columns::One : LoadFigures::Columns::Two);
}

void LoadPane::setReport(const LoadReportPtr &report)
{
    if (report == m_report)
        return;
    m_report = report;
    m_pages->setCurrentIndex(m_report ? 1 : 0);
    m_rate->setReport(m_report);
    m_latency->setReport(m_report);
    m_distribution->setReport(m_report);
    if (!m_report)
        return;
    showHead();
    m_figures->setReport(*m_report);
    m_rateCard->setFigures(rateText(m_report->sentRate()), tr("Sent per second, on average"));
    const LatencyFigures &corrected = m_report->corrected;
    m_latencyCard->setFigures(corrected.count == 0
                                  ? QString()
                                  : tr("p50 %1 · p99 %2").arg(durationText(corrected.p50), durationText(corrected.p99)),
                              tr("Corrected: from when an event was due. Of what reached a worker"));
    m_distributionCard->setFigures(corrected.count == 0 ? QString()
                                                        : tr("longest %1").arg(durationText(corrected.max)));
}

void LoadPane::showHead()
{
    const bool ended = m_report->state == LoadReport::State::Ended;
    const QString title = tr("%1: %2").arg(loadFunctionsText(m_report->plan), loadShapeText(m_report->plan));
    m_title->setText(title);
    m_title->setToolTip(title);
    m_state->setText(loadStateText(*m_report));
    const double planned = double(m_report->planned.count());
    m_progress->setVisible(!ended);
    m_progress->setValue(planned > 0 ? int(std::min(1.0, double(m_report->elapsed.count()) / planned) * 1000) : 1000);
    const bool hadFocus = m_stop->hasFocus() || m_again->hasFocus();
    m_stop->setVisible(!ended);
    m_stop->setText(m_report->state == LoadReport::State::Draining ? tr("Do not wait") : tr("Stop"));
    for (QPushButton *each : {m_invocations, m_save, m_again, m_new})
        each->setVisible(ended);
    if (hadFocus) // it goes from the one that is hidden to the one that takes its place
        (ended ? m_again : m_stop)->setFocus();
}

void LoadPane::showLegends()
{
    m_rateCard->setLegend(m_rate->legend());
    m_latencyCard->setLegend(m_latency->legend());
    m_distributionCard->setLegend(m_distribution->legend());
}

} // namespace kiln::ui

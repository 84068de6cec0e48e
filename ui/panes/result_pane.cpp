// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/result_pane.h"

#include "ui/panes/empty_hint.h"
#include "ui/panes/error_card.h"
#include "ui/panes/inherited_page.h"
#include "ui/panes/log_table.h"
#include "ui/panes/payload_view.h"
#include "ui/panes/phase_bar.h"
#include "ui/panes/summary_strip.h"
#include "ui/theme/format.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>

namespace kiln::ui {

using namespace std::chrono_literals;

ResultPane::ResultPane(QWidget *parent)
    : QWidget(parent)
    , m_pages(new QStackedWidget(this))
    , m_hint(new EmptyHint(QStringLiteral("result"), this))
{
    m_pages->addWidget(m_hint);
    m_pages->addWidget(makeResultPage());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(m_pages);
    m_ticker.setInterval(100ms);
    connect(&m_ticker, &QTimer::timeout, this, &ResultPane::tick);
    clear();
}

QWidget *ResultPane::makeResultPage()
{
    auto *page = new QWidget(this);
    m_summary = new SummaryStrip(page);
    m_phases = new PhaseBar(page);
    m_payload = new PayloadView(PayloadView::Reading::HttpAnswer, page);
    m_error = new ErrorCard(page);
    m_errorPage = new QScrollArea(page);
    m_errorPage->setWidgetResizable(true);
    m_errorPage->setFrameShape(QFrame::NoFrame);
    m_errorPage->setWidget(m_error);
    m_errorPage->hide(); // until it is a tab
    m_logs = new LogList(page);
    m_side = new QTabWidget(page);
    m_side->setDocumentMode(true);
    m_side->addTab(m_logs, tr("Logs"));
    m_again = new QPushButton(tr("Fire again"), page);
    m_again->setToolTip(tr("Fire the same event once more"));
    m_open = new QPushButton(tr("Open"), page);
    m_open->setToolTip(tr("Open the invocation whole, with its event"));

    // In the corner of the tabs, which is empty, so that the summary has the whole line.
    auto *corner = new QWidget(page);
    auto *buttons = new QHBoxLayout(corner);
    buttons->setContentsMargins(0, 0, 8, 2);
    buttons->addWidget(m_again);
    buttons->addWidget(m_open);
    m_side->setCornerWidget(corner);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 0);
    head->addWidget(m_summary, 1);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(12, 4, 12, 4);
    bar->addWidget(m_phases);
    auto *split = new QSplitter(Qt::Horizontal, page);
    split->addWidget(m_payload);
    split->addWidget(m_side);
    split->setChildrenCollapsible(false);
    split->setSizes({600, 480});
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addLayout(head);
    layout->addLayout(bar);
    layout->addWidget(split, 1);

    connect(m_error, &ErrorCard::sourceRequested, this, &ResultPane::sourceRequested);
    connect(m_error, &ErrorCard::grantRequested, this, &ResultPane::grantRequested);
    connect(m_again, &QPushButton::clicked, this, [this] { Q_EMIT fireAgainRequested(m_invocation); });
    connect(m_open, &QPushButton::clicked, this, [this] { Q_EMIT invocationActivated(m_invocation); });
    return page;
}

void ResultPane::showRunning(const QString &function)
{
    m_running = function;
    m_since.start();
    m_ticker.start();
    // The last result stays until there is a new one or it takes long: fast answers must not flicker.
    if (m_pages->currentIndex() == 0)
        tick();
}

void ResultPane::tick()
{
    if (m_pages->currentIndex() == 1 && m_since.elapsed() < 300)
        return;
    m_hint->setText(tr("Running %1").arg(m_running), millisecondsText(double(m_since.elapsed())));
    m_pages->setCurrentIndex(0);
}

void ResultPane::showResult(const InvocationPtr &invocation)
{
    if (!invocation) {
        clear();
        return;
    }
    m_ticker.stop();
    m_invocation = invocation;
    m_summary->setInvocation(invocation);
    m_phases->setPhases(invocation->phases);
    m_payload->setPayload(invocation->response);
    m_error->setInvocation(invocation);
    // An error without an answer has the room of both.
    m_payload->setVisible(!invocation->response->empty() || !m_error->hasContent());
    m_logs->setInvocation(invocation);
    if (m_inherited)
        showTab(m_inherited, false, {});
    showTab(m_errorPage, m_error->hasContent(), invocation->outcome == Outcome::Ok ? tr("Refused") : tr("Error"));
    m_side->setTabText(m_side->indexOf(m_logs), tr("Logs (%L1)").arg(invocation->logs.size()));
    m_pages->setCurrentIndex(1);
}

/// Puts a page before the others and in front of them, or takes it away.
void ResultPane::showTab(QWidget *page, bool wanted, const QString &title)
{
    if (const int at = m_side->indexOf(page); at >= 0 && !wanted) {
        m_side->removeTab(at);
        page->hide();
    } else if (wanted) {
        if (at < 0)
            m_side->insertTab(0, page, {});
        m_side->setTabText(m_side->indexOf(page), title);
        m_side->setCurrentWidget(page);
    }
}

void ResultPane::showInherited(const InvocationPtr &first, const std::optional<WorkerInspection> &between)
{
    if (!m_invocation)
        return;
    if (!m_inherited)
        m_inherited = new InheritedPage(this);
    m_inherited->setRuns(*first, *m_invocation, between);
    showTab(m_inherited, true, tr("Inherited"));
}

void ResultPane::showError(const QString &text)
{
    m_ticker.stop();
    m_invocation = nullptr;
    m_hint->setText(tr("This did not run"), text.left(4000));
    m_pages->setCurrentIndex(0);
}

void ResultPane::clear()
{
    m_ticker.stop();
    m_invocation = nullptr;
    m_hint->setText(tr("No result yet"), tr("Fire an event (Ctrl+Enter) to see its result here."));
    m_pages->setCurrentIndex(0);
}

} // namespace kiln::ui

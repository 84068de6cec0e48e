// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/invocation_view.h"

#include "core/base/wall_time.h"
#include "ui/models/invocation_text.h"
#include "ui/models/plain_text.h"
#include "ui/panes/error_card.h"
#include "ui/panes/log_table.h"
#include "ui/panes/payload_view.h"
#include "ui/panes/phase_bar.h"
#include "ui/panes/summary_strip.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QBoxLayout>
#include <QClipboard>
#include <QFormLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>

namespace kiln::ui {

namespace {

QLabel *heading(const QString &text)
{
    auto *label = new QLabel(text.toUpper());
    label->setProperty("role", QStringLiteral("heading"));
    return label;
}

QWidget *titled(const QString &title, QWidget *content, int height)
{
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addWidget(heading(title));
    content->setMinimumHeight(height);
    layout->addWidget(content, 1);
    return box;
}

} // namespace

InvocationView::InvocationView(QWidget *parent)
    : QScrollArea(parent)
    , m_title(new QLabel)
    , m_again(new QPushButton(tr("Fire again")))
    , m_summary(new SummaryStrip)
    , m_phases(new PhaseBar)
    , m_error(new ErrorCard)
    , m_event(new PayloadView(PayloadView::Reading::Plain))
    , m_result(new PayloadView(PayloadView::Reading::HttpAnswer))
    , m_logs(new LogList)
    , m_facts(new QWidget)
    , m_factRows(new QFormLayout(m_facts))
{
    m_title->setProperty("role", QStringLiteral("title"));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_again->setToolTip(tr("Fire the same event once more"));
    m_event->setAccessibleName(tr("Event"));
    m_result->setAccessibleName(tr("Result"));
    m_factRows->setContentsMargins(0, 4, 0, 0);
    m_factRows->setVerticalSpacing(4);
    m_factRows->setHorizontalSpacing(16);

    auto *head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    head->addWidget(m_again);
    auto *payloads = new QHBoxLayout;
    payloads->setSpacing(16);
    payloads->addWidget(titled(tr("Event"), m_event, 240), 1);
    payloads->addWidget(titled(tr("Result"), m_result, 240), 1);
    auto *lower = new QHBoxLayout;
    lower->setSpacing(16);
    lower->addWidget(titled(tr("Logs"), m_logs, 200), 3);
    auto *facts = new QWidget;
    facts->setMinimumWidth(400); // an id whole
    auto *factColumn = new QVBoxLayout(facts);
    factColumn->setContentsMargins({});
    factColumn->addWidget(heading(tr("Names and times")));
    factColumn->addWidget(m_facts);
    factColumn->addStretch();
    lower->addWidget(facts, 2);

    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(16, 12, 16, 16);
    layout->setSpacing(12);
    layout->addLayout(head);
    layout->addWidget(m_summary);
    layout->addWidget(m_phases);
    layout->addWidget(m_error);
    layout->addLayout(payloads, 3);
    layout->addLayout(lower, 2);
    setWidget(page);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    connect(m_error, &ErrorCard::sourceRequested, this, &InvocationView::sourceRequested);
    connect(m_error, &ErrorCard::grantRequested, this, &InvocationView::grantRequested);
    connect(m_again, &QPushButton::clicked, this, [this] {
        if (m_invocation)
            Q_EMIT fireAgainRequested(m_invocation);
    });
}

void InvocationView::setInvocation(const InvocationPtr &invocation)
{
    m_invocation = invocation;
    if (!invocation)
        return;
    m_title->setText(tr("%1, invocation %2").arg(functionNameOf(*invocation), shortId(invocation->id)));
    setAccessibleName(m_title->text());
    m_summary->setInvocation(invocation);
    m_phases->setPhases(invocation->phases);
    m_error->setInvocation(invocation);
    m_event->setPayload(invocation->event.data);
    m_result->setPayload(invocation->response);
    m_logs->setInvocation(invocation);
    fillFacts();
}

void InvocationView::fillFacts()
{
    while (m_factRows->rowCount() > 0)
        m_factRows->removeRow(0);
    const Invocation &i = *m_invocation;
    addFact(tr("Invocation"), idText(i.id));
    addFact(tr("Event"), toQString(i.event.id));
    addFact(tr("Event type"), toQString(i.event.type));
    addFact(tr("Source"), toQString(i.event.source));
    addFact(tr("Subject"), toQString(i.event.subject));
    addFact(tr("Content type"), toQString(i.event.dataContentType));
    addFact(tr("Trigger"), triggerText(i.triggerKind));
    addFact(tr("Attempt"), QString::number(i.attempt));
    addFact(tr("Accepted"), toQString(toIso8601(i.accepted)));
    addFact(tr("Ended"), toQString(toIso8601(endOf(i))));
    addFact(tr("Revision"), i.revision ? toQString(i.revision->hash) : QString(),
            i.revision ? toQString(i.revision->hash).left(8) : QString());
    addFact(tr("Worker"), i.worker > 0 ? QString::number(i.worker) : tr("none: it never started"));
    addFact(tr("Log output"), i.usage.log.count > 0 ? sizeText(i.usage.log) : QString());
}

/// `shown` is a shorter form of it; what is copied is the value.
void InvocationView::addFact(const QString &name, const QString &value, const QString &shown)
{
    if (value.isEmpty())
        return;
    auto *caption = new QLabel(name);
    caption->setProperty("role", QStringLiteral("muted"));
    auto *text = new QLabel(shown.isEmpty() ? value.left(500) : shown);
    text->setTextFormat(Qt::PlainText);
    text->setFont(codeFont());
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    text->setToolTip(plainToolTip(value));
    text->setAccessibleName(name);
    auto *copy = new QAction(tr("Copy %1").arg(name.toLower()), text);
    connect(copy, &QAction::triggered, text, [value] { QGuiApplication::clipboard()->setText(value); });
    text->addAction(copy);
    text->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_factRows->addRow(caption, text);
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/error_card.h"

#include "ui/charts/mark.h"
#include "ui/models/invocation_text.h"
#include "ui/models/plain_text.h"
#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

constexpr std::size_t mostFrames = 60, mostRefusals = 20; // more is in the logs
constexpr qsizetype mostText = 8'000;

QLabel *makeLabel(QWidget *parent, Qt::TextFormat format)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(format);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
    return label;
}

QString escaped(const QString &text) { return text.left(mostText).toHtmlEscaped(); }

/// What to do about errors whose own words are those of the language or the platform.
QString remedy(const std::string &type)
{
    if (type == "Runtime.HandlerNotFound")
        return ErrorCard::tr("Handler in its settings names the file and the function in it: file.function.");
    if (type == "Runtime.ImportModuleError")
        return ErrorCard::tr("Kiln installs no libraries: put what it imports into the function's folder.");
    if (type == "Runtime.UnmarshalError")
        return ErrorCard::tr("The event is not JSON. The editor of the test event marks the place.");
    if (type == "Function.ResponseSizeTooLarge")
        return ErrorCard::tr("Answer with less, or in parts.");
    if (type == "Sandbox.InitTimedout")
        return ErrorCard::tr("The code outside the handler takes too long.");
    return {};
}

/// What the outcome means, when the function itself could not say.
QString explanation(const Invocation &invocation)
{
    const Limits limits = invocation.revision ? invocation.revision->settings.limits : Limits();
    switch (invocation.outcome) {
    case Outcome::TimedOut:
        return ErrorCard::tr(
                   "It ran longer than its timeout of %1 and was ended. A longer one can be set in its settings.")
            .arg(durationText(limits.timeout));
    case Outcome::OutOfMemory:
        return ErrorCard::tr("It needed more than its memory limit of %1. More can be given in its settings.")
            .arg(sizeText(limits.memory));
    case Outcome::Crashed:
        return ErrorCard::tr("Its process ended before it answered. What it printed last is in the logs.");
    case Outcome::Blocked: return ErrorCard::tr("A policy of the sandbox stopped it.");
    case Outcome::Throttled:
        return ErrorCard::tr("All workers were busy and the queue was full, so it never started. More of both can be "
                             "allowed in its settings.");
    case Outcome::Cancelled: return ErrorCard::tr("It was ended before it was done.");
    default: return {};
    }
}

} // namespace

ErrorCard::ErrorCard(QWidget *parent)
    : QFrame(parent)
    , m_title(makeLabel(this, Qt::PlainText))
    , m_message(makeLabel(this, Qt::PlainText))
    , m_stack(makeLabel(this, Qt::RichText))
    , m_refusals(makeLabel(this, Qt::RichText))
    , m_grantAll(new QPushButton(this))
{
    setProperty("role", QStringLiteral("card"));
    m_title->setProperty("role", QStringLiteral("error"));
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_stack->setFont(codeFont());
    m_stack->setAccessibleName(tr("Stack"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 8, 12, 8);
    layout->setSpacing(6);
    for (QLabel *label : {m_title, m_message, m_stack, m_refusals}) {
        layout->addWidget(label);
        connect(label, &QLabel::linkActivated, this, &ErrorCard::follow);
    }
    m_grantAll->setObjectName(QStringLiteral("grantAndFire"));
    m_grantAll->hide();
    layout->addWidget(m_grantAll, 0, Qt::AlignLeft);
    layout->addStretch();
    connect(m_grantAll, &QPushButton::clicked, this,
            [this] { Q_EMIT grantRequested(m_invocation, m_grants, AfterGrant::FireAgain); });
    setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *copy = new QAction(tr("Copy all"), this);
    connect(copy, &QAction::triggered, this, &ErrorCard::copyAll);
    addAction(copy);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, [this] {
        if (m_invocation)
            setInvocation(m_invocation);
    });
    hide();
}

void ErrorCard::setInvocation(const InvocationPtr &invocation)
{
    m_invocation = invocation;
    m_places.clear();
    m_grants.clear();
    m_hasContent =
        invocation && (invocation->error || !invocation->denied.empty() || invocation->outcome != Outcome::Ok);
    if (!m_hasContent) {
        hide();
        return;
    }
    const Invocation &i = *invocation;
    QString title = i.error ? toQString(i.error.type) : i.outcome != Outcome::Ok ? outcomeText(i.outcome) : QString();
    if (title.isEmpty())
        title = tr("Refused by the sandbox");
    QStringList message{toQString(i.error.message).left(mostText), explanation(i), remedy(i.error.type)};
    message.removeAll(QString());
    QString refusals;
    for (std::size_t k = 0; k < std::min(i.denied.size(), mostRefusals); ++k)
        refusals += refusalHtml(i.denied[k]);
    if (i.denied.size() > mostRefusals)
        refusals += QStringLiteral("<p>%1</p>").arg(tr("and %n more", nullptr, int(i.denied.size() - mostRefusals)));
    QStringList plain{title, message.join(QLatin1Char('\n'))};
    for (const std::string &frame : i.error.stack)
        plain.append(toQString(frame));
    m_plain = plain.join(QLatin1Char('\n'));
    show(title, message.join(QLatin1Char('\n')), stackHtml(i.error), refusals);
}

void ErrorCard::setError(const QString &text)
{
    m_invocation = nullptr;
    m_grants.clear();
    m_hasContent = true;
    m_plain = text;
    show(tr("Kiln could not do this"), text.left(mostText), {}, {});
}

void ErrorCard::show(const QString &title, const QString &message, const QString &stack, const QString &refusals)
{
    const std::pair<QLabel *, const QString &> parts[] = {
        {m_title, title}, {m_message, message}, {m_stack, stack}, {m_refusals, refusals}};
    for (const auto &[label, text] : parts) {
        label->setText(text);
        label->setVisible(!text.isEmpty());
    }
    m_grantAll->setVisible(!m_grants.isEmpty());
    m_grantAll->setText(m_grants.size() == 1 ? tr("Grant it and fire again") : tr("Grant all and fire again"));
    m_grantAll->setToolTip(tr("Writes into function.yaml: %1").arg(m_grants.join(QStringLiteral(", "))));
    setAccessibleName(title);
    setVisible(true);
}

QString ErrorCard::stackHtml(const FunctionError &error)
{
    QStringList lines;
    // The innermost frames tell most; a recursion without end would push them out of sight.
    const std::size_t skip = error.stack.size() - std::min(error.stack.size(), mostFrames);
    if (skip > 0)
        lines.append(escaped(tr("Earlier frames left out: %L1").arg(skip)));
    for (std::size_t k = skip; k < error.stack.size(); ++k) {
        QString text = toQString(error.stack[k]).left(1000);
        text.replace(QLatin1Char('\t'), QStringLiteral("    "));
        const auto place = placeInFrame(error.stack[k]);
        const QString muted = QStringLiteral("<span style='color:%1'>%2</span>").arg(theme().muted.name());
        // The link is the line that names the place: not its indentation, nor the source that may follow.
        const QString named = text.section(QLatin1Char('\n'), 0, 0), rest = text.section(QLatin1Char('\n'), 1);
        const qsizetype indent =
            named.size() - QString(named).remove(QRegularExpression(QStringLiteral("^\\s+"))).size();
        lines.append(place ? QString(indent, QLatin1Char(' ')) + linkTo(*place, named.trimmed())
                           : muted.arg(escaped(named)));
        if (!rest.isEmpty())
            lines.append(muted.arg(escaped(rest)));
    }
    return lines.isEmpty()
               ? QString()
               : QStringLiteral("<div style='white-space:pre-wrap'>%1</div>").arg(lines.join(QStringLiteral("<br>")));
}

QString ErrorCard::linkTo(const CodePlace &place, const QString &text)
{
    m_places.push_back(place);
    return QStringLiteral("<a style='color:%1' href='place:%2'>%3</a>")
        .arg(theme().cold.name())
        .arg(m_places.size() - 1)
        .arg(escaped(text));
}

QString ErrorCard::refusalHtml(const Refusal &refusal)
{
    QString html = tr("<b>%1</b> of <b>%2</b> was refused")
                       .arg(escaped(toQString(refusal.what)), escaped(toQString(refusal.target)));
    if (const auto place = placeOf(refusal.place))
        html += QLatin1Char(' ') + tr("at %1").arg(linkTo(*place, toQString(refusal.place)));
    else if (!refusal.place.empty())
        html += QLatin1Char(' ') + tr("at %1").arg(escaped(toQString(refusal.place)));
    html += QStringLiteral(". ");
    if (refusal.grant.empty()) {
        html += tr("No permission can allow it.");
    } else {
        const QString grant = toQString(refusal.grant);
        if (!m_grants.contains(grant))
            m_grants.append(grant);
        html += tr("Allowed by <code>%1</code>").arg(escaped(grant));
        const auto link = [&](const char *verb, const QString &text) {
            return QStringLiteral("&nbsp; <a style='color:%1' href='%2:%3'>%4</a>")
                .arg(theme().cold.name(), QString::fromLatin1(verb))
                .arg(m_grants.indexOf(grant))
                .arg(text);
        };
        html += link("grant", tr("Grant")) + link("copy", tr("Copy"));
    }
    return QStringLiteral("<p style='margin:0 0 4px 0'>%1</p>").arg(html);
}

void ErrorCard::follow(const QString &link)
{
    const auto index = std::size_t(link.section(QLatin1Char(':'), 1).toUInt());
    if (link.startsWith(QStringLiteral("place:")) && index < m_places.size())
        Q_EMIT sourceRequested(m_places[index].file, m_places[index].line);
    else if (link.startsWith(QStringLiteral("grant:")) && index < std::size_t(m_grants.size()))
        Q_EMIT grantRequested(m_invocation, {m_grants[qsizetype(index)]}, AfterGrant::Nothing);
    else if (link.startsWith(QStringLiteral("copy:")) && index < std::size_t(m_grants.size()))
        QGuiApplication::clipboard()->setText(m_grants[qsizetype(index)]);
}

void ErrorCard::copyAll() { QGuiApplication::clipboard()->setText(m_plain); }

void ErrorCard::paintEvent(QPaintEvent *event)
{
    QFrame::paintEvent(event);
    QPainter painter(this);
    painter.fillRect(QRect(1, 8, 3, height() - 16), m_invocation ? theme().of(m_invocation->outcome) : theme().error);
}

} // namespace kiln::ui

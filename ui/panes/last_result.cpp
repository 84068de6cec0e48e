// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/last_result.h"

#include "ui/models/json_text.h"
#include "ui/panes/section.h"
#include "ui/panes/widget_state.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

constexpr int shownLines = 12;
constexpr std::size_t readBytes = 4096;

/// The first lines of a payload: JSON set out, other text as it is.
QString previewOf(const std::string &bytes)
{
    // JSON keeps its own spelling and the order of its keys.
    const std::string pretty = bytes.size() <= readBytes && !jsonFlaw(bytes) ? prettyJson(bytes, readBytes) : bytes;
    const QString text =
        QString::fromStdString(pretty.substr(0, readBytes)).replace(QStringLiteral("    "), QStringLiteral("  "));
    QStringList lines = text.trimmed().split(QLatin1Char('\n'));
    const bool cut = lines.size() > shownLines || bytes.size() > readBytes;
    lines = lines.mid(0, shownLines);
    if (cut)
        lines << QStringLiteral("…");
    return lines.join(QLatin1Char('\n'));
}

QString phasesText(const Phases &phases)
{
    QStringList parts;
    const auto spans = phases.spans();
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (spans[i].count() > 0)
            parts << LastResult::tr("%1 %2").arg(
                QString::fromLatin1(Phases::names[i].data(), int(Phases::names[i].size())), durationText(spans[i]));
    }
    for (QString &part : parts)
        part.replace(QLatin1Char(' '), QChar(QChar::Nbsp)); // a line breaks between phases only
    return parts.join(QStringLiteral(" · "));
}

} // namespace

LastResult::LastResult(QWidget *parent)
    : QWidget(parent)
    , m_hint(hintLabel(tr("Fire to see a result here (Ctrl+Return)."), this))
    , m_outcome(new QLabel(this))
    , m_phases(hintLabel({}, this))
    , m_text(new QLabel(this))
    , m_open(new QLabel(this))
{
    m_text->setObjectName(QStringLiteral("response"));
    m_text->setFont(codeFont());
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_outcome->setWordWrap(true);
    m_outcome->setTextFormat(Qt::PlainText);
    m_open->setText(QStringLiteral("<a href=\"open\">%1</a>").arg(tr("Open this invocation")));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    for (QLabel *label : {m_hint, m_outcome, m_phases, m_text, m_open})
        layout->addWidget(label);
    connect(m_open, &QLabel::linkActivated, this, [this] { Q_EMIT openRequested(m_invocation); });
    setInvocation(nullptr);
}

QString LastResult::summary() const
{
    if (!m_invocation)
        return {};
    return tr("%1 · %2 · %3")
        .arg(outcomeText(m_invocation->outcome), durationText(m_invocation->phases.total()),
             startText(m_invocation->start));
}

void LastResult::setInvocation(InvocationPtr invocation)
{
    if (invocation && invocation == m_invocation)
        return;
    m_invocation = std::move(invocation);
    m_hint->setVisible(!m_invocation);
    for (QLabel *label : {m_outcome, m_phases, m_text, m_open})
        label->setVisible(bool(m_invocation));
    if (!m_invocation)
        return;
    const FunctionError &error = m_invocation->error;
    setRole(*m_outcome, error ? "error" : "ok");
    m_outcome->setText(error
                           ? tr("%1: %2").arg(QString::fromStdString(error.type), QString::fromStdString(error.message))
                           : QString());
    m_outcome->setVisible(bool(error));
    m_phases->setText(phasesText(m_invocation->phases));
    const QString preview = previewOf(*m_invocation->response);
    m_text->setText(preview);
    m_text->setVisible(!preview.isEmpty() && !error);
}

} // namespace kiln::ui

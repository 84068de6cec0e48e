// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/json_editor.h"

#include "ui/editor/code_surface.h"
#include "ui/editor/scintilla_colour.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QToolButton>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

using S = QsciScintillaBase;
constexpr std::size_t errorIndicator = 10;
constexpr std::size_t checkedAtOnce = 256 * 1024; // about a millisecond

} // namespace

JsonEditor::JsonEditor(QWidget *parent)
    : CodeEditor(parent)
    , m_line(new QToolButton(this))
{
    m_line->setObjectName(QStringLiteral("jsonLine"));
    m_line->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_line->setAutoRaise(true);
    m_line->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    column()->addWidget(m_line);
    m_later.setSingleShot(true);
    m_later.setInterval(200);
    connect(&m_later, &QTimer::timeout, this, [this] { check(Cause::Needed); });
    connect(m_line, &QToolButton::clicked, this, &JsonEditor::goToError);
    connect(this, &CodeEditor::contentChanged, this, [this] { check(Cause::Typing); });
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &JsonEditor::showError);
    connect(addEditorAction(tr("Format JSON"), QStringLiteral("json.format"),
                            {QKeySequence(QStringLiteral("Ctrl+Shift+I"))}),
            &QAction::triggered, this, &JsonEditor::format);
    connect(addEditorAction(tr("Minify JSON"), QStringLiteral("json.minify"), {}), &QAction::triggered, this,
            &JsonEditor::minify);
    setDocument({}, QStringLiteral("event.json"));
    check(Cause::Needed);
}

const std::optional<JsonError> &JsonEditor::error()
{
    if (m_stale)
        check(Cause::Needed);
    return m_error;
}

void JsonEditor::format()
{
    if (!isReadOnly())
        surface()->replaceAll(formatJson(surface()->bytes(), surface()->lineBreak()));
}

void JsonEditor::minify()
{
    if (!isReadOnly())
        surface()->replaceAll(minifyJson(surface()->bytes()));
}

void JsonEditor::goToError()
{
    if (error())
        goToLine(m_error->line, m_error->column);
}

void JsonEditor::check(Cause cause)
{
    m_stale = true;
    if (cause == Cause::Typing && std::size_t(surface()->send(S::SCI_GETLENGTH)) > checkedAtOnce) {
        m_later.start();
        return;
    }
    m_error = findJsonError(surface()->bytes());
    m_stale = false;
    showError();
    Q_EMIT errorChanged();
}

void JsonEditor::showError()
{
    tintError();
    if (!m_error) {
        m_line->setIcon(icon(QStringLiteral("ok"), theme().ok));
        m_line->setText(tr("JSON"));
        m_line->setToolTip({});
        m_line->setAccessibleName(tr("The text is JSON"));
        return;
    }
    const QString text =
        tr("not JSON: line %1, column %2: %3").arg(m_error->line).arg(m_error->column).arg(m_error->message);
    m_line->setIcon(icon(QStringLiteral("warning"), theme().error));
    m_line->setText(text);
    m_line->setToolTip(tr("%1\nClick to go there").arg(text));
    m_line->setAccessibleName(text);
}

void JsonEditor::tintError()
{
    const QColor colour = theme().error;
    CodeSurface *s = surface();
    s->send(S::SCI_INDICSETSTYLE, errorIndicator, S::INDIC_SQUIGGLE);
    s->send(S::SCI_INDICSETFORE, errorIndicator, scintillaColour(colour));
    s->send(S::SCI_SETINDICATORCURRENT, errorIndicator);
    s->send(S::SCI_INDICATORCLEARRANGE, 0, s->send(S::SCI_GETLENGTH));
    if (!m_error)
        return;
    // At the end of the text the last character stands for what is missing.
    const auto length = std::size_t(s->send(S::SCI_GETLENGTH));
    const std::size_t from = m_error->offset < length ? m_error->offset : length - std::min<std::size_t>(length, 1);
    const std::size_t to = std::min(length, std::max(from + 1, m_error->offset + m_error->length));
    s->send(S::SCI_INDICATORFILLRANGE, from, long(to - from));
}

} // namespace kiln::ui

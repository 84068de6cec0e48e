// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/code_surface.h"

#include "ui/editor/typing.h"
#include "ui/theme/theme.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QWheelEvent>
#include <Qsci/qscicommandset.h>
#include <Qsci/qscilexer.h>

#include <algorithm>

namespace kiln::ui {

namespace {

bool continues(char c) { return (c & '\xC0') == '\x80'; }

/// Scintilla aborts on a null pointer, even of no bytes.
const char *neverNull(std::string_view text) { return text.empty() ? "" : text.data(); }

/// Moving, deleting and the clipboard: what stays bound. All else is the window's, or an action of CodeEditor.
bool isEditingKey(int keys)
{
    const int key = keys & ~int(Qt::KeyboardModifierMask);
    const int modifiers = keys & int(Qt::KeyboardModifierMask);
    if (key >= Qt::Key_A && key <= Qt::Key_Z) {
        if (modifiers == int(Qt::ControlModifier))
            return key == Qt::Key_A || key == Qt::Key_C || key == Qt::Key_V || key == Qt::Key_X || key == Qt::Key_Y ||
                   key == Qt::Key_Z;
        return modifiers == int(Qt::ControlModifier | Qt::ShiftModifier) && key == Qt::Key_Z;
    }
    if ((modifiers & int(Qt::AltModifier)) != 0 && (key == Qt::Key_Up || key == Qt::Key_Down))
        return false; // lines are moved and doubled with them
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Home:
    case Qt::Key_End:
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
    case Qt::Key_Insert: return true;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown: return (modifiers & int(Qt::ControlModifier)) == 0; // with Ctrl: the next tab
    case Qt::Key_Tab:
    case Qt::Key_Backtab:
    case Qt::Key_Return:
    case Qt::Key_Escape: return (modifiers & ~int(Qt::ShiftModifier)) == 0;
    default: return false;
    }
}

} // namespace

CodeSurface::CodeSurface(QWidget *parent)
    : QsciScintilla(parent)
{
    setObjectName(QStringLiteral("code"));
    setAccessibleName(tr("Code"));
    setFrameShape(QFrame::NoFrame);
    setUtf8(true);
    setIndentationsUseTabs(false);
    setTabIndents(true);
    setBackspaceUnindents(true);
    setIndentationGuides(true);
    setBraceMatching(QsciScintilla::StrictBraceMatch);
    setCaretLineVisible(true);
    setCaretWidth(2);
    setAutoIndent(false); // Typing does it
    send(SCI_SETMULTIPLESELECTION, 1);
    send(SCI_SETADDITIONALSELECTIONTYPING, 1);
    send(SCI_SETMULTIPASTE, SC_MULTIPASTE_EACH);
    send(SCI_SETSCROLLWIDTH, 1);
    send(SCI_SETSCROLLWIDTHTRACKING, 1);
    send(SCI_SETLAYOUTCACHE, SC_CACHE_PAGE);
    send(SCI_SETEXTRAASCENT, 1);
    send(SCI_SETEXTRADESCENT, 2);
    send(SCI_SETVIRTUALSPACEOPTIONS, SCVS_RECTANGULARSELECTION);
    send(SCI_SETYCARETPOLICY, CARET_SLOP | CARET_EVEN, 3);
    send(SCI_INDICSETSTYLE, Typing::closerIndicator, INDIC_HIDDEN);
    freeWindowKeys();
    applyMargins();
    applyTheme();
    connect(this, &QsciScintilla::linesChanged, this, &CodeSurface::fitLineNumbers);
    connect(this, &QsciScintilla::cursorPositionChanged, this, &CodeSurface::tintCaretLine);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &CodeSurface::applyTheme);
}

CodeSurface::~CodeSurface() { setLexer(nullptr); }

void CodeSurface::load(std::string_view utf8, Syntax syntax)
{
    setMarks({});
    if (QsciLexer *old = lexer()) {
        setLexer(nullptr);
        delete old;
    }
    const bool readOnly = isReadOnly();
    setReadOnly(false);
    send(SCI_SETUNDOCOLLECTION, 0);
    send(SCI_CLEARALL);
    // The lexer before the text: setLexer() colours all that is there, while text that comes later is coloured as it
    // is scrolled to. It also resets the styles of margins and braces.
    m_syntax = syntax;
    if (auto made = makeLexer(syntax)) {
        made->setParent(this);
        setLexer(made.release());
    }
    applyTheme();
    send(SCI_ALLOCATE, utf8.size() + 64 * 1024); // so that the first key typed does not move it all
    SendScintilla(SCI_APPENDTEXT, static_cast<unsigned long>(utf8.size()), neverNull(utf8));
    send(SCI_SETUNDOCOLLECTION, 1);
    send(SCI_EMPTYUNDOBUFFER);
    send(SCI_SETSAVEPOINT);
    setReadOnly(readOnly);
    send(SCI_GOTOPOS, 0);

    const SyntaxHabits &habits = habitsOf(syntax);
    setTabWidth(habits.indent);
    setIndentationWidth(habits.indent);
    // The first line end speaks for the file; others in it are left as they are.
    const std::size_t end = utf8.find_first_of("\r\n");
    const bool windows = end != std::string_view::npos && utf8.substr(end).starts_with("\r\n");
    setEolMode(windows ? EolWindows : end != std::string_view::npos && utf8.at(end) == '\r' ? EolMac : EolUnix);
}

void CodeSurface::replaceAll(std::string_view utf8)
{
    const std::string_view now = bytes();
    const std::size_t shorter = std::min(now.size(), utf8.size());
    std::size_t head = std::size_t(
        std::mismatch(now.begin(), now.begin() + std::ptrdiff_t(shorter), utf8.begin()).first - now.begin());
    while (head > 0 && ((head < now.size() && continues(now[head])) || (head < utf8.size() && continues(utf8[head]))))
        --head;
    std::size_t tail = 0;
    while (tail < shorter - head && now[now.size() - 1 - tail] == utf8[utf8.size() - 1 - tail])
        ++tail;
    while (tail > 0 && continues(now[now.size() - tail]))
        --tail;
    if (head == now.size() && head == utf8.size())
        return;
    replaceRange(head, now.size() - tail, utf8.substr(head, utf8.size() - tail - head));
}

void CodeSurface::replaceRange(std::size_t from, std::size_t to, std::string_view utf8)
{
    send(SCI_BEGINUNDOACTION);
    send(SCI_SETTARGETSTART, from);
    send(SCI_SETTARGETEND, to);
    SendScintilla(SCI_REPLACETARGET, static_cast<unsigned long>(utf8.size()), neverNull(utf8));
    send(SCI_ENDUNDOACTION);
}

std::string_view CodeSurface::bytes() const
{
    const void *text = SendScintillaPtrResult(SCI_GETCHARACTERPOINTER);
    return {static_cast<const char *>(text), std::size_t(send(SCI_GETLENGTH))};
}

std::string CodeSurface::range(std::size_t from, std::size_t to) const
{
    std::string text(to - from + 1, '\0'); // with room for the NUL that is written behind it
    SendScintilla(SCI_GETTEXTRANGE, long(from), long(to), text.data());
    text.resize(to - from);
    return text;
}

char CodeSurface::byteAt(std::size_t position) const { return char(send(SCI_GETCHARAT, position)); }

std::size_t CodeSurface::caret() const { return std::size_t(send(SCI_GETCURRENTPOS)); }

std::string CodeSurface::lineBreak() const
{
    return eolMode() == EolWindows ? "\r\n" : eolMode() == EolMac ? "\r" : "\n";
}

void CodeSurface::select(std::size_t from, std::size_t to)
{
    const long line = send(SCI_LINEFROMPOSITION, from);
    send(SCI_ENSUREVISIBLEENFORCEPOLICY, std::size_t(line));
    send(SCI_SETSEL, from, long(to));
}

void CodeSurface::freeWindowKeys()
{
    for (QsciCommand *command : standardCommands()->commands()) {
        if (command->key() != 0 && !isEditingKey(command->key()))
            command->setKey(0);
        if (command->alternateKey() != 0 && !isEditingKey(command->alternateKey()))
            command->setAlternateKey(0);
    }
}

bool CodeSurface::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        // Shift+Enter is a line break in here, Ctrl+Enter always the window's.
        const auto *key = static_cast<QKeyEvent *>(event);
        if ((key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) &&
            (key->modifiers() & Qt::ControlModifier) != 0) {
            event->ignore();
            return false;
        }
    }
    return QsciScintilla::event(event);
}

void CodeSurface::keyPressEvent(QKeyEvent *event)
{
    const bool withControl = (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) != 0;
    if (withControl && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        event->ignore();
        return;
    }
    if (!isReadOnly() && Typing(*this).handle(*event))
        return;
    QsciScintilla::keyPressEvent(event);
}

void CodeSurface::wheelEvent(QWheelEvent *event)
{
    if ((event->modifiers() & Qt::ControlModifier) == 0) {
        QsciScintilla::wheelEvent(event);
        return;
    }
    if (event->angleDelta().y() > 0)
        zoomIn();
    else if (event->angleDelta().y() < 0)
        zoomOut();
    event->accept();
    m_numberDigits = 0;
    fitLineNumbers();
    Q_EMIT zoomed();
}

void CodeSurface::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [menu](const QString &text, QKeySequence::StandardKey key, bool enabled) {
        QAction *action = menu->addAction(text);
        action->setShortcut(key);
        action->setEnabled(enabled);
        return action;
    };
    const bool writable = !isReadOnly();
    connect(add(tr("Undo"), QKeySequence::Undo, writable && isUndoAvailable()), &QAction::triggered, this,
            &QsciScintilla::undo);
    connect(add(tr("Redo"), QKeySequence::Redo, writable && isRedoAvailable()), &QAction::triggered, this,
            &QsciScintilla::redo);
    menu->addSeparator();
    connect(add(tr("Cut"), QKeySequence::Cut, writable && hasSelectedText()), &QAction::triggered, this,
            &QsciScintilla::cut);
    connect(add(tr("Copy"), QKeySequence::Copy, hasSelectedText()), &QAction::triggered, this, &QsciScintilla::copy);
    connect(add(tr("Paste"), QKeySequence::Paste, writable), &QAction::triggered, this, &QsciScintilla::paste);
    connect(add(tr("Select all"), QKeySequence::SelectAll, true), &QAction::triggered, this,
            [this] { selectAll(true); });
    if (parentWidget() && !parentWidget()->actions().isEmpty()) {
        menu->addSeparator();
        menu->addActions(parentWidget()->actions());
    }
    menu->popup(event->globalPos());
}

} // namespace kiln::ui

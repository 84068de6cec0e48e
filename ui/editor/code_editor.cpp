// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/code_editor.h"

#include "ui/editor/code_surface.h"
#include "ui/editor/find_bar.h"
#include "ui/editor/go_to_line_bar.h"
#include "ui/editor/line_edits.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QLabel>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

using S = QsciScintillaBase;

std::string_view viewOf(const QByteArray &bytes) { return {bytes.constData(), std::size_t(bytes.size())}; }

} // namespace

CodeEditor::CodeEditor(QWidget *parent)
    : QWidget(parent)
    , m_column(new QVBoxLayout(this))
    , m_info(new QLabel(this))
    , m_surface(new CodeSurface(this))
    , m_find(new FindBar(m_surface, this))
    , m_goToLine(new GoToLineBar(this))
{
    m_column->setContentsMargins({});
    m_column->setSpacing(0);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_find, m_goToLine, m_info})
        m_column->addWidget(widget);
    m_column->addWidget(m_surface, 1);
    setFocusProxy(m_surface);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_info->setObjectName(QStringLiteral("info"));
    m_info->setProperty("role", QStringLiteral("muted"));
    m_info->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_info->hide();

    connect(m_surface, &QsciScintilla::modificationChanged, this, &CodeEditor::modifiedChanged);
    connect(m_surface, &QsciScintilla::textChanged, this, &CodeEditor::contentChanged);
    connect(m_surface, &QsciScintilla::cursorPositionChanged, this,
            [this](int line, int column) { Q_EMIT cursorMoved(line + 1, column + 1); });
    connect(m_surface, &CodeSurface::markActivated, this, &CodeEditor::markActivated);
    connect(m_surface, &CodeSurface::zoomed, this, &CodeEditor::alignInfo);
    connect(m_surface, &QsciScintilla::linesChanged, this, &CodeEditor::alignInfo);
    connect(m_find, &FindBar::closed, m_surface, qOverload<>(&QWidget::setFocus));
    connect(m_goToLine, &GoToLineBar::closed, m_surface, qOverload<>(&QWidget::setFocus));
    connect(m_goToLine, &GoToLineBar::lineChosen, this, &CodeEditor::goToLine);
    addActions();
    addLineActions();
    addViewActions();
    alignInfo();
}

void CodeEditor::setDocument(const QString &text, const QString &fileName) { setBytes(text.toUtf8(), fileName); }

void CodeEditor::setBytes(const QByteArray &bytes, const QString &fileName)
{
    m_fileName = fileName;
    m_surface->load(viewOf(bytes), syntaxOf(fileName, viewOf(bytes)));
    m_surface->setAccessibleDescription(fileName);
    alignInfo();
}

void CodeEditor::setText(const QString &text)
{
    const QByteArray bytes = text.toUtf8();
    m_surface->replaceAll(viewOf(bytes));
}

QString CodeEditor::text() const { return QString::fromUtf8(bytes()); }

QByteArray CodeEditor::bytes() const
{
    const std::string_view all = m_surface->bytes();
    return {all.data(), qsizetype(all.size())};
}

bool CodeEditor::isModified() const { return m_surface->isModified(); }

void CodeEditor::setModified(bool modified)
{
    if (modified != isModified())
        m_surface->setModified(modified);
}

bool CodeEditor::isReadOnly() const { return m_surface->isReadOnly(); }

void CodeEditor::setReadOnly(bool readOnly) { m_surface->setReadOnly(readOnly); }

bool CodeEditor::isUndoAvailable() const { return m_surface->isUndoAvailable(); }

bool CodeEditor::isRedoAvailable() const { return m_surface->isRedoAvailable(); }

void CodeEditor::undo() { m_surface->undo(); }

void CodeEditor::redo() { m_surface->redo(); }

int CodeEditor::cursorLine() const { return int(m_surface->send(S::SCI_LINEFROMPOSITION, m_surface->caret())) + 1; }

int CodeEditor::cursorColumn() const
{
    int line = 0, column = 0;
    m_surface->getCursorPosition(&line, &column);
    return column + 1;
}

void CodeEditor::goToLine(int line, int column)
{
    const int wanted = std::clamp(line, 1, std::max(1, m_surface->lines())) - 1;
    m_surface->ensureLineVisible(wanted);
    const int last =
        std::max(0, int(m_surface->text(wanted).remove(QLatin1Char('\n')).remove(QLatin1Char('\r')).size()));
    m_surface->setCursorPosition(wanted, std::clamp(column - 1, 0, last));
    // In the middle, so that what is around it is seen too.
    const long shown = m_surface->send(S::SCI_LINESONSCREEN);
    const long visible = m_surface->send(S::SCI_VISIBLEFROMDOCLINE, std::size_t(wanted));
    m_surface->send(S::SCI_SETFIRSTVISIBLELINE, std::size_t(std::max(0L, visible - shown / 2)));
    m_surface->setFocus();
}

void CodeEditor::setInfo(const QString &info)
{
    m_info->setText(info);
    m_info->setVisible(!info.isEmpty());
}

void CodeEditor::markErrors(const std::vector<CodeMark> &marks) { m_surface->setMarks(marks); }

std::vector<int> CodeEditor::markedLines() const { return m_surface->markedLines(); }

void CodeEditor::openFind()
{
    m_goToLine->hide();
    m_find->open(FindBar::Mode::Find);
}

void CodeEditor::openReplace()
{
    m_goToLine->hide();
    m_find->open(FindBar::Mode::Replace);
}

void CodeEditor::openGoToLine()
{
    m_find->hide();
    m_goToLine->open(cursorLine(), m_surface->lines());
}

QAction *CodeEditor::addEditorAction(const QString &text, const QString &name, const QList<QKeySequence> &keys)
{
    auto *action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcuts(keys);
    // Several editors stand side by side in tabs: a key means the one that has the focus.
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(action);
    return action;
}

void CodeEditor::addActions()
{
    const auto key = [](const char *text) { return QKeySequence(QLatin1String(text)); };
    connect(addEditorAction(tr("Save"), QStringLiteral("editor.save"), {QKeySequence::Save}), &QAction::triggered, this,
            &CodeEditor::saveRequested);
    connect(addEditorAction(tr("Find"), QStringLiteral("editor.find"), {key("Ctrl+F")}), &QAction::triggered, this,
            &CodeEditor::openFind);
    connect(addEditorAction(tr("Replace"), QStringLiteral("editor.replace"), {key("Ctrl+H")}), &QAction::triggered,
            this, &CodeEditor::openReplace);
    connect(addEditorAction(tr("Find next"), QStringLiteral("editor.findNext"), {key("F3")}), &QAction::triggered, this,
            [this] { m_find->go(FindBar::Way::Forward); });
    connect(addEditorAction(tr("Find previous"), QStringLiteral("editor.findPrevious"), {key("Shift+F3")}),
            &QAction::triggered, this, [this] { m_find->go(FindBar::Way::Back); });
    connect(addEditorAction(tr("Go to line"), QStringLiteral("editor.goToLine"), {key("Ctrl+G")}), &QAction::triggered,
            this, &CodeEditor::openGoToLine);
}

void CodeEditor::addLineActions()
{
    const auto add = [this](const QString &text, const char *name, const char *keys, auto edit) {
        connect(addEditorAction(text, QLatin1String(name), {QKeySequence(QLatin1String(keys))}), &QAction::triggered,
                this, [this, edit] { edit(*m_surface); });
    };
    add(tr("Comment or uncomment"), "editor.comment", "Ctrl+/", toggleComment);
    add(tr("Move lines up"), "editor.moveUp", "Alt+Up", [](CodeSurface &s) { moveLines(s, Direction::Up); });
    add(tr("Move lines down"), "editor.moveDown", "Alt+Down", [](CodeSurface &s) { moveLines(s, Direction::Down); });
    add(tr("Duplicate lines"), "editor.duplicate", "Alt+Shift+Down",
        [](CodeSurface &s) { duplicateLines(s, Direction::Down); });
    add(tr("Duplicate lines above"), "editor.duplicateAbove", "Alt+Shift+Up",
        [](CodeSurface &s) { duplicateLines(s, Direction::Up); });
    add(tr("Delete lines"), "editor.deleteLines", "Ctrl+Shift+K", deleteLines);
    add(tr("Select the next one alike"), "editor.selectNext", "Ctrl+D", [](CodeSurface &s) {
        s.send(S::SCI_TARGETWHOLEDOCUMENT);
        s.send(S::SCI_SETSEARCHFLAGS, S::SCFIND_MATCHCASE);
        s.send(S::SCI_MULTIPLESELECTADDNEXT);
    });
}

void CodeEditor::addViewActions()
{
    const auto key = [](const char *text) { return QKeySequence(QLatin1String(text)); };
    const auto add = [this](const QString &text, const char *name, const QList<QKeySequence> &keys, auto act) {
        connect(addEditorAction(text, QLatin1String(name), keys), &QAction::triggered, this, [this, act] {
            act();
            Q_EMIT m_surface->zoomed();
        });
    };
    add(tr("Zoom in"), "editor.zoomIn", {key("Ctrl++"), key("Ctrl+=")}, [this] { m_surface->zoomIn(); });
    add(tr("Zoom out"), "editor.zoomOut", {key("Ctrl+-")}, [this] { m_surface->zoomOut(); });
    add(tr("Zoom to the normal size"), "editor.zoomReset", {key("Ctrl+0")}, [this] { m_surface->zoomTo(0); });
    connect(addEditorAction(tr("Fold or unfold all"), QStringLiteral("editor.foldAll"), {key("Ctrl+Shift+-")}),
            &QAction::triggered, this, [this] { m_surface->foldAll(); });
}

void CodeEditor::alignInfo()
{
    QFont font = codeFont();
    font.setPixelSize(11);
    m_info->setFont(font);
    int margins = 0;
    for (int margin = 0; margin < 3; ++margin)
        margins += m_surface->marginWidth(margin);
    m_info->setContentsMargins(margins + 4, 8, 8, 0);
}

} // namespace kiln::ui

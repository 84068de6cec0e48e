// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/code_mark.h"

#include <QByteArray>
#include <QString>
#include <QWidget>

#include <vector>

class QLabel;
class QVBoxLayout;

namespace kiln::ui {

class CodeSurface;
class FindBar;
class GoToLineBar;

/// One document of code: the text, a line of facts above it, find and replace, marks at lines where something
/// happened. Its own actions (find, comment, move lines …) are its QWidget::actions(), with names and shortcuts, for
/// menus and the command palette. Keys that it has no use for reach the window (Ctrl+Enter, Ctrl+P, F8, Ctrl+1 …).
///
/// Knows no files: saveRequested() asks for what it shows to be written, and setModified(false) says that it was.
/// Lines and columns are 1-based, columns in characters. GUI thread.
class CodeEditor : public QWidget
{
    Q_OBJECT

public:
    explicit CodeEditor(QWidget *parent = nullptr);

    /// Another document, unmodified, with nothing to undo. The file's name chooses the language.
    void setDocument(const QString &text, const QString &fileName);
    /// The same from bytes as they are in the file, well-formed UTF-8 or not: bytes() gives the same back.
    void setBytes(const QByteArray &bytes, const QString &fileName);
    /// This text instead, as one step to undo; keeps the cursor, folds and marks in what did not change.
    void setText(const QString &text);
    [[nodiscard]] QString text() const;
    [[nodiscard]] QByteArray bytes() const;
    [[nodiscard]] QString fileName() const { return m_fileName; }

    [[nodiscard]] bool isModified() const;
    void setModified(bool modified);
    [[nodiscard]] bool isReadOnly() const;
    void setReadOnly(bool readOnly);

    [[nodiscard]] bool isUndoAvailable() const;
    [[nodiscard]] bool isRedoAvailable() const;
    void undo();
    void redo();

    [[nodiscard]] int cursorLine() const;
    [[nodiscard]] int cursorColumn() const;
    void goToLine(int line, int column = 1);

    /// Facts about what is shown, above the first line; empty hides it.
    void setInfo(const QString &info);

    void markErrors(const std::vector<CodeMark> &marks); ///< Instead of those shown. Lines out of range are left out.
    void clearMarks() { markErrors({}); }
    [[nodiscard]] std::vector<int> markedLines() const; ///< They move with the text.

    void openFind();
    void openReplace();
    void openGoToLine();

    [[nodiscard]] CodeSurface *surface() const { return m_surface; }

Q_SIGNALS:
    void modifiedChanged(bool modified);
    void contentChanged();
    void saveRequested();
    void cursorMoved(int line, int column);
    void markActivated(int line);

protected:
    [[nodiscard]] QVBoxLayout *column() const { return m_column; } ///< For a subclass's own lines below.
    QAction *addEditorAction(const QString &text, const QString &name, const QList<QKeySequence> &keys);

private:
    void addActions();
    void addLineActions();
    void addViewActions();
    void alignInfo();

    QString m_fileName;
    QVBoxLayout *m_column = nullptr;
    QLabel *m_info = nullptr;
    CodeSurface *m_surface = nullptr;
    FindBar *m_find = nullptr;
    GoToLineBar *m_goToLine = nullptr;
};

} // namespace kiln::ui

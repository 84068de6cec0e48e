// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/code_mark.h"
#include "ui/editor/syntax.h"

#include <Qsci/qsciscintilla.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::ui {

/// The text area of a CodeEditor: QScintilla in the theme's colours, with exact bytes in and out, brackets that close
/// themselves, and marks drawn behind the end of their lines. Keys that the window may want are not taken.
/// Positions are bytes of the UTF-8 text. GUI thread.
class CodeSurface : public QsciScintilla
{
    Q_OBJECT

public:
    explicit CodeSurface(QWidget *parent);
    ~CodeSurface() override;

    /// Another document: no undo, unmodified, cursor at the start.
    void load(std::string_view utf8, Syntax syntax);
    /// Changes to this text in one undoable step; what is the same at both ends stays, with its folds and marks.
    void replaceAll(std::string_view utf8);
    /// Replaces a stretch, undoable.
    void replaceRange(std::size_t from, std::size_t to, std::string_view utf8);
    /// The text as it is; valid until the next change.
    [[nodiscard]] std::string_view bytes() const;

    /// A stretch of it: cheap anywhere in a long text, unlike bytes().
    [[nodiscard]] std::string range(std::size_t from, std::size_t to) const;
    [[nodiscard]] char byteAt(std::size_t position) const; ///< NUL at the end.

    [[nodiscard]] Syntax syntax() const { return m_syntax; }
    [[nodiscard]] std::size_t caret() const;
    [[nodiscard]] std::string lineBreak() const;   ///< Of this document: "\n", "\r\n" or "\r".
    void select(std::size_t from, std::size_t to); ///< And scrolls there.

    void setMarks(const std::vector<CodeMark> &marks);
    [[nodiscard]] std::vector<int> markedLines() const; ///< 1-based, where they are by now.

    /// Scintilla's messages with the types that it means.
    long send(unsigned message, std::size_t w = 0, long l = 0) const
    {
        return SendScintilla(message, static_cast<unsigned long>(w), l);
    }

Q_SIGNALS:
    void markActivated(int line);
    void zoomed();

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    static constexpr int groundMarker = 1, symbolMarker = 2;

    struct PlacedMark
    {
        CodeMark mark;
        int handle = -1; ///< Scintilla moves it with the text.
        QRect area;      ///< Where its words were drawn last; empty when out of view.
    };

    [[nodiscard]] static QColor markGround();
    void applyTheme();
    void applyMargins();
    void setBraceFont(const QFont &font);
    void applyFoldSymbols();
    void fitLineNumbers();
    void tintCaretLine();
    void freeWindowKeys();
    [[nodiscard]] int lineOf(const PlacedMark &placed) const; ///< 0-based; -1 when it is gone.
    [[nodiscard]] const PlacedMark *markAt(QPoint position) const;

    Syntax m_syntax = Syntax::Plain;
    std::vector<PlacedMark> m_marks;
    int m_numberDigits = 0;
};

} // namespace kiln::ui

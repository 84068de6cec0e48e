// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/code_surface.h"
#include "ui/editor/scintilla_colour.h"
#include "ui/theme/theme.h"

#include <Qsci/qscilexer.h>

#include <algorithm>
#include <cmath>

// Margins and colours of a CodeSurface.

namespace kiln::ui {

namespace {

constexpr int numberMargin = 0, markMargin = 1, foldMargin = 2;

} // namespace

void CodeSurface::applyMargins()
{
    setMarginType(numberMargin, NumberMargin);
    setMarginMarkerMask(numberMargin, 0);
    setMarginType(markMargin, SymbolMargin);
    setMarginMarkerMask(markMargin, 1 << symbolMarker);
    setMarginWidth(markMargin, 12);
    setFolding(BoxedTreeFoldStyle, foldMargin);
    setMarginWidth(foldMargin, 16);
    send(SCI_SETMARGINLEFT, 0, 4);
    markerDefine(Background, groundMarker); // the whole line, since no margin shows it
    markerDefine(SmallRectangle, symbolMarker);
}

void CodeSurface::applyTheme()
{
    const Theme &t = theme();
    if (lexer()) {
        tint(*lexer(), m_syntax);
    } else {
        setFont(editorFont());
        setColor(t.text);
        setPaper(t.background);
    }
    setMarginsFont(editorFont());
    setMarginsForegroundColor(t.muted);
    setMarginsBackgroundColor(t.background);
    setFoldMarginColors(t.background, t.background);
    setCaretForegroundColor(t.accent);
    setSelectionBackgroundColor(t.selection);
    resetSelectionForegroundColor();
    setIndentationGuidesForegroundColor(t.line);
    setIndentationGuidesBackgroundColor(t.background);
    setMatchedBraceForegroundColor(t.accent);
    setMatchedBraceBackgroundColor(t.raised);
    setUnmatchedBraceForegroundColor(t.error);
    setUnmatchedBraceBackgroundColor(t.background);
    setBraceFont(editorFont());
    setWhitespaceForegroundColor(t.line);
    setMarkerBackgroundColor(markGround(), groundMarker);
    setMarkerForegroundColor(t.error, symbolMarker);
    setMarkerBackgroundColor(t.error, symbolMarker);
    send(SCI_SETADDITIONALSELBACK, std::size_t(scintillaColour(t.selection)));
    send(SCI_SETADDITIONALCARETFORE, std::size_t(scintillaColour(t.accent)));
    applyFoldSymbols();
    tintCaretLine();
    m_numberDigits = 0;
    fitLineNumbers();
}

/// Lexers set the font of the styles they know. Those of braces are not among them, and some lexers leave them with
/// the application's font, whose size in pixels is no size to Scintilla: the braces could not be seen.
void CodeSurface::setBraceFont(const QFont &font)
{
    const QByteArray family = font.family().toUtf8();
    for (const unsigned long style : {STYLE_BRACELIGHT, STYLE_BRACEBAD}) {
        SendScintilla(SCI_STYLESETFONT, style, family.constData());
        send(SCI_STYLESETSIZEFRACTIONAL, style, std::lround(font.pointSizeF() * double(SC_FONT_SIZE_MULTIPLIER)));
    }
}

void CodeSurface::applyFoldSymbols()
{
    const auto define = [this](int marker, long symbol) {
        send(SCI_MARKERDEFINE, std::size_t(marker), symbol);
        send(SCI_MARKERSETFORE, std::size_t(marker), scintillaColour(theme().muted));
        send(SCI_MARKERSETBACK, std::size_t(marker), scintillaColour(theme().muted));
    };
    define(SC_MARKNUM_FOLDEROPEN, SC_MARK_ARROWDOWN);
    define(SC_MARKNUM_FOLDEROPENMID, SC_MARK_ARROWDOWN);
    define(SC_MARKNUM_FOLDER, SC_MARK_ARROW);
    define(SC_MARKNUM_FOLDEREND, SC_MARK_ARROW);
    for (const int marker : {SC_MARKNUM_FOLDERSUB, SC_MARKNUM_FOLDERTAIL, SC_MARKNUM_FOLDERMIDTAIL})
        define(marker, SC_MARK_EMPTY);
}

void CodeSurface::fitLineNumbers()
{
    const int digits = std::max(3, int(QString::number(lines()).size()));
    if (digits == m_numberDigits)
        return;
    m_numberDigits = digits;
    setMarginWidth(numberMargin, QString(digits + 1, QLatin1Char('0')));
}

void CodeSurface::tintCaretLine()
{
    int line = 0, column = 0;
    getCursorPosition(&line, &column);
    const bool marked =
        std::any_of(m_marks.begin(), m_marks.end(), [&](const PlacedMark &placed) { return lineOf(placed) == line; });
    setCaretLineBackgroundColor(marked ? blended(theme().error, theme().background, 0.2)
                                       : blended(theme().text, theme().background, 0.045));
}

} // namespace kiln::ui

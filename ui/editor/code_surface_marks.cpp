// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/code_surface.h"
#include "ui/editor/scintilla_colour.h"
#include "ui/theme/theme.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

// Marks of a CodeSurface: where they are, how they look, how they are clicked.

namespace kiln::ui {

QColor CodeSurface::markGround() { return blended(theme().error, theme().background, 0.14); }

void CodeSurface::setMarks(const std::vector<CodeMark> &marks)
{
    send(SCI_MARKERDELETEALL, groundMarker);
    send(SCI_MARKERDELETEALL, symbolMarker);
    m_marks.clear();
    for (const CodeMark &mark : marks) {
        if (mark.line < 1 || mark.line > lines())
            continue;
        m_marks.push_back({mark, markerAdd(mark.line - 1, groundMarker), {}});
        markerAdd(mark.line - 1, symbolMarker); // dropped with its line as well
    }
    tintCaretLine();
    viewport()->update();
}

std::vector<int> CodeSurface::markedLines() const
{
    std::vector<int> result;
    for (const PlacedMark &placed : m_marks) {
        if (const int line = lineOf(placed); line >= 0)
            result.push_back(line + 1);
    }
    return result;
}

int CodeSurface::lineOf(const PlacedMark &placed) const { return markerLine(placed.handle); }

void CodeSurface::paintEvent(QPaintEvent *event)
{
    QsciScintilla::paintEvent(event);
    if (m_marks.empty())
        return;
    QPainter painter(viewport());
    QFont font = editorFont();
    font.setPointSizeF(std::max(4.0, font.pointSizeF() + double(send(SCI_GETZOOM))));
    painter.setFont(font);
    const QFontMetrics metrics(font);
    const int height = int(send(SCI_TEXTHEIGHT));
    for (PlacedMark &placed : m_marks) {
        placed.area = {};
        const int line = lineOf(placed);
        if (line < 0 || send(SCI_GETLINEVISIBLE, std::size_t(line)) == 0)
            continue;
        const long end = send(SCI_GETLINEENDPOSITION, std::size_t(line));
        const int y = int(send(SCI_POINTYFROMPOSITION, 0, end));
        if (y + height < 0 || y > viewport()->height())
            continue;
        const QString words = placed.mark.detail.isEmpty()
                                  ? placed.mark.message
                                  : placed.mark.message + QStringLiteral("  ·  ") + placed.mark.detail;
        const int room = viewport()->width() - 16;
        int x = int(send(SCI_POINTXFROMPOSITION, 0, end)) + 3 * metrics.horizontalAdvance(QLatin1Char('m'));
        const int square = metrics.xHeight();
        const int width = std::min(square + 8 + metrics.horizontalAdvance(words), room);
        const bool covers = x + width > room; // a long line: the words lie over its end rather than out of sight
        if (covers)
            x = std::max(room - width, std::min(x, room / 2));
        placed.area = QRect(x, y, std::min(width, room - x), height);
        if (covers)
            painter.fillRect(placed.area.adjusted(-8, 0, 16, 0), markGround());
        painter.fillRect(QRect(x, y + (height - square) / 2, square, square), theme().error);
        painter.setPen(theme().error);
        painter.drawText(placed.area.adjusted(square + 8, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(words, Qt::ElideRight, placed.area.width() - square - 8 + 1));
    }
}

const CodeSurface::PlacedMark *CodeSurface::markAt(QPoint position) const
{
    const auto found = std::find_if(m_marks.begin(), m_marks.end(),
                                    [&](const PlacedMark &placed) { return placed.area.contains(position); });
    return found == m_marks.end() ? nullptr : &*found;
}

void CodeSurface::mousePressEvent(QMouseEvent *event)
{
    const PlacedMark *placed = markAt(event->pos());
    if (placed && event->button() == Qt::LeftButton) {
        Q_EMIT markActivated(lineOf(*placed) + 1);
        return;
    }
    QsciScintilla::mousePressEvent(event);
}

void CodeSurface::mouseMoveEvent(QMouseEvent *event)
{
    QsciScintilla::mouseMoveEvent(event);
    const PlacedMark *placed = markAt(event->pos());
    if (placed)
        viewport()->setCursor(Qt::PointingHandCursor);
    viewport()->setToolTip(placed ? placed->mark.message + QLatin1Char('\n') + placed->mark.detail : QString());
}

} // namespace kiln::ui

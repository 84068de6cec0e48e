// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/shaped_text.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QTextLayout>

namespace kiln::ui {

namespace {

constexpr double unbroken = 100'000;

} // namespace

void ShapedText::set(const QString &text, const QFont &font, double room)
{
    if (text == m_text && room == m_room && font == m_font)
        return;
    m_text = text;
    m_font = font;
    m_room = room;
    const auto shape = [&](const QString &line) {
        QTextLayout layout(line, font);
        layout.beginLayout();
        QTextLine only = layout.createLine();
        only.setLineWidth(unbroken);
        layout.endLayout();
        m_width = only.naturalTextWidth();
        m_runs = layout.glyphRuns();
    };
    m_width = 0;
    m_runs.clear();
    if (text.isEmpty())
        return;
    shape(text);
    if (m_width > room)
        shape(QFontMetricsF(font).elidedText(text, Qt::ElideRight, room));
}

void ShapedText::draw(QPainter &painter, QPointF topLeft) const
{
    for (const QGlyphRun &run : m_runs)
        painter.drawGlyphRun(topLeft, run);
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/node_item.h"

#include "ui/canvas/layout.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>
#include <QPixmapCache>
#include <QStyleOptionGraphicsItem>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr double padding = 16, glow = 6, radius = 8, stripWidth = 4;
constexpr double titleTop = 11, detailTop = 33, lastTop = 56;
constexpr double tooSmallToRead = 0.4;

QString tr(const char *text) { return QCoreApplication::translate("Map", text); }

QFont fontOf(int pixels, QFont::Weight weight = QFont::Normal)
{
    QFont font = QApplication::font();
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

QFont titleFont() { return fontOf(13, QFont::DemiBold); }
QFont smallFont() { return fontOf(11); }

/// Reading an SVG takes longer than all the rest of a box: drawn once per colour and scale.
void paintIcon(QPainter &painter, const QString &name, const QColor &colour, QPointF place)
{
    const double ratio = std::max(1.0, painter.device()->devicePixelRatioF() * painter.worldTransform().m11());
    const int side = int(std::ceil(16 * ratio));
    const QString key = QStringLiteral("map/%1/%2/%3").arg(name, colour.name()).arg(side);
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        pixmap = icon(name, colour).pixmap(QSize(side, side), 1.0);
        QPixmapCache::insert(key, pixmap);
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawPixmap(QRectF(place, QSizeF(16, 16)), pixmap, QRectF(pixmap.rect()));
}

/// A box as three areas, one over the other: filling is much cheaper than a smooth line around.
struct Outline
{
    explicit Outline(QSizeF size)
    {
        const QRectF box(QPointF(), size);
        outer.addRoundedRect(box, radius, radius);
        inner.addRoundedRect(box.adjusted(1, 1, -1, -1), radius - 1, radius - 1);
        QPainterPath left;
        left.addRect(0, 0, stripWidth, size.height());
        strip = outer.intersected(left);
    }
    QPainterPath outer, inner, strip;
};

const Outline &outlineOf(QSizeF size)
{
    static const Outline function(sizeOf(MapNode::Kind::Function)), other(sizeOf(MapNode::Kind::Trigger));
    return size == sizeOf(MapNode::Kind::Function) ? function : other;
}

} // namespace

NodeItem::NodeItem(MapNode node)
    : m_node(std::move(node))
    , m_size(sizeOf(m_node.kind))
{
    setCacheMode(DeviceCoordinateCache);
    setZValue(1);
    setToolTip(description());
    shapeWords();
}

void NodeItem::setNode(const MapNode &node)
{
    if (node == m_node)
        return;
    m_node = node;
    setToolTip(description());
    shapeWords();
    update();
}

void NodeItem::setChosen(bool chosen)
{
    if (chosen == m_chosen)
        return;
    m_chosen = chosen;
    setZValue(chosen ? 2 : 1);
    update();
}

void NodeItem::themeChanged()
{
    shapeWords();
    update();
}

QString stateText(MapNode::State state)
{
    switch (state) {
    case MapNode::State::Idle: return tr("ready, not used yet");
    case MapNode::State::Ok: return tr("ready");
    case MapNode::State::Preparing: return tr("being prepared");
    case MapNode::State::Failed: return tr("the last run failed");
    case MapNode::State::Invalid: return tr("has errors");
    }
    Q_UNREACHABLE();
}

QString NodeItem::description() const
{
    QStringList lines;
    lines << (m_node.kind == MapNode::Kind::Function  ? tr("Function %1: %2").arg(m_node.title, stateText(m_node.state))
              : m_node.kind == MapNode::Kind::Trigger ? tr("Trigger %1 of %2").arg(m_node.title, m_node.function)
                                                      : m_node.title);
    for (const QString &line : {m_node.detail, m_node.note, m_node.problem}) {
        if (!line.isEmpty())
            lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

QRectF NodeItem::boundingRect() const { return box().adjusted(-glow, -glow, glow, glow); }

void NodeItem::shapeWords()
{
    const bool function = m_node.kind == MapNode::Kind::Function;
    const double room = m_size.width() - 2 * padding;
    const double icon = m_node.icon.isEmpty() ? 0 : 22;
    m_title.set(m_node.title, titleFont(), room - icon - (function ? 20 : 0));
    m_detail.set(m_node.detail, smallFont(), room);
    m_note.set(m_node.note, smallFont(), room - 84);
    m_problem.set(m_node.problem, smallFont(), room);
}

QColor NodeItem::kindColour() const
{
    switch (m_node.kind) {
    case MapNode::Kind::Trigger: return theme().cold;
    case MapNode::Kind::Function: return theme().accent;
    case MapNode::Kind::Service:
    case MapNode::Kind::Destination: return theme().throttled;
    }
    Q_UNREACHABLE();
}

void NodeItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *)
{
    const Theme &t = theme();
    const double scale = option->levelOfDetailFromTransform(painter->worldTransform());
    painter->setRenderHint(QPainter::Antialiasing);
    paintFrame(*painter);
    const bool function = m_node.kind == MapNode::Kind::Function;
    if (function)
        paintState(*painter);
    if (scale < tooSmallToRead) {
        painter->setPen(t.text);
        painter->setFont(fontOf(22, QFont::DemiBold)); // the name alone, large enough to be read from afar
        painter->drawText(box().adjusted(padding, 0, -padding, 0), Qt::AlignVCenter | Qt::AlignLeft,
                          painter->fontMetrics().elidedText(m_node.title, Qt::ElideRight,
                                                            int(m_size.width() - 2 * padding - (function ? 20 : 0))));
        return;
    }
    double x = padding;
    if (!m_node.icon.isEmpty()) {
        paintIcon(*painter, m_node.icon, t.muted, QPointF(x, titleTop));
        x += 22;
    }
    painter->setPen(t.text);
    m_title.draw(*painter, QPointF(x, titleTop));
    const bool problem = !m_node.problem.isEmpty();
    painter->setPen(problem && !function ? t.error : t.muted);
    (problem && !function ? m_problem : m_detail).draw(*painter, QPointF(padding, detailTop));
    if (!function)
        return;
    if (problem) {
        painter->setPen(t.error);
        m_problem.draw(*painter, QPointF(padding, lastTop));
        return;
    }
    if (m_node.hasSpark)
        paintSpark(*painter);
    painter->setPen(m_node.hasSpark ? t.warm : t.muted);
    m_note.draw(*painter, QPointF(m_node.hasSpark ? padding + 84 : padding, lastTop));
}

void NodeItem::paintFrame(QPainter &painter) const
{
    const Theme &t = theme();
    if (m_chosen) {
        QColor halo = t.accent;
        halo.setAlphaF(0.3F);
        painter.setPen(QPen(halo, 5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(box().adjusted(-1.5, -1.5, 1.5, 1.5), radius + 2, radius + 2);
    }
    const Outline &outline = outlineOf(m_size);
    painter.fillPath(outline.outer, m_chosen ? t.accent : t.line);
    painter.fillPath(outline.inner, t.surface);
    painter.fillPath(outline.strip, kindColour());
}

/// Each state has a shape of its own, so that colour is not needed to tell them apart.
void NodeItem::paintState(QPainter &painter) const
{
    const Theme &t = theme();
    const QPointF c(m_size.width() - padding - 3, titleTop + 8);
    const auto dot = [&](const QColor &colour, bool filled) {
        painter.setPen(filled ? Qt::NoPen : QPen(colour, 1.5));
        painter.setBrush(filled ? QBrush(colour) : QBrush(Qt::NoBrush));
        painter.drawEllipse(c, filled ? 5 : 4.25, filled ? 5 : 4.25);
    };
    switch (m_node.state) {
    case MapNode::State::Idle: dot(t.muted, false); return;
    case MapNode::State::Ok: dot(t.ok, true); return;
    case MapNode::State::Preparing:
        dot(t.cold, false);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.cold);
        painter.drawPie(QRectF(c.x() - 4, c.y() - 4, 8, 8), 90 * 16, -180 * 16);
        return;
    case MapNode::State::Failed:
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.error);
        painter.drawPolygon(QPolygonF({c + QPointF(0, -6), c + QPointF(6, 0), c + QPointF(0, 6), c + QPointF(-6, 0)}));
        return;
    case MapNode::State::Invalid: paintIcon(painter, QStringLiteral("warning"), t.error, c - QPointF(8, 8)); return;
    }
}

void NodeItem::paintSpark(QPainter &painter) const
{
    const double highest = *std::max_element(m_node.spark.begin(), m_node.spark.end());
    QRectF bars[30];
    int count = 0;
    for (std::size_t i = 0; i < m_node.spark.size(); ++i) {
        const double height = highest > 0 ? std::max(1.0, 14 * double(m_node.spark[i]) / highest) : 1;
        bars[count++] = QRectF(padding + 2.5 * double(i), lastTop + 14 - height, 2, height);
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(highest > 0 ? theme().warm : theme().line);
    painter.drawRects(bars, count);
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/map_view.h"

#include "ui/canvas/edge_item.h"
#include "ui/canvas/layout.h"
#include "ui/canvas/moving_dots.h"
#include "ui/canvas/node_item.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QLabel>
#include <QPainter>
#include <QPixmapCache>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr int shortest = 33; // milliseconds between two pictures
constexpr double farthest = 0.15, readable = 0.7, nearest = 3, margin = 24, portGap = 12;
constexpr double dotGrid = 24;

double evenly(std::size_t index, std::size_t count, double room)
{
    const double spacing = std::min(portGap, room / double(std::max<std::size_t>(count, 1)));
    return (double(index) - double(count - 1) / 2) * spacing;
}

} // namespace

MapView::MapView(QWidget *parent)
    : QGraphicsView(parent)
    , m_scene(new QGraphicsScene(this))
    , m_dots(new MovingDots(m_scene, this))
{
    setObjectName(QStringLiteral("map"));
    setAccessibleName(tr("Map"));
    setAccessibleDescription(tr("Triggers and the functions that they call"));
    setScene(m_scene);
    setFrameShape(QFrame::NoFrame);
    setViewportUpdateMode(SmartViewportUpdate);
    setOptimizationFlags(DontSavePainterState);
    setTransformationAnchor(NoAnchor);
    setResizeAnchor(NoAnchor);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setAutoFillBackground(false);             // drawBackground() covers all of it
    m_scene->setItemIndexMethod(QGraphicsScene::NoIndex); // a few hundred items that move
    // The boxes are kept as pictures; a large Map at double scale needs more than the usual 10 MB.
    QPixmapCache::setCacheLimit(std::max(QPixmapCache::cacheLimit(), 64 * 1024));
    makeActions();
    makeEmptyState();
    m_more = new QPushButton(tr("Not all is in view. Show all (F)"), viewport());
    m_more->setObjectName(QStringLiteral("showAll"));
    m_more->hide();
    connect(m_more, &QPushButton::clicked, this, &MapView::fitWhole);
    m_wait.setSingleShot(true);
    connect(&m_wait, &QTimer::timeout, this, &MapView::apply);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &MapView::themeChanged);
}

MapView::~MapView()
{
    m_dots->setEdges({}); // its dots before the scene
}

void MapView::makeEmptyState()
{
    m_empty = new QWidget(viewport());
    auto *column = new QVBoxLayout(m_empty);
    column->setSpacing(12);
    auto *title = new QLabel(tr("No functions yet"), m_empty);
    title->setProperty("role", QStringLiteral("title"));
    auto *text = new QLabel(tr("Triggers and functions are drawn here, with what flows between them."), m_empty);
    text->setProperty("role", QStringLiteral("muted"));
    auto *button = new QPushButton(tr("New function (Ctrl+N)"), m_empty);
    button->setObjectName(QStringLiteral("newFunction"));
    button->setProperty("primary", true);
    for (QWidget *widget : std::initializer_list<QWidget *>{title, text, button})
        column->addWidget(widget, 0, Qt::AlignHCenter);
    connect(button, &QPushButton::clicked, this, &MapView::newFunctionRequested);
}

QAction *MapView::makeAction(const QString &text, const QString &name, const QList<QKeySequence> &keys)
{
    auto *action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(action);
    return action;
}

void MapView::makeActions()
{
    connect(makeAction(tr("Fit the Map into the view"), QStringLiteral("map.fit"), {Qt::Key_F}), &QAction::triggered,
            this, &MapView::fitWhole);
    connect(makeAction(tr("Zoom in on the Map"), QStringLiteral("map.zoomIn"), {Qt::Key_Plus, Qt::Key_Equal}),
            &QAction::triggered, this, [this] { zoomBy(1.2); });
    connect(makeAction(tr("Zoom out of the Map"), QStringLiteral("map.zoomOut"), {Qt::Key_Minus}), &QAction::triggered,
            this, [this] { zoomBy(1 / 1.2); });
    connect(makeAction(tr("Map at its natural size"), QStringLiteral("map.zoomReset"), {Qt::Key_0}),
            &QAction::triggered, this, &MapView::resetZoom);
    m_dotsAction = makeAction(tr("Moving dots on the Map"), QStringLiteral("map.dots"), {});
    m_dotsAction->setCheckable(true);
    m_dotsAction->setChecked(true);
    connect(m_dotsAction, &QAction::toggled, this, &MapView::updateDots);
}

void MapView::setGraph(MapGraph graph)
{
    m_next = std::move(graph);
    if (m_wait.isActive())
        return;
    const qint64 since = m_shown.isValid() ? m_shown.elapsed() : shortest;
    if (since >= shortest)
        apply();
    else
        m_wait.start(int(shortest - since));
}

void MapView::apply()
{
    m_shown.start();
    const bool same = sameStructure(m_next);
    std::swap(m_graph, m_next);
    if (same)
        updateItems();
    else
        rebuild();
    m_dots->ratesChanged();
}

bool MapView::sameStructure(const MapGraph &graph) const
{
    return std::equal(graph.nodes.begin(), graph.nodes.end(), m_graph.nodes.begin(), m_graph.nodes.end(),
                      [](const MapNode &a, const MapNode &b) { return a.id == b.id && a.kind == b.kind; }) &&
           std::equal(graph.edges.begin(), graph.edges.end(), m_graph.edges.begin(), m_graph.edges.end(),
                      [](const MapEdge &a, const MapEdge &b) { return a.from == b.from && a.to == b.to; });
}

void MapView::updateItems()
{
    for (const MapNode &node : m_graph.nodes)
        m_nodes.value(node.id)->setNode(node);
    for (std::size_t i = 0; i < m_edges.size(); ++i)
        m_edges[i]->setEdge(m_graph.edges[i]);
}

void MapView::rebuild()
{
    m_dots->setEdges({});
    qDeleteAll(m_edges);
    m_edges.clear();
    QHash<QString, NodeItem *> kept;
    const MapLayout layout = layOut(m_graph, height() > 0 ? std::clamp(double(width()) / height(), 0.5, 3.0) : 1.6);
    for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
        const MapNode &node = m_graph.nodes[i];
        NodeItem *item = m_nodes.take(node.id);
        if (item && item->node().kind != node.kind) {
            delete item;
            item = nullptr;
        }
        if (item) {
            item->setNode(node);
        } else {
            item = new NodeItem(node);
            m_scene->addItem(item);
        }
        item->setPos(layout.nodes[i].topLeft());
        kept.insert(node.id, item);
    }
    qDeleteAll(m_nodes);
    m_nodes = std::move(kept);
    for (const MapEdge &edge : m_graph.edges) {
        m_edges.push_back(new EdgeItem(edge));
        m_scene->addItem(m_edges.back());
    }
    placeEnds();
    m_dots->setEdges(m_edges);
    // Room around, so that anything can be brought to the middle.
    m_scene->setSceneRect(layout.bounds.adjusted(-2'000, -2'000, 2'000, 2'000));
    m_empty->setVisible(m_graph.nodes.empty());
    if (!m_selected.isEmpty() && !m_nodes.contains(m_selected))
        select({}, Tell::Everyone);
    if (m_fitted)
        fit();
}

/// Several edges of one box leave and enter side by side, in the order of their other ends.
void MapView::placeEnds()
{
    const std::size_t count = m_edges.size();
    std::vector<QPointF> from(count), to(count);
    const auto spread = [&](bool outgoing) {
        QHash<QString, std::vector<std::size_t>> byNode;
        for (std::size_t i = 0; i < count; ++i)
            byNode[outgoing ? m_graph.edges[i].from : m_graph.edges[i].to].push_back(i);
        for (auto it = byNode.begin(); it != byNode.end(); ++it) {
            const NodeItem *node = m_nodes.value(it.key());
            if (!node)
                continue;
            const auto otherTop = [&](std::size_t i) {
                const NodeItem *other = m_nodes.value(outgoing ? m_graph.edges[i].to : m_graph.edges[i].from);
                return other ? other->y() : 0;
            };
            auto &edges = it.value();
            std::stable_sort(edges.begin(), edges.end(),
                             [&](std::size_t a, std::size_t b) { return otherTop(a) < otherTop(b); });
            const QRectF box = node->box().translated(node->pos());
            for (std::size_t n = 0; n < edges.size(); ++n) {
                const double y = box.center().y() + evenly(n, edges.size(), box.height() - 16);
                (outgoing ? from : to)[edges[n]] = QPointF(outgoing ? box.right() : box.left(), y);
            }
        }
    };
    spread(true);
    spread(false);
    for (std::size_t i = 0; i < count; ++i)
        m_edges[i]->setEnds(from[i], to[i]);
}

void MapView::setDots(Dots dots) { m_dotsAction->setChecked(dots == Dots::On); }

void MapView::updateDots() { m_dots->setRunning(m_dotsAction->isChecked() && isVisible()); }

void MapView::fit() { fitAtLeast(readable); }

void MapView::fitWhole()
{
    fitAtLeast(farthest);
    m_fitted = zoom() >= readable; // else the next change of size would undo it
}

void MapView::fitAtLeast(double least)
{
    m_fitted = true;
    QRectF bounds;
    for (const NodeItem *item : qAsConst(m_nodes))
        bounds |= item->box().translated(item->pos());
    if (bounds.isEmpty() || viewport()->width() < 10 || viewport()->height() < 10)
        return;
    bounds.adjust(-margin, -margin, margin, margin);
    const QSizeF view = viewport()->size();
    const double whole = std::min({1.0, view.width() / bounds.width(), view.height() / bounds.height()});
    const double scale = std::max(whole, least);
    m_more->setVisible(scale > whole);
    m_more->adjustSize();
    m_more->move(viewport()->width() - m_more->width() - 8, viewport()->height() - m_more->height() - 8);
    setTransform(QTransform::fromScale(scale, scale));
    const QSizeF seen = view / scale;
    centerOn(seen.width() >= bounds.width() ? bounds.center().x() : bounds.left() + seen.width() / 2,
             seen.height() >= bounds.height() ? bounds.center().y() : bounds.top() + seen.height() / 2);
}

void MapView::letGo()
{
    m_fitted = false;
    m_more->hide();
}

void MapView::zoomBy(double factor) { zoomAt(factor, viewport()->rect().center()); }

void MapView::resetZoom() { zoomBy(1 / zoom()); }

void MapView::zoomAt(double factor, QPoint anchor)
{
    letGo();
    const double wanted = std::clamp(zoom() * factor, farthest, nearest);
    const QPointF under = mapToScene(anchor);
    setTransform(QTransform::fromScale(wanted, wanted));
    const QPointF moved = mapFromScene(under) - anchor;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + int(std::lround(moved.x())));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + int(std::lround(moved.y())));
    viewport()->update();
}

QRect MapView::nodeArea(const QString &id) const
{
    const NodeItem *item = m_nodes.value(id);
    return item ? mapFromScene(item->box().translated(item->pos())).boundingRect() : QRect();
}

NodeItem *MapView::nodeAt(QPoint position) const
{
    const QPointF place = mapToScene(position);
    for (NodeItem *item : m_nodes) {
        if (item->box().translated(item->pos()).contains(place))
            return item;
    }
    return nullptr;
}

void MapView::themeChanged()
{
    for (NodeItem *item : qAsConst(m_nodes))
        item->themeChanged();
    for (EdgeItem *item : m_edges)
        item->themeChanged();
    m_empty->adjustSize();
    viewport()->update();
}

/// A grid of dots that moves with the boxes: one small picture, laid out like tiles.
void MapView::drawBackground(QPainter *painter, const QRectF &)
{
    const double ratio = devicePixelRatioF();
    double spacing = dotGrid * zoom();
    while (spacing < 14)
        spacing *= 2;
    const int side = int(std::lround(spacing));
    QPixmap tile(QSize(side, side) * ratio);
    tile.setDevicePixelRatio(ratio);
    tile.fill(theme().background);
    {
        QPainter dot(&tile);
        dot.setRenderHint(QPainter::Antialiasing);
        dot.setPen(Qt::NoPen);
        dot.setBrush(theme().line);
        dot.drawEllipse(QPointF(side / 2.0, side / 2.0), 1, 1);
    }
    const QPoint origin = mapFromScene(QPointF());
    const auto below = [side](int value) { return ((value % side) + side) % side; };
    painter->save();
    painter->resetTransform();
    painter->drawTiledPixmap(viewport()->rect(), tile, QPoint(below(-origin.x()), below(-origin.y())));
    painter->restore();
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/map_view.h"
#include "ui/canvas/node_item.h"

#include <QAccessible>
#include <QAction>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QWheelEvent>

#include <cmath>

// Hands on the Map: mouse, keys and menus. What is shown is in map_view.cpp.

namespace kiln::ui {

void MapView::selectFunction(const QString &function)
{
    for (const NodeItem *item : qAsConst(m_nodes)) {
        if (item->node().kind == MapNode::Kind::Function && item->node().function == function)
            select(item->node().id, Tell::Nobody);
    }
}

void MapView::selectTrigger(const QString &function, int index)
{
    for (const NodeItem *item : qAsConst(m_nodes)) {
        if (item->node().trigger == index && item->node().function == function &&
            item->node().kind == MapNode::Kind::Trigger)
            select(item->node().id, Tell::Nobody);
    }
}

void MapView::clearSelection() { select({}, Tell::Nobody); }

void MapView::select(const QString &id, Tell tell)
{
    NodeItem *item = m_nodes.value(id);
    if (m_selected != id) {
        if (NodeItem *old = m_nodes.value(m_selected))
            old->setChosen(false);
        m_selected = item ? id : QString();
        if (item)
            item->setChosen(true);
    }
    if (item) {
        announce(*item);
        if (!viewport()->rect().contains(nodeArea(id)))
            ensureVisible(item->box().translated(item->pos()), 24, 24);
    }
    if (tell == Tell::Nobody)
        return;
    if (!item)
        Q_EMIT selectionCleared();
    else if (item->node().kind == MapNode::Kind::Function)
        Q_EMIT functionSelected(item->node().function);
    else if (item->node().kind == MapNode::Kind::Trigger)
        Q_EMIT triggerSelected(item->node().function, item->node().trigger);
}

/// Boxes are no widgets: a screen reader is told about the chosen one as the description of the whole.
void MapView::announce(const NodeItem &item)
{
    setAccessibleDescription(item.description());
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

void MapView::open(const NodeItem &item)
{
    if (!item.node().function.isEmpty())
        Q_EMIT functionOpened(item.node().function);
}

/// The nearest box in that direction; what lies straight ahead counts as nearer than what lies aside.
void MapView::step(Qt::Key direction)
{
    const NodeItem *current = m_nodes.value(m_selected);
    if (!current) {
        if (!m_graph.nodes.empty())
            select(m_graph.nodes.front().id, Tell::Everyone);
        return;
    }
    const QPointF from = current->pos() + current->box().center();
    const NodeItem *best = nullptr;
    double nearest = 0;
    for (const MapNode &node : m_graph.nodes) {
        const NodeItem *item = m_nodes.value(node.id);
        const QPointF way = item->pos() + item->box().center() - from;
        const bool sideways = direction == Qt::Key_Left || direction == Qt::Key_Right;
        const double ahead =
            (sideways ? way.x() : way.y()) * (direction == Qt::Key_Left || direction == Qt::Key_Up ? -1 : 1);
        const double aside = std::abs(sideways ? way.y() : way.x());
        if (item == current || ahead < 8)
            continue;
        const double distance = ahead + 2.5 * aside;
        if (!best || distance < nearest) {
            best = item;
            nearest = distance;
        }
    }
    if (best)
        select(best->node().id, Tell::Everyone);
}

void MapView::keyPressEvent(QKeyEvent *event)
{
    const NodeItem *item = m_nodes.value(m_selected);
    const bool control = (event->modifiers() & Qt::ControlModifier) != 0;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down: step(Qt::Key(event->key())); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!item || item->node().function.isEmpty())
            break;
        if (control && (event->modifiers() & Qt::ShiftModifier) == 0)
            Q_EMIT fireRequested(item->node().function);
        else if (!control)
            open(*item);
        else
            break;
        return;
    case Qt::Key_Escape:
        if (m_selected.isEmpty())
            break;
        select({}, Tell::Everyone);
        return;
    case Qt::Key_Space:
        if (!event->isAutoRepeat()) {
            m_spaceHeld = true;
            viewport()->setCursor(Qt::OpenHandCursor);
        }
        return;
    default: break;
    }
    QWidget::keyPressEvent(event); // not to the scene: nothing in it takes keys
}

void MapView::keyReleaseEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        m_spaceHeld = false;
        setPanning(false);
        return;
    }
    QWidget::keyReleaseEvent(event);
}

void MapView::setPanning(bool panning)
{
    m_panning = panning;
    viewport()->setCursor(panning ? Qt::ClosedHandCursor : m_spaceHeld ? Qt::OpenHandCursor : Qt::ArrowCursor);
}

void MapView::mousePressEvent(QMouseEvent *event)
{
    NodeItem *item = nodeAt(event->pos());
    const bool pan =
        event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && (m_spaceHeld || !item));
    if (event->button() == Qt::LeftButton && !m_spaceHeld && (item || !m_selected.isEmpty()))
        select(item ? item->node().id : QString(), Tell::Everyone);
    if (pan) {
        m_panFrom = event->pos();
        setPanning(true);
    }
    event->accept();
}

void MapView::mouseMoveEvent(QMouseEvent *event)
{
    if (!m_panning) {
        viewport()->setCursor(m_spaceHeld            ? Qt::OpenHandCursor
                              : nodeAt(event->pos()) ? Qt::PointingHandCursor
                                                     : Qt::ArrowCursor);
        return;
    }
    const QPoint moved = event->pos() - m_panFrom;
    m_panFrom = event->pos();
    if (!moved.isNull())
        letGo();
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - moved.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - moved.y());
}

void MapView::mouseReleaseEvent(QMouseEvent *)
{
    if (m_panning)
        setPanning(false);
}

void MapView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const NodeItem *item = nodeAt(event->pos()); item && event->button() == Qt::LeftButton)
        open(*item);
}

void MapView::wheelEvent(QWheelEvent *event)
{
    if ((event->modifiers() & Qt::ControlModifier) != 0) {
        zoomAt(std::pow(1.2, event->angleDelta().y() / 120.0), event->position().toPoint());
        event->accept();
        return;
    }
    letGo();
    QGraphicsView::wheelEvent(event);
}

void MapView::contextMenuEvent(QContextMenuEvent *event)
{
    if (event->reason() == QContextMenuEvent::Keyboard) {
        const NodeItem *item = m_nodes.value(m_selected);
        const QPoint place = item ? nodeArea(m_selected).center() : viewport()->rect().center();
        showMenu(viewport()->mapToGlobal(place), item);
        return;
    }
    const NodeItem *item = nodeAt(event->pos());
    if (item)
        select(item->node().id, Tell::Everyone);
    showMenu(event->globalPos(), item);
}

void MapView::showMenu(QPoint globalPosition, const NodeItem *item)
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("mapMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (item && !item->node().function.isEmpty()) {
        const QString function = item->node().function;
        QAction *fire = menu->addAction(tr("Fire %1").arg(function));
        fire->setObjectName(QStringLiteral("fire"));
        fire->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
        connect(fire, &QAction::triggered, this, [this, function] { Q_EMIT fireRequested(function); });
        QAction *code = menu->addAction(tr("Open the code"));
        code->setObjectName(QStringLiteral("open"));
        code->setShortcut(QKeySequence(Qt::Key_Return));
        connect(code, &QAction::triggered, this, [this, function] { Q_EMIT functionOpened(function); });
        menu->addSeparator();
    }
    QAction *make = menu->addAction(tr("New function"));
    make->setObjectName(QStringLiteral("new"));
    make->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_N));
    connect(make, &QAction::triggered, this, &MapView::newFunctionRequested);
    menu->addSeparator();
    menu->addActions(actions());
    menu->popup(globalPosition);
}

void MapView::resizeEvent(QResizeEvent *event)
{
    QGraphicsView::resizeEvent(event);
    m_empty->adjustSize();
    m_empty->move((viewport()->width() - m_empty->width()) / 2, (viewport()->height() - m_empty->height()) / 2);
    if (m_fitted)
        fit();
}

void MapView::showEvent(QShowEvent *event)
{
    QGraphicsView::showEvent(event);
    updateDots();
    if (m_fitted)
        fit();
}

void MapView::hideEvent(QHideEvent *event)
{
    QGraphicsView::hideEvent(event);
    updateDots();
}

void MapView::focusInEvent(QFocusEvent *event)
{
    QGraphicsView::focusInEvent(event);
    if (const NodeItem *item = m_nodes.value(m_selected))
        announce(*item);
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/map_graph.h"

#include <QElapsedTimer>
#include <QGraphicsView>
#include <QHash>
#include <QTimer>

#include <vector>

class QAction;
class QPushButton;

namespace kiln::ui {

class EdgeItem;
class MovingDots;
class NodeItem;

/// The Map: triggers, functions and what is behind them as boxes, and the ways of events between them, live.
///
/// Shows graphs, emits wishes. A graph with the same boxes and edges changes what is there in place; else it is laid
/// out anew. Shown at most every 33 ms, the latest one always. Everything works by keys: arrows go from box to box,
/// Enter opens, Ctrl+Enter fires, + - 0 F zoom; dragging the ground, the middle button or Space moves it. GUI thread.
class MapView : public QGraphicsView
{
    Q_OBJECT

public:
    enum class Dots { Off, On };

    explicit MapView(QWidget *parent = nullptr);
    ~MapView() override;

    void setGraph(MapGraph graph);
    [[nodiscard]] const MapGraph &graph() const { return m_graph; }

    /// Marks a box as chosen elsewhere (the explorer), and shows it. Emits nothing.
    void selectFunction(const QString &function);
    void selectTrigger(const QString &function, int index);
    void clearSelection();
    [[nodiscard]] QString selectedNode() const { return m_selected; } ///< Its id; empty when none.

    void setDots(Dots dots);
    /// Everything in view, at most at its natural size; what gets smaller than can be read begins at its left and top.
    /// Stays so until one zooms.
    void fit();
    void fitWhole();            ///< Everything in view, however small.
    void zoomBy(double factor); ///< Around the middle of the view.
    void resetZoom();
    [[nodiscard]] double zoom() const { return transform().m11(); }
    [[nodiscard]] QRect nodeArea(const QString &id) const; ///< On the viewport; empty when there is no such box.

Q_SIGNALS:
    void functionSelected(const QString &function);
    void triggerSelected(const QString &function, int index);
    void selectionCleared();
    void functionOpened(const QString &function);
    void fireRequested(const QString &function);
    void newFunctionRequested();

protected:
    void drawBackground(QPainter *painter, const QRectF &rect) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;

private:
    enum class Tell { Nobody, Everyone };

    void makeEmptyState();
    void makeActions();
    QAction *makeAction(const QString &text, const QString &name, const QList<QKeySequence> &keys);
    void apply();
    [[nodiscard]] bool sameStructure(const MapGraph &graph) const;
    void rebuild();
    void updateItems();
    void placeEnds();
    void select(const QString &id, Tell tell);
    void announce(const NodeItem &item);
    void open(const NodeItem &item);
    void step(Qt::Key direction);
    void themeChanged();
    void setPanning(bool panning);
    void showMenu(QPoint globalPosition, const NodeItem *item);
    void zoomAt(double factor, QPoint anchor);
    void fitAtLeast(double least);
    void letGo(); ///< The view is the user's from now on.
    void updateDots();
    [[nodiscard]] NodeItem *nodeAt(QPoint position) const;

    QGraphicsScene *const m_scene;
    MapGraph m_graph;
    MapGraph m_next; ///< What comes when the 33 ms are over.
    QTimer m_wait;
    QElapsedTimer m_shown;
    QHash<QString, NodeItem *> m_nodes;
    std::vector<EdgeItem *> m_edges; ///< In the order of m_graph.edges.
    MovingDots *m_dots = nullptr;
    QAction *m_dotsAction = nullptr;
    QWidget *m_empty = nullptr;
    QPushButton *m_more = nullptr; ///< While a part of what was fitted is out of view.
    QString m_selected;
    bool m_fitted = true; ///< Until the user zooms or moves.
    bool m_spaceHeld = false;
    bool m_panning = false;
    QPoint m_panFrom;
};

} // namespace kiln::ui

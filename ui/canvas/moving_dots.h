// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QBasicTimer>
#include <QElapsedTimer>
#include <QObject>

#include <vector>

class QGraphicsScene;

namespace kiln::ui {

class DotItem;
class EdgeItem;

/// The dots that move along the edges, one for an event up to eight a second, and none while there are so many events
/// that they would say nothing more (then width and figure tell). Costs nothing while nothing moves. GUI thread.
class MovingDots : public QObject
{
    Q_OBJECT

public:
    static constexpr double busy = 50; ///< Events per second of all edges, from which on there are no dots.
    static constexpr int most = 64;

    MovingDots(QGraphicsScene *scene, QObject *parent);

    void setEdges(std::vector<EdgeItem *> edges); ///< To be called before any of the old ones is deleted.
    void setRunning(bool running);                ///< While the Map is seen, and the user wants them.
    void ratesChanged();
    [[nodiscard]] int count() const { return int(m_dots.size()); }
    void advance(double seconds); ///< Called by the timer.

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    struct Source
    {
        EdgeItem *edge = nullptr;
        double due = 1; ///< Of the next dot; the first one comes at once.
    };
    struct Dot
    {
        EdgeItem *edge = nullptr;
        double share = 0;
        DotItem *item = nullptr;
    };

    [[nodiscard]] bool isQuiet() const;
    void clear();

    QGraphicsScene *const m_scene;
    std::vector<Source> m_sources;
    std::vector<Dot> m_dots;
    QBasicTimer m_timer;
    QElapsedTimer m_since;
    bool m_running = false;
};

} // namespace kiln::ui

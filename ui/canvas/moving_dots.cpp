// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/moving_dots.h"

#include "ui/canvas/edge_item.h"
#include "ui/theme/theme.h"

#include <QGraphicsScene>
#include <QPainter>
#include <QTimerEvent>

#include <algorithm>

namespace kiln::ui {

namespace {

constexpr int frame = 33;       // milliseconds
constexpr double journey = 1.1; // seconds from end to end
constexpr double densest = 8;   // dots per second of one edge: more of them would be a worm

} // namespace

class DotItem : public QGraphicsItem
{
public:
    DotItem()
    {
        setZValue(0.5); // over the edges, under the boxes
        setAcceptedMouseButtons(Qt::NoButton);
    }
    [[nodiscard]] QRectF boundingRect() const override { return {-4, -4, 8, 8}; }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *) override
    {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(theme().background, 1));
        painter->setBrush(theme().text);
        painter->drawEllipse(QPointF(), 3.5, 3.5);
    }
};

MovingDots::MovingDots(QGraphicsScene *scene, QObject *parent)
    : QObject(parent)
    , m_scene(scene)
{}

void MovingDots::setEdges(std::vector<EdgeItem *> edges)
{
    clear();
    m_sources.clear();
    for (EdgeItem *edge : edges)
        m_sources.push_back({edge});
    ratesChanged();
}

void MovingDots::setRunning(bool running)
{
    m_running = running;
    if (!running)
        clear();
    ratesChanged();
}

bool MovingDots::isQuiet() const
{
    double total = 0;
    for (const Source &source : m_sources)
        total += source.edge->edge().rate;
    return total <= 0 || total > busy;
}

void MovingDots::ratesChanged()
{
    const bool wanted = m_running && (!isQuiet() || !m_dots.empty());
    if (wanted && !m_timer.isActive()) {
        m_since.start();
        m_timer.start(frame, this);
    } else if (!wanted) {
        m_timer.stop();
    }
}

void MovingDots::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_timer.timerId())
        advance(std::min(0.25, double(m_since.restart()) / 1000));
}

void MovingDots::advance(double seconds)
{
    for (Dot &dot : m_dots) {
        dot.share += seconds / journey;
        if (dot.share >= 1)
            delete dot.item;
        else
            dot.item->setPos(dot.edge->pointAt(dot.share));
    }
    std::erase_if(m_dots, [](const Dot &dot) { return dot.share >= 1; });
    if (!isQuiet()) {
        for (Source &source : m_sources) {
            const double rate = std::min(source.edge->edge().rate, densest);
            source.due = rate > 0 ? std::min(source.due + rate * seconds, 3.0) : 1;
            while (source.due >= 1 && rate > 0 && count() < most) {
                source.due -= 1;
                auto *item = new DotItem;
                item->setPos(source.edge->pointAt(0));
                m_scene->addItem(item);
                m_dots.push_back({source.edge, 0, item});
            }
        }
    }
    ratesChanged();
}

void MovingDots::clear()
{
    for (const Dot &dot : m_dots)
        delete dot.item;
    m_dots.clear();
}

} // namespace kiln::ui

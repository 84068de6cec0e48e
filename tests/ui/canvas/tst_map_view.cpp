// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/edge_item.h"
#include "ui/canvas/map_view.h"
#include "ui/canvas/moving_dots.h"
#include "ui/canvas/node_item.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QContextMenuEvent>
#include <QDir>
#include <QElapsedTimer>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStyleOptionGraphicsItem>
#include <QTest>
#include <QWheelEvent>

#include <algorithm>
#include <ctime>
#include <memory>

using namespace kiln::ui;

namespace {

MapNode trigger(const QString &function, int index, const QString &icon, const QString &title, const QString &detail)
{
    MapNode n;
    n.id = QStringLiteral("trigger/%1/%2").arg(function).arg(index);
    n.kind = MapNode::Kind::Trigger;
    n.icon = icon;
    n.title = title;
    n.detail = detail;
    n.function = function;
    n.trigger = index;
    return n;
}

MapNode function(const QString &name, MapNode::State state, const QString &detail, const QString &note,
                 const QString &problem = {})
{
    MapNode n;
    n.id = QStringLiteral("function/") + name;
    n.state = state;
    n.title = n.function = name;
    n.detail = detail;
    n.note = note;
    n.problem = problem;
    n.hasSpark = state == MapNode::State::Ok;
    for (std::size_t i = 0; i < n.spark.size(); ++i)
        n.spark[i] = float((i * 7) % 11);
    return n;
}

MapEdge edge(const MapNode &from, const QString &to, MapEdge::Flow flow, double rate)
{
    MapEdge e;
    e.from = from.id;
    e.to = QStringLiteral("function/") + to;
    e.flow = flow;
    e.rate = rate;
    if (rate > 0)
        e.label = kiln::ui::rateText(rate);
    return e;
}

MapGraph shop()
{
    MapGraph g;
    g.nodes = {
        trigger(QStringLiteral("checkout"), 0, QStringLiteral("http"), QStringLiteral("POST /orders"),
                QStringLiteral("HTTP · 42/s · last OK")),
        trigger(QStringLiteral("checkout"), 1, QStringLiteral("url"), QStringLiteral("function URL"),
                QStringLiteral("function URL · nothing yet")),
        function(QStringLiteral("checkout"), MapNode::State::Ok, QStringLiteral("py · 4 warm 2 busy · p99 31.0 ms"),
                 QStringLiteral("0.4 % cold")),
        trigger(QStringLiteral("nightly-report"), 0, QStringLiteral("schedule"),
                QStringLiteral("0 2 * * * Europe/Berlin"), QStringLiteral("schedule · next in 5 h")),
        function(QStringLiteral("nightly-report"), MapNode::State::Failed, QStringLiteral("py · 0 warm"), {},
                 QStringLiteral("Runtime.ImportModuleError: No module named 'xlsx'")),
        function(QStringLiteral("resize-native"), MapNode::State::Preparing, QStringLiteral("js · 0 warm"), {}),
        trigger(QStringLiteral("thumbnail"), 0, QStringLiteral("http"), QStringLiteral("PUT /images/{name}"),
                QStringLiteral("HTTP · 3/s · last OK")),
        function(QStringLiteral("thumbnail"), MapNode::State::Idle, QStringLiteral("js · 1 warm · p99 88.0 ms"),
                 QStringLiteral("not used yet")),
        function(QStringLiteral("unfinished"), MapNode::State::Invalid, QStringLiteral("js · 0 warm"), {},
                 QStringLiteral("line 3: expected a duration such as 3s, found \"fast\"")),
    };
    g.edges = {edge(g.nodes[0], QStringLiteral("checkout"), MapEdge::Flow::Live, 42),
               edge(g.nodes[1], QStringLiteral("checkout"), MapEdge::Flow::Idle, 0),
               edge(g.nodes[3], QStringLiteral("nightly-report"), MapEdge::Flow::Idle, 0),
               edge(g.nodes[6], QStringLiteral("thumbnail"), MapEdge::Flow::Live, 3)};
    return g;
}

MapGraph many(int functions, int step)
{
    MapGraph g;
    for (int i = 0; i < functions; ++i) {
        const QString name = QStringLiteral("function-%1").arg(i);
        g.nodes.push_back(trigger(name, 0, QStringLiteral("http"), QStringLiteral("POST /route/%1").arg(i),
                                  QStringLiteral("HTTP · %1/s · last OK").arg(step)));
        g.edges.push_back(edge(g.nodes.back(), name, MapEdge::Flow::Live, 1 + (i + step) % 400));
        g.nodes.push_back(function(name, MapNode::State::Ok,
                                   QStringLiteral("py · %1 warm 2 busy · p99 31.0 ms").arg(step % 20),
                                   QStringLiteral("%1 % cold").arg(step % 100)));
        g.nodes.back().spark[std::size_t(step % 30)] = float(step);
    }
    return g;
}

} // namespace

class tst_MapView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
    }

    void init()
    {
        m_map = std::make_unique<MapView>();
        m_map->resize(1100, 760);
        m_map->setGraph(shop());
        m_map->show();
        QVERIFY(QTest::qWaitForWindowActive(m_map.get()));
        m_map->setFocus();
    }

    void cleanup() { m_map.reset(); }

    void aClickSelects()
    {
        QSignalSpy functions(m_map.get(), &MapView::functionSelected);
        QSignalSpy triggers(m_map.get(), &MapView::triggerSelected);
        QSignalSpy cleared(m_map.get(), &MapView::selectionCleared);
        click(QStringLiteral("function/checkout"));
        QCOMPARE(functions.size(), 1);
        QCOMPARE(functions.last().first().toString(), QStringLiteral("checkout"));
        QVERIFY(m_map->accessibleDescription().contains(QStringLiteral("checkout: ready")));
        click(QStringLiteral("trigger/nightly-report/0"));
        QCOMPARE(triggers.size(), 1);
        QCOMPARE(triggers.last().at(0).toString(), QStringLiteral("nightly-report"));
        QCOMPARE(triggers.last().at(1).toInt(), 0);
        QTest::mouseClick(m_map->viewport(), Qt::LeftButton, {}, QPoint(4, 4));
        QCOMPARE(cleared.size(), 1);
        QVERIFY(m_map->selectedNode().isEmpty());
    }

    void aDoubleClickOpens()
    {
        QSignalSpy opened(m_map.get(), &MapView::functionOpened);
        QTest::mouseDClick(m_map->viewport(), Qt::LeftButton, {},
                           m_map->nodeArea(QStringLiteral("function/thumbnail")).center());
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().toString(), QStringLiteral("thumbnail"));
    }

    void everythingGoesByKeys()
    {
        QSignalSpy opened(m_map.get(), &MapView::functionOpened);
        QSignalSpy fired(m_map.get(), &MapView::fireRequested);
        QTest::keyClick(m_map.get(), Qt::Key_Down);
        QCOMPARE(m_map->selectedNode(), QStringLiteral("trigger/checkout/0"));
        QTest::keyClick(m_map.get(), Qt::Key_Right);
        QCOMPARE(m_map->selectedNode(), QStringLiteral("function/checkout"));
        QTest::keyClick(m_map.get(), Qt::Key_Down);
        QCOMPARE(m_map->selectedNode(), QStringLiteral("function/nightly-report"));
        QTest::keyClick(m_map.get(), Qt::Key_Left);
        QCOMPARE(m_map->selectedNode(), QStringLiteral("trigger/nightly-report/0"));
        QTest::keyClick(m_map.get(), Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().toString(), QStringLiteral("nightly-report"));
        QTest::keyClick(m_map.get(), Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(fired.size(), 1);
        QCOMPARE(opened.size(), 1);
        QTest::keyClick(m_map.get(), Qt::Key_Escape);
        QVERIFY(m_map->selectedNode().isEmpty());
    }

    void everyBoxIsReachedByArrows()
    {
        QStringList seen;
        for (const Qt::Key side : {Qt::Key_Right, Qt::Key_Left}) {
            for (int i = 0; i < 6; ++i)
                QTest::keyClick(m_map.get(), Qt::Key_Up);
            for (int i = 0; i < 8; ++i) {
                QTest::keyClick(m_map.get(), side);
                seen << m_map->selectedNode();
                QTest::keyClick(m_map.get(), Qt::Key_Down);
                seen << m_map->selectedNode();
            }
        }
        for (const MapNode &node : m_map->graph().nodes)
            QVERIFY2(seen.contains(node.id), qPrintable(node.id));
    }

    void zoomsByKeysAndWheel()
    {
        const double before = m_map->zoom();
        QTest::keyClick(m_map.get(), Qt::Key_Plus);
        QVERIFY(m_map->zoom() > before);
        QTest::keyClick(m_map.get(), Qt::Key_0);
        QCOMPARE(m_map->zoom(), 1.0);
        const QPoint place = m_map->nodeArea(QStringLiteral("function/checkout")).center();
        QWheelEvent wheel(QPointF(place), QPointF(m_map->mapToGlobal(place)), {}, QPoint(0, -240), Qt::NoButton,
                          Qt::ControlModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(m_map->viewport(), &wheel);
        QVERIFY(m_map->zoom() < 1);
        // What was under the cursor stays there.
        QVERIFY((m_map->nodeArea(QStringLiteral("function/checkout")).center() - place).manhattanLength() <= 3);
        QTest::keyClick(m_map.get(), Qt::Key_F);
        for (const MapNode &node : m_map->graph().nodes)
            QVERIFY(m_map->viewport()->rect().contains(m_map->nodeArea(node.id)));
    }

    void theGroundIsDragged()
    {
        const QPoint before = m_map->nodeArea(QStringLiteral("function/checkout")).topLeft();
        QTest::mousePress(m_map->viewport(), Qt::MiddleButton, {}, QPoint(20, 20));
        QTest::mouseMove(m_map->viewport(), QPoint(60, 50));
        QTest::mouseRelease(m_map->viewport(), Qt::MiddleButton, {}, QPoint(60, 50));
        const QPoint moved = m_map->nodeArea(QStringLiteral("function/checkout")).topLeft() - before;
        QVERIFY((moved - QPoint(40, 30)).manhattanLength() <= 2);
    }

    void theMenuFiresOpensAndMakes()
    {
        QSignalSpy fired(m_map.get(), &MapView::fireRequested);
        QSignalSpy made(m_map.get(), &MapView::newFunctionRequested);
        QMenu *menu = menuAt(m_map->nodeArea(QStringLiteral("function/thumbnail")).center());
        QVERIFY(menu);
        menu->findChild<QAction *>(QStringLiteral("fire"))->trigger();
        QCOMPARE(fired.size(), 1);
        QCOMPARE(fired.first().first().toString(), QStringLiteral("thumbnail"));
        delete menu;
        menu = menuAt(QPoint(4, 4));
        QVERIFY(menu);
        QVERIFY(!menu->findChild<QAction *>(QStringLiteral("fire")));
        menu->findChild<QAction *>(QStringLiteral("new"))->trigger();
        QCOMPARE(made.size(), 1);
        delete menu;
    }

    void figuresChangeInPlace()
    {
        const QList<QGraphicsItem *> before = m_map->scene()->items();
        click(QStringLiteral("function/checkout"));
        m_map->zoomBy(1.3);
        const QRect place = m_map->nodeArea(QStringLiteral("function/checkout"));
        MapGraph next = shop();
        next.nodes[2].detail = QStringLiteral("py · 9 warm");
        next.edges[0].rate = 99;
        next.edges[0].label = QStringLiteral("99/s");
        m_map->setGraph(next);
        QTRY_COMPARE(m_map->graph(), next);
        QCOMPARE(m_map->nodeArea(QStringLiteral("function/checkout")), place);
        QCOMPARE(m_map->selectedNode(), QStringLiteral("function/checkout"));
        for (QGraphicsItem *item : m_map->scene()->items()) {
            if (item->type() == NodeItem::Type)
                QVERIFY(before.contains(item));
        }
    }

    void aFastStreamOfGraphsShowsTheLatest()
    {
        for (int i = 0; i < 200; ++i) {
            MapGraph next = shop();
            next.nodes[2].detail = QString::number(i);
            m_map->setGraph(next);
        }
        QTRY_COMPARE(m_map->graph().nodes[2].detail, QStringLiteral("199"));
    }

    void aFunctionThatGoesTakesItsSelectionAlong()
    {
        click(QStringLiteral("function/unfinished"));
        QSignalSpy cleared(m_map.get(), &MapView::selectionCleared);
        MapGraph next = shop();
        next.nodes.pop_back();
        m_map->setGraph(next);
        QTRY_COMPARE(cleared.size(), 1);
        QVERIFY(m_map->nodeArea(QStringLiteral("function/unfinished")).isNull());
    }

    void beingSelectedElsewhereIsNotToldBack()
    {
        QSignalSpy functions(m_map.get(), &MapView::functionSelected);
        m_map->selectFunction(QStringLiteral("thumbnail"));
        QCOMPARE(m_map->selectedNode(), QStringLiteral("function/thumbnail"));
        m_map->selectTrigger(QStringLiteral("checkout"), 1);
        QCOMPARE(m_map->selectedNode(), QStringLiteral("trigger/checkout/1"));
        QCOMPARE(functions.size(), 0);
    }

    void anEmptyMapSaysWhatToDo()
    {
        auto *button = m_map->findChild<QPushButton *>(QStringLiteral("newFunction"));
        QVERIFY(!button->isVisible());
        m_map->setGraph({});
        QTRY_VERIFY(button->isVisible());
        QSignalSpy made(m_map.get(), &MapView::newFunctionRequested);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(made.size(), 1);
        m_map->setGraph(shop());
        QTRY_VERIFY(!button->isVisible());
    }

    void whatIsOutOfViewIsSaidAndShownByAClick()
    {
        auto *more = m_map->findChild<QPushButton *>(QStringLiteral("showAll"));
        m_map->resize(1100, 760);
        m_map->setGraph(shop());
        m_map->fit();
        QVERIFY(!more->isVisible());
        m_map->resize(500, 220); // all of it would be too small to be read
        QVERIFY(more->isVisible());
        QVERIFY(m_map->zoom() >= 0.7);
        QTest::mouseClick(more, Qt::LeftButton);
        QVERIFY(!more->isVisible());
        QVERIFY(m_map->zoom() < 0.7);
        QTest::keyClick(m_map.get(), Qt::Key_0);
        QCOMPARE(m_map->zoom(), 1.0);
    }

    void longWordsStayInTheirBox()
    {
        const QString endless = QStringLiteral("a very long line of words ").repeated(20);
        for (const auto kind : {MapNode::Kind::Function, MapNode::Kind::Trigger}) {
            MapNode node = function(endless, MapNode::State::Failed, endless, endless);
            node.kind = kind;
            MapNode empty;
            empty.kind = kind;
            empty.state = MapNode::State::Failed;
            NodeItem bare(empty);
            NodeItem filled(node);
            node.problem = endless;
            NodeItem failed(node);
            const double inner = filled.box().right() - 12;
            for (NodeItem *item : {&filled, &failed})
                QCOMPARE(rightOf(*item, inner), rightOf(bare, inner));
        }
    }

    void dotsMoveAsEventsComeAndAreBounded()
    {
        QGraphicsScene scene;
        MapEdge values;
        values.rate = 10;
        auto *edge = new EdgeItem(values);
        edge->setEnds({0, 0}, {100, 50});
        scene.addItem(edge);
        MovingDots dots(&scene, nullptr);
        dots.setRunning(true);
        dots.setEdges({edge});
        dots.advance(0.033);
        QCOMPARE(dots.count(), 1); // the first one comes at once
        for (int i = 0; i < 300; ++i)
            dots.advance(0.033);
        QVERIFY(dots.count() >= 7 && dots.count() <= 10); // eight a second, on their way for about one
        values.rate = 2'000;
        edge->setEdge(values);
        for (int i = 0; i < 100; ++i)
            dots.advance(0.033);
        QCOMPARE(dots.count(), 0); // so many say nothing more
        values.rate = 49;
        edge->setEdge(values);
        for (int i = 0; i < 300; ++i)
            dots.advance(0.033);
        QVERIFY(dots.count() >= 7 && dots.count() <= MovingDots::most);
        dots.setRunning(false);
        QCOMPARE(dots.count(), 0);
        dots.setEdges({});
    }

    void everyActionHasAName()
    {
        QVERIFY(m_map->actions().size() >= 5);
        for (const QAction *action : m_map->actions())
            QVERIFY(!action->text().isEmpty() && action->objectName().startsWith(QStringLiteral("map.")));
    }

    void paintingIsQuick()
    {
        m_map->resize(1600, 1000);
        m_map->setGraph(many(30, 0));
        QTRY_COMPARE(m_map->graph().nodes.size(), 60U);
        QImage image(1600, 1000, QImage::Format_ARGB32_Premultiplied);
        // The thread's own time: what other programs do meanwhile is not counted.
        const auto now = [] {
            timespec t{};
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
            return double(t.tv_sec) * 1e3 + double(t.tv_nsec) / 1e6;
        };
        const auto frame = [&] {
            const double start = now();
            m_map->viewport()->render(&image);
            return now() - start;
        };
        frame();
        std::vector<double> still, live;
        for (int i = 0; i < 30; ++i)
            still.push_back(frame());
        for (int i = 1; i <= 30; ++i) {
            QTest::qWait(34);
            m_map->setGraph(many(30, i)); // every box and every edge changes
            live.push_back(frame());
        }
        std::sort(still.begin(), still.end());
        std::sort(live.begin(), live.end());
        qInfo("60 boxes at 1600x1000: nothing changed %.2f ms (max %.2f), everything changed %.2f ms (max %.2f)",
              still[15], still.back(), live[15], live.back());
    }

    void pictures()
    {
        const QString folder = QStringLiteral(KILN_BUILD_DIR "/tests/ui/pictures");
        QVERIFY(QDir().mkpath(folder));
        for (const auto choice : {ThemeSwitch::Choice::Light, ThemeSwitch::Choice::Dark}) {
            ThemeSwitch::instance().apply(choice);
            const QString suffix = theme().dark ? QStringLiteral("dark.png") : QStringLiteral("light.png");
            m_map->resize(1100, 760);
            m_map->setGraph(shop());
            m_map->selectFunction(QStringLiteral("checkout"));
            m_map->fit();
            QTest::qWait(600);
            QVERIFY(m_map->grab().save(folder + QStringLiteral("/map-") + suffix));
            m_map->resize(420, 300);
            QTest::qWait(20);
            QVERIFY(m_map->grab().save(folder + QStringLiteral("/map-small-") + suffix));
            m_map->resize(1600, 1000);
            m_map->setGraph(many(60, 7));
            QTest::qWait(60);
            QVERIFY(m_map->grab().save(folder + QStringLiteral("/map-many-") + suffix));
            m_map->setGraph({});
            QTest::qWait(60);
            m_map->resize(900, 500);
            QVERIFY(m_map->grab().save(folder + QStringLiteral("/map-empty-") + suffix));
        }
    }

private:
    /// What an item draws to the right of x, below its first line.
    static QImage rightOf(NodeItem &item, double x)
    {
        QImage image(item.boundingRect().size().toSize() * 2, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        QStyleOptionGraphicsItem option;
        item.paint(&painter, &option, nullptr);
        painter.end();
        return image.copy(int(x), 30, image.width() - int(x), image.height() - 30);
    }

    void click(const QString &id)
    {
        QTest::mouseClick(m_map->viewport(), Qt::LeftButton, {}, m_map->nodeArea(id).center());
    }

    QMenu *menuAt(QPoint position)
    {
        QContextMenuEvent event(QContextMenuEvent::Mouse, position, m_map->viewport()->mapToGlobal(position));
        QApplication::sendEvent(m_map->viewport(), &event);
        return m_map->findChild<QMenu *>(QStringLiteral("mapMenu"));
    }

    std::unique_ptr<MapView> m_map;
};

QTEST_MAIN(tst_MapView)
#include "tst_map_view.moc"

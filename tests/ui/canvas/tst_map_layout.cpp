// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/layout.h"

#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace kiln::ui;

namespace {

MapNode node(const QString &id, MapNode::Kind kind)
{
    MapNode n;
    n.id = id;
    n.kind = kind;
    n.title = id;
    return n;
}

MapEdge edge(const QString &from, const QString &to)
{
    MapEdge e;
    e.from = from;
    e.to = to;
    return e;
}

/// Functions with triggers of their own, and services that some share.
MapGraph randomGraph(unsigned seed, int functions)
{
    std::mt19937 random(seed);
    MapGraph graph;
    for (int s = 0; s < functions / 3; ++s)
        graph.nodes.push_back(node(QStringLiteral("s%1").arg(s), MapNode::Kind::Service));
    for (int f = 0; f < functions; ++f) {
        const QString id = QStringLiteral("f%1").arg(f);
        graph.nodes.push_back(node(id, MapNode::Kind::Function));
        for (unsigned t = 0; t < random() % 4; ++t) {
            const QString trigger = QStringLiteral("t%1-%2").arg(f).arg(t);
            graph.nodes.push_back(node(trigger, MapNode::Kind::Trigger));
            graph.edges.push_back(edge(trigger, id));
        }
        for (unsigned s = 0; s < random() % 3 && functions >= 3; ++s)
            graph.edges.push_back(edge(id, QStringLiteral("s%1").arg(random() % unsigned(functions / 3))));
        if (functions >= 3 && random() % 5 == 0) // a service that calls back
            graph.edges.push_back(edge(QStringLiteral("s%1").arg(random() % unsigned(functions / 3)), id));
    }
    return graph;
}

} // namespace

class tst_MapLayout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void boxesStandApartAndOnTheGrid()
    {
        for (unsigned seed = 0; seed < 200; ++seed) {
            const MapGraph graph = randomGraph(seed, int(seed % 40));
            const MapLayout layout = layOut(graph);
            QCOMPARE(layout.nodes.size(), graph.nodes.size());
            for (std::size_t i = 0; i < layout.nodes.size(); ++i) {
                const QRectF box = layout.nodes[i];
                QCOMPARE(box.size(), sizeOf(graph.nodes[i].kind));
                QCOMPARE(std::fmod(box.x(), 4), 0.0);
                QCOMPARE(std::fmod(box.y(), 4), 0.0);
                QVERIFY(layout.bounds.contains(box));
                for (std::size_t j = 0; j < i; ++j)
                    QVERIFY2(
                        !box.adjusted(-12, -12, 12, 12).intersects(layout.nodes[j]),
                        qPrintable(
                            QStringLiteral("seed %1: %2 and %3").arg(seed).arg(graph.nodes[i].id, graph.nodes[j].id)));
            }
        }
    }

    void edgesGoFromLeftToRight()
    {
        const MapGraph graph = randomGraph(7, 12);
        const MapLayout layout = layOut(graph);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            for (std::size_t j = 0; j < graph.nodes.size(); ++j) {
                const bool drawn = std::any_of(graph.edges.begin(), graph.edges.end(), [&](const MapEdge &e) {
                    return e.from == graph.nodes[i].id && e.to == graph.nodes[j].id;
                });
                if (drawn && graph.nodes[i].kind < graph.nodes[j].kind)
                    QVERIFY(layout.nodes[i].right() + 40 < layout.nodes[j].left());
            }
        }
    }

    void theSameGraphGivesTheSamePicture()
    {
        const MapGraph graph = randomGraph(3, 30);
        MapGraph live = graph;
        for (MapNode &n : live.nodes) {
            n.detail = QStringLiteral("py · 4 warm");
            n.state = MapNode::State::Failed;
        }
        for (MapEdge &e : live.edges)
            e.rate = 12;
        QCOMPARE(layOut(graph).nodes, layOut(graph).nodes);
        QCOMPARE(layOut(graph).nodes, layOut(live).nodes);
    }

    void triggersStandBesideTheirFunction()
    {
        MapGraph graph;
        for (const char *name : {"a", "b", "c"}) {
            const QString id = QString::fromLatin1(name);
            graph.nodes.push_back(node(id, MapNode::Kind::Function));
            graph.nodes.push_back(node(QStringLiteral("t") + id, MapNode::Kind::Trigger));
            graph.edges.push_back(edge(QStringLiteral("t") + id, id));
        }
        const MapLayout layout = layOut(graph);
        for (std::size_t i = 0; i < graph.nodes.size(); i += 2) {
            QCOMPARE(layout.nodes[i].center().y(), layout.nodes[i + 1].center().y());
            QCOMPARE(layout.nodes[i].x(), layout.nodes[0].x());
            if (i > 0)
                QVERIFY(layout.nodes[i].y() > layout.nodes[i - 2].y());
        }
    }

    void edgesThatNeedNotCrossDoNot()
    {
        // Named against the order of the functions, so that a layout by name alone would cross.
        MapGraph graph;
        for (const char *f : {"f1", "f2", "f3", "f4"})
            graph.nodes.push_back(node(QString::fromLatin1(f), MapNode::Kind::Function));
        for (const char *s : {"s1", "s2", "s3"})
            graph.nodes.push_back(node(QString::fromLatin1(s), MapNode::Kind::Service));
        for (const auto &[from, to] :
             {std::pair{"f1", "s3"}, {"f2", "s3"}, {"f2", "s2"}, {"f3", "s2"}, {"f3", "s1"}, {"f4", "s1"}})
            graph.edges.push_back(edge(QString::fromLatin1(from), QString::fromLatin1(to)));
        QCOMPARE(crossings(graph, layOut(graph)), 0);
    }

    void aLargeWorkspaceIsLaidOutInTheShapeOfTheView()
    {
        MapGraph graph;
        for (int f = 0; f < 60; ++f) {
            const QString id = QStringLiteral("f%1").arg(f);
            graph.nodes.push_back(node(id, MapNode::Kind::Function));
            graph.nodes.push_back(node(QStringLiteral("t") + id, MapNode::Kind::Trigger));
            graph.edges.push_back(edge(QStringLiteral("t") + id, id));
        }
        const QRectF bounds = layOut(graph, 1.6).bounds;
        QVERIFY2(bounds.width() / bounds.height() > 0.9 && bounds.width() / bounds.height() < 2.8,
                 qPrintable(QStringLiteral("%1 x %2").arg(bounds.width()).arg(bounds.height())));
    }

    void whatDoesNotExistIsNotDrawn()
    {
        MapGraph graph;
        QVERIFY(layOut(graph).nodes.empty());
        graph.nodes.push_back(node(QStringLiteral("f"), MapNode::Kind::Function));
        graph.edges.push_back(edge(QStringLiteral("gone"), QStringLiteral("f")));
        graph.edges.push_back(edge(QStringLiteral("f"), QStringLiteral("f")));
        QCOMPARE(layOut(graph).nodes.size(), 1U);
    }

    void threeHundredBoxesTakeNoTime()
    {
        MapGraph graph = randomGraph(1, 120);
        QVERIFY(graph.nodes.size() > 280);
        QElapsedTimer timer;
        timer.start();
        const MapLayout layout = layOut(graph);
        qInfo("%d boxes and %d edges laid out in %.1f ms, %d crossings", int(graph.nodes.size()),
              int(graph.edges.size()), double(timer.nsecsElapsed()) / 1e6, crossings(graph, layout));
    }
};

QTEST_MAIN(tst_MapLayout)
#include "tst_map_layout.moc"

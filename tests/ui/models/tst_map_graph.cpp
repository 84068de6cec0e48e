// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/map_graph.h"

#include <QLocale>
#include <QTest>

using namespace kiln;
using namespace kiln::ui;
using namespace std::chrono_literals;

class tst_MapGraph : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QStringLiteral("en_US"))); }

    void aTriggerAndItsFunctionAreBoxesWithAWayBetween()
    {
        const MapGraph graph = mapGraphOf(snapshot());
        QCOMPARE(graph.nodes.size(), 3U);
        QCOMPARE(graph.edges.size(), 2U);
        const MapNode &route = graph.nodes[0], &schedule = graph.nodes[1], &function = graph.nodes[2];
        QCOMPARE(route.title, QStringLiteral("POST /orders"));
        QCOMPARE(route.icon, QStringLiteral("http"));
        QCOMPARE(route.detail, QStringLiteral("HTTP · 42/s · last OK"));
        QCOMPARE(route.trigger, 0);
        QCOMPARE(schedule.title, QStringLiteral("0 2 * * * Europe/Berlin"));
        QCOMPARE(schedule.detail, QStringLiteral("schedule · next in 5 h"));
        QCOMPARE(function.id, mapIdOf("checkout"));
        QCOMPARE(function.state, MapNode::State::Ok);
        QCOMPARE(function.detail, QStringLiteral("py · 4 warm 2 busy · p99 31.0 ms"));
        QCOMPARE(function.note, QStringLiteral("0.4 % cold"));
        QCOMPARE(graph.edges[0].from, mapIdOf("checkout", 0));
        QCOMPARE(graph.edges[0].to, function.id);
        QCOMPARE(graph.edges[0].label, QStringLiteral("42/s"));
        QCOMPARE(graph.edges[0].flow, MapEdge::Flow::Live);
        QCOMPARE(graph.edges[1].flow, MapEdge::Flow::Idle);
    }

    void theLastErrorIsInItsBox()
    {
        Snapshot now = snapshot();
        auto failed = std::make_shared<Invocation>();
        failed->outcome = Outcome::HandlerError;
        failed->error = {.type = "KeyError", .message = "'sku'\nmore lines", .stack = {}};
        now.functions[0].lastError = failed;
        const MapNode node = mapGraphOf(now).nodes[2];
        QCOMPARE(node.state, MapNode::State::Failed);
        QCOMPARE(node.problem, QStringLiteral("KeyError: 'sku'"));
    }

    void filesWithErrorsComeBeforeWhatRanLast()
    {
        Snapshot now = snapshot([](WorkspaceView &workspace) {
            workspace.functions[0].state = FunctionView::State::Invalid;
            workspace.functions[0].problems = {{.file = "f", .line = 3, .key = {}, .message = "expected a duration"}};
        });
        const MapNode node = mapGraphOf(now).nodes[2];
        QCOMPARE(node.state, MapNode::State::Invalid);
        QCOMPARE(node.problem, QStringLiteral("line 3: expected a duration"));
    }

    void anUntrustedWorkspaceIsOff()
    {
        Snapshot now = snapshot([](WorkspaceView &workspace) { workspace.trusted = false; });
        const MapGraph graph = mapGraphOf(now);
        QCOMPARE(graph.edges[0].flow, MapEdge::Flow::Off);
        QVERIFY(graph.nodes[0].detail.contains(QStringLiteral("off: not trusted")));
    }

    void aTriggerThatCannotWorkSaysWhy()
    {
        Snapshot now = snapshot();
        now.functions[0].triggers[0].problem = "port 7070 is in use";
        const MapGraph graph = mapGraphOf(now);
        QCOMPARE(graph.nodes[0].problem, QStringLiteral("port 7070 is in use"));
        QCOMPARE(graph.edges[0].flow, MapEdge::Flow::Failing);
    }

    void figuresOfAnotherMomentAreNotMixedIn()
    {
        Snapshot now = snapshot();
        now.functions[0].name = "another";
        const MapGraph graph = mapGraphOf(now);
        QCOMPARE(graph.nodes[2].state, MapNode::State::Idle);
        QCOMPARE(graph.nodes[2].note, QStringLiteral("not used yet"));
        now.functions.clear();
        QCOMPARE(mapGraphOf(now), graph);
    }

private:
    static Snapshot snapshot(void (*change)(WorkspaceView &) = nullptr)
    {
        auto workspace = std::make_shared<WorkspaceView>();
        FunctionView view;
        view.name = "checkout";
        view.state = FunctionView::State::Ready;
        view.settings.triggers = {HttpTrigger{"POST", "/orders"}, ScheduleTrigger{"0 2 * * *", "Europe/Berlin"}};
        workspace->functions.push_back(view);
        if (change)
            change(*workspace);
        FunctionLive live;
        live.name = "checkout";
        live.warm = 4;
        live.busy = 2;
        live.p50 = 1.8;
        live.p99 = 31;
        live.coldShare = 0.004;
        auto last = std::make_shared<Invocation>();
        last->triggerKind = "http";
        live.last = last;
        live.triggers = {{.rate = 42, .nextRun = {}, .problem = {}},
                         {.rate = 0, .nextRun = WallTime(5h + 10min), .problem = {}}};
        Snapshot now;
        now.time = WallTime(0s);
        now.workspace = workspace;
        now.functions = {live};
        now.metrics = std::make_shared<MetricsView>();
        return now;
    }
};

QTEST_MAIN(tst_MapGraph)
#include "tst_map_graph.moc"

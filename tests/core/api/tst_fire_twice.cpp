// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_harness.h"

#include <QTest>

#include <algorithm>
#include <future>

using namespace kiln;
using namespace kiln::test;

namespace {

/// Keeps one of each kind.
constexpr const char *keeper = R"(
import os, socket, subprocess
counter = 0
kept = []
def handler(event, context):
    global counter
    counter += 1
    if counter == 1:
        open('/tmp/first.txt', 'w').write('left by the first run')
        server = socket.socket(socket.AF_UNIX)
        server.bind('/tmp/at')
        server.listen()
        kept.append(server)
        kept.append(subprocess.Popen(['/usr/bin/sleep', '600'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    return {'counter': counter, 'file': os.path.exists('/tmp/first.txt')}
)";

Result<Engine::FiredTwice> fireTwice(Engine &engine, const std::string &function)
{
    std::promise<Result<Engine::FiredTwice>> promise;
    engine.fireTwice({.function = function, .data = "{}"},
                     [&](Result<Engine::FiredTwice> both) { promise.set_value(std::move(both)); });
    return promise.get_future().get();
}

Result<WorkerInspection> inspect(Engine &engine, std::uint64_t worker)
{
    std::promise<Result<WorkerInspection>> promise;
    engine.inspectWorker(worker, [&](Result<WorkerInspection> seen) { promise.set_value(std::move(seen)); });
    return promise.get_future().get();
}

} // namespace

class tst_FireTwice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatTheSecondRunFindsOfTheFirst()
    {
        EngineHarness harness;
        harness.addPython("keeper", keeper);
        QCOMPARE(harness.open(), std::string());
        if (harness.engine().snapshot()->engine.tier == Tier::Reduced)
            QSKIP("tier C starts no child processes");
        const auto both = fireTwice(harness.engine(), "keeper");
        QVERIFY2(both.has_value(), both ? "" : both.error().text().c_str());
        QCOMPARE(*both->first->response, std::string(R"({"counter": 1, "file": true})"));
        QCOMPARE(*both->second->response, std::string(R"({"counter": 2, "file": true})"));
        QCOMPARE(both->first->start, Start::Cold);
        QCOMPARE(both->second->start, Start::Warm);
        QVERIFY(both->sameWorker());
        QVERIFY(both->between);
        const CarriedState &kept = both->between->carried;
        QVERIFY2(kept.variables ==
                     (std::vector<CarriedState::Variable>{{"handler.counter", "1"}, {"handler.kept", "list of 2"}}),
                 kept.problems.empty() ? "" : kept.problems.front().c_str());
        QVERIFY(std::any_of(kept.files.begin(), kept.files.end(),
                            [](const auto &file) { return file.path == "/tmp/first.txt" && file.size.count == 21; }));
        QCOMPARE(kept.sockets, std::vector<std::string>{"UNIX, listens on /tmp/at"});
        QCOMPARE(kept.processes.size(), std::size_t(1));
        QCOMPARE(kept.processes[0].command, std::string("/usr/bin/sleep 600"));
    }

    void beginsWithANewWorkerThoughOneIsWarm()
    {
        EngineHarness harness;
        harness.addPython("keeper", keeper);
        QCOMPARE(harness.open(), std::string());
        const auto before = harness.fire("keeper");
        QVERIFY2(before.has_value(), textOf(before).c_str());
        const auto both = fireTwice(harness.engine(), "keeper");
        QVERIFY(both.has_value());
        QVERIFY(both->first->worker != (*before)->worker);
        QCOMPARE(both->first->start, Start::Cold);
    }

    void aWorkerThatEndsWithItsFirstRunLeavesNothing()
    {
        EngineHarness harness;
        harness.addPython("once", "import os\ndef handler(event, context):\n    os._exit(3)\n");
        QCOMPARE(harness.open(), std::string());
        const auto both = fireTwice(harness.engine(), "once");
        QVERIFY(both.has_value());
        QCOMPARE(both->first->outcome, Outcome::Crashed);
        QCOMPARE(both->second->outcome, Outcome::Crashed);
        QVERIFY(!both->sameWorker());
        QVERIFY(!both->between);
    }

    void aFunctionThatIsNotThereIsSaidOnce()
    {
        EngineHarness harness;
        QCOMPARE(harness.open(), std::string());
        const auto both = fireTwice(harness.engine(), "nobody");
        QVERIFY(!both);
        QCOMPARE(both.error().code, Error::Code::NotFound);
    }

    void eachLayerOfALiveWorkerIsFound()
    {
        EngineHarness harness;
        harness.addPython("keeper", keeper);
        QCOMPARE(harness.open(), std::string());
        const auto run = harness.fire("keeper");
        QVERIFY2(run.has_value(), textOf(run).c_str());
        const auto seen = inspect(harness.engine(), (*run)->worker);
        QVERIFY2(seen.has_value(), seen ? "" : seen.error().text().c_str());
        QCOMPARE(seen->worker.function, std::string("keeper"));
        QVERIFY(seen->proportional > ByteSize{});
        QVERIFY(seen->layers.size() >= 9);
        for (const IsolationLayer &layer : seen->layers) {
            if (seen->worker.tier == Tier::Full)
                QVERIFY2(layer.state == IsolationLayer::State::On, (layer.name + ": " + layer.evidence).c_str());
            QVERIFY(!layer.evidence.empty());
        }
    }

    void aWorkerThatIsGoneIsSaidToBe()
    {
        EngineHarness harness;
        QCOMPARE(harness.open(), std::string());
        const auto seen = inspect(harness.engine(), 4711);
        QVERIFY(!seen);
        QCOMPARE(seen.error().code, Error::Code::NotFound);
    }
};

QTEST_GUILESS_MAIN(tst_FireTwice)
#include "tst_fire_twice.moc"

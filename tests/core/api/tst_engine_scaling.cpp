// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/store/event_store.h"
#include "tests/support/engine_harness.h"

#include <QProcess>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <set>
#include <string>
#include <vector>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

/// Waits at a gate that the test opens by a file.
constexpr auto gated = "import os, time\n"
                       "def handler(event, context):\n"
                       "    while not os.path.exists('../../data/open'):\n"
                       "        time.sleep(0.01)\n"
                       "    return 1\n";
constexpr auto gate = "timeout: 120s\npermissions:\n  files: [{path: ../../data}]\n";

std::vector<ScaleEvent> scalingOf(const Snapshot &snapshot, const std::string &function)
{
    std::vector<ScaleEvent> events;
    for (const FunctionLive &live : snapshot.functions) {
        if (live.name == function)
            live.scaling.since(0, [&](const ScaleEvent &event) { events.push_back(event); });
    }
    return events;
}

int countOf(const Snapshot &snapshot, WorkerState state)
{
    return int(std::count_if(snapshot.workers.begin(), snapshot.workers.end(),
                             [&](const WorkerView &worker) { return worker.state == state; }));
}

} // namespace

/// How many workers there are, and why, with real ones.
class tst_EngineScaling : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_harness = std::make_unique<test::EngineHarness>(); }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void aThousandAsynchronousEventsAreAllDoneByTwentyWorkersAtMost()
    {
        constexpr std::size_t events = 1'000;
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n", "concurrency: {max: 20}\n");
        open(Engine::Triggers::Off); // makes its folder
        m_harness->close();
        acceptEvents(events);
        std::atomic<int> most = 0; // must outlive the engine
        open(Engine::Triggers::On);
        m_harness->engine().subscribe([&](const SnapshotPtr &snapshot) {
            const int alive = int(snapshot->workers.size()) - countOf(*snapshot, WorkerState::Stopping);
            most = std::max(most.load(), alive);
        });
        QVERIFY(m_harness->waitFor(
            [&](const Snapshot &snapshot) { return snapshot.engine.historyInvocations >= events; }, 60s));
        const auto done = m_harness->history({.function = "f", .limit = 2'000});
        QVERIFY(done);
        QCOMPARE(done->size(), events);
        std::set<std::string> handled;
        for (const InvocationPtr &invocation : *done) {
            QCOMPARE(invocation->outcome, Outcome::Ok);
            handled.insert(invocation->event.id);
        }
        QCOMPARE(handled.size(), events); // each once
        // Each start is told with how many there were then: what no snapshot caught would stand here.
        for (const ScaleEvent &event : scalingOf(*m_harness->engine().snapshot(), "f"))
            QVERIFY2(event.running <= 20, event.why.c_str());
        QVERIFY2(most > 0 && most <= 20, qPrintable(QString::number(most)));
        m_harness->close();
        QVERIFY((*pendingEvents()).empty());
    }

    void aThousandCallersAtOnceAreServedAsTheQueueHoldsAndTheRestIsThrottled()
    {
        m_harness->write("data/note", "");
        m_harness->addPython("f", gated,
                             std::string("concurrency: {max: 20, queue: 100}\n") + gate +
                                 "triggers:\n  - url: {auth: none}\n");
        open(Engine::Triggers::On);
        std::atomic<int> ok = 0;
        std::atomic<int> throttled = 0;
        std::atomic<int> other = 0;
        for (int i = 0; i < 1'000; ++i) {
            m_harness->engine().fire({.function = "f", .data = "{}"}, [&](const Result<InvocationPtr> &result) {
                auto &count = !result                                    ? other
                              : (*result)->outcome == Outcome::Ok        ? ok
                              : (*result)->outcome == Outcome::Throttled ? throttled
                                                                         : other;
                ++count;
            });
        }
        QVERIFY(m_harness->waitFor([&](const Snapshot &) { return throttled == 880; }));
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            return countOf(snapshot, WorkerState::Busy) == 20 && snapshot.functions[0].queued == 100;
        }));
        // Who comes over HTTP now is told so in its words.
        QProcess curl;
        curl.start(QStringLiteral("curl"),
                   {QStringLiteral("-s"), QStringLiteral("-o"), QStringLiteral("/dev/null"), QStringLiteral("-w"),
                    QStringLiteral("%{http_code}"),
                    QString::fromStdString(m_harness->engine().snapshot()->engine.address + "/fn/f")});
        QVERIFY(curl.waitForFinished(20'000));
        QCOMPARE(curl.readAllStandardOutput(), QByteArray("429"));
        m_harness->write("data/open", "");
        QVERIFY(m_harness->waitFor([&](const Snapshot &) { return ok == 120; }));
        QCOMPARE(throttled.load(), 880);
        QCOMPARE(other.load(), 0);
        m_harness->close(); // before the counts go
    }

    void theMinimumIsReadyBeforeAnyEventAndComesBack()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n",
                             "concurrency: {min: 2}\nkeep_warm: 100ms\n");
        open(Engine::Triggers::On);
        const auto two = [](const Snapshot &snapshot) { return countOf(snapshot, WorkerState::Idle) == 2; };
        QVERIFY(m_harness->waitFor(two));
        const WorkerView first = m_harness->engine().snapshot()->workers.front();
        QCOMPARE(first.why, std::string("min is 2, 0 running"));
        const auto served = m_harness->fire("f");
        QVERIFY2(served && (*served)->start == Start::Warm, test::textOf(served).c_str());
        m_harness->engine().stopWorker(first.id);
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            return two(snapshot) && std::none_of(snapshot.workers.begin(), snapshot.workers.end(),
                                                 [&](const WorkerView &worker) { return worker.id == first.id; });
        }));
        const auto events = scalingOf(*m_harness->engine().snapshot(), "f");
        const auto stop = std::find_if(events.begin(), events.end(), [&](const ScaleEvent &event) {
            return event.worker == first.id && event.what == ScaleEvent::What::Stopped;
        });
        QVERIFY(stop != events.end());
        QCOMPARE(stop->why, std::string("stopped by hand"));
        // Neither was stopped for having been idle, though that was long enough.
        QVERIFY(std::none_of(events.begin(), events.end(),
                             [](const ScaleEvent &event) { return event.cause == ScaleCause::Idle; }));
    }

    void nothingRunsByOpeningAWorkspaceThatIsNotTrusted()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n", "concurrency: {min: 1}\n");
        auto engine = Engine::open({.workspace = m_harness->folder(),
                                    .resources = KILN_SOURCE_DIR "/resources",
                                    .launcher = KILN_LAUNCHER_PATH,
                                    .triggers = Engine::Triggers::On,
                                    .listen = {},
                                    .parkedMemory = {},
                                    .clock = nullptr});
        QVERIFY(engine);
        std::promise<void> ready;
        (*engine)->whenReady([&](const Result<> &) { ready.set_value(); });
        ready.get_future().get();
        QVERIFY(!(*engine)->snapshot()->workspace->trusted);
        QVERIFY(scalingOf(*(*engine)->snapshot(), "f").empty());
        std::promise<Result<>> trusted;
        (*engine)->trust([&](const Result<> &result) { trusted.set_value(result); });
        QVERIFY(trusted.get_future().get());
        QTRY_COMPARE_WITH_TIMEOUT(countOf(*(*engine)->snapshot(), WorkerState::Idle), 1, 20'000);
    }

    void aCommandThatOnlyInvokesKeepsNothingReady()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n", "concurrency: {min: 3}\n");
        open(Engine::Triggers::Off);
        const auto result = m_harness->fire("f");
        QVERIFY2(result && (*result)->start == Start::Cold, test::textOf(result).c_str());
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return countOf(snapshot, WorkerState::Idle) == 1; }));
        QCOMPARE(scalingOf(*m_harness->engine().snapshot(), "f").size(), std::size_t(1));
    }

    void anIdleWorkerMakesWayWhenTheWorkspacesBudgetIsSpent()
    {
        m_harness->write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:0\nscaling: {workers: 1}\n");
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        m_harness->addPython("g", "def handler(event, context):\n    return 2\n");
        open(Engine::Triggers::Off);
        QVERIFY(m_harness->fire("f"));
        const auto second = m_harness->fire("g");
        QVERIFY2(second && (*second)->outcome == Outcome::Ok, test::textOf(second).c_str());
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return scalingOf(snapshot, "f").size() == 2; }));
        const ScaleEvent stop = scalingOf(*m_harness->engine().snapshot(), "f").back();
        QCOMPARE(stop.cause, ScaleCause::MadeWay);
        QCOMPARE(stop.why, std::string("made way for g"));
        QCOMPARE(m_harness->engine().snapshot()->engine.workerBudget, 1);
    }

    void whoWaitsForTheBudgetGoesOnWhenAnotherFunctionIsDone()
    {
        m_harness->write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:0\nscaling: {workers: 1}\n");
        m_harness->write("data/note", "");
        m_harness->addPython("f", gated, gate);
        m_harness->addPython("g", "def handler(event, context):\n    return 2\n");
        open(Engine::Triggers::Off);
        std::promise<Result<InvocationPtr>> slow;
        m_harness->engine().fire({.function = "f", .data = "{}"},
                                 [&](auto result) { slow.set_value(std::move(result)); });
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return countOf(snapshot, WorkerState::Busy) == 1; }));
        std::promise<Result<InvocationPtr>> waits;
        m_harness->engine().fire({.function = "g", .data = "{}"},
                                 [&](auto result) { waits.set_value(std::move(result)); });
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.functions[1].queued == 1; }));
        m_harness->write("data/open", "");
        auto answered = waits.get_future();
        QCOMPARE(answered.wait_for(20s), std::future_status::ready);
        const auto result = answered.get();
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QVERIFY(slow.get_future().get());
    }

    void whyAWorkerEndedIsTold_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("settings");
        QTest::addColumn<QString>("why");
        QTest::newRow("timed out") << "import time\ndef handler(event, context):\n    time.sleep(9)\n"
                                   << "timeout: 200ms\n"
                                   << "timed out";
        QTest::newRow("crashed") << "import os\ndef handler(event, context):\n    os._exit(3)\n"
                                 << ""
                                 << "crashed: Runtime exited with error: exit status 3";
        QTest::newRow("did not start") << "import nothing_of_this_name\n"
                                       << ""
                                       << "did not start: ";
        QTest::newRow("single use") << "def handler(event, context):\n    return 1\n"
                                    << "reuse: never\n"
                                    << "served one invocation (reuse: never)";
        QTest::newRow("idle") << "def handler(event, context):\n    return 1\n"
                              << "keep_warm: 50ms\n"
                              << "idle for 50 ms";
    }
    void whyAWorkerEndedIsTold()
    {
        QFETCH(QString, code);
        QFETCH(QString, settings);
        QFETCH(QString, why);
        m_harness->addPython("f", code.toStdString(), settings.toStdString());
        open(Engine::Triggers::Off);
        QVERIFY(m_harness->fire("f"));
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return scalingOf(snapshot, "f").size() == 2; }));
        const auto events = scalingOf(*m_harness->engine().snapshot(), "f");
        QCOMPARE(events[0].why, std::string("1 waiting, 0 idle, 0 of 20 running"));
        QVERIFY2(QString::fromStdString(events[1].why).startsWith(why), events[1].why.c_str());
    }

    void aBusyWorkersCpuIsMeasured()
    {
        m_harness->addPython("f",
                             "import time\ndef handler(event, context):\n    end = time.monotonic() + 4\n"
                             "    while time.monotonic() < end: pass\n",
                             "timeout: 20s\ncpu: unlimited\n");
        open(Engine::Triggers::Off);
        std::promise<Result<InvocationPtr>> done;
        m_harness->engine().fire({.function = "f", .data = "{}"},
                                 [&](auto result) { done.set_value(std::move(result)); });
        // Beside others on this machine it may get little of a processor, but it takes some.
        const bool seen = m_harness->waitFor(
            [](const Snapshot &snapshot) { return !snapshot.workers.empty() && snapshot.workers[0].cpu > 0.02; });
        done.get_future().get();
        QVERIFY(seen);
    }

    void theSecondsOfTheWorkersAreKept()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n", "concurrency: {max: 7}\n");
        open(Engine::Triggers::Off);
        QVERIFY(m_harness->fire("f"));
        const auto idleSecond = [](const Snapshot &snapshot, const std::string &name) {
            const auto series = snapshot.metrics->functions.find(name);
            if (series == snapshot.metrics->functions.end())
                return std::uint16_t(0);
            for (const auto &chunk : series->second.chunks)
                for (const MetricSecond &second : *chunk.seconds)
                    if (second.idle == 1 && second.busy == 0)
                        return second.workerLimit;
            return std::uint16_t(0);
        };
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            return idleSecond(snapshot, "f") == 7 && idleSecond(snapshot, "") == 1'000;
        }));
    }

private:
    void open(Engine::Triggers triggers)
    {
        const std::string problem = m_harness->open(triggers);
        QVERIFY2(problem.empty(), problem.c_str());
    }

    [[nodiscard]] std::filesystem::path eventFile() const
    {
        return std::filesystem::path(m_harness->folder()) / ".kiln/data/events.db";
    }
    [[nodiscard]] Result<std::vector<PendingEvent>> pendingEvents()
    {
        const SystemClock clock;
        auto store = EventStore::open(eventFile(), {}, clock);
        return store ? (*store)->pending() : tl::make_unexpected(store.error());
    }

    /// As an earlier life of the engine would have.
    void acceptEvents(std::size_t count)
    {
        const SystemClock clock;
        auto store = EventStore::open(eventFile(), {}, clock);
        QVERIFY(store);
        std::atomic<std::size_t> accepted = 0;
        for (std::size_t i = 0; i < count; ++i) {
            Event event;
            event.id = std::to_string(i);
            event.source = "test";
            event.type = "burst";
            event.data = payload("{}");
            (*store)->accept({.function = "f", .triggerKind = "schedule", .event = event, .accepted = clock.wall()},
                             [&](const Result<> &result) { accepted += result ? 1 : 0; });
        }
        QTRY_COMPARE_WITH_TIMEOUT(accepted.load(), count, 20'000);
    }

    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_EngineScaling)
#include "tst_engine_scaling.moc"

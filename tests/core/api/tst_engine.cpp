// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/project/trust.h"
#include "core/store/event_store.h"
#include "tests/support/engine_harness.h"

#include <QProcess>
#include <QTcpServer>
#include <QTest>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <string>
#include <sys/stat.h>

using namespace kiln;

namespace {

const FunctionView *viewOf(const Snapshot &snapshot, const std::string &name)
{
    for (const FunctionView &view : snapshot.workspace->functions) {
        if (view.name == name)
            return &view;
    }
    return nullptr;
}

} // namespace

/// The engine as a whole: what it promises to whoever opens a workspace.
class tst_Engine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_harness = std::make_unique<test::EngineHarness>(); }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void aSaveIsANewRevisionAndRunningInvocationsFinishOnTheOldOne()
    {
        m_harness->addPython(
            "f", "import time\ndef handler(event, context):\n    time.sleep(event.get('s', 0))\n    return 'old'\n",
            "timeout: 20s\n");
        open();
        const std::string before = viewOf(*m_harness->engine().snapshot(), "f")->revision->hash;
        std::promise<Result<InvocationPtr>> slow;
        m_harness->engine().fire({.function = "f", .data = R"({"s":1.5})"},
                                 [&](auto result) { slow.set_value(std::move(result)); });
        QVERIFY(m_harness->waitFor(
            [](const Snapshot &snapshot) { return !snapshot.functions.empty() && snapshot.functions[0].busy == 1; }));
        m_harness->write("functions/f/handler.py", "def handler(event, context):\n    return 'new'\n");
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            const FunctionView *view = viewOf(snapshot, "f");
            return view && view->state == FunctionView::State::Ready && view->revision->hash != before;
        }));
        const auto fresh = m_harness->fire("f");
        QVERIFY2(fresh && *(*fresh)->response == "\"new\"", test::textOf(fresh).c_str());
        const auto old = slow.get_future().get();
        QVERIFY2(old && *(*old)->response == "\"old\"", test::textOf(old).c_str());
        QCOMPARE((*old)->revision->hash, before);
    }

    void aBrokenFileIsToldAndTheLastGoodRevisionGoesOn()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        m_harness->addPython("g", "def handler(event, context):\n    return 2\n");
        open();
        m_harness->write("functions/f/function.yaml", "runtime: python\nhandler: handler.handler\ntimeout: fast\n");
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            const FunctionView *view = viewOf(snapshot, "f");
            return view && view->state == FunctionView::State::Invalid;
        }));
        const Problem problem = viewOf(*m_harness->engine().snapshot(), "f")->problems.front();
        QCOMPARE(problem.file, std::string("functions/f/function.yaml"));
        QCOMPARE(problem.line, 3);
        QCOMPARE(problem.key, std::string("timeout"));
        for (const char *function : {"f", "g"}) {
            const auto result = m_harness->fire(function);
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        }
    }

    void reuseNeverGivesEachInvocationANewWorker()
    {
        m_harness->addPython(
            "f", "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count\n",
            "reuse: never\n");
        open();
        for (int i = 0; i < 3; ++i) {
            const auto result = m_harness->fire("f");
            QVERIFY2(result && *(*result)->response == "1", test::textOf(result).c_str());
            QCOMPARE((*result)->start, Start::Cold);
        }
    }

    void anIdleWorkerIsFrozenUntilItIsCalled_data()
    {
        QTest::addColumn<QString>("after");
        QTest::addColumn<bool>("runsOn");
        QTest::newRow("at once") << QStringLiteral("0") << false;
        QTest::newRow("after a while") << QStringLiteral("20ms") << false;
        QTest::newRow("never") << QStringLiteral("never") << true;
    }
    void anIdleWorkerIsFrozenUntilItIsCalled()
    {
        QFETCH(QString, after);
        QFETCH(bool, runsOn);
        // A thread, and a process that it starts, which go on while nobody calls.
        m_harness->addPython("f",
                             "import subprocess, threading, time\n"
                             "ticks = 0\n"
                             "def tick():\n"
                             "    global ticks\n"
                             "    while True:\n"
                             "        time.sleep(0.01)\n"
                             "        ticks += 1\n"
                             "threading.Thread(target=tick, daemon=True).start()\n"
                             "subprocess.Popen(['sh', '-c', 'while sleep 0.01; do echo x >> /tmp/ticks; done'])\n"
                             "def handler(event, context):\n"
                             "    time.sleep(0.1)\n"
                             "    return [ticks, len(open('/tmp/ticks').read())]\n",
                             "cpu: unlimited\nfreeze_after: " + after.toStdString() + "\n");
        open();
        const auto ticks = [&] {
            const auto result = m_harness->fire("f");
            return result && (*result)->outcome == Outcome::Ok ? *(*result)->response : test::textOf(result);
        };
        const std::string first = ticks();
        QVERIFY2(first.starts_with("["), first.c_str());
        const bool freezes = m_harness->waitFor(
            [](const Snapshot &snapshot) { return snapshot.workers.size() == 1 && snapshot.workers[0].frozen; },
            std::chrono::milliseconds(runsOn ? 300 : 20'000));
        QCOMPARE(freezes, !runsOn);
        const auto numbers = [](const std::string &text) {
            std::pair<int, int> both;
            std::sscanf(text.c_str(), "[%d, %d]", &both.first, &both.second);
            return both;
        };
        // A second in which it would have ticked a hundred times; its own call takes a tenth of one.
        const auto before = numbers(ticks());
        QTest::qWait(1000);
        const auto then = numbers(ticks());
        QVERIFY2(then.first > before.first && then.second > before.second, "it goes on when it is called");
        if (!runsOn)
            QVERIFY2(then.first - before.first < 40 && then.second - before.second < 80, "it ran while it was frozen");
    }

    void atMostMaxWorkersAndTheRestIsThrottled()
    {
        m_harness->addPython("f", "import time\ndef handler(event, context):\n    time.sleep(0.5)\n    return 1\n",
                             "concurrency: {max: 2, queue: 3}\ntimeout: 20s\n");
        open();
        constexpr int fired = 12;
        std::atomic<int> ok = 0;
        std::atomic<int> throttled = 0;
        for (int i = 0; i < fired; ++i) {
            m_harness->engine().fire({.function = "f", .data = "{}"}, [&](const Result<InvocationPtr> &result) {
                (result && (*result)->outcome == Outcome::Ok ? ok : throttled)++;
            });
        }
        QVERIFY(m_harness->waitFor(
            [&](const Snapshot &snapshot) { return snapshot.workers.size() <= 2 && ok + throttled == fired; }));
        QCOMPARE(ok.load(), 5); // two at once and three that waited
        const auto found = m_harness->history({.function = "f", .outcome = Outcome::Throttled});
        QVERIFY(found);
        QCOMPARE(int(found->size()), fired - 5);
    }

    void aStartTakesAProcessThatWaits_data()
    {
        QTest::addColumn<bool>("python");
        QTest::newRow("Python") << true;
        QTest::newRow("Node") << false;
    }
    void aStartTakesAProcessThatWaits()
    {
        QFETCH(bool, python);
        if (python)
            m_harness->addPython(
                "f",
                "import os\ndef handler(event, context):\n"
                "    return [os.getcwd(), sorted(os.listdir('.')), os.environ['A'], context.function_name]\n",
                "environment:\n  A: b\n");
        else
            m_harness->addNode("f",
                               "import fs from 'fs';\nexport const handler = async (event, context) =>\n"
                               "    [process.cwd(), fs.readdirSync('.'), process.env.A, context.functionName];\n",
                               "environment:\n  A: b\n");
        m_harness->setParkedMemory(256_MB);
        open();
        const auto oneWaits = [](const Snapshot &snapshot) { return snapshot.engine.parked.count > 0; };
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.engine.tier.has_value(); }));
        const Tier tier = *m_harness->engine().snapshot()->engine.tier;
        if (tier != Tier::Full && tier != Tier::SoftMemory)
            QSKIP("this tier has no mounts of its own, so nothing can wait for its code");
        QVERIFY(m_harness->waitFor(oneWaits));
        const auto first = m_harness->fire("f");
        QVERIFY2(first && (*first)->outcome == Outcome::Ok, test::textOf(first).c_str());
        QCOMPARE((*first)->start, Start::Parked);
        QCOMPARE((*first)->tier, tier);
        QCOMPARE((*first)->phases.runtime.count(), 0);
        QVERIFY((*first)->phases.sandbox.count() > 0 && (*first)->phases.init.count() > 0);
        const QString answer = QString::fromStdString(*(*first)->response).remove(QLatin1Char(' '));
        QCOMPARE(answer, python ? QStringLiteral("[\"/var/task\",[\"handler.py\"],\"b\",\"f\"]")
                                : QStringLiteral("[\"/var/task\",[\"handler.mjs\"],\"b\",\"f\"]"));
        const auto second = m_harness->fire("f");
        QVERIFY2(second && (*second)->start == Start::Warm, test::textOf(second).c_str());

        // The next one waits already; but who wants to see a whole start gets one.
        QVERIFY(m_harness->waitFor(oneWaits));
        const auto cold = m_harness->fire("f", "{}", true);
        QVERIFY2(cold && (*cold)->start == Start::Cold, test::textOf(cold).c_str());
        m_harness->close();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void whatMayWriteFilesIsMadeWhole()
    {
        m_harness->write("data/note.txt", "");
        m_harness->addPython("f", "def handler(event, context):\n    open('../../data/note.txt', 'w').write('x')\n",
                             "permissions:\n  files:\n    - {path: ../../data, mode: rw}\n");
        m_harness->addPython("other", "def handler(event, context):\n    return 1\n");
        m_harness->setParkedMemory(256_MB);
        open();
        const auto result = m_harness->fire("f");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE((*result)->start, Start::Cold);
    }

    void idleWorkersAreRetired()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n", "keep_warm: 200ms\n");
        open();
        QVERIFY(m_harness->fire("f"));
        QVERIFY(m_harness->waitFor(
            [](const Snapshot &snapshot) { return snapshot.number > 1 && snapshot.workers.empty(); }));
    }

    void aRouteAndTheFunctionsUrlAnswerOverHttp()
    {
        m_harness->addPython("orders",
                             "def handler(event, context):\n"
                             "    return {'statusCode': 201, 'headers': {'X-Order': event['pathParameters']['id']}, "
                             "'body': event['body']}\n",
                             "triggers:\n  - http: POST /orders/{id}\n");
        m_harness->addPython("hello", "def handler(event, context):\n    return {'path': event['rawPath']}\n",
                             "triggers:\n  - url: {auth: none}\n");
        open(Engine::Triggers::On);
        const std::string address = m_harness->engine().snapshot()->engine.address;
        QVERIFY(!address.empty());
        const QString order =
            curl({QStringLiteral("-i"), QStringLiteral("-d"), QStringLiteral("two mugs"), url(address, "/orders/17")});
        QVERIFY2(order.startsWith(QStringLiteral("HTTP/1.1 201")), qPrintable(order));
        QVERIFY2(order.contains(QStringLiteral("17")) && order.endsWith(QStringLiteral("two mugs")), qPrintable(order));
        QCOMPARE(curl({url(address, "/fn/hello/there")}), QStringLiteral("{\"path\": \"/there\"}"));
        QVERIFY(curl({QStringLiteral("-i"), url(address, "/nowhere")}).startsWith(QStringLiteral("HTTP/1.1 404")));
    }

    void manyRequestsAtOnceAreAllAnsweredAndRecorded()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n",
                             "concurrency: {max: 4}\ntriggers:\n  - url: {auth: none}\n");
        open(Engine::Triggers::On);
        const QString script =
            QStringLiteral("seq 200 | xargs -P 20 -I{} curl -s -o /dev/null -w '%{http_code}\\n' %1 | sort | uniq -c")
                .arg(url(m_harness->engine().snapshot()->engine.address, "/fn/f"));
        std::atomic<bool> tooMany = false;
        m_harness->engine().subscribe([&](const SnapshotPtr &snapshot) {
            int alive = 0;
            for (const WorkerView &worker : snapshot->workers)
                alive += worker.state != WorkerState::Stopping ? 1 : 0;
            if (alive > 4)
                tooMany = true;
        });
        QProcess shell;
        shell.start(QStringLiteral("sh"), {QStringLiteral("-c"), script});
        QVERIFY(shell.waitForFinished(60'000));
        QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()).simplified(), QStringLiteral("200 200"));
        QVERIFY(!tooMany);
        const auto found = m_harness->history({.function = "f", .limit = 1000});
        QVERIFY(found);
        QCOMPARE(found->size(), std::size_t(200));
        m_harness->close(); // before `tooMany` goes
    }

    void aPortInUseIsToldAndTheRestWorks()
    {
        QTcpServer taken;
        QVERIFY(taken.listen(QHostAddress::LocalHost));
        m_harness->write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:" + std::to_string(taken.serverPort()) + "\n");
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n", "triggers:\n  - url: {auth: none}\n");
        open(Engine::Triggers::On);
        QVERIFY(!m_harness->engine().snapshot()->engine.addressProblem.empty());
        const auto result = m_harness->fire("f");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
    }

    void aScheduleKnowsItsNextRunAndRunsNowWhenAsked()
    {
        m_harness->addPython("nightly", "def handler(event, context):\n    return event['detail-type']\n",
                             "triggers:\n  - schedule: \"0 2 * * *\"\n    timezone: Europe/Berlin\n");
        open(Engine::Triggers::On);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            return !snapshot.functions.empty() && !snapshot.functions[0].triggers.empty() &&
                   snapshot.functions[0].triggers[0].nextRun;
        }));
        std::promise<Result<InvocationPtr>> answered;
        m_harness->engine().runTrigger("nightly", 0, [&](auto result) { answered.set_value(std::move(result)); });
        const auto result = answered.get_future().get();
        QVERIFY2(result && *(*result)->response == "\"Scheduled Event\"", test::textOf(result).c_str());
    }

    void aSecondEngineOnTheWorkspaceIsReadOnlyAndSaysWhy()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        open();
        auto second = Engine::open({.workspace = m_harness->folder(),
                                    .resources = KILN_SOURCE_DIR "/resources",
                                    .launcher = KILN_BUILD_DIR "/kiln-launcher",
                                    .triggers = Engine::Triggers::Off,
                                    .listen = {},
                                    .clock = nullptr});
        QVERIFY(second && (*second)->isReadOnly());
        std::promise<Result<InvocationPtr>> answered;
        (*second)->fire({.function = "f", .data = "{}"}, [&](auto result) { answered.set_value(std::move(result)); });
        const auto refused = answered.get_future().get();
        QVERIFY(!refused);
        QVERIFY2(refused.error().text().find(std::to_string(QCoreApplication::applicationPid())) != std::string::npos,
                 refused.error().text().c_str());
        QVERIFY(m_harness->fire("f"));
    }

    void historyIsThereAfterARestart()
    {
        m_harness->addPython("f", "def handler(event, context):\n    print('hello')\n    return 1\n");
        open();
        const auto first = m_harness->fire("f");
        QVERIFY(first);
        m_harness->close();
        open();
        const auto found = m_harness->history();
        QVERIFY(found && found->size() == 1);
        QCOMPARE(found->front()->id, (*first)->id);
        QCOMPARE(found->front()->revision->settings.name, std::string("f"));
    }

    void searchesUnderWayWhenTheEngineEndsHarmNothing()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        for (int round = 0; round < 5; ++round) {
            open();
            QVERIFY(m_harness->fire("f"));
            for (int i = 0; i < 200; ++i)
                m_harness->engine().queryInvocations({}, [](const Result<std::vector<InvocationPtr>> &) {});
            m_harness->close();
        }
    }

    void withoutItsLauncherItListensNowhereAndSaysWhy()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n", "triggers:\n  - url: {auth: none}\n");
        QVERIFY(TrustStore(TrustStore::defaultFile()).trust(m_harness->folder()));
        auto engine = Engine::open({.workspace = m_harness->folder(),
                                    .resources = KILN_SOURCE_DIR "/resources",
                                    .launcher = m_harness->folder() + "/no-launcher",
                                    .triggers = Engine::Triggers::On,
                                    .listen = {},
                                    .clock = nullptr});
        QVERIFY(engine);
        std::promise<Result<>> ready;
        (*engine)->whenReady([&](const Result<> &result) { ready.set_value(result); });
        const Result<> result = ready.get_future().get();
        QVERIFY(!result);
        QVERIFY2(result.error().text().find("no-launcher") != std::string::npos, result.error().text().c_str());
        QVERIFY((*engine)->snapshot()->engine.address.empty());
        std::promise<Result<InvocationPtr>> answered;
        (*engine)->fire({.function = "f", .data = "{}"}, [&](auto fired) { answered.set_value(std::move(fired)); });
        QVERIFY(!answered.get_future().get());
    }

    void aFunctionGetsNothingByDefault()
    {
        QTcpServer listener;
        QVERIFY(listener.listen(QHostAddress::LocalHost));
        m_harness->write("functions/other/secret.txt", "another function's");
        m_harness->addPython("other", "def handler(event, context):\n    return 1\n");
        m_harness->addPython("spy",
                             "import os, socket\n"
                             "def attempt(what):\n"
                             "    try:\n        return repr(what())\n"
                             "    except OSError as refused:\n        return 'refused: ' + type(refused).__name__\n"
                             "def handler(event, context):\n"
                             "    folder, port = event['folder'], event['port']\n"
                             "    return {\n"
                             "        'shadow': attempt(lambda: open('/etc/shadow').read()),\n"
                             "        'home': attempt(lambda: os.listdir('/root') + os.listdir('/home')),\n"
                             "        'other': attempt(lambda: open(folder + '/functions/other/secret.txt').read()),\n"
                             "        'kiln': attempt(lambda: os.listdir(folder + '/.kiln')),\n"
                             "        'connect': attempt(lambda: socket.create_connection(('127.0.0.1', port), 2)),\n"
                             "        'write': attempt(lambda: open('/var/task/handler.py', 'a').write('#')),\n"
                             "        'mount': attempt(lambda: os.unshare(0x10000000) if hasattr(os, 'unshare') else "
                             "open('/proc/sysrq-trigger', 'w')),\n"
                             "        'processes': sorted(int(p) for p in os.listdir('/proc') if p.isdigit()),\n"
                             "    }\n",
                             "timeout: 10s\n");
        open();
        const auto result = m_harness->fire("spy", R"({"folder":")" + m_harness->folder() + R"(","port":)" +
                                                       std::to_string(listener.serverPort()) + "}");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        const QByteArray answer = QByteArray::fromStdString(*(*result)->response);
        for (const char *reached : {"shadow", "home", "other", "kiln", "connect", "write", "mount"})
            QVERIFY2(answer.contains(QByteArray("\"") + reached + "\": \"refused: "), answer.constData());
        QVERIFY2(answer.contains("\"processes\": [2]") || answer.contains("\"processes\": [1, 2]") ||
                     answer.contains("\"processes\": []"),
                 answer.constData());
        QVERIFY(!listener.hasPendingConnections());
    }

    void aGrantedFolderCanBeReadAndNoOther()
    {
        m_harness->write("data/prices.csv", "mug,12.50\n");
        m_harness->addPython("f", "def handler(event, context):\n    return open('../../data/prices.csv').read()\n",
                             "permissions:\n  files: [{path: ../../data, mode: ro}]\n");
        std::filesystem::permissions(m_harness->folder() + "/data", std::filesystem::perms(0755));
        open();
        const auto result = m_harness->fire("f");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string("\"mug,12.50\\n\""));
    }

    void anEventOfAnEarlierLifeRunsOnceTheWorkspaceIsTrusted()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return event\n");
        const std::filesystem::path state = m_harness->folder() + "/.kiln";
        std::filesystem::create_directories(state / "data");
        std::filesystem::permissions(state, std::filesystem::perms(0700));
        const SystemClock clock;
        {
            auto store = EventStore::open(state / "data" / "events.db", {}, clock);
            QVERIFY(store);
            QueuedEvent queued{.function = "f", .triggerKind = "schedule", .event = {}, .accepted = clock.wall()};
            queued.event.id = "earlier";
            queued.event.data = payload("7");
            (*store)->accept(queued, {});
            QVERIFY((*store)->flush());
        }
        auto engine = Engine::open({.workspace = m_harness->folder(), // not by the harness, which trusts it first
                                    .resources = KILN_SOURCE_DIR "/resources",
                                    .launcher = KILN_BUILD_DIR "/kiln-launcher",
                                    .triggers = Engine::Triggers::On,
                                    .listen = {},
                                    .clock = nullptr});
        QVERIFY(engine);
        std::promise<void> ready;
        (*engine)->whenReady([&](const Result<> &) { ready.set_value(); });
        ready.get_future().wait();
        QVERIFY(!(*engine)->snapshot()->workspace->trusted);
        QCOMPARE((*engine)->snapshot()->invocations.end(), 0u);
        (*engine)->trust([](const Result<> &result) { QVERIFY(result.has_value()); });
        QTRY_COMPARE_WITH_TIMEOUT((*engine)->snapshot()->invocations.end(), 1u, 20'000);
        const SnapshotPtr now = (*engine)->snapshot();
        now->invocations.since(0, [](const InvocationPtr &one) {
            QCOMPARE(one->event.id, std::string("earlier"));
            QCOMPARE(*one->response, std::string("7"));
        });
        engine->reset();
        const auto store = EventStore::open(state / "data" / "events.db", {}, clock);
        QVERIFY(store && (*store)->pending()->empty());
    }

    void anUnwritableWorkspaceIsReadOnly()
    {
        if (::geteuid() == 0)
            QSKIP("an ordinary user is missing: root writes everywhere");
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        QCOMPARE(::chmod(m_harness->folder().c_str(), 0555), 0);
        auto engine = Engine::open({.workspace = m_harness->folder(),
                                    .resources = KILN_SOURCE_DIR "/resources",
                                    .launcher = KILN_BUILD_DIR "/kiln-launcher",
                                    .triggers = Engine::Triggers::Off,
                                    .listen = {},
                                    .clock = nullptr});
        QVERIFY(engine && (*engine)->isReadOnly());
        engine->reset();
        QCOMPARE(::chmod(m_harness->folder().c_str(), 0755), 0);
    }

private:
    void open(Engine::Triggers triggers = Engine::Triggers::Off)
    {
        const std::string problem = m_harness->open(triggers);
        QVERIFY2(problem.empty(), problem.c_str());
    }
    static QString url(const std::string &address, const char *path)
    {
        return QString::fromStdString(address) + QLatin1String(path);
    }
    static QString curl(QStringList arguments)
    {
        QProcess process;
        arguments.prepend(QStringLiteral("-s"));
        process.start(QStringLiteral("curl"), arguments);
        if (!process.waitForFinished(20'000))
            process.kill();
        return QString::fromUtf8(process.readAllStandardOutput());
    }

    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_Engine)
#include "tst_engine.moc"

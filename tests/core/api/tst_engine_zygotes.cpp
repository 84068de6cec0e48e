// SPDX-License-Identifier: GPL-3.0-or-later
// Workers that come out of a process which has loaded their function already.
#include "core/pool/function_zygotes.h"
#include "core/sandbox/launcher.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <boost/json.hpp>

#include <future>
#include <set>
#include <vector>

using namespace kiln;
namespace json = boost::json;

namespace {

/// Loading takes long enough to be worth a zygote.
const std::string slowToLoad = "import time\nbegin = time.monotonic()\nwhile time.monotonic() - begin < 0.05: pass\n";

const ZygoteView *zygoteOf(const Snapshot &snapshot, const std::string &function)
{
    for (const ZygoteView &view : snapshot.engine.zygotes)
        if (view.function == function)
            return &view;
    return nullptr;
}

} // namespace

const std::string noZygotes = "zygotes need tier A";

#define KILN_OPEN()                                                                                                    \
    const std::string problem = open();                                                                                \
    if (problem == noZygotes)                                                                                          \
        QSKIP(noZygotes.c_str());                                                                                      \
    QVERIFY2(problem.empty(), problem.c_str())

class tst_EngineZygotes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_harness = std::make_unique<test::EngineHarness>();
        m_harness->setParkedMemory(Engine::usualParkedMemory);
    }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void theSecondWorkerDoesNotLoadAgain()
    {
        m_harness->addPython("f",
                             slowToLoad + "count = 0\n"
                                          "def handler(event, context):\n"
                                          "    global count\n"
                                          "    count += 1\n"
                                          "    time.sleep(0.4)\n"
                                          "    return [count, context.log_stream_name]\n",
                             "timeout: 20s\n");
        KILN_OPEN();
        const auto answers = fireTogether("f", 3);
        std::set<std::string> streams;
        for (const auto &answer : answers) {
            QVERIFY2(answer && (*answer)->outcome == Outcome::Ok, test::textOf(answer).c_str());
            QCOMPARE((*answer)->start, Start::Zygote);
            QVERIFY2((*answer)->phases.init < std::chrono::milliseconds(40), test::textOf(answer).c_str());
            const json::value response = json::parse(*(*answer)->response);
            QCOMPARE(response.at(0).as_int64(), 1);
            streams.insert(std::string(response.at(1).as_string()));
        }
        QCOMPARE(streams.size(), answers.size());
    }

    void siblingsShareNoChance()
    {
        m_harness->addPython("f", slowToLoad + R"(
import hashlib, random, secrets, ssl, tempfile, uuid
try:
    import numpy
except ImportError:
    numpy = None
random.random(), uuid.uuid1(), uuid.uuid4(), ssl.RAND_bytes(8), secrets.token_hex(8)
if numpy: numpy.random.random()
mine = None
import os
def seed():
    global mine
    mine = random.Random(os.urandom(16))
os.register_at_fork(after_in_child=seed)
def handler(event, context):
    time.sleep(0.3)
    values = dict(random=random.random(), uuid1=str(uuid.uuid1()), uuid4=str(uuid.uuid4()),
                  ssl=ssl.RAND_bytes(16).hex(), secrets=secrets.token_hex(16), mine=mine.random(),
                  token=hashlib.sha256(os.urandom(16)).hexdigest(), name=next(tempfile._get_candidate_names()))
    if numpy: values['numpy'] = float(numpy.random.random())
    return values
)",
                             "timeout: 20s\n");
        KILN_OPEN();
        std::map<std::string, std::set<std::string>> seen;
        constexpr int count = 4;
        for (const auto &answer : fireTogether("f", count)) {
            QVERIFY2(answer && (*answer)->outcome == Outcome::Ok, test::textOf(answer).c_str());
            QCOMPARE((*answer)->start, Start::Zygote);
            const json::value response = json::parse(*(*answer)->response);
            for (const auto &[name, value] : response.as_object())
                seen[name].insert(json::serialize(value));
        }
        QVERIFY(seen.size() >= 9);
        if (!seen.contains("numpy"))
            qInfo("SKIP: numpy is missing (apt install python3-numpy)");
        for (const auto &[name, values] : seen)
            QVERIFY2(values.size() == count, (name + " is the same in siblings").c_str());
    }

    void hooksRunBeforeAndAfter()
    {
        m_harness->addPython("f", slowToLoad + R"(
from snapshot_restore_py import register_before_snapshot, register_after_restore
log = []
register_before_snapshot(lambda: log.append('before'))
@register_after_restore
def after(): log.append('after')
def handler(event, context): return log
)");
        KILN_OPEN();
        const auto answers = fireTogether("f", 1);
        QVERIFY2(answers[0] && *(*answers[0])->response == "[\"before\", \"after\"]", test::textOf(answers[0]).c_str());
    }

    void whatDoesNotGoWithACopyIsTold_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("reason");
        QTest::newRow("a thread") << QStringLiteral(
                                         "import threading\n"
                                         "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n")
                                  << QStringLiteral("loading it started 1 thread");
        QTest::newRow("a file") << QStringLiteral("kept = open('/dev/null')\n")
                                << QStringLiteral("loading it left files or sockets open");
        QTest::newRow("a process") << QStringLiteral("import subprocess\nkept = subprocess.Popen(['sleep', '99'])\n")
                                   << QStringLiteral("loading it started processes");
        QTest::newRow("a file in /tmp") << QStringLiteral("open('/tmp/x', 'w').close()\n")
                                        << QStringLiteral("loading it wrote to /tmp");
        QTest::newRow("an error the second time")
            << QStringLiteral("import os\nassert os.environ['AWS_LAMBDA_LOG_STREAM_NAME'].endswith('1')\n")
            << QStringLiteral("its module did not load");
        QTest::newRow("an error the second time, after something was refused")
            << QStringLiteral("import os\ntry: open('/nowhere/x')\nexcept OSError: pass\n"
                              "assert os.environ['AWS_LAMBDA_LOG_STREAM_NAME'].endswith('1')\n")
            << QStringLiteral("its module did not load");
    }
    void whatDoesNotGoWithACopyIsTold()
    {
        QFETCH(QString, code);
        QFETCH(QString, reason);
        m_harness->addPython("f", slowToLoad + code.toStdString() + "def handler(event, context): return 1\n");
        KILN_OPEN();
        const auto first = m_harness->fire("f");
        QVERIFY2(first && (*first)->outcome == Outcome::Ok, test::textOf(first).c_str());
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            const ZygoteView *view = zygoteOf(snapshot, "f");
            return view && view->state == ZygoteView::State::Declined;
        }));
        QCOMPARE(zygoteOf(*m_harness->engine().snapshot(), "f")->reason, reason.toStdString());
        m_harness->engine().retireIdle("f");
        const auto second = m_harness->fire("f");
        QVERIFY2(second && (*second)->phases.init >= FunctionZygotes::worthwhile, test::textOf(second).c_str());
    }

    void strictIsolationHasNone()
    {
        m_harness->addPython("f", slowToLoad + "def handler(event, context): return 1\n", "isolation: strict\n");
        m_harness->addPython("g", slowToLoad + "def handler(event, context): return 1\n");
        KILN_OPEN();
        QVERIFY(m_harness->fire("f"));
        QVERIFY(m_harness->fire("g"));
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return zygoteOf(snapshot, "g") != nullptr; }));
        QVERIFY(zygoteOf(*m_harness->engine().snapshot(), "f") == nullptr);
    }

    void aNewRevisionHasAZygoteOfItsOwn()
    {
        m_harness->addPython("f", slowToLoad + "def handler(event, context):\n    time.sleep(0.2)\n    return 'old'\n");
        KILN_OPEN();
        QCOMPARE(fireTogether("f", 1).size(), std::size_t(1));
        m_harness->write("functions/f/handler.py",
                         slowToLoad + "def handler(event, context):\n    time.sleep(0.2)\n    return 'new'\n");
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return zygoteOf(snapshot, "f") == nullptr; }));
        for (const auto &answer : fireTogether("f", 2))
            QVERIFY2(answer && *(*answer)->response == "\"new\"" && (*answer)->start == Start::Zygote,
                     test::textOf(answer).c_str());
    }

    void moreWorkersThanOneZygoteBears()
    {
        m_harness->addPython("f", slowToLoad + "def handler(event, context): return 1\n", "reuse: never\n");
        KILN_OPEN();
        fireTogether("f", 1);
        int zygotes = 0;
        for (int i = 0; i < Launcher::mostBirths + 8; ++i) {
            const auto answer = m_harness->fire("f");
            QVERIFY2(answer && (*answer)->outcome == Outcome::Ok, test::textOf(answer).c_str());
            zygotes += (*answer)->start == Start::Zygote ? 1 : 0;
        }
        QVERIFY2(zygotes > Launcher::mostBirths, std::to_string(zygotes).c_str());
    }

    void aBurstThatFindsTooFewWaitingComesOutOfTheInterpreter()
    {
        m_harness->addPython("f",
                             "import time\ndef handler(event, context):\n    time.sleep(0.5)\n"
                             "    return context.log_stream_name\n",
                             "timeout: 20s\n");
        KILN_OPEN();
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.engine.parked.count > 0; }));
        std::set<std::string> streams;
        int zygotes = 0;
        for (const auto &answer : fireAll("f", 6)) {
            QVERIFY2(answer && (*answer)->outcome == Outcome::Ok, test::textOf(answer).c_str());
            QVERIFY2((*answer)->start != Start::Cold, test::textOf(answer).c_str());
            zygotes += (*answer)->start == Start::Zygote ? 1 : 0;
            streams.insert(*(*answer)->response);
        }
        QCOMPARE(streams.size(), std::size_t(6));
        QVERIFY(zygotes > 0);
    }

private:
    /// Empty when all is well; else why not.
    std::string open()
    {
        const std::string problem = m_harness->open();
        return !problem.empty() || m_harness->engine().snapshot()->engine.tier == Tier::Full ? problem : noZygotes;
    }

    /// A first start, whose module is loaded; then, once there is a zygote and no worker, these at once.
    std::vector<Result<InvocationPtr>> fireTogether(const std::string &function, int count)
    {
        (void)m_harness->fire(function);
        if (!m_harness->waitFor([&](const Snapshot &snapshot) {
                const ZygoteView *view = zygoteOf(snapshot, function);
                return view && view->state == ZygoteView::State::Ready;
            }))
            return {fail(Error::Code::Busy, "there is no zygote")};
        const std::uint64_t before = m_harness->engine().snapshot()->number;
        m_harness->engine().retireIdle(function);
        (void)m_harness->waitFor(
            [&](const Snapshot &snapshot) { return snapshot.number > before && snapshot.workers.empty(); });
        return fireAll(function, count);
    }

    std::vector<Result<InvocationPtr>> fireAll(const std::string &function, int count)
    {
        std::vector<std::promise<Result<InvocationPtr>>> promises(static_cast<std::size_t>(count));
        for (auto &promise : promises)
            m_harness->engine().fire({.function = function, .data = "{}"},
                                     [&](auto answer) { promise.set_value(std::move(answer)); });
        std::vector<Result<InvocationPtr>> answers;
        for (auto &promise : promises)
            answers.push_back(promise.get_future().get());
        return answers;
    }

    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_EngineZygotes)
#include "tst_engine_zygotes.moc"

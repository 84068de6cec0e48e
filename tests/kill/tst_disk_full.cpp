// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/unique_fd.h"
#include "core/store/event_store.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <sched.h>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>

using namespace kiln;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// The workspace's own folder, .kiln, on a real small file system that is full: functions go on, nothing that needs the
/// disk is promised, and all goes on by itself once there is space. Needs root, to mount it in a namespace of the
/// test's own.
class tst_DiskFull : public QObject
{
    Q_OBJECT

    /// The machine's clocks, the wall's set forward at will, so that a schedule is due.
    class JumpingClock final : public Clock
    {
    public:
        [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
        [[nodiscard]] WallTime wall() const override { return m_machine.wall() + m_ahead.load(); }
        void jump(std::chrono::seconds by) { m_ahead = m_ahead.load() + by; }

    private:
        SystemClock m_machine;
        std::atomic<std::chrono::seconds> m_ahead{};
    };

private Q_SLOTS:
    void initTestCase()
    {
        if (::geteuid() != 0)
            QSKIP("root is missing: a small file system cannot be mounted");
        // Gone with this process, whatever becomes of it.
        if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            QSKIP(qPrintable(QStringLiteral("a mount namespace of its own is missing: %1")
                                 .arg(QString::fromLocal8Bit(std::strerror(errno)))));
    }

    void init()
    {
        m_harness = std::make_unique<test::EngineHarness>();
        m_clock = std::make_shared<JumpingClock>();
        m_number = 0;
        m_state = m_harness->folder() + "/.kiln";
        QVERIFY(fs::create_directory(m_state));
        QCOMPARE(::mount("kiln-test", m_state.c_str(), "tmpfs", 0, "size=6m,mode=0700"), 0);
        m_harness->addPython("work", "def handler(event, context):\n    print(event['n'])\n    return event['n']\n");
        m_harness->addPython("tick", "def handler(event, context):\n    return event['id']\n",
                             "triggers:\n  - schedule: rate(1 minute)\n");
    }
    void cleanup()
    {
        m_harness->close();
        QCOMPARE(test::EngineHarness::descendants(), 0);
        QCOMPARE(::umount2(m_state.c_str(), MNT_DETACH), 0);
        m_harness.reset();
    }

    void invocationsGoOnAndAreRecordedWhenThereIsSpaceAgain()
    {
        open();
        work(5);
        fill();
        work(100);
        QVERIFY2(m_harness->waitFor([](const Snapshot &now) { return saysFull(now.engine.storeProblem); }),
                 m_harness->engine().snapshot()->engine.storeProblem.c_str());
        work(5);
        makeSpace();
        work(5);
        QVERIFY2(m_harness->waitFor([](const Snapshot &now) { return now.engine.storeProblem.empty(); }),
                 m_harness->engine().snapshot()->engine.storeProblem.c_str());
        const auto all =
            m_harness->history({.function = "work", .limit = 1000, .payloads = InvocationQuery::Payloads::Load});
        QVERIFY(all);
        QCOMPARE(all->size(), std::size_t(115));
        for (std::size_t i = 0; i < all->size(); ++i)
            QCOMPARE(*(*all)[i]->response, std::to_string(114 - i)); // newest first, none missing, none twice
    }

    void aTickThatCannotBeKeptIsToldAndTheNextOneRuns()
    {
        open();
        work(1);
        nextTick();
        QVERIFY(m_harness->waitFor([&](const Snapshot &) { return ticks() == 1; }));
        fill();
        nextTick();
        QVERIFY2(m_harness->waitFor([&](const Snapshot &now) { return saysFull(triggerProblem(now)); }),
                 triggerProblem(*m_harness->engine().snapshot()).c_str());
        QCOMPARE(ticks(), 1);
        makeSpace();
        nextTick();
        QVERIFY(m_harness->waitFor([&](const Snapshot &) { return ticks() == 2; }));
        QVERIFY2(m_harness->waitFor([&](const Snapshot &now) { return triggerProblem(now).empty(); }),
                 triggerProblem(*m_harness->engine().snapshot()).c_str());
        m_harness->close();
        const auto store = EventStore::open(m_state / "data" / "events.db", {}, *m_clock);
        QVERIFY(store && (*store)->pending()->empty() && (*store)->deadLetters()->empty());
    }

    void codeThatCannotBeKeptLeavesTheOldOneRunning()
    {
        open();
        work(1);
        fill();
        const std::string comment = "# " + std::string(20'000, 'x') + "\n";
        m_harness->addPython("work", comment + "def handler(event, context):\n    return 'new'\n");
        const auto stateOf = [](const Snapshot &now) {
            for (const FunctionView &view : now.workspace->functions) {
                if (view.name == "work")
                    return view;
            }
            return FunctionView{};
        };
        QVERIFY(m_harness->waitFor([&](const Snapshot &now) {
            const FunctionView view = stateOf(now);
            return view.state == FunctionView::State::Invalid && !view.problems.empty();
        }));
        const std::string told = stateOf(*m_harness->engine().snapshot()).problems.back().message;
        QVERIFY2(told.find("No space left") != std::string::npos || saysFull(told), told.c_str());
        work(1); // on the code before
        makeSpace();
        m_harness->addPython("work", "# saved again\n" + comment + "def handler(event, context):\n    return 'new'\n");
        QVERIFY(
            m_harness->waitFor([&](const Snapshot &now) { return stateOf(now).state == FunctionView::State::Ready; }));
        const auto result = m_harness->fire("work", "{}");
        QVERIFY2(result && *(*result)->response == "\"new\"", test::textOf(result).c_str());
    }

    void aWorkspaceOpensOnAFullDiskSaysSoAndMendsItself()
    {
        open();
        work(3);
        m_harness->close();
        fill();
        QCOMPARE(m_harness->open(Engine::Triggers::On, m_clock), std::string());
        const SnapshotPtr now = m_harness->engine().snapshot();
        const std::string told = now->engine.storeProblem + now->workspace->readOnlyReason;
        QVERIFY2(saysFull(told), told.c_str());
        makeSpace();
        QVERIFY2(m_harness->waitFor([](const Snapshot &later) { return later.engine.storeProblem.empty(); }),
                 m_harness->engine().snapshot()->engine.storeProblem.c_str());
        work(1);
        const auto past = m_harness->history({.function = "work"});
        QVERIFY(past && past->size() == 4);
        nextTick();
        QVERIFY(m_harness->waitFor([&](const Snapshot &) { return ticks() == 1; }));
    }

private:
    static bool saysFull(const std::string &text) { return text.find("disk is full") != std::string::npos; }

    void open()
    {
        const std::string problem = m_harness->open(Engine::Triggers::On, m_clock);
        QVERIFY2(problem.empty(), problem.c_str());
    }

    void work(int times)
    {
        for (; times > 0; --times) {
            const std::string number = std::to_string(m_number++);
            const auto result = m_harness->fire("work", "{\"n\":" + number + "}");
            QVERIFY2(result && (*result)->outcome == Outcome::Ok && *(*result)->response == number,
                     test::textOf(result).c_str());
        }
    }

    /// A schedule looks at the clock once a minute by itself, and when the workspace changes.
    void nextTick()
    {
        m_clock->jump(61s);
        m_harness->write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:0\n# " + std::to_string(++m_changes) + "\n");
    }

    int ticks()
    {
        int count = 0;
        m_harness->engine().snapshot()->invocations.since(
            0, [&](const InvocationPtr &one) { count += one->triggerKind == "schedule" ? 1 : 0; });
        return count;
    }

    static std::string triggerProblem(const Snapshot &now)
    {
        for (const FunctionLive &live : now.functions) {
            if (live.name == "tick" && !live.triggers.empty())
                return live.triggers.front().problem;
        }
        return {};
    }

    fs::path balloon() const { return m_state / "balloon"; }

    void fill()
    {
        const UniqueFd file(::open(balloon().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        QVERIFY(bool(file));
        const std::string bytes(4096, 'b');
        while (::write(file.get(), bytes.data(), bytes.size()) > 0) {
        }
        QCOMPARE(errno, ENOSPC);
    }
    void makeSpace() { QVERIFY(fs::remove(balloon())); }

    std::unique_ptr<test::EngineHarness> m_harness;
    std::shared_ptr<JumpingClock> m_clock;
    fs::path m_state;
    int m_number = 0;
    int m_changes = 0;
};

QTEST_GUILESS_MAIN(tst_DiskFull)
#include "tst_disk_full.moc"

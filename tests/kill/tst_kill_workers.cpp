// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/process_tree.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <random>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

using namespace kiln;
using namespace std::chrono_literals;

/// Workers and the launcher, killed at random moments under load: each takes at most its own invocation with it.
class tst_KillWorkers : public QObject
{
    Q_OBJECT

    static constexpr int callers = 6;

    struct Tally
    {
        std::mutex mutex;
        int ok = 0;
        int wrong = 0;
        std::vector<std::string> failed;
    };

private Q_SLOTS:
    void initTestCase()
    {
        m_harness.addPython("work",
                            "import time\ndef handler(event, context):\n    time.sleep(event['ms'] / 1000)\n"
                            "    return event['n']\n",
                            "concurrency: {max: 6}\ntimeout: 10s\n");
        const std::string problem = m_harness.open();
        QVERIFY2(problem.empty(), problem.c_str());
    }
    void cleanupTestCase()
    {
        m_harness.close();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void aKilledWorkerTakesOnlyItsOwnInvocation()
    {
        int killed = 0;
        Tally tally;
        underLoad(tally, [&](std::mt19937 &random) {
            for (int i = 0; i < rounds(); ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60)); // the moment is what is tried
                killed += killOne(workerProcesses(), random, random() % 4 == 0 ? SIGSEGV : SIGKILL) ? 1 : 0;
            }
        });
        std::printf("%d processes of workers killed: %d invocations ok, %zu failed\n", killed, tally.ok,
                    tally.failed.size());
        QCOMPARE(tally.wrong, 0);
        QVERIFY2(int(tally.failed.size()) <= killed, tally.failed.back().c_str());
        QVERIFY(killed > rounds() / 2 && tally.ok > killed);
        worksAgain();
    }

    void aKilledLauncherIsReplaced()
    {
        int killed = 0;
        Tally tally;
        underLoad(tally, [&](std::mt19937 &random) {
            for (int i = 0; i < rounds() / 4; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(random() % 150));
                killed += killOne(launchers(), random, SIGKILL) ? 1 : 0;
                QVERIFY2(m_harness.waitFor([](const Snapshot &) { return !launchers().empty(); }),
                         "no launcher came after it");
            }
        });
        std::printf("launcher killed %d times: %d invocations ok, %zu failed\n", killed, tally.ok, tally.failed.size());
        QCOMPARE(tally.wrong, 0);
        // All that ran or started then; what comes after finds a new launcher.
        QVERIFY2(int(tally.failed.size()) <= killed * callers, tally.failed.back().c_str());
        QVERIFY(killed > rounds() / 8 && tally.ok > 0);
        worksAgain();
    }

private:
    static int rounds()
    {
        return qEnvironmentVariableIsSet("KILN_KILL_ROUNDS") ? qEnvironmentVariableIntValue("KILN_KILL_ROUNDS") : 50;
    }

    /// Fires from several threads while `during` runs.
    template<typename During> void underLoad(Tally &tally, During during)
    {
        std::atomic<bool> over = false;
        std::vector<std::thread> threads;
        for (int i = 0; i < callers; ++i)
            threads.emplace_back([&, i] { fireAll(tally, i, over); });
        std::mt19937 random(20260301);
        during(random);
        over = true;
        for (std::thread &thread : threads)
            thread.join(); // each call is answered, whatever was killed
    }

    void fireAll(Tally &tally, int caller, const std::atomic<bool> &over)
    {
        for (int i = 0; !over; ++i) {
            const std::string number = std::to_string(caller * 1'000'000 + i);
            const auto result = m_harness.fire("work", "{\"n\":" + number + ",\"ms\":" + std::to_string(i % 20) + "}");
            const std::lock_guard lock(tally.mutex);
            if (!result || (*result)->outcome != Outcome::Ok)
                tally.failed.push_back(test::textOf(result));
            else
                *(*result)->response == number ? ++tally.ok : ++tally.wrong;
        }
    }

    void worksAgain()
    {
        for (int i = 0; i < 2 * callers; ++i) {
            const auto result = m_harness.fire("work", R"({"n":1,"ms":0})");
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        }
    }

    static std::string nameOf(int pid)
    {
        std::string name;
        std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
        std::getline(file, name);
        return name;
    }

    /// Our own child processes: the launcher is one. Its seats have its name, but are its children.
    static std::vector<int> launchers()
    {
        std::vector<int> found;
        for (const int pid : processTree(::getpid())) {
            std::string line;
            std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
            std::getline(stat, line);
            char state = 0;
            int parent = 0;
            if (line.rfind(')') != std::string::npos &&
                std::sscanf(line.c_str() + line.rfind(')') + 1, " %c %d", &state, &parent) == 2 &&
                parent == ::getpid() && state != 'Z' && nameOf(pid).starts_with("kiln-launcher"))
                found.push_back(pid);
        }
        return found;
    }

    /// All processes of the workers that there are now.
    std::vector<int> workerProcesses()
    {
        std::vector<int> found;
        for (const WorkerView &worker : m_harness.engine().snapshot()->workers) {
            for (const int pid : worker.pid > 0 ? processTree(worker.pid) : std::vector<int>())
                found.push_back(pid);
        }
        return found;
    }

    /// Only ever a descendant of this process: a pid may have passed to another one meanwhile.
    static bool killOne(const std::vector<int> &pids, std::mt19937 &random, int signal)
    {
        if (pids.empty())
            return false;
        const int pid = pids[random() % pids.size()];
        const UniqueFd process(int(::syscall(SYS_pidfd_open, pid, 0)));
        const std::vector<int> ours = processTree(::getpid());
        if (!process || pid == ::getpid() || std::find(ours.begin(), ours.end(), pid) == ours.end())
            return false;
        return ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0;
    }

    test::EngineHarness m_harness;
};

QTEST_GUILESS_MAIN(tst_KillWorkers)
#include "tst_kill_workers.moc"

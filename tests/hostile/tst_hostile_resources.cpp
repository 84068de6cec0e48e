// SPDX-License-Identifier: GPL-3.0-or-later
// What a hostile function takes: memory, processes, files, /tmp; and what it leaves behind.
#include "core/sandbox/process_tree.h"
#include "tests/support/tier_rows.h"

#include <csignal>
#include <sys/stat.h>

using namespace kiln;
using namespace kiln::test;

class tst_HostileResources : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addTierRows(m_runners); }
    void cleanupTestCase() { m_runners.end(); }

    void memoryBombIsOutOfMemory()
    {
        KILN_NEED_TIER(m_runners);
        SandboxPolicy policy = SandboxRunner::python("keep = []\nwhile True: keep.append(bytearray(1 << 20))");
        policy.limits.memory = 64_MB;
        const auto run = runner.run(policy);
        QVERIFY2(run->ended && run->ended->outOfMemory, run->text().c_str());
        QVERIFY2(run->ended->use.peakMemory <= 96_MB, run->text().c_str());
    }

    void memoryOfAllProcessesCountsTogether()
    {
        KILN_NEED_TIER(m_runners);
        if (tier == Tier::Reduced)
            QSKIP("tier C lets no function have more than one process");
        SandboxPolicy policy = SandboxRunner::python("import os, time\nfor i in range(8):\n"
                                                     "    if os.fork() == 0:\n"
                                                     "        keep = bytearray(b'x') * (20 << 20); time.sleep(60)\n"
                                                     "for i in range(8): os.wait()");
        policy.limits.memory = 64_MB;
        const auto run = runner.start(policy);
        // Not necessarily the worker is what the kernel ends; the machine is safe either way.
        QVERIFY(runner.waitExecuted(*run));
        ByteSize most;
        (void)runner.loop().runUntil(
            [&] {
                most = std::max(most, runner.launcher().use(run->id).value_or(ResourceUse{}).memory);
                return run->ended.has_value();
            },
            std::chrono::seconds(2));
        runner.launcher().kill(run->id);
        QVERIFY(runner.waitEnded(*run));
        // The soft limit is looked at now and then: how far it is passed until then is the machine's speed.
        if (tier == Tier::SoftMemory)
            QVERIFY2(run->ended->outOfMemory, run->text().c_str());
        else
            QVERIFY2(most <= 65_MB, run->text().c_str());
    }

    void forkBombIsBounded()
    {
        KILN_NEED_TIER(m_runners);
        SandboxPolicy policy = SandboxRunner::python(R"(
import os, time
made = 0
try:
    while True:
        if os.fork() == 0: time.sleep(60)
        made += 1
except OSError as e: print('made', made, e.errno, flush=True)
time.sleep(60)
)");
        policy.limits.processes = 24;
        const auto run = runner.start(policy);
        QVERIFY2(runner.waitOutput(*run, "made"), run->text().c_str());
        const int made = std::stoi(run->output.substr(5));
        QVERIFY2(tier == Tier::Reduced ? made == 0 : made >= 20 && made <= 24, run->text().c_str());
        const std::vector<int> tree = processTree(run->pid());
        QVERIFY(int(tree.size()) >= made);
        runner.launcher().kill(run->id);
        QVERIFY(runner.waitEnded(*run));
        QCOMPARE(run->ended->signal, SIGKILL);
        for (const int pid : tree)
            QVERIFY2(::kill(pid, 0) != 0 && errno == ESRCH, std::to_string(pid).c_str());
    }

    void threadBombIsBounded()
    {
        KILN_NEED_TIER(m_runners);
        SandboxPolicy policy = SandboxRunner::python(R"(
import threading, time
made = 0
threading.stack_size(65536)
try:
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); made += 1
except RuntimeError: print('made', made, flush=True)
import os; os._exit(0)
)");
        policy.limits.processes = 24;
        const auto run = runner.run(policy);
        if (tier == Tier::Reduced && runner.tier().missing.find("memory limit") != std::string::npos)
            QSKIP("without a cgroup and a user namespace only RLIMIT_NPROC counts, over all the user's processes");
        QVERIFY2(run->output.starts_with("made "), run->text().c_str());
        const int made = std::stoi(run->output.substr(5));
        QVERIFY2(made >= 16 && made <= 24, run->text().c_str());
    }

    void tmpIsCappedInBytesAndFiles()
    {
        KILN_NEED_TIER(m_runners);
        SandboxPolicy policy = SandboxRunner::python(R"(
import errno, os
tmp = os.environ['TMPDIR']
written = 0
try:
    with open(tmp + '/big', 'wb', buffering=0) as f:
        while written < 64 << 20: written += f.write(b'x' * 65536)
    print('bytes', written, 'no end')
except OSError as e: print('bytes', written, errno.errorcode[e.errno])
os.unlink(tmp + '/big')
made = 0
try:
    while made < 2000: open(tmp + '/%d' % made, 'w').close(); made += 1
    print('files', made, 'no end')
except OSError as e: print('files', made, errno.errorcode[e.errno])
)");
        policy.environment = {{"TMPDIR", "/tmp"}};
        policy.limits.tmp = 8_MB;
        policy.limits.tmpInodes = 100;
        const auto run = runner.run(policy);
        if (tier == Tier::Reduced) {
            // A folder of the machine: only the size of each file is capped.
            QVERIFY2(run->output.find("EFBIG") != std::string::npos || run->ended->signal == SIGXFSZ,
                     run->text().c_str());
            return;
        }
        QVERIFY2(run->output.find("bytes 8388608 ENOSPC") != std::string::npos, run->text().c_str());
        QVERIFY2(run->output.find("files 99 ENOSPC") != std::string::npos, run->text().c_str());
    }

    void descriptorsAreCapped()
    {
        KILN_NEED_TIER(m_runners);
        SandboxPolicy policy = SandboxRunner::python("import os\nmade = 0\ntry:\n"
                                                     "    while True: os.dup(0); made += 1\n"
                                                     "except OSError as e: print('made', made, e.errno)");
        policy.limits.files = 64;
        const auto run = runner.run(policy);
        QVERIFY2(run->output.find("made 60 24") != std::string::npos, run->text().c_str());
    }

    void aDaemonDoesNotOutliveItsWorker()
    {
        KILN_NEED_TIER(m_runners);
        if (tier == Tier::Reduced)
            QSKIP("tier C lets no function have a child");
        const auto run = runner.start(SandboxRunner::python(R"(
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(s, signal.SIG_IGN)
        print('daemon', flush=True)
        time.sleep(600)
    os._exit(0)
os.wait(); os.read(3, 1); os._exit(7)
)"));
        QVERIFY2(runner.waitOutput(*run, "daemon"), run->text().c_str());
        const std::vector<int> tree = processTree(run->pid());
        // Pid 1, the worker (which out of a zygote are one), the daemon; perhaps its parent still.
        QVERIFY(tree.size() >= (making == SandboxRunner::Making::Born ? 2U : 3U));
        run->channel.reset(); // The worker sees the end of its channel and exits; the daemon does not.
        QVERIFY2(runner.waitEnded(*run), run->text().c_str());
        QCOMPARE(run->ended->code, 7);
        for (const int pid : tree)
            QVERIFY2(::kill(pid, 0) != 0 && errno == ESRCH, std::to_string(pid).c_str());
    }

    void cpuIsSharedByTheLimit()
    {
        KILN_NEED_TIER(m_runners);
        if (tier == Tier::SoftMemory || runner.tier().evidence.empty() ||
            runner.tier().missing.find("memory limit") != std::string::npos)
            QSKIP("CPU shares need a cgroup");
        SandboxPolicy policy = SandboxRunner::python("while True: pass");
        policy.limits.memory = 128_MB; // 7.2 % of a CPU.
        policy.limits.cpu = Limits::Cpu::Proportional;
        const auto run = runner.start(policy);
        QVERIFY(runner.waitExecuted(*run));
        runner.launcher().endInitBoost(run->id);
        const auto before = runner.launcher().use(run->id);
        const auto begin = std::chrono::steady_clock::now();
        (void)runner.loop().runUntil([] { return false; }, std::chrono::seconds(1));
        const auto after = runner.launcher().use(run->id);
        const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        runner.launcher().kill(run->id);
        QVERIFY(before && after);
        const double share = std::chrono::duration<double>(after->cpu - before->cpu).count() / passed;
        QVERIFY2(share < 0.15, std::to_string(share).c_str());
        QVERIFY(runner.waitEnded(*run));
    }

private:
    TierRunners m_runners;
};

QTEST_GUILESS_MAIN(tst_HostileResources)
#include "tst_hostile_resources.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/carried_state.h"
#include "core/sandbox/isolation_check.h"
#include "core/sandbox/socket_table.h"
#include "tests/support/tier_rows.h"

#include <QProcess>

#include <algorithm>

using namespace kiln;
using namespace kiln::test;
using State = IsolationLayer::State;

namespace {

const IsolationLayer *find(const std::vector<IsolationLayer> &layers, const char *name)
{
    const auto found =
        std::find_if(layers.begin(), layers.end(), [&](const IsolationLayer &layer) { return layer.name == name; });
    return found == layers.end() ? nullptr : &*found;
}

std::string textOf(const std::vector<IsolationLayer> &layers)
{
    std::string text;
    for (const IsolationLayer &layer : layers)
        text += "\n  " + layer.name + " [" + std::to_string(int(layer.state)) + "] " + layer.evidence;
    return text;
}

std::string textOf(const CarriedState &state)
{
    std::string text;
    for (const auto &file : state.files)
        text += "\n  file " + file.path + " " + std::to_string(file.size.count);
    for (const auto &socket : state.sockets)
        text += "\n  socket " + socket;
    for (const auto &file : state.openFiles)
        text += "\n  open " + file;
    for (const auto &process : state.processes)
        text += "\n  process " + std::to_string(process.pid) + " " + process.command;
    for (const auto &problem : state.problems)
        text += "\n  problem " + problem;
    return text;
}

bool hasSocket(const CarriedState &state, const std::string &part)
{
    return std::any_of(state.sockets.begin(), state.sockets.end(),
                       [&](const std::string &socket) { return socket.find(part) != std::string::npos; });
}

constexpr const char *sleeper = "import time\nprint('up', flush=True)\ntime.sleep(600)";

constexpr const char *keeper = R"(
import os, socket, subprocess, time
os.makedirs('/tmp/deep/er')
open('/tmp/deep/er/cache.bin', 'wb').write(b'x' * 1000)
os.symlink('/etc/passwd', '/tmp/link')
os.mkfifo('/tmp/fifo')
log = open('/tmp/log.txt', 'w')
server = socket.socket(socket.AF_UNIX)
server.bind('/tmp/at')
server.listen()
child = subprocess.Popen(['/usr/bin/sleep', '600'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print('up', flush=True)
time.sleep(600)
)";

} // namespace

class tst_IsolationCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addTierRows(m_runners); }
    void cleanupTestCase() { m_runners.end(); }

    void findsEachWallOfASandbox()
    {
        KILN_NEED_TIER(m_runners);
        const auto run = runner.start(SandboxRunner::python(sleeper));
        QVERIFY2(runner.waitOutput(*run, "up"), run->text().c_str());
        const auto layers = checkIsolation(run->pid(), runner.tier().evidence);
        const std::string text = textOf(layers);
        const auto state = [&](const char *name) {
            const IsolationLayer *layer = find(layers, name);
            return layer ? layer->state : State::Unknown;
        };
        for (const char *name : {"User and rights", "System call filter", "Files open at once"})
            QVERIFY2(state(name) == State::On, (name + text).c_str());
        const State inside = tier == Tier::Reduced ? State::Partly : State::On;
        for (const char *name : {"Files", "Other processes", "Network"})
            QVERIFY2(state(name) == inside, (name + text).c_str());
        QVERIFY2((state("Namespaces") == State::On) == (tier != Tier::Reduced), text.c_str());
        if (tier != Tier::Reduced) // which has a cgroup where the machine gives one
            QVERIFY2(state("Memory, processes, CPU") == (tier == Tier::Full ? State::On : State::Partly), text.c_str());
        QVERIFY2(state("Landlock") != State::Unknown, text.c_str());
        if (tier == Tier::Full) // what the kernel has, not what was asked for
            QVERIFY2(find(layers, "Memory, processes, CPU")
                             ->evidence.find("memory " + toText(SandboxRunner::python("").limits.memory)) !=
                         std::string::npos,
                     text.c_str());
        if (tier != Tier::Reduced)
            QVERIFY2(find(layers, "Files")->evidence.find("can be written: /tmp") != std::string::npos, text.c_str());
    }

    void saysOfAnUnconfinedProcessThatNothingHoldsIt()
    {
        QFETCH_GLOBAL(Tier, tier);
        QFETCH_GLOBAL(SandboxRunner::Making, making);
        if (tier != Tier::Full || making != SandboxRunner::Making::Whole)
            return; // no sandbox is looked at: once is enough
        QProcess process;
        process.start(QStringLiteral("/usr/bin/sleep"), {QStringLiteral("600")});
        QVERIFY(process.waitForStarted());
        const auto layers = checkIsolation(int(process.processId()), {});
        process.kill();
        process.waitForFinished();
        const std::string text = textOf(layers);
        QVERIFY2(find(layers, "System call filter")->state == State::Off, text.c_str());
        QVERIFY2(find(layers, "Namespaces")->state == State::Off, text.c_str());
        for (const char *name : {"Files", "Network", "Other processes", "Memory, processes, CPU"})
            QVERIFY2(find(layers, name)->state != State::On, (name + text).c_str());
        QVERIFY2(find(layers, "User and rights")->state == State::Off, text.c_str());
        QVERIFY2(find(layers, "Landlock")->state == State::Unknown, text.c_str());
    }

    void seesWhatAWorkerKeeps()
    {
        KILN_NEED_TIER(m_runners);
        if (tier == Tier::Reduced)
            QSKIP("tier C has no child processes and no root of its own to look at");
        const auto run = runner.start(SandboxRunner::python(keeper));
        QVERIFY2(runner.waitOutput(*run, "up"), run->text().c_str());
        CarriedState state;
        // A process that is just being executed has its new name a moment later.
        QTRY_VERIFY((state = lookAtCarriedState(run->pid())).processes.size() == 1 &&
                    state.processes[0].command == "/usr/bin/sleep 600");
        const std::string text = textOf(state);
        std::vector<std::string> paths;
        for (const auto &file : state.files)
            paths.push_back(file.path);
        QVERIFY2(paths == (std::vector<std::string>{"/tmp/at", "/tmp/deep/er/cache.bin", "/tmp/fifo", "/tmp/link",
                                                    "/tmp/log.txt"}),
                 text.c_str());
        QCOMPARE(state.files[1].size.count, 1000);
        QVERIFY2(hasSocket(state, "UNIX, listens on /tmp/at"), text.c_str());
        QVERIFY2(state.openFiles == std::vector<std::string>{"/tmp/log.txt"}, text.c_str());
        QVERIFY2(state.processes[0].pid > 1, text.c_str());
        QVERIFY2(state.problems.empty(), text.c_str());
    }

    void isNotHeldUpByAFolderThatHasNoEnd()
    {
        KILN_NEED_TIER(m_runners);
        if (tier == Tier::Reduced)
            QSKIP("tier C has no root of its own to look at");
        SandboxPolicy policy = SandboxRunner::python("import os, time\n"
                                                     "os.chdir('/tmp')\n"
                                                     "for i in range(300): open(f'f{i:03}\\x1b[2J\\n\\x9b', 'w')\n"
                                                     "for i in range(40): os.mkdir('d'); os.chdir('d')\n"
                                                     "open('deep', 'w')\n"
                                                     "print('up', flush=True)\n"
                                                     "time.sleep(600)");
        const auto run = runner.start(policy);
        QVERIFY2(runner.waitOutput(*run, "up"), run->text().c_str());
        const CarriedState state = lookAtCarriedState(run->pid());
        QCOMPARE(state.files.size(), std::size_t(100));
        QCOMPARE(state.moreFiles, std::size_t(200));
        QCOMPARE(state.problems.size(), std::size_t(1));
        for (const auto &file : state.files) // what a terminal would obey is not passed on
            for (const char *obeyed : {"\x1b", "\n", "\xc2\x9b"})
                QVERIFY(file.path.find(obeyed) == std::string::npos);
    }

    void aWorkerThatHasEndedIsSaidToHave()
    {
        const CarriedState state = lookAtCarriedState(0x7ffffff0);
        QVERIFY(state.empty());
        QCOMPARE(state.problems, std::vector<std::string>{"the worker has ended"});
        for (const IsolationLayer &layer : checkIsolation(0x7ffffff0, {}))
            QVERIFY2(layer.state != State::On, (layer.name + ": " + layer.evidence).c_str());
    }

    void readsTheKernelsTablesOfSockets()
    {
        SocketTable table;
        table.addInternet(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 71 1 0 100 0 0 "
            "10 0\n"
            "   1: 0100007F:C350 08080808:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 72 1 0 20 4 30 "
            "10 -1\n"
            "   2: junk\n",
            "TCP");
        table.addInternet(
            "   0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0:0 0:0 0 0 "
            "0 73 2 0 0\n",
            "UDP");
        table.addUnix("Num       RefCount Protocol Flags    Type St Inode Path\n"
                      "0: 00000002 00000000 00010000 0001 01 74 /tmp/at\n"
                      "0: 00000003 00000000 00000000 0001 03 75\n");
        QCOMPARE(table.describe(71), std::string("TCP, listens on 127.0.0.1:8080"));
        QCOMPARE(table.describe(72), std::string("TCP, 127.0.0.1:50000 to 8.8.8.8:443"));
        QCOMPARE(table.describe(73), std::string("UDP, at [::1]:53"));
        QCOMPARE(table.describe(74), std::string("UNIX, listens on /tmp/at"));
        QCOMPARE(table.describe(75), std::string("UNIX"));
        QCOMPARE(table.describe(76), std::string("a socket"));
    }

private:
    TierRunners m_runners;
};

QTEST_GUILESS_MAIN(tst_IsolationCheck)
#include "tst_isolation_check.moc"

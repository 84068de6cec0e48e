// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/process_tree.h"
#include "core/sandbox/small_file.h"
#include "tests/support/tier_rows.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <cerrno>
#include <csignal>
#include <sys/stat.h>
#include <unistd.h>

using namespace kiln;
using namespace kiln::test;
using namespace std::chrono_literals;

namespace {

/// The launcher of that instance among this process's children; 0 when there is none.
int launcherPid(const std::string &instance)
{
    std::string begin = "kiln-launcher --serve " + instance + " ";
    std::replace(begin.begin(), begin.end(), ' ', '\0');
    for (const int pid : processTree(::getpid()))
        if (readSmallFile("/proc/" + std::to_string(pid) + "/cmdline").value_or(std::string()).starts_with(begin))
            return pid;
    return 0;
}

bool isGone(int pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

/// Ended at least; a zombie is its new parent's to bury, which in a container may be nobody.
bool isEnded(int pid)
{
    const auto status = readSmallFile("/proc/" + std::to_string(pid) + "/status");
    return !status || status->find("State:\tZ") != std::string::npos;
}

int entries(const QString &path) { return int(QDir(path).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size()); }

int openDescriptors(int pid) { return entries(QStringLiteral("/proc/%1/fd").arg(pid)); }

qsizetype mounts(int pid)
{
    QFile file(QStringLiteral("/proc/%1/mountinfo").arg(pid));
    return file.open(QIODevice::ReadOnly) ? file.readAll().count('\n') : -1;
}

/// Folders "kiln-INSTANCE…" in any hierarchy at the top, where root makes them.
QStringList cgroupFolders(const QString &instance)
{
    QStringList found;
    const QDir top(QStringLiteral("/sys/fs/cgroup"));
    QStringList hierarchies = top.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    hierarchies << QStringLiteral(".");
    const QStringList pattern{QStringLiteral("kiln-") + instance + QStringLiteral(".*")};
    for (const QString &hierarchy : hierarchies)
        for (const QString &folder : QDir(top.filePath(hierarchy)).entryList(pattern, QDir::Dirs))
            found << hierarchy + QLatin1Char('/') + folder;
    return found;
}

/// A name of this process's own: the test may run twice at once, as root and as an ordinary user.
std::string own(const char *name) { return name + ("-" + std::to_string(::getpid())); }

constexpr const char *sleeper = "import time\nprint('up', flush=True)\ntime.sleep(600)";

/// Another process with a launcher and one sleeping sandbox, to be killed: prints "TIER PID-OF-LAUNCHER
/// PID-OF-SANDBOX".
int beEngine(const char *instance)
{
    SandboxRunner runner(Tier::Full, instance);
    const auto run = runner.start(SandboxRunner::python(sleeper));
    if (!runner.problem().empty() || !runner.waitOutput(*run, "up"))
        return 1;
    std::printf("%d %d %d\n", int(runner.tier().tier), launcherPid(instance), run->pid());
    std::fflush(stdout);
    return runner.waitEnded(*run, 10min) ? 0 : 1;
}

struct OtherEngine
{
    QProcess process;
    Tier tier = Tier::None;
    int launcher = 0;
    int sandbox = 0;

    explicit OtherEngine(const QString &instance)
    {
        process.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--engine"), instance});
        if (!process.waitForStarted() || !process.waitForReadyRead(30'000))
            return;
        const QList<QByteArray> words = process.readLine().simplified().split(' ');
        if (words.size() == 3) {
            tier = Tier(words[0].toInt());
            launcher = words[1].toInt();
            sandbox = words[2].toInt();
        }
    }
    ~OtherEngine()
    {
        process.kill();
        process.waitForFinished();
    }
};

} // namespace

class tst_Launcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!SandboxRunner::hasPython())
            QSKIP("no /usr/bin/python3");
    }
    void cleanupTestCase() { m_runners.end(); }

    void findsTheTierByTrying_data()
    {
        QTest::addColumn<Tier>("tier");
        QTest::newRow("A") << Tier::Full;
        QTest::newRow("B") << Tier::SoftMemory;
        QTest::newRow("C") << Tier::Reduced;
    }
    void findsTheTierByTrying()
    {
        QFETCH(Tier, tier);
        SandboxRunner &runner = m_runners.of(tier);
        QVERIFY2(runner.problem().empty(), runner.problem().c_str());
        const TierReport &report = runner.tier();
        if (report.tier != tier)
            QSKIP(report.missing.c_str());
        for (const std::string &line : report.evidence)
            qInfo("%s", line.c_str());
        QVERIFY(report.evidence.size() >= 7);
        QCOMPARE(report.missing.empty(), tier == Tier::Full);
    }

    void withoutAnyTierItRefuses()
    {
        SandboxRunner runner(Tier::None);
        QCOMPARE(runner.tier().tier, Tier::None);
        const auto run = runner.run(SandboxRunner::python("print('ran')"));
        QVERIFY(run->executed && !*run->executed);
        QCOMPARE(run->executed->error().code, Error::Code::Sandbox);
        QVERIFY(!run->executed->error().remedy.empty());
        QVERIFY(run->output.empty());
    }

    void runsUnderAStrictUmask()
    {
        const mode_t before = ::umask(077);
        SandboxRunner runner(Tier::Full, own("test-umask"));
        ::umask(before);
        QVERIFY2(runner.problem().empty(), runner.problem().c_str());
        QCOMPARE(runner.tier().tier, best().tier().tier);
        if (runner.tier().tier == Tier::Reduced)
            QSKIP("tier C has no mounts");
        QTemporaryDir dir; // its mode is that of the folder granted, not the umask's
        SandboxPolicy policy = SandboxRunner::python("import os; print(os.getcwd(), os.listdir('/data'))");
        policy.binds.push_back({dir.path().toStdString(), "/data"});
        policy.workingDirectory = "/data";
        const auto run = runner.run(policy);
        QVERIFY2(run->executed && *run->executed, run->text().c_str());
        QCOMPARE(run->output, std::string("/data []\n"));
    }

    void refusesAnInstanceThatIsNoName()
    {
        TestLoop loop;
        for (const char *bad : {"", "a/b", "..", "a b"})
            QVERIFY(!Launcher::start(loop, {KILN_LAUNCHER_PATH, bad}, {}));
        const auto absent = Launcher::start(loop, {"/nonexistent/kiln-launcher", "test"}, {});
        QVERIFY(!absent);
        QCOMPARE(absent.error().sysErrno, ENOENT);
    }

    void givesExactlyWhatThePolicySays()
    {
        SandboxRunner &runner = best();
        SandboxPolicy policy = SandboxRunner::python(
            "import os, sys\nprint(sorted(os.environ.items()), sys.argv[1:], os.getcwd())\n"
            "print(sys.stdin.read() == '', os.readlink('/proc/self/fd/0'))\nos.write(3, b'by the channel')");
        policy.argv.push_back("an argument");
        policy.argv.push_back("");
        policy.environment = {{"A", "1"}, {"EMPTY", ""}};
        policy.workingDirectory = "/tmp";
        const auto run = runner.run(policy);
        // Python sets LC_CTYPE for itself under the C locale.
        QString output = QString::fromStdString(run->output);
        output.replace(QLatin1String(", ('LC_CTYPE', 'C.UTF-8')"), QString());
        if (runner.tier().tier != Tier::Reduced)
            QCOMPARE(output, QStringLiteral("[('A', '1'), ('EMPTY', '')] ['an argument', ''] /tmp\nTrue /dev/null\n"));
        char bytes[32] = {};
        QCOMPARE(::read(run->channel.get(), bytes, sizeof bytes), ssize_t(14));
        QCOMPARE(QByteArray(bytes), QByteArray("by the channel"));
        QCOMPARE(run->ended->code, 0);
    }

    void aParkedSandboxGetsItsCodeWhenItIsLeased()
    {
        SandboxRunner &runner = best();
        if (runner.tier().tier == Tier::Reduced)
            QSKIP("tier C has no mounts of its own, so nothing can be attached later");
        QTemporaryDir code;
        QVERIFY(::chmod(qPrintable(code.path()), 0755) == 0);
        QFile file(code.filePath(QStringLiteral("code.txt")));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("the code") == 8);
        file.close();
        SandboxPolicy policy = SandboxRunner::python("import os\n"
                                                     "print(open('code.txt').read())\n"
                                                     "for path in ['code.txt', 'new.txt', '/new.txt']:\n"
                                                     "    try: open(path, 'w')\n"
                                                     "    except OSError as error: print(path, 'refused')\n"
                                                     "try: os.setuid(0)\n"
                                                     "except OSError: print('no root')\n");
        policy.workingDirectory = "/var/task";
        const auto run = runner.park(policy);
        QVERIFY2(run->pid() != 0, run->text().c_str());
        const Result<> leased = runner.lease(*run, {{.source = code.path().toStdString(), .target = "/var/task"}});
        QVERIFY2(leased, leased ? "" : leased.error().text().c_str());
        QVERIFY(runner.waitEnded(*run));
        QVERIFY(runner.waitOutput(*run, "no root"));
        QCOMPARE(run->output, std::string("the code\ncode.txt refused\nnew.txt refused\n/new.txt refused\nno root\n"));
        QCOMPARE(run->ended->code, 0);
    }

    void aParkedSandboxServesOneFunctionAndTakesNothingToWriteTo()
    {
        SandboxRunner &runner = best();
        if (runner.tier().tier == Tier::Reduced)
            QSKIP("tier C has no mounts of its own, so nothing can be attached later");
        QTemporaryDir data;
        SandboxPolicy policy = SandboxRunner::python("import time\ntime.sleep(1000)");
        policy.workingDirectory = "/var/task";
        const auto writing = runner.park(policy);
        const Result<> refused = runner.lease(
            *writing,
            {{.source = data.path().toStdString(), .target = "/var/task", .mode = Permissions::Mode::ReadWrite}});
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.find("write") != std::string::npos, refused.error().text().c_str());
        runner.launcher().kill(writing->id);
        QVERIFY(runner.waitEnded(*writing));

        const auto run = runner.park(policy);
        QVERIFY(runner.lease(*run, {}));
        QVERIFY(!runner.lease(*run, {}));
        QVERIFY(!run->ended);
        runner.launcher().kill(run->id);
        QVERIFY(runner.waitEnded(*run));
        QVERIFY(!runner.lease(*run, {}));
    }

    void aParkedSandboxThatEndsIsTold()
    {
        SandboxRunner &runner = best();
        if (runner.tier().tier == Tier::Reduced)
            QSKIP("tier C has no mounts of its own, so nothing can be attached later");
        const auto run = runner.park(SandboxRunner::python("pass"));
        QVERIFY(run->pid() != 0);
        run->channel.reset(); // what its bootstrap waits on
        QVERIFY(runner.waitEnded(*run));
        QCOMPARE(run->ended->code, 0);
    }

    void nodeRunsInEachTier_data() { findsTheTierByTrying_data(); }
    void nodeRunsInEachTier()
    {
        QFETCH(Tier, tier);
        if (::access("/usr/bin/node", X_OK) != 0)
            QSKIP("no /usr/bin/node");
        SandboxRunner &runner = m_runners.of(tier);
        if (runner.tier().tier != tier)
            QSKIP(runner.tier().missing.c_str());
        SandboxPolicy policy = SandboxRunner::python("");
        policy.argv = {"/usr/bin/node", "-e",
                       "require('net'); setTimeout(() => console.log('node', 6 * 7, require('os').tmpdir()), 5)"};
        const auto run = runner.run(policy);
        QVERIFY2(run->output.find("node 42 /tmp") == 0 && run->ended->code == 0, run->text().c_str());
    }

    void tellsHowItEnded_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<int>("exit");
        QTest::addColumn<int>("signal");
        QTest::newRow("exit 0") << QStringLiteral("pass") << 0 << 0;
        QTest::newRow("exit 3") << QStringLiteral("import os; os._exit(3)") << 3 << 0;
        QTest::newRow("exit 137") << QStringLiteral("import os; os._exit(137)") << 137 << 0;
        QTest::newRow("SIGKILL") << QStringLiteral("import os; os.kill(os.getpid(), 9)") << 0 << SIGKILL;
        QTest::newRow("SIGSEGV") << QStringLiteral("import os; os.kill(os.getpid(), 11)") << 0 << SIGSEGV;
        QTest::newRow("SIGABRT") << QStringLiteral("import os; os.abort()") << 0 << SIGABRT;
        QTest::newRow("SIGTERM") << QStringLiteral("import os; os.kill(os.getpid(), 15)") << 0 << SIGTERM;
    }
    void tellsHowItEnded()
    {
        QFETCH(QString, code);
        const auto run = best().run(SandboxRunner::python(code.toStdString()));
        QVERIFY2(run->ended, run->text().c_str());
        QTEST(run->ended->code, "exit");
        QTEST(run->ended->signal, "signal");
        QVERIFY(!run->ended->outOfMemory);
        QVERIFY(run->ended->use.cpu.count() > 0);
        QVERIFY(run->ended->use.peakMemory > 1_MB);
    }

    void aFailingStepIsNamed_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("step");
        QTest::newRow("source") << QStringLiteral("source") << QStringLiteral("step: open what is granted");
        QTest::newRow("link") << QStringLiteral("link") << QStringLiteral("step: open what is granted");
        QTest::newRow("fifo") << QStringLiteral("fifo") << QStringLiteral("step: open what is granted");
        QTest::newRow("folder") << QStringLiteral("folder") << QStringLiteral("step: enter the working directory");
        QTest::newRow("program") << QStringLiteral("program") << QStringLiteral("step: execute");
        QTest::newRow("target") << QStringLiteral("target")
                                << QStringLiteral("step: make the place of what is granted");
    }
    void aFailingStepIsNamed()
    {
        QFETCH(QString, what);
        QFETCH(QString, step);
        SandboxRunner &runner = best();
        if (runner.tier().tier == Tier::Reduced)
            QSKIP("tier C has other steps");
        QTemporaryDir dir;
        QFile::link(QStringLiteral("/usr"), dir.filePath(QStringLiteral("link")));
        ::mkfifo(dir.filePath(QStringLiteral("fifo")).toUtf8().constData(), 0644);
        SandboxPolicy policy = SandboxRunner::python("print('ran')");
        const auto source = [&](const char *name) { return dir.path().toStdString() + "/" + name; };
        if (what == QLatin1String("source"))
            policy.binds = {{source("absent"), "/var/task", {}, true}};
        else if (what == QLatin1String("link"))
            policy.binds = {{source("link"), "/var/task", {}, true}};
        else if (what == QLatin1String("fifo"))
            policy.binds = {{source("fifo"), "/var/task", {}, true}};
        else if (what == QLatin1String("target"))
            policy.binds = {{dir.path().toStdString(), "/usr/kiln/not/there", {}, true}};
        else if (what == QLatin1String("folder"))
            policy.workingDirectory = "/absent";
        else
            policy.argv[0] = "/usr/bin/absent";
        const auto run = runner.run(policy);
        QVERIFY2(run->executed && !*run->executed, run->text().c_str());
        const Error &error = run->executed->error();
        QCOMPARE(error.code, Error::Code::Sandbox);
        QVERIFY2(QString::fromStdString(error.message).startsWith(step), error.text().c_str());
        QVERIFY(error.sysErrno != 0);
        QVERIFY(!error.place.empty());
        QVERIFY(!run->ended);
        QVERIFY(run->output.empty());
    }

    void aPolicyThatCannotBeIsRefused()
    {
        SandboxRunner &runner = best();
        std::vector<std::function<void(SandboxPolicy &)>> wrongs = {
            [](SandboxPolicy &p) { p.argv.clear(); },
            [](SandboxPolicy &p) { p.argv[0] = "python3"; },
            [](SandboxPolicy &p) { p.argv.push_back(std::string("a\0b", 3)); },
            [](SandboxPolicy &p) { p.environment["A=B"] = "1"; },
            [](SandboxPolicy &p) { p.environment[""] = "1"; },
            [](SandboxPolicy &p) { p.environment["A"] = std::string(60'000, 'x'); },
            [](SandboxPolicy &p) {
                p.binds = {{"relative", "/var/task", {}, true}};
            },
            [](SandboxPolicy &p) {
                p.binds = {{"/usr", "/var/../etc", {}, true}};
            },
            [](SandboxPolicy &p) {
                p.binds = {{"/usr", "/", {}, true}};
            },
            [](SandboxPolicy &p) {
                p.binds = {{"/usr", "/proc/self", {}, true}};
            },
            [](SandboxPolicy &p) {
                p.binds = {{"/usr", "/dev", {}, true}};
            },
            [](SandboxPolicy &p) {
                p.binds.assign(200, {"/usr", "/opt/x", {}, true});
            },
            [](SandboxPolicy &p) { p.workingDirectory = "here"; },
            [](SandboxPolicy &p) { p.owner.clear(); },
            [](SandboxPolicy &p) { p.limits.memory = ByteSize{1}; },
            [](SandboxPolicy &p) { p.limits.files = 0; },
            [](SandboxPolicy &p) { p.limits.processes = -1; },
        };
        for (std::size_t i = 0; i < wrongs.size(); ++i) {
            SandboxPolicy policy = SandboxRunner::python("print('ran')");
            wrongs[i](policy);
            const auto run = runner.run(policy);
            QVERIFY2(run->executed && !*run->executed, std::to_string(i).c_str());
            QVERIFY(run->executed->error().code == Error::Code::InvalidArgument ||
                    run->executed->error().code == Error::Code::LimitExceeded);
        }
    }

    void grantsAreExactlyWhatTheySay()
    {
        SandboxRunner &runner = best();
        if (runner.tier().tier == Tier::Reduced)
            QSKIP("tier C has no mounts");
        QTemporaryDir dir; // 0700: as root nobody else may enter it, and the worker is somebody else.
        const std::string base = dir.path().toStdString();
        for (const char *folder : {"read", "write", "read/below"})
            QVERIFY(::mkdir((base + "/" + folder).c_str(), 0700) == 0);
        QCOMPARE(writeSmallFile(base + "/read/below/file", "content"), 0);
        QCOMPARE(writeSmallFile(base + "/single", "alone"), 0);
        ::chmod((base + "/single").c_str(), 0600);
        QCOMPARE(writeSmallFile(base + "/read/tool", "#!/bin/sh\necho tool ran\n"), 0);
        ::chmod((base + "/read/tool").c_str(), 0755);
        SandboxPolicy policy = SandboxRunner::python(R"(
import os, subprocess
print(open('/srv/read/below/file').read(), open('/srv/single').read())
open('/srv/write/made', 'w').write('by the worker')
for path in ('/srv/read/new', '/srv/single'):
    try: open(path, 'w'); print('WROTE', path)
    except OSError as e: print('refused', e.errno)
for tool in ('/srv/read/tool', '/srv/data/tool'):
    try: print(subprocess.run([tool], capture_output=True, text=True).stdout.strip())
    except OSError as e: print('not run', e.errno)
)");
        policy.binds = {{base + "/read", "/srv/read", Permissions::Mode::ReadOnly, true},
                        {base + "/read", "/srv/data", Permissions::Mode::ReadOnly, false},
                        {base + "/single", "/srv/single", Permissions::Mode::ReadOnly, false},
                        {base + "/write", "/srv/write", Permissions::Mode::ReadWrite, false}};
        const auto run = runner.run(policy);
        if (run->executed && !*run->executed &&
            run->executed->error().message.find("mapped mounts") != std::string::npos)
            QSKIP("the file system of the temporary folder has no mapped mounts");
        QCOMPARE(QString::fromStdString(run->output),
                 QStringLiteral("content alone\nrefused 30\nrefused 30\ntool ran\nnot run 13\n"));
        struct stat made
        {};
        QCOMPARE(::stat((base + "/write/made").c_str(), &made), 0);
        QCOMPARE(made.st_uid, ::getuid()); // On disk it is the folder's owner's.
    }

    void killsBeforeAndAfterItRuns()
    {
        SandboxRunner &runner = best();
        const auto early = runner.start(SandboxRunner::python(sleeper));
        runner.launcher().kill(early->id); // Not even sent, perhaps.
        QVERIFY(runner.loop().runUntil([&] { return early->ended || (early->executed && !*early->executed); }));
        const auto late = runner.start(SandboxRunner::python(sleeper));
        QVERIFY(runner.waitOutput(*late, "up"));
        QVERIFY(runner.launcher().use(late->id).has_value());
        runner.launcher().kill(late->id);
        runner.launcher().kill(late->id);
        runner.launcher().kill(999'999);
        QVERIFY(runner.waitEnded(*late));
        QCOMPARE(late->ended->signal, SIGKILL);
        QVERIFY(!late->ended->outOfMemory);
        QVERIFY(isGone(late->pid()));
        QVERIFY(!runner.launcher().use(late->id).has_value());
    }

    void aKilledLauncherTakesItsSandboxesAlongAndTheNextLaunchWorks()
    {
        SandboxRunner runner(Tier::Full, own("test-killed"));
        const auto run = runner.start(SandboxRunner::python(sleeper));
        QVERIFY(runner.waitOutput(*run, "up"));
        const std::vector<int> tree = processTree(run->pid());
        const int launcher = launcherPid(own("test-killed"));
        QVERIFY(launcher != 0);
        ::kill(launcher, SIGKILL);
        QVERIFY2(runner.waitEnded(*run), run->text().c_str());
        QCOMPARE(run->ended->signal, SIGKILL);
        for (const int pid : tree)
            QVERIFY(isEnded(pid));
        const auto next = runner.run(SandboxRunner::python("print('again')"));
        QCOMPARE(next->output, std::string("again\n"));
        runner.endLauncher();
        QCOMPARE(cgroupFolders(QString::fromStdString(own("test-killed"))), QStringList());
    }

    void aKilledEngineLeavesNothing()
    {
        const QString instance = QStringLiteral("test-engine-%1").arg(::getpid());
        OtherEngine engine(instance);
        QVERIFY(engine.sandbox != 0);
        QCOMPARE(cgroupFolders(instance).isEmpty(), engine.tier != Tier::Full);
        ::kill(int(engine.process.processId()), SIGKILL);
        TestLoop loop;
        QVERIFY(loop.runUntil([&] { return isEnded(engine.sandbox) && isEnded(engine.launcher); }));
        QCOMPARE(cgroupFolders(instance), QStringList());
    }

    void whatAKilledEngineAndLauncherLeftIsSwept()
    {
        const QString instance = QStringLiteral("test-both-%1").arg(::getpid());
        {
            OtherEngine engine(instance);
            QVERIFY(engine.sandbox != 0);
            if (engine.tier != Tier::Full)
                QSKIP("no cgroup to sweep here");
            ::kill(engine.launcher, SIGSTOP); // So that it cannot clean up between the two.
            ::kill(int(engine.process.processId()), SIGKILL);
            ::kill(engine.launcher, SIGKILL);
            TestLoop loop;
            QVERIFY(loop.runUntil([&] { return isEnded(engine.sandbox); }));
        }
        QVERIFY(!cgroupFolders(instance).isEmpty());
        SandboxRunner next(Tier::Full, own("test-sweeper"));
        QVERIFY2(next.problem().empty(), next.problem().c_str());
        QCOMPARE(cgroupFolders(instance), QStringList());
    }

    void launchesLeaveNothingBehind()
    {
        SandboxRunner runner(Tier::Full, own("test-many"));
        const auto twenty = [&] {
            std::vector<std::unique_ptr<SandboxRun>> runs;
            SandboxPolicy policy = SandboxRunner::python("");
            policy.argv = {"/usr/bin/true"};
            for (int i = 0; i < 20; ++i) {
                policy.owner = "owner" + std::to_string(i);
                runs.push_back(runner.start(policy));
            }
            return runner.loop().runUntil([&] {
                return std::all_of(runs.begin(), runs.end(), [](const auto &run) { return run->ended.has_value(); });
            });
        };
        QVERIFY(twenty());
        const int launcher = launcherPid(own("test-many"));
        // Itself and eight seats, each with a socket, made ahead for the next.
        const auto settled = [&] { return runner.loop().runUntil([&] { return processTree(launcher).size() == 9; }); };
        QVERIFY(settled());
        const int ours = openDescriptors(::getpid());
        const int theirs = openDescriptors(launcher);
        const qsizetype mounted = mounts(launcher);
        const QStringList folders = cgroupFolders(QString::fromStdString(own("test-many")));
        const auto watched = runner.loop().watches();
        for (int i = 0; i < 25; ++i)
            QVERIFY(twenty());
        QVERIFY(settled());
        // A seat that is just being made holds more for a moment, now or when they were counted; a leak never goes.
        QVERIFY(
            runner.loop().runUntil([&] { return openDescriptors(launcher) <= theirs && mounts(launcher) <= mounted; }));
        QCOMPARE(openDescriptors(::getpid()), ours);
        QCOMPARE(runner.loop().watches(), watched);
        QCOMPARE(cgroupFolders(QString::fromStdString(own("test-many"))), folders);
        for (const QString &folder : folders)
            QCOMPARE(
                QDir(QStringLiteral("/sys/fs/cgroup/") + folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(),
                qsizetype(8));
        runner.endLauncher();
        QCOMPARE(cgroupFolders(QString::fromStdString(own("test-many"))), QStringList());
        QVERIFY(isGone(launcher));
    }

    void endsWhileSandboxesRun()
    {
        auto runner = std::make_unique<SandboxRunner>(Tier::Full, own("test-ends"));
        std::vector<std::unique_ptr<SandboxRun>> runs;
        for (int i = 0; i < 5; ++i)
            runs.push_back(runner->start(SandboxRunner::python(sleeper)));
        for (const auto &run : runs)
            QVERIFY(runner->waitOutput(*run, "up"));
        runner->endLauncher();
        for (const auto &run : runs)
            QVERIFY(isGone(run->pid()));
        QCOMPARE(cgroupFolders(QString::fromStdString(own("test-ends"))), QStringList());
    }

private:
    SandboxRunner &best() { return m_runners.of(Tier::Full); }

    TierRunners m_runners;
};

int main(int count, char **arguments)
{
    QCoreApplication application(count, arguments);
    if (count == 3 && QByteArray(arguments[1]) == "--engine")
        return beEngine(arguments[2]);
    tst_Launcher test;
    return QTest::qExec(&test, count, arguments);
}
#include "tst_launcher.moc"

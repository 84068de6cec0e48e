// SPDX-License-Identifier: GPL-3.0-or-later
// Cgroups on a fake tree: what this machine may lack (v2 with controllers, delegation) is tested against files.
#include "core/sandbox/cgroup.h"
#include "core/sandbox/cgroup_meter.h"
#include "core/sandbox/small_file.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace kiln;
namespace fs = std::filesystem;

namespace {

/// A folder that looks like a machine's cgroup mounts to the code under test.
class FakeTree
{
public:
    FakeTree() { fs::create_directories(base() / "proc"); }

    [[nodiscard]] fs::path base() const { return m_dir.path().toStdString(); }
    [[nodiscard]] CgroupHost host(bool root) const
    {
        return {base() / "mountinfo", base() / "own", base() / "proc", root};
    }
    void mount(const std::string &type, const std::string &name, const std::string &options)
    {
        fs::create_directories(base() / name);
        m_mounts += "30 24 0:26 / " + (base() / name).string() + " rw,relatime shared:4 - " + type + " cgroup rw," +
                    options + "\n";
        put("mountinfo", m_mounts);
    }
    void put(const fs::path &path, const std::string &text) const
    {
        fs::create_directories((base() / path).parent_path());
        if (writeSmallFile(base() / path, text) != 0)
            qFatal("the fake tree cannot be written");
    }
    [[nodiscard]] std::string get(const fs::path &path) const
    {
        return readSmallFile(base() / path).value_or("(absent)");
    }
    /// A v2 folder as the kernel makes it; its children would have these files from the start.
    void v2Folder(const fs::path &path, const std::string &controllers, const std::string &handedOn) const
    {
        put(path / "cgroup.controllers", controllers + "\n");
        put(path / "cgroup.subtree_control", handedOn + "\n");
        put(path / "cgroup.procs", "");
    }
    /// /proc/PID/stat with its start time.
    void process(int pid, int start) const
    {
        put("proc/" + std::to_string(pid) + "/stat", std::to_string(pid) +
                                                         " (a) b) S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 "
                                                         "1 20 0 1 0 " +
                                                         std::to_string(start) + " 1 1 1\n");
    }

private:
    QTemporaryDir m_dir;
    std::string m_mounts;
};

} // namespace

class tst_Cgroup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void v1AsRootWritesEachControllersLimits()
    {
        FakeTree tree;
        for (const char *controller : {"memory", "pids", "cpu", "cpuacct"})
            tree.mount("cgroup", controller, controller);
        const CgroupLayout layout = makeCgroupLayout(tree.host(true), "kiln-a.1-7-100");
        QCOMPARE(layout.version, CgroupLayout::Version::V1);
        QVERIFY(layout.note.empty());
        const Cgroup cgroup(layout, 5);
        QVERIFY(cgroup.create());
        Limits limits;
        limits.memory = 1769_MB;
        limits.processes = 10;
        QVERIFY(cgroup.limit(limits));
        const fs::path own = "kiln-a.1-7-100/5";
        QCOMPARE(tree.get("memory" / own / "memory.limit_in_bytes"), std::to_string(1769LL << 20));
        QCOMPARE(tree.get("pids" / own / "pids.max"), std::string("12"));
        QCOMPARE(tree.get("cpu" / own / "cpu.cfs_quota_us"), tree.get("cpu" / own / "cpu.cfs_period_us"));
        QCOMPARE(cgroup.memoryLimit(), std::optional(1769_MB));
        QCOMPARE(cgroup.openJoins().has_value(), false); // No cgroup.procs in a fake folder: told, not ignored.
        QVERIFY(removeCgroupLayout(layout));
        QVERIFY(!fs::exists(layout.memory));
    }

    void cpuShareIsInProportionToMemoryAfterTheBoost()
    {
        FakeTree tree;
        for (const char *controller : {"memory", "pids", "cpu"})
            tree.mount("cgroup", controller, controller);
        const CgroupLayout layout = makeCgroupLayout(tree.host(true), "kiln-a.1-7-100");
        const Cgroup cgroup(layout, 1);
        QVERIFY(cgroup.create());
        const auto quotaOf = [&](ByteSize memory, Limits::Cpu kind, Cgroup::Cpu cpu) {
            Limits limits;
            limits.memory = memory;
            limits.cpu = kind;
            return cgroup.limitCpu(limits, cpu) ? tree.get("cpu/kiln-a.1-7-100/1/cpu.cfs_quota_us") : "failed";
        };
        using Kind = Limits::Cpu;
        QCOMPARE(quotaOf(128_MB, Kind::Proportional, Cgroup::Cpu::Boosted), std::string("20000"));
        QCOMPARE(quotaOf(128_MB, Kind::Proportional, Cgroup::Cpu::Limited), std::string("1447"));
        QCOMPARE(quotaOf(64_MB, Kind::Proportional, Cgroup::Cpu::Limited), std::string("1000")); // The kernel's least.
        QCOMPARE(quotaOf(3538_MB, Kind::Proportional, Cgroup::Cpu::Boosted), std::string("40000"));
        QCOMPARE(quotaOf(128_MB, Kind::Unlimited, Cgroup::Cpu::Limited), std::string("-1"));
    }

    void v2AsRootUsesTheTop()
    {
        FakeTree tree;
        tree.mount("cgroup2", "cgroup", "nsdelegate");
        tree.v2Folder("cgroup", "cpuset cpu io memory pids", "cpu memory pids");
        tree.v2Folder("cgroup/kiln-a.1-7-100", "cpu memory pids", "cpu memory pids");
        const CgroupLayout layout = makeCgroupLayout(tree.host(true), "kiln-a.1-7-100");
        QCOMPARE(layout.version, CgroupLayout::Version::V2);
        QCOMPARE(layout.memory, tree.base() / "cgroup/kiln-a.1-7-100");
        QCOMPARE(layout.cpu, layout.memory);
        const Cgroup cgroup(layout, 3);
        QVERIFY(cgroup.create());
        Limits limits;
        limits.memory = 128_MB;
        QVERIFY(cgroup.limit(limits));
        QVERIFY(cgroup.limitCpu(limits, Cgroup::Cpu::Limited));
        const fs::path own = "cgroup/kiln-a.1-7-100/3";
        QCOMPARE(tree.get(own / "memory.max"), std::to_string(128 << 20));
        QCOMPARE(tree.get(own / "memory.swap.max"), std::string("0"));
        QCOMPARE(tree.get(own / "pids.max"), std::string("1026"));
        QCOMPARE(tree.get(own / "cpu.max"), std::string("1447 20000"));
        QVERIFY(cgroup.weigh(Cgroup::Weight::Least));
        QCOMPARE(tree.get(own / "cpu.weight"), std::string("1"));
        QVERIFY(cgroup.weigh(Cgroup::Weight::Usual));
        QCOMPARE(tree.get(own / "cpu.weight"), std::string("100"));
    }

    void v2TellsUseAndOomKills()
    {
        FakeTree tree;
        tree.mount("cgroup2", "cgroup", "rw");
        tree.v2Folder("cgroup", "memory pids", "memory pids");
        tree.v2Folder("cgroup/kiln-a.1-7-100", "memory pids", "memory pids");
        const CgroupLayout layout = makeCgroupLayout(tree.host(true), "kiln-a.1-7-100");
        QVERIFY(layout.cpu.empty());
        QVERIFY2(layout.note.find("CPU shares are not limited") == 0, layout.note.c_str());
        const Cgroup cgroup(layout, 3);
        QVERIFY(!CgroupMeter::open(layout, 3));
        const fs::path own = "cgroup/kiln-a.1-7-100/3";
        tree.put(own / "memory.current", "4096\n");
        tree.put(own / "memory.peak", "8192\n");
        tree.put(own / "cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
        tree.put(own / "memory.events", "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n");
        const auto meter = CgroupMeter::open(layout, 3);
        QVERIFY(meter);
        const auto use = meter->read();
        QVERIFY(use);
        QCOMPARE(use->memory, ByteSize{4096});
        QCOMPARE(use->peakMemory, ByteSize{8192});
        QCOMPARE(use->cpu, std::chrono::nanoseconds(1'500'000));
        tree.put(own / "memory.current", "12288\n");
        QCOMPARE(meter->read()->memory, ByteSize{12288}); // what it is now
        QCOMPARE(cgroup.oomKills(), 2);
    }

    void v2OfAnOrdinaryUserTakesAnAncestorThatHandsControllersOn()
    {
        FakeTree tree;
        tree.mount("cgroup2", "cgroup", "rw");
        tree.put("own", "0::/user.slice/user@1000.service/app.slice/term.scope\n");
        tree.v2Folder("cgroup", "cpu memory pids", "cpu memory pids");
        tree.v2Folder("cgroup/user.slice", "cpu memory pids", "cpu memory pids");
        tree.v2Folder("cgroup/user.slice/user@1000.service", "cpu memory pids", "cpu memory pids");
        tree.v2Folder("cgroup/user.slice/user@1000.service/app.slice", "cpu memory pids", "cpu memory pids");
        tree.v2Folder("cgroup/user.slice/user@1000.service/app.slice/term.scope", "cpu memory pids", "");
        const fs::path made = "cgroup/user.slice/user@1000.service/app.slice/kiln-a.1-7-100";
        tree.v2Folder(made, "cpu memory pids", "cpu memory pids");
        const CgroupLayout layout = makeCgroupLayout(tree.host(false), "kiln-a.1-7-100");
        QCOMPARE(layout.version, CgroupLayout::Version::V2);
        QCOMPARE(layout.memory, tree.base() / made);
    }

    void v2OfAnOrdinaryUserInItsOwnScopeStepsDown()
    {
        FakeTree tree;
        tree.mount("cgroup2", "cgroup", "rw");
        tree.put("own", "0::/run-1.scope\n");
        tree.v2Folder("cgroup/run-1.scope", "memory pids", "memory pids");
        tree.put("cgroup/run-1.scope/cgroup.procs",
                 std::to_string(::getppid()) + "\n" + std::to_string(::getpid()) + "\n");
        tree.v2Folder("cgroup/run-1.scope/kiln-a.1-7-100", "memory pids", "memory pids");
        const CgroupLayout layout = makeCgroupLayout(tree.host(false), "kiln-a.1-7-100");
        QCOMPARE(layout.version, CgroupLayout::Version::V2);
        QCOMPARE(tree.get("cgroup/run-1.scope/kiln-engine/cgroup.procs"), std::to_string(::getpid()));
    }

    void aScopeSharedWithOthersIsLeftAlone()
    {
        FakeTree tree;
        tree.mount("cgroup2", "cgroup", "rw");
        tree.put("own", "0::/session.scope\n");
        tree.v2Folder("cgroup/session.scope", "memory pids", "");
        tree.put("cgroup/session.scope/cgroup.procs", std::to_string(::getpid()) + "\n1\n");
        const CgroupLayout layout = makeCgroupLayout(tree.host(false), "kiln-a.1-7-100");
        QCOMPARE(layout.version, CgroupLayout::Version::None);
        QVERIFY2(layout.note.find("systemd-run") != std::string::npos, layout.note.c_str());
        QVERIFY(!fs::exists(tree.base() / "cgroup/session.scope/kiln-engine"));
    }

    void withoutAnyItSaysWhy()
    {
        FakeTree tree;
        tree.put("mountinfo", "22 1 254:1 / / rw - ext4 /dev/vda rw\nbroken line\n");
        const CgroupLayout layout = makeCgroupLayout(tree.host(true), "kiln-a.1-7-100");
        QVERIFY(!layout.works());
        QCOMPARE(layout.note, std::string("no cgroup file system is mounted"));
    }

    void sweepsOnlyWhatDeadEnginesLeft()
    {
        FakeTree tree;
        for (const char *controller : {"memory", "pids"})
            tree.mount("cgroup", controller, controller);
        tree.process(40, 1000);
        tree.process(41, 2000);
        for (const char *folder : {"kiln-x.1-40-1000", "kiln-x.1-41-1999", "kiln-y.2-42-5", "kiln-notours",
                                   "kiln-a-b-c", "other-42-5", "kiln--42-5x"})
            for (const char *controller : {"memory", "pids"})
                fs::create_directories(tree.base() / controller / folder / "1");
        const CgroupLayout layout = makeCgroupLayout(tree.host(true), "kiln-a.1-40-1000");
        QCOMPARE(sweepStaleCgroups(tree.host(true), layout), 4); // Reused pid, and no such pid; in two hierarchies.
        QStringList left = QDir(QString::fromStdString((tree.base() / "memory").string()))
                               .entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
        QCOMPARE(left, (QStringList{QStringLiteral("kiln--42-5x"), QStringLiteral("kiln-a-b-c"),
                                    QStringLiteral("kiln-a.1-40-1000"), QStringLiteral("kiln-notours"),
                                    QStringLiteral("kiln-x.1-40-1000"), QStringLiteral("other-42-5")}));
    }

    void thisMachinesOwnTreeIsNamed()
    {
        // Which of the above also ran for real, in tst_launcher.
        qInfo("v2 with controllers: %s; v1 memory: %s",
              fs::exists("/sys/fs/cgroup/cgroup.controllers") ? "here" : "skipped, only the fake tree",
              fs::exists("/sys/fs/cgroup/memory") ? "here" : "skipped, only the fake tree");
        QVERIFY(startTimeOf(::getpid()).has_value());
        QVERIFY(!startTimeOf(0x7ffffff0));
    }
};

QTEST_GUILESS_MAIN(tst_Cgroup)
#include "tst_cgroup.moc"

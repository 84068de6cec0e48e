// SPDX-License-Identifier: GPL-3.0-or-later
// What a hostile function asks of the kernel.
#include "tests/support/tier_rows.h"

#include <csignal>

using namespace kiln;
using namespace kiln::test;

namespace {

/// `call(name, number, arguments…)` prints the errno's name of a raw system call, or WORKED.
constexpr const char *prelude = R"(
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(name, number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_ulong(a) for a in arguments])
    print(name + ': ' + ('WORKED' if result != -1 else errno.errorcode[ctypes.get_errno()]))
)";

#ifdef __x86_64__
constexpr bool hasNumbers = true;
#else
constexpr bool hasNumbers = false;
#endif

} // namespace

class tst_HostileKernel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addTierRows(m_runners); }
    void cleanupTestCase() { m_runners.end(); }

    void dangerousCallsAreNotPermitted()
    {
        KILN_NEED_TIER(m_runners);
        if (!hasNumbers)
            QSKIP("the numbers of this test are x86-64's");
        const auto run = runner.run(SandboxRunner::python(std::string(prelude) + R"(
for name, number in dict(
    mount=165, umount2=166, pivot_root=155, chroot=161, unshare=272, setns=308, open_tree=428, move_mount=429,
    fsopen=430, fsconfig=431, fsmount=432, fspick=433, mount_setattr=442, ptrace=101, process_vm_readv=310,
    process_vm_writev=311, pidfd_getfd=438, kcmp=312, keyctl=250, add_key=248, request_key=249, bpf=321,
    perf_event_open=298, userfaultfd=323, io_uring_setup=425, io_uring_enter=426, io_uring_register=427,
    memfd_secret=447, name_to_handle_at=303, open_by_handle_at=304, init_module=175, finit_module=313,
    delete_module=176, kexec_load=246, kexec_file_load=320, reboot=169, swapon=167, swapoff=168, syslog=103, acct=163,
    quotactl=179, settimeofday=164, clock_settime=227, adjtimex=159, sethostname=170, setdomainname=171, iopl=172,
    ioperm=173, modify_ldt=154, shmget=29, semget=64, msgget=68, setuid=105, setgid=106, setreuid=113, setresuid=117,
    setresgid=119, setgroups=116, setfsuid=122, capset=126, sched_setscheduler=144, sched_setattr=314,
    fanotify_init=300, vhangup=153, seccomp=317, move_pages=279, mbind=237, sync=162).items():
    call(name, number, 0, 0, 0, 0, 0)
call('personality without randomisation', 135, 0x40000)
call('a device', 133, int.from_bytes(b'/tm\0', 'little'), 0o20666, 0x103)
for flag, name in ((0x20000, 'NEWNS'), (0x2000000, 'NEWCGROUP'), (0x4000000, 'NEWUTS'), (0x8000000, 'NEWIPC'),
                   (0x10000000, 'NEWUSER'), (0x20000000, 'NEWPID'), (0x40000000, 'NEWNET')):
    call('clone ' + name, 56, flag | 17, 0, 0, 0, 0)
)"));
        const auto results = resultLines(run->output);
        QVERIFY2(results.size() >= 70, run->text().c_str());
        for (const auto &[name, result] : results) {
            // What only a birth needs is absent for whoever is not being born.
            const bool ofBirths = making == SandboxRunner::Making::Born &&
                                  (name.starts_with("clone ") || name == "capset" || name.starts_with("setres"));
            QVERIFY2(result == (ofBirths ? "ENOSYS" : "EPERM"), (name + ": " + result).c_str());
        }
    }

    void newerCallsLookAbsentSoThatLibrariesFallBack()
    {
        KILN_NEED_TIER(m_runners);
        if (!hasNumbers)
            QSKIP("the numbers of this test are x86-64's");
        const auto run = runner.run(SandboxRunner::python(std::string(prelude) + R"(
call('clone3', 435, 0, 0)
call('of the future', 470, 0, 0)
)"));
        const auto results = resultLines(run->output);
        QCOMPARE(results.size(), std::size_t(2));
        for (const auto &[name, result] : results)
            QVERIFY2(result == "ENOSYS", (name + ": " + result).c_str());
    }

    /// CVE-2017-5226, CVE-2023-28100, CVE-2019-10063: with bits set that the kernel does not look at.
    void terminalInjectionIsNotPermitted()
    {
        KILN_NEED_TIER(m_runners);
        if (!hasNumbers)
            QSKIP("the numbers of this test are x86-64's");
        const auto run = runner.run(SandboxRunner::python(std::string(prelude) + R"(
for high in (0, 1 << 32, 0xffffffff << 32):
    for name, request in dict(TIOCSTI=0x5412, TIOCLINUX=0x541c, TIOCSETD=0x5423, TIOCCONS=0x541d, FIOSETOWN=0x8901).items():
        call('%s+%x' % (name, high), 16, 0, high | request, 0)
)"));
        const auto results = resultLines(run->output);
        QCOMPARE(results.size(), std::size_t(15));
        for (const auto &[name, result] : results)
            QVERIFY2(result == "EPERM", (name + ": " + result).c_str());
    }

    void callsOfAnotherArchitectureEndIt()
    {
        KILN_NEED_TIER(m_runners);
        if (!hasNumbers)
            QSKIP("the numbers of this test are x86-64's");
        // mov eax, 20 (getpid of i386); int 0x80; ret
        const auto i386 = runner.run(SandboxRunner::python(std::string(prelude) + R"(
import mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b'\xb8\x14\0\0\0\xcd\x80\xc3')
print('result', ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
)"));
        QVERIFY2(i386->ended && (i386->ended->signal == SIGSYS || i386->ended->signal == SIGSEGV),
                 i386->text().c_str());
        const auto x32 = runner.run(SandboxRunner::python(std::string(prelude) + "call('x32', 0x40000000 + 39)"));
        QVERIFY2(x32->ended && x32->ended->signal == SIGSYS, x32->text().c_str());
    }

    void makesOnlyHarmlessSockets()
    {
        KILN_NEED_TIER(m_runners);
        const auto run = runner.run(SandboxRunner::python(std::string(prelude) + R"(
def make(name, *arguments):
    try:
        socket.socket(*arguments); print(name + ': WORKED')
    except OSError as e:
        print(name + ': ' + errno.errorcode[e.errno])
for name, arguments in {'packet': (17, 3, 0), 'packet datagram': (17, 2, 0), 'vsock': (40, 1, 0), 'alg': (38, 5, 0),
        'raw': (2, 3, 1), 'raw 6': (10, 3, 58), 'bluetooth': (31, 3, 1), 'uevent': (16, 2, 15), 'netfilter': (16, 3, 12),
        'can': (29, 3, 1), 'xdp': (44, 3, 0), 'key': (15, 3, 2)}.items():
    make(name, *arguments)
make('+unix', 1, 1); make('+tcp', 2, 1); make('+udp', 10, 2); make('+route', 16, 3, 0)
)"));
        const auto results = resultLines(run->output);
        QCOMPARE(results.size(), std::size_t(16));
        for (const auto &[name, result] : results) {
            const bool allowed = name.front() == '+' && tier != Tier::Reduced;
            QVERIFY2(result == (allowed ? "WORKED" : "EPERM"), (name + ": " + result).c_str());
        }
    }

    void hasNoPrivilegeAndCannotGainAny()
    {
        KILN_NEED_TIER(m_runners);
        const auto run = runner.run(SandboxRunner::python(R"(
for line in open('/proc/self/status'):
    if line.split(':')[0] in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp', 'Uid'):
        print(line.split(':')[0] + ': ' + ' '.join(line.split(':')[1].split()))
)"));
        auto results = resultLines(run->output);
        QVERIFY2(results.size() == 8, run->text().c_str());
        QCOMPARE(results["NoNewPrivs"], std::string("1"));
        QCOMPARE(results["Seccomp"], std::string("2"));
        for (const char *set : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
            QCOMPARE(results[set], std::string("0000000000000000"));
        if (tier != Tier::Reduced) {
            QCOMPARE(results["CapBnd"], std::string("0000000000000000"));
            QCOMPARE(results["Uid"], std::string("1000 1000 1000 1000"));
        }
        QVERIFY(!QString::fromStdString(results["Uid"]).startsWith(QLatin1String("0 ")));
    }

    /// Tier C has no pid namespace: SIGIO with an owner of one's choice would be a signal to anybody of the same user.
    void signalsNobodyByDetours()
    {
        KILN_NEED_TIER(m_runners);
        if (tier != Tier::Reduced)
            QSKIP("a pid namespace holds it");
        const auto run = runner.run(SandboxRunner::python(std::string(prelude) + R"(
import fcntl, resource
def attempt(name, action):
    try: action(); print(name + ': WORKED')
    except OSError as e: print(name + ': ' + errno.errorcode.get(e.errno, '?'))
parent = os.getppid()
attempt('owner', lambda: fcntl.fcntl(3, fcntl.F_SETOWN, parent))
attempt('signal', lambda: fcntl.fcntl(3, 10, 9))
attempt('async', lambda: fcntl.fcntl(3, fcntl.F_SETFL, os.O_ASYNC))
attempt('kill', lambda: os.kill(parent, 0))
attempt('kill all', lambda: os.kill(-1, 0))
attempt('limits', lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, (8, 8)))
attempt('priority', lambda: os.setpriority(os.PRIO_PROCESS, parent, 19))
attempt('affinity', lambda: os.sched_setaffinity(parent, {0}))
attempt('pidfd', lambda: os.pidfd_open(parent))
attempt('fork', lambda: os.fork())
os.kill(os.getpid(), 0); import threading; t = threading.Thread(target=print, args=('threads work',)); t.start(); t.join()
)"));
        const auto results = resultLines(run->output);
        QCOMPARE(results.size(), std::size_t(10));
        for (const auto &[name, result] : results)
            QVERIFY2(result == "EPERM" || result == "EACCES", (name + ": " + result).c_str());
        QVERIFY2(run->output.find("threads work") != std::string::npos, run->text().c_str());
    }

private:
    TierRunners m_runners;
};

QTEST_GUILESS_MAIN(tst_HostileKernel)
#include "tst_hostile_kernel.moc"

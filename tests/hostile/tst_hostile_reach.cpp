// SPDX-License-Identifier: GPL-3.0-or-later
// What a hostile function tries to reach outside itself: files, its own code, processes, the network.
#include "tests/support/tier_rows.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace kiln;
using namespace kiln::test;

namespace {

/// `attempt(name, action)` prints what came of it: an errno's name, or WORKED.
constexpr const char *prelude = R"(
import errno, os, socket, sys
def attempt(name, action):
    try:
        action()
        print(name + ': WORKED')
    except OSError as e:
        print(name + ': ' + errno.errorcode.get(e.errno, str(e)))
def read(path):
    with open(path, 'rb') as f: f.read(1)
)";

void allRefused(const SandboxRun &run, int atLeast)
{
    const auto results = resultLines(run.output);
    QVERIFY2(int(results.size()) >= atLeast, run.text().c_str());
    for (const auto &[name, result] : results)
        QVERIFY2(result != "WORKED", (name + " worked; " + run.text()).c_str());
}

void write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY2(file.open(QIODevice::WriteOnly) && file.write(text) == text.size(), qPrintable(path));
}

/// A folder that everybody may read, so that only the sandbox can be what refuses it.
QString openFolder(const QTemporaryDir &dir, const char *name)
{
    const QString path = dir.filePath(QLatin1String(name));
    ::chmod(dir.path().toUtf8().constData(), 0755);
    QDir().mkpath(path);
    ::chmod(path.toUtf8().constData(), 0755);
    return path;
}

struct Listener
{
    UniqueFd socket;
    std::uint16_t port = 0;
};

Listener listenOn127(int type)
{
    Listener listener{UniqueFd(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), 0};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener.socket.get(), reinterpret_cast<sockaddr *>(&address), size);
    if (type == SOCK_STREAM)
        ::listen(listener.socket.get(), 8);
    ::getsockname(listener.socket.get(), reinterpret_cast<sockaddr *>(&address), &size);
    listener.port = ntohs(address.sin_port);
    return listener;
}

UniqueFd listenOnUnix(const std::string &name)
{
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof address.sun_path));
    ::bind(socket.get(), reinterpret_cast<sockaddr *>(&address),
           socklen_t(offsetof(sockaddr_un, sun_path) + name.size()));
    ::listen(socket.get(), 8);
    return socket;
}

} // namespace

class tst_HostileReach : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addTierRows(m_runners); }
    void cleanupTestCase() { m_runners.end(); }

    void readsNoFileOfTheMachine()
    {
        KILN_NEED_TIER(m_runners);
        QTemporaryDir dir;
        write(openFolder(dir, "other-function") + QStringLiteral("/secret.py"), "secret");
        write(openFolder(dir, ".kiln") + QStringLiteral("/history.db"), "secret");
        const std::string base = dir.path().toStdString();
        // Out of a zygote it is pid 1 itself; whose child it is has no number that it could see.
        const std::string other = making == SandboxRunner::Making::Born ? "/proc/2" : "/proc/1";
        std::string code = prelude;
        for (const std::string &path :
             {std::string("/etc/shadow"), std::string("/etc/machine-id"), base + "/other-function/secret.py",
              base + "/.kiln/history.db", other + "/environ", other + "/mem", std::string("/proc/kcore"),
              std::string("/proc/sys/kernel/hostname"), std::string("/dev/mem"), std::string("/sys/kernel/notes"),
              std::string("/dev/kmsg")})
            code += "attempt('read " + path + "', lambda: read('" + path + "'))\n";
        for (const std::string &path : {std::string("/root"), std::string("/home"), std::string("/sys"),
                                        std::string("/run"), std::string("/var/lib"), base})
            code += "attempt('list " + path + "', lambda: os.listdir('" + path + "'))\n";
        const auto run = runner.run(SandboxRunner::python(code));
        allRefused(*run, 17);
    }

    void changesNothingOfItsOwnCode()
    {
        KILN_NEED_TIER(m_runners);
        QTemporaryDir dir;
        const QString folder = openFolder(dir, "code");
        write(folder + QStringLiteral("/app.py"), "original");
        ::chmod((folder + QStringLiteral("/app.py")).toUtf8().constData(), 0644);
        SandboxPolicy policy = SandboxRunner::python(std::string(prelude) + R"(
read('/var/task/app.py' if os.path.exists('/var/task/app.py') else os.getcwd() + '/app.py')
attempt('write', lambda: open('app.py', 'w'))
attempt('append', lambda: open('app.py', 'a'))
attempt('create', lambda: open('new.py', 'w'))
attempt('unlink', lambda: os.unlink('app.py'))
attempt('rename', lambda: os.rename('app.py', 'other.py'))
attempt('truncate', lambda: os.truncate('app.py', 0))
attempt('mode', lambda: os.chmod('app.py', 0o777))
attempt('time', lambda: os.utime('app.py', (1, 1)))
attempt('attribute', lambda: os.setxattr('app.py', 'user.x', b'1'))
attempt('folder', lambda: os.mkdir('new'))
attempt('link', lambda: os.link('app.py', '/tmp/app.py'))
attempt('mode of the folder', lambda: os.chmod('.', 0o777))
)");
        policy.binds = {{folder.toStdString(), "/var/task", Permissions::Mode::ReadOnly, true}};
        policy.workingDirectory = "/var/task";
        const auto run = runner.run(policy);
        allRefused(*run, 12);
        QFile file(folder + QStringLiteral("/app.py"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("original"));
        QCOMPARE(QDir(folder).entryList(QDir::Files), QStringList{QStringLiteral("app.py")});
    }

    void writesNowhereButToItsTmp()
    {
        KILN_NEED_TIER(m_runners);
        SandboxPolicy policy = SandboxRunner::python(std::string(prelude) + R"(
for folder in ('/', '/usr', '/usr/lib', '/etc', '/dev', '/proc', '/bin', '/lib', '/var', '/opt'):
    attempt('write ' + folder, lambda: open(folder + '/kiln-hostile', 'w'))
attempt('oom_score_adj', lambda: open('/proc/self/oom_score_adj', 'w').write('-900'))
with open(os.environ['TMPDIR'] + '/mine', 'w') as f: f.write('x')
print('tmp', len(os.listdir(os.environ['TMPDIR'])))
)");
        policy.environment = {{"TMPDIR", "/tmp"}};
        const auto run = runner.run(policy);
        allRefused(*run, 11);
        QVERIFY2(run->output.find("tmp 1") != std::string::npos, run->text().c_str());
    }

    void nothingOfItsTmpReachesAnother()
    {
        KILN_NEED_TIER(m_runners);
        SandboxPolicy policy = SandboxRunner::python("import os\nt=os.environ['TMPDIR']\nprint('seen', os.listdir(t))\n"
                                                     "open(t+'/left','w').write('secret')");
        policy.environment = {{"TMPDIR", "/tmp"}};
        for (int i = 0; i < 2; ++i) {
            const auto run = runner.run(policy);
            QVERIFY2(run->output.find("seen []") != std::string::npos, run->text().c_str());
        }
    }

    void seesAndSignalsNoOtherProcess()
    {
        KILN_NEED_TIER(m_runners);
        const std::string self = std::to_string(::getpid());
        const auto run = runner.run(SandboxRunner::python(std::string(prelude) + R"(
try: print('shown', sorted(int(n) for n in os.listdir('/proc') if n.isdigit() and int(n) != os.getpid()))
except OSError: print('shown []')
attempt('signal the test', lambda: os.kill()" + self + R"(, 0))
attempt('signal all', lambda: os.kill(-1, 0))
for number in (9, 19, 15): # Kernels without Landlock's scope let them through, to a process that they do not touch.
    try: os.kill(1, number)
    except OSError: pass
attempt('its environment', lambda: read('/proc/)" + self + R"(/environ'))
attempt('parent', lambda: read('/proc/%d/environ' % os.getppid()))
)"));
        const auto results = resultLines(run->output);
        QVERIFY2(run->output.find("shown []") != std::string::npos, run->text().c_str());
        QVERIFY2(run->ended && run->ended->code == 0, run->text().c_str());
        for (const char *name : {"signal the test", "its environment", "parent"})
            QVERIFY2(results.count(name) == 1 && results.at(name) != "WORKED", run->text().c_str());
        QCOMPARE(::kill(::getpid(), 0), 0);
    }

    void reachesNoListenerOfTheMachine()
    {
        KILN_NEED_TIER(m_runners);
        QTemporaryDir dir;
        const Listener tcp = listenOn127(SOCK_STREAM);
        const Listener udp = listenOn127(SOCK_DGRAM);
        const std::string path = openFolder(dir, "run").toStdString() + "/listener";
        const std::string abstractName = "kiln-test-" + std::to_string(::getpid()) + std::to_string(int(tier));
        const UniqueFd onPath = listenOnUnix(path);
        const UniqueFd abstract = listenOnUnix(std::string(1, '\0') + abstractName);
        ::chmod(path.c_str(), 0777);
        const std::string code = std::string(prelude) + "tcp=" + std::to_string(tcp.port) +
                                 "\nudp=" + std::to_string(udp.port) + "\npath='" + path + "'\nabstract='\\0" +
                                 abstractName + R"('
def connect(family, kind, address):
    s = socket.socket(family, kind); s.settimeout(2); s.connect(address)
attempt('tcp', lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', tcp)))
attempt('tcp 6', lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ('::1', tcp)))
attempt('path', lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, path))
attempt('abstract', lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, abstract))
attempt('elsewhere', lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ('192.0.2.1', 80)))
try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', udp))
except OSError: pass
)";
        // Hosts and All as well: without anybody at the doors they lead nowhere.
        for (const auto network : {Permissions::Network::None, Permissions::Network::Loopback,
                                   Permissions::Network::Hosts, Permissions::Network::All}) {
            if (network != Permissions::Network::None && tier == Tier::Reduced)
                continue; // Refused by name; see tst_launcher.
            SandboxPolicy policy = SandboxRunner::python(code);
            policy.network = network;
            const auto run = runner.run(policy);
            allRefused(*run, 5);
        }
        for (const int fd : {tcp.socket.get(), onPath.get(), abstract.get()})
            QVERIFY(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC) < 0);
        char byte = 0;
        QVERIFY(::recv(udp.socket.get(), &byte, 1, MSG_DONTWAIT) < 0);
    }

    void loopbackIsItsOwn()
    {
        KILN_NEED_TIER(m_runners);
        if (tier == Tier::Reduced)
            QSKIP("tier C has no network of its own to give");
        SandboxPolicy policy = SandboxRunner::python(std::string(prelude) + R"(
l = socket.create_server(('127.0.0.1', 8080)); c = socket.create_connection(('127.0.0.1', 8080))
print('own: reached')
)");
        policy.network = Permissions::Network::Loopback;
        const auto granted = runner.run(policy);
        QVERIFY2(granted->output.find("own: reached") != std::string::npos, granted->text().c_str());
        policy.network = Permissions::Network::None;
        const auto refused = runner.run(policy);
        QVERIFY2(refused->output.find("own: reached") == std::string::npos, refused->text().c_str());
    }

    void holdsNoDescriptorButItsFour()
    {
        KILN_NEED_TIER(m_runners);
        // As CVE-2024-21626: a folder that the caller left open and inheritable.
        const UniqueFd leaked(::open("/", O_RDONLY | O_DIRECTORY));
        SandboxRunner own(tier); // Its launcher is started with the leaked one there.
        SandboxPolicy policy = SandboxRunner::python(R"(
import os
open_ones = []
for fd in range(1024):
    try: os.fstat(fd); open_ones.append(fd)
    except OSError: pass
print('open:', open_ones)
for fd in range(3, 64):
    try: os.stat('/proc/self/fd/%d/../../etc' % fd); print('way out by', fd)
    except OSError: pass
)");
        const auto check = [&] {
            const auto run = own.run(policy);
            QVERIFY2(run->output.find("open: [0, 1, 2, 3]") != std::string::npos, run->text().c_str());
            QVERIFY2(run->output.find("way out") == std::string::npos, run->text().c_str());
        };
        check();
        if (tier == Tier::Reduced)
            return;
        // The doors' sockets are the engine's: a worker that had one could answer in its place.
        policy.network = Permissions::Network::All;
        policy.doors = {{SandboxPolicy::Door::Kind::Datagram, "127.0.0.1", 53},
                        {SandboxPolicy::Door::Kind::Stream, "::", 443}};
        check();
    }

private:
    TierRunners m_runners;
};

QTEST_GUILESS_MAIN(tst_HostileReach)
#include "tst_hostile_reach.moc"

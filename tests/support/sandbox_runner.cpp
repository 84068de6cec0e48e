// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sandbox_runner.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::test {
namespace {

constexpr const char *pythonPath = "/usr/bin/python3";
constexpr std::size_t keptOutput = 4 << 20;

/// As a runtime's bootstrap does: forks when asked to, gives the child its descriptors, and runs nothing foreign in it
/// before it is told to.
constexpr const char *zygoteCode = "import os, struct, _socket\n"
                                   "births = _socket.socket(fileno=5)\n"
                                   "def child(channel, output):\n"
                                   "    births.close()\n"
                                   "    for there, here in ((channel, 3), (output, 1), (output, 2)):\n"
                                   "        os.dup2(there, here)\n"
                                   "    os.close(channel)\n"
                                   "    os.close(output)\n"
                                   "    os.setsid()\n"
                                   "    told = b''\n"
                                   "    while not told.endswith(b'\\0'):\n"
                                   "        part = os.read(3, 65536)\n"
                                   "        if not part: os._exit(0)\n"
                                   "        told += part\n"
                                   "    folder, code = told[:-1].decode().split('\\1')\n"
                                   "    os.chdir(folder)\n"
                                   "    return code\n"
                                   "os.write(3, b'r')\n"
                                   "while True:\n"
                                   "    word, sent, *_ = births.recvmsg(1, _socket.CMSG_SPACE(8))\n"
                                   "    if not word: os._exit(0)\n"
                                   "    ends = struct.unpack('ii', sent[0][2])\n"
                                   "    if os.fork() == 0:\n"
                                   "        code = child(*ends)\n"
                                   "        break\n"
                                   "    for end in ends: os.close(end)\n"
                                   "exec(code, {'__name__': '__main__'})\n";

void readOutput(SandboxRun &run)
{
    char bytes[16384];
    const ssize_t count = ::read(run.outputEnd.get(), bytes, sizeof bytes);
    if (count > 0 && run.output.size() < keptOutput)
        run.output.append(bytes, std::size_t(count));
    if (count == 0)
        run.watch.reset();
}

} // namespace

std::string SandboxRun::text() const
{
    std::string text = "executed: ";
    text += !executed ? "not yet" : *executed ? "pid " + std::to_string(**executed) : executed->error().text();
    if (ended)
        text += "; ended: code " + std::to_string(ended->code) + ", signal " + std::to_string(ended->signal) +
                (ended->outOfMemory ? ", out of memory" : "") + ", peak " +
                std::to_string(ended->use.peakMemory.count >> 20) + " MB";
    return text + "; output: " + output.substr(0, 2000);
}

SandboxRunner::SandboxRunner(Tier highest, std::string instance, Making making)
    : m_making(making)
{
    bool ready = false;
    auto launcher =
        Launcher::start(m_loop, {KILN_LAUNCHER_PATH, std::move(instance), highest}, [&](const TierReport &report) {
            m_report = report;
            ready = true;
        });
    if (!launcher) {
        m_problem = launcher.error().text();
        return;
    }
    m_launcher = std::move(*launcher);
    if (!m_loop.runUntil([&] { return ready; }, std::chrono::seconds(30)))
        m_problem = "the self-test did not end";
}

std::unique_ptr<SandboxRun> SandboxRunner::connect(Launcher::WorkerEnds &ends)
{
    auto run = std::make_unique<SandboxRun>();
    int channel[2] = {-1, -1}, output[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0 || ::pipe2(output, O_CLOEXEC) != 0) {
        run->executed = failErrno(Error::Code::Io, errno, "the test cannot make descriptors");
        return run;
    }
    run->channel.reset(channel[0]);
    run->outputEnd.reset(output[0]);
    ::fcntl(output[0], F_SETFL, O_NONBLOCK);
    SandboxRun *const raw = run.get();
    run->watch = m_loop.watch(output[0], Loop::Readiness::Readable, [raw] { readOutput(*raw); });
    ends = {UniqueFd(channel[1]), UniqueFd(output[1])};
    return run;
}

Launcher::Events SandboxRunner::eventsOf(SandboxRun &run)
{
    return {[&run](Result<int> executed) { run.executed = std::move(executed); },
            [&run](const SandboxExit &ended) { run.ended = ended; }};
}

std::unique_ptr<SandboxRun> SandboxRunner::start(const SandboxPolicy &policy)
{
    const bool writes = std::any_of(policy.binds.begin(), policy.binds.end(), [](const SandboxPolicy::Bind &bind) {
        return bind.mode == Permissions::Mode::ReadWrite;
    });
    const bool parkable = policy.network == Permissions::Network::None && !writes && policy.binds.size() <= 4 &&
                          policy.argv.size() == 5 && policy.argv[3] == "-c";
    if (m_making == Making::Born && parkable) {
        auto zygote = startZygote(policy);
        SandboxPolicy parked = policy;
        parked.owner = "parked " + std::to_string(++m_parked);
        auto run = bear(*zygote, Launcher::Code::ComesLater, parked);
        m_launcher->retire(zygote->id);
        m_zygotes.push_back(std::move(zygote)); // Ends after what came out of it.
        if (run->pid() != 0 && !run->ended && lease(*run, policy.binds))
            tell(*run, policy);
        return run;
    }
    if (m_making == Making::Leased && parkable) {
        auto run = park(policy);
        // What does not come to run, or ends at once, is told by the run itself.
        if (run->pid() != 0 && !run->ended)
            (void)lease(*run, policy.binds);
        return run;
    }
    Launcher::WorkerEnds ends;
    auto run = connect(ends);
    if (!run->executed)
        run->id = m_launcher->launch(policy, std::move(ends), eventsOf(*run));
    return run;
}

std::unique_ptr<SandboxRun> SandboxRunner::park(const SandboxPolicy &policy)
{
    Launcher::WorkerEnds ends;
    auto run = connect(ends);
    if (run->executed)
        return run;
    SandboxPolicy parked = policy;
    parked.owner = "parked " + std::to_string(++m_parked);
    parked.binds.clear();
    // As a runtime's bootstrap does: nothing of the function's runs before it is told to.
    parked.argv[4] = "import os\nos.read(3, 1)\nos.chdir('" + policy.workingDirectory + "')\ndel os\n" + policy.argv[4];
    run->id = m_launcher->park(parked, std::move(ends), eventsOf(*run));
    (void)m_loop.runUntil([&] { return run->executed.has_value(); });
    return run;
}

std::unique_ptr<SandboxRun> SandboxRunner::startZygote(const SandboxPolicy &policy, const std::string &preparation)
{
    Launcher::WorkerEnds ends;
    auto run = connect(ends);
    if (run->executed)
        return run;
    SandboxPolicy zygote = policy;
    zygote.binds.clear();
    zygote.argv[4] = preparation + zygoteCode;
    run->id = m_launcher->launchZygote(zygote, std::move(ends), eventsOf(*run));
    char ready = 0;
    (void)m_loop.runUntil([&] { return run->executed && ::recv(run->channel.get(), &ready, 1, MSG_DONTWAIT) == 1; });
    return run;
}

std::unique_ptr<SandboxRun> SandboxRunner::bear(const SandboxRun &zygote, Launcher::Code code,
                                                const SandboxPolicy &policy)
{
    Launcher::WorkerEnds ends;
    auto run = connect(ends);
    if (run->executed)
        return run;
    run->id = m_launcher->bear(zygote.id, code, policy, std::move(ends), eventsOf(*run));
    (void)m_loop.runUntil([&] { return run->executed.has_value(); });
    return run;
}

std::unique_ptr<SandboxRun> SandboxRunner::bearLater(const SandboxRun &zygote, const SandboxPolicy &policy)
{
    Launcher::WorkerEnds ends;
    auto run = connect(ends);
    if (!run->executed)
        run->id = m_launcher->bear(zygote.id, Launcher::Code::There, policy, std::move(ends), eventsOf(*run));
    return run;
}

void SandboxRunner::tell(const SandboxRun &run, const SandboxPolicy &policy)
{
    const std::string told = policy.workingDirectory + '\1' + policy.argv[4] + std::string(1, '\0');
    ::send(run.channel.get(), told.data(), told.size(), MSG_NOSIGNAL);
}

Result<> SandboxRunner::lease(SandboxRun &run, std::vector<SandboxPolicy::Bind> binds)
{
    const auto leased = std::make_shared<std::optional<Result<>>>(); // the answer may come after an end
    m_launcher->lease(run.id, std::move(binds), eventsOf(run),
                      [leased](Result<> result) { *leased = std::move(result); });
    if (!m_loop.runUntil([&] { return *leased || run.ended; }) || !*leased)
        return fail(Error::Code::Sandbox, "the lease was not answered: " + run.text());
    if (**leased && m_making != Making::Born)
        ::send(run.channel.get(), "", 1, MSG_NOSIGNAL);
    return **leased;
}

std::unique_ptr<SandboxRun> SandboxRunner::run(const SandboxPolicy &policy, std::chrono::milliseconds bound)
{
    auto run = start(policy);
    const auto over = [&] { return run->ended || (run->executed && !*run->executed); };
    if (!m_loop.runUntil(over, bound)) {
        m_launcher->kill(run->id);
        (void)m_loop.runUntil(over);
        run->output += "\n(killed by the test at its bound)";
    }
    // What was written before the end is still in the pipe; its write ends are closed.
    (void)m_loop.runUntil([&] { return !run->watch; }, std::chrono::seconds(2));
    return run;
}

bool SandboxRunner::waitExecuted(const SandboxRun &run)
{
    return m_loop.runUntil([&] { return run.executed.has_value(); }) && run.executed->has_value();
}

bool SandboxRunner::waitEnded(const SandboxRun &run, std::chrono::milliseconds bound)
{
    return m_loop.runUntil([&] { return run.ended.has_value(); }, bound);
}

bool SandboxRunner::waitOutput(const SandboxRun &run, const std::string &text)
{
    const auto printed = [&] { return run.executed && run.output.find(text) != std::string::npos; };
    return m_loop.runUntil(printed, std::chrono::seconds(30));
}

SandboxPolicy SandboxRunner::python(const std::string &code)
{
    SandboxPolicy policy;
    policy.owner = "test";
    policy.argv = {pythonPath, "-I", "-S", "-c", code};
    policy.workingDirectory = "/";
    policy.limits.memory = 128_MB;
    policy.limits.cpu = Limits::Cpu::Unlimited; // Quick tests; one of its own is about the share.
    policy.limits.tmp = 16_MB;
    return policy;
}

bool SandboxRunner::hasPython() { return ::access(pythonPath, X_OK) == 0; }

} // namespace kiln::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sandbox_runner.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::test {
namespace {

constexpr const char *pythonPath = "/usr/bin/python3";
constexpr std::size_t keptOutput = 4 << 20;

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

SandboxRunner::SandboxRunner(Tier highest, std::string instance)
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

std::unique_ptr<SandboxRun> SandboxRunner::start(const SandboxPolicy &policy)
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
    run->id = m_launcher->launch(policy, {UniqueFd(channel[1]), UniqueFd(output[1])},
                                 {[raw](Result<int> executed) { raw->executed = std::move(executed); },
                                  [raw](const SandboxExit &ended) { raw->ended = ended; }});
    return run;
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

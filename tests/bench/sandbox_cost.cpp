// SPDX-License-Identifier: GPL-3.0-or-later
// What a sandbox costs, from the request to the execution of its program, beside what bubblewrap needs for a program
// that does nothing: in one run, interleaved. Prints; fails only when a sandbox does.
#include "tests/support/sandbox_runner.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace kiln;
using namespace kiln::test;

namespace {

using Micros = std::chrono::duration<double, std::micro>;

struct Series
{
    const char *name;
    std::vector<double> us;

    [[nodiscard]] double percentile(double part)
    {
        std::sort(us.begin(), us.end());
        return us.empty() ? 0 : us[std::min(us.size() - 1, std::size_t(double(us.size()) * part))];
    }
    void print() { std::printf("%-44s p50 %8.0f us   p99 %8.0f us\n", name, percentile(0.5), percentile(0.99)); }
};

double timed(const std::function<bool()> &action)
{
    const auto begin = std::chrono::steady_clock::now();
    if (!action()) {
        std::fputs("a sandbox failed\n", stderr);
        std::exit(1);
    }
    return Micros(std::chrono::steady_clock::now() - begin).count();
}

bool runPlainly(std::vector<const char *> arguments)
{
    arguments.push_back(nullptr);
    char *const environment[] = {nullptr};
    pid_t pid = 0;
    int status = 0;
    return ::posix_spawn(&pid, arguments[0], nullptr, nullptr, const_cast<char *const *>(arguments.data()),
                         environment) == 0 &&
           ::waitpid(pid, &status, 0) == pid && status == 0;
}

bool runInBwrap(const char *program)
{
    return runPlainly({"/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr",   "/usr",      "--symlink", "usr/lib",
                       "/lib",           "--symlink",     "usr/lib64", "/lib64", "--symlink", "usr/bin",   "/bin",
                       "--proc",         "/proc",         "--dev",     "/dev",   "--tmpfs",   "/tmp",      program});
}

} // namespace

int main(int count, char **arguments)
{
    const int rounds = count > 1 ? std::atoi(arguments[1]) : 50;
    SandboxRunner runner(Tier::Full, "bench");
    if (!runner.problem().empty() || runner.tier().tier == Tier::None) {
        std::printf("no sandbox here: %s %s\n", runner.problem().c_str(), runner.tier().missing.c_str());
        return 1;
    }
    const bool bwrap = ::access("/usr/bin/bwrap", X_OK) == 0;
    if (!bwrap)
        std::puts("SKIP: bubblewrap is missing, so there is nothing to compare with");
    SandboxPolicy policy = SandboxRunner::python("");
    policy.argv = {"/usr/bin/true"};
    policy.binds = {{"/usr/share", "/var/task", Permissions::Mode::ReadOnly, true},
                    {"/usr/lib", "/opt/kiln", Permissions::Mode::ReadOnly, true}};

    Series executed{"launch to execution", {}}, gone{"launch to gone (true)", {}}, peer{"bwrap --unshare-all true", {}},
        plain{"true as a plain process", {}};
    const auto launchOnce = [&](bool recorded) {
        std::unique_ptr<SandboxRun> run;
        const double first = timed([&] { return runner.waitExecuted(*(run = runner.start(policy))); });
        const double rest = timed([&] { return runner.waitEnded(*run); });
        if (recorded) {
            executed.us.push_back(first);
            gone.us.push_back(first + rest);
        }
    };
    for (int i = 0; i < 5; ++i)
        launchOnce(false);
    for (int i = 0; i < rounds; ++i) {
        launchOnce(true);
        if (bwrap)
            peer.us.push_back(timed([] { return runInBwrap("/usr/bin/true"); }));
        plain.us.push_back(timed([] { return runPlainly({"/usr/bin/true"}); }));
    }
    std::printf("tier %s, %d rounds interleaved, memory 128 MB, CPU unlimited\n", toWord(runner.tier().tier).data(),
                rounds);
    for (Series *series : {&plain, &peer, &executed, &gone})
        series->print();
    if (bwrap)
        std::printf("launch to gone is %.2f of bwrap\n", gone.percentile(0.5) / peer.percentile(0.5));
    return 0;
}

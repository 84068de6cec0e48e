// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/loop.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/model/outcome.h"
#include "core/sandbox/policy.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// What a sandbox used, as its cgroup (tier A) or /proc (lower tiers) tells.
struct ResourceUse
{
    ByteSize memory;     ///< Now.
    ByteSize peakMemory; ///< Since its start.
    std::chrono::nanoseconds cpu{};
};

/// How a sandbox ended.
struct SandboxExit
{
    int code = 0;             ///< Exit code, when `signal` is 0.
    int signal = 0;           ///< That ended the worker; 0 when it exited.
    bool outOfMemory = false; ///< The memory limit ended it.
    ResourceUse use;
};

/// The isolation in force, found by trying it in a throwaway sandbox.
struct TierReport
{
    Tier tier = Tier::None;
    std::vector<std::string> evidence; ///< One line per layer: "cgroup memory: v1, limit written and read back".
    std::string missing;               ///< What would raise the tier and how; empty for Full.
};

/// The engine's side of the launcher process, which makes and ends sandboxes.
///
/// Engine thread only. The launcher is a small single-threaded executable without Qt and Boost (core/sandbox/launcher):
/// the engine's own process never forks. A narrow interface, so that tests of worker and pool can fake it.
class Launcher
{
public:
    using SandboxId = std::uint64_t; ///< 0 is never given out.

    /// The worker's ends of its descriptors; given away.
    struct WorkerEnds
    {
        UniqueFd channel; ///< Becomes descriptor 3.
        UniqueFd output;  ///< Becomes 1 and 2; 0 is /dev/null.
    };

    struct Events
    {
        /// The interpreter was executed (pid of the sandbox's pid 1, from outside), or the step that failed, named.
        /// After a failure there is no `ended`.
        std::function<void(Result<int>)> executed;
        /// The sandbox is gone with all its processes. Comes once, after `executed`.
        std::function<void(SandboxExit)> ended;
        /// Before `executed`, where the policy has doors: their sockets, in its order.
        std::function<void(std::vector<UniqueFd>)> doors{};
    };

    virtual ~Launcher() = default;

    /// Asks for a sandbox; both events come later, never from within the call.
    virtual SandboxId launch(const SandboxPolicy &policy, WorkerEnds ends, Events events) = 0;
    /// Asks for a sandbox that is whole but for its function's code, and runs until it is leased or killed. The
    /// policy's owner is a name of its own, and gets a user of its own. Tier Full and SoftMemory only; the tier has to
    /// be known.
    virtual SandboxId park(const SandboxPolicy &policy, WorkerEnds ends, Events events) = 0;
    /// Gives a parked sandbox, once executed, what it waits for; it serves this one function, ever. `leased` comes
    /// later, unless the sandbox ends first. The binds are read-only, at most four, below the working directory.
    virtual void lease(SandboxId id, std::vector<SandboxPolicy::Bind> binds, Events events,
                       std::function<void(Result<>)> leased) = 0;
    /// What becomes of it is told to somebody else from now on. False when it is gone.
    [[nodiscard]] virtual bool handOver(SandboxId id, Events events) = 0;
    /// How many sandboxes may come out of one zygote.
    static constexpr int mostBirths = 32;
    /// Asks for a sandbox whose process will fork others into sandboxes of their own. Tier Full only. It is told of
    /// each over descriptor 5, a SOCK_SEQPACKET: one byte ("n" for a child that is waited for, else "b") with two
    /// descriptors, the child's channel and output; then it has to fork as its C library does, once, and the child has
    /// to take the two for its own.
    virtual SandboxId launchZygote(const SandboxPolicy &policy, WorkerEnds ends, Events events) = 0;
    /// As launch, or, if `code` comes later, as park; but the program is the zygote's, where it stands. The policy's
    /// binds, arguments and environment are the zygote's, and ignored.
    enum class Code {
        There,
        ComesLater,
        ComesNow, ///< As ComesLater, for a start under way.
    };
    virtual SandboxId bear(SandboxId zygote, Code code, const SandboxPolicy &policy, WorkerEnds ends,
                           Events events) = 0;
    /// It bears no more: its process ends. Its own `ended` comes after the end of the last that came out of it.
    virtual void retire(SandboxId zygote) = 0;
    /// Ends it with all its processes, a zygote also with all that came out of it; `ended` follows. Unknown ids are
    /// ignored.
    virtual void kill(SandboxId id) = 0;
    /// Ends it, and tells nobody.
    virtual void abandon(SandboxId id) = 0;
    /// What it uses now; nullopt once gone. Reads a few small files: for once-a-second figures and once per invocation.
    [[nodiscard]] virtual std::optional<ResourceUse> use(SandboxId id) = 0;
    /// What was asked for ahead (park, launchZygote, bear with the code to come later) has made itself ready. Until
    /// then all others have the processors before it.
    virtual void endPreparation(SandboxId id) = 0;
    /// Gives a sandbox its share of CPU back to the limit; it starts with a whole CPU for its init.
    virtual void endInitBoost(SandboxId id) = 0;
    /// Stops all processes of a sandbox where they are, so that nothing runs in it between two calls, as on AWS Lambda;
    /// thaw lets them go on, and is quick (30 µs). By the cgroup's freezer (v2), else by SIGSTOP and SIGCONT.
    virtual void freeze(SandboxId id) = 0;
    virtual void thaw(SandboxId id) = 0;
    /// The result of the self-test; nullopt until it is done.
    [[nodiscard]] virtual const std::optional<TierReport> &tier() const = 0;

    struct Options
    {
        std::filesystem::path executable;
        std::string instance;      ///< Names the cgroup folder of this engine: letters, digits, - and _, at most 64.
        Tier highest = Tier::Full; ///< For tests: acts as a machine that offers no more than this.
    };

    /// Starts the launcher process and the self-test; `ready` gets its report. Everything the process made is gone
    /// when the returned object is destroyed, and also when this process is killed.
    [[nodiscard]] static Result<std::unique_ptr<Launcher>> start(Loop &loop, Options options,
                                                                 std::function<void(const TierReport &)> ready);
};

} // namespace kiln

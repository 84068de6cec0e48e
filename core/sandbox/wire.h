// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/sandbox/cgroup_layout.h"
#include "core/sandbox/launcher.h"
#include "core/sandbox/policy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What engine and launcher say to each other: one message is one datagram of a SOCK_SEQPACKET pair, bounded, read
/// field by field and refused as a whole when anything is off.
namespace kiln::wire {

inline constexpr std::size_t maxMessage = 64 * 1024;
inline constexpr std::size_t maxDescriptors = 1 + SandboxPolicy::maxDoors;

enum class Completeness {
    Whole,
    Parked, ///< It waits for what is its function's own.
    Zygote, ///< Its process forks others into sandboxes of their own, and has what all of them have.
};

/// Engine → launcher, with the descriptors channel, output and status (in this order).
struct Launch
{
    std::uint64_t id = 0;
    Tier tier = Tier::Full; ///< Full, SoftMemory or Reduced: which layers to put up.
    Completeness completeness = Completeness::Whole;
    std::uint64_t zygote = 0; ///< Comes out of this one; 0: executes its program.
    bool awaited = false;     ///< Somebody waits for what comes out of it: it does nothing ahead.
    SandboxPolicy policy;
};

/// Engine → launcher: a zygote bears no more.
struct Retire
{
    std::uint64_t id = 0;
};

/// Engine → launcher: what a parked sandbox gets more.
struct Lease
{
    std::uint64_t id = 0;
    std::vector<SandboxPolicy::Bind> binds;
};

/// Launcher → engine: a Lease is done, or at which step it failed.
struct Leased
{
    std::uint64_t id = 0;
    std::int32_t sysErrno = 0;
    std::string step; ///< Empty: it is done.
    std::string place;
};

/// Launcher → engine, once, when it serves.
struct Hello
{
    CgroupLayout cgroup;
    std::string namespaceProblem; ///< Why no user namespace with mounts can be made; empty when it can.
    std::int32_t landlock = 0;    ///< The kernel's ABI, 0 for none.
};

/// Launcher → engine: the sandbox's first process lives. With its pidfd, and the sockets of the policy's doors.
struct Started
{
    std::uint64_t id = 0;
    std::int32_t pid = 0;
    std::uint64_t cgroup = 0; ///< Its number, where there is one.
};

/// Launcher → engine: all its processes are gone and so is its cgroup. Also for a launch that failed, which is told
/// over the status pipe.
struct Ended
{
    std::uint64_t id = 0;
    SandboxExit exit;
};

using Message = std::variant<Launch, Lease, Retire, Hello, Started, Leased, Ended>;

[[nodiscard]] Result<std::string> encode(const Message &message); ///< LimitExceeded when over maxMessage.
[[nodiscard]] Result<Message> decode(std::string_view bytes);

/// What a starting sandbox writes into its status pipe. Closing without any is a death before the execution.
struct Status
{
    enum class Kind : char {
        Executing = 'x', ///< The next thing is execve; an end of file after it means that it worked.
        Failed = 'f',
    };
    Kind kind = Kind::Executing;
    int sysErrno = 0;
    std::string step;  ///< "bind", "filter system calls": the function that failed.
    std::string place; ///< On what.
};
inline constexpr std::size_t maxStatus = 4096; ///< PIPE_BUF: written whole or not at all.

[[nodiscard]] std::string encodeStatus(const Status &status);
/// The last status in all that was read; nullopt when there is none. Bytes that are no status are a failure.
[[nodiscard]] std::optional<Status> decodeStatus(std::string_view bytes);

} // namespace kiln::wire

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/model/outcome.h"
#include "core/sandbox/cgroup.h"
#include "core/sandbox/launcher/birth.h"
#include "core/sandbox/launcher/grants.h"
#include "core/sandbox/launcher/ground.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace kiln::launcher {

/// A place made ahead for one sandbox: its own cgroup, and a copy of the launcher that already sits in it, in a fresh
/// network. It waits for its task, clones the sandbox's first process as a child of the launcher, and is gone.
///
/// Moving a process into a v1 cgroup waits for the kernel to agree on all CPUs (milliseconds), and a network namespace
/// costs as much as all the rest of a sandbox, more while another is being torn down. So neither is done when a worker
/// is wanted. A seat serves one sandbox, ever.
class Seat
{
public:
    enum class Counting {
        ByCgroup,
        None,
    };

    /// Cheap: what may take long the copy does by itself. On failure nothing is left.
    [[nodiscard]] static Result<Seat> make(Ground &ground, const CgroupLayout &cgroups, Tier tier, Counting counting,
                                           std::uint64_t number);

    /// For what comes out of a zygote: the copy does this one thing, in no cgroup of its own; `status` is where a
    /// failed step is told. The cgroup of that number is there and limited.
    [[nodiscard]] static Result<Seat> make(Birth birth, Counting counting, std::uint64_t number, int status);

    struct Task
    {
        WorkerUser user;
        std::string temporary;   ///< Tier C: the folder that stands for /tmp.
        std::string_view launch; ///< An encoded wire::Launch, already checked.
    };
    /// Hands over; `descriptors` as in wire::Launch, and for a zygote its end of the socket by which it is asked to
    /// fork, and pid 1's. False when the copy is gone.
    [[nodiscard]] bool assign(const Task &task, const std::vector<UniqueFd> &descriptors) const;

    struct Answer
    {
        pid_t pid = 0;   ///< 0: a step failed, which the status pipe told.
        pid_t inner = 0; ///< What came out of a zygote: as pid 1 of the zygote's sandbox sees it.
        UniqueFd pidFd;
        UniqueFd mounts;                   ///< Where code comes later.
        std::vector<UniqueFd> temporaries; ///< Of a zygote.
        std::vector<UniqueFd> doors{};
    };
    /// What became of the task; nullopt when it is not decided yet. A copy that died answers with pid 0.
    [[nodiscard]] std::optional<Answer> answer() const;

    [[nodiscard]] int socket() const { return m_socket.get(); }
    [[nodiscard]] pid_t pid() const { return m_pid; }
    [[nodiscard]] std::uint64_t number() const { return m_number; } ///< Names the cgroup.
    [[nodiscard]] Tier tier() const { return m_tier; }
    [[nodiscard]] Counting counting() const { return m_counting; }
    void leave() { m_socket.reset(); } ///< An unused copy then ends.

private:
    UniqueFd m_socket;
    pid_t m_pid = 0;
    std::uint64_t m_number = 0;
    Tier m_tier = Tier::Full;
    Counting m_counting = Counting::None;
};

} // namespace kiln::launcher

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/spawn.h"

#include "core/sandbox/launcher/inside_ids.h"
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/mother.h"
#include "core/sandbox/launcher/network.h"
#include "core/sandbox/launcher/owner_ids.h"
#include "core/sandbox/launcher/temporary.h"
#include "core/sandbox/small_file.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

constexpr std::uint64_t ownNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

/// The new user namespace then belongs to the worker's user, who may map itself without anybody's help. The real id
/// stays root's, so no other worker of that user may signal or trace this process meanwhile.
Result<> takeEffectiveUser(const WorkerUser &worker)
{
    if (worker.foreign && (::setresgid(-1U, worker.group, -1U) != 0 || ::setresuid(-1U, worker.user, -1U) != 0))
        return failErrno(Error::Code::Sandbox, errno, "take the worker's user");
    return {};
}

Result<Spawned> cloneInside(Plan &plan, const Ground &ground, std::uint64_t namespaces)
{
    int pidFd = -1;
    clone_args arguments{};
    // The launcher is to be the parent: it waits for the end, and with its own end everything ends.
    arguments.flags = namespaces | CLONE_PIDFD | CLONE_PARENT;
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidFd);
    const pid_t pid = cloneProcess(arguments);
    if (pid < 0)
        return failErrno(Error::Code::Sandbox, errno, namespaces != 0 ? "make namespaces" : "make a process");
    if (pid == 0) {
        Inside inside(plan, ground);
        namespaces != 0 ? inside.run() : inside.runReduced();
    }
    return Spawned{pid, UniqueFd(pidFd), {}, {}};
}

/// The worker's own user, and each that a child may get, under its own number: see OwnerIds.
std::string mapLines(unsigned own)
{
    std::string lines = std::to_string(insideId) + " " + std::to_string(own) + " 1";
    const auto add = [&](unsigned begin, unsigned end) { // Without `end`.
        if (begin < end)
            lines += "\n" + std::to_string(begin) + " " + std::to_string(begin) + " " + std::to_string(end - begin);
    };
    add(OwnerIds::first, own);
    add(own + 1, OwnerIds::last + 1);
    return lines;
}

Result<> mapUsers(const Plan &plan, const Spawned &spawned)
{
    const std::string folder = "/proc/" + std::to_string(spawned.pid);
    errno = writeSmallFile(folder + "/setgroups", "deny");
    if (errno == 0)
        errno = writeSmallFile(folder + "/uid_map", mapLines(plan.user.user));
    if (errno == 0)
        errno = writeSmallFile(folder + "/gid_map", mapLines(plan.user.group));
    return errno == 0 ? Result<>() : failErrno(Error::Code::Sandbox, errno, "map the users of a zygote's children");
}

/// While what was spawned waits for it.
Result<> prepareFromOutside(const Plan &plan, Spawned &spawned)
{
    if (plan.mapsOthers())
        if (auto mapped = mapUsers(plan, spawned); !mapped)
            return mapped;
    if (plan.code == Plan::Code::ComesLater) {
        spawned.mounts.reset(
            ::open(("/proc/" + std::to_string(spawned.pid) + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC));
        if (!spawned.mounts)
            return failErrno(Error::Code::Sandbox, errno, "open the mounts of a parked sandbox");
    }
    if (::write(plan.preparing.get(), "p", 1) != 1)
        return failErrno(Error::Code::Sandbox, errno, "tell that it is prepared");
    return {};
}

/// What a zygote needs more than another.
Result<> prepareZygote(Plan &plan)
{
    for (int i = 0; i < Mother::mostChildren; ++i) {
        auto temporary = makeTemporary(plan.policy.limits);
        if (!temporary)
            return tl::make_unexpected(temporary.error());
        plan.temporaries.push_back(std::move(*temporary));
    }
    return {};
}

Result<> openPreparation(Plan &plan)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return failErrno(Error::Code::Sandbox, errno, "make a pipe");
    plan.prepared.reset(ends[0]);
    plan.preparing.reset(ends[1]);
    return {};
}

} // namespace

Result<Spawned> spawn(Plan &plan, const Ground &ground)
{
    if (plan.tier == Tier::Reduced)
        return cloneInside(plan, ground, 0);
    if (!ground.image)
        return fail(Error::Code::Sandbox, "make namespaces", ground.namespaceProblem);
    auto doors = openNetwork(plan.policy);
    if (!doors)
        return tl::make_unexpected(doors.error());
    Result<> prepared = plan.isZygote() ? prepareZygote(plan) : Result<>();
    if (prepared && (plan.mapsOthers() || plan.code == Plan::Code::ComesLater))
        prepared = openPreparation(plan);
    auto spawned = prepared.and_then([&] { return takeEffectiveUser(plan.user); }).and_then([&] {
        return cloneInside(plan, ground, ownNamespaces);
    });
    if (spawned && plan.preparing)
        if (auto done = prepareFromOutside(plan, *spawned); !done)
            return tl::make_unexpected(done.error());
    if (spawned)
        spawned->temporaries = std::move(plan.temporaries);
    if (spawned)
        spawned->doors = std::move(*doors);
    return spawned;
}

} // namespace kiln::launcher

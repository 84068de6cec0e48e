// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/ground.h"

#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/owner_ids.h"
#include "core/sandbox/small_file.h"

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sstream>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

tl::unexpected<Error> failedStep(const std::string &step) { return failErrno(Error::Code::Sandbox, errno, step); }

/// Root of a container may have only a few ids; then its sandboxes share its own, as those of an ordinary user do.
bool idsAreMapped(const char *map)
{
    std::istringstream lines(readSmallFile(map).value_or(std::string()));
    std::uint64_t inside = 0, outside = 0, count = 0;
    while (lines >> inside >> outside >> count)
        if (inside <= OwnerIds::first && inside + count > OwnerIds::last)
            return true;
    return false;
}

/// Root drops its groups, and keeps its capabilities while it takes an owner's effective id to clone a sandbox with.
Result<> becomeDropper()
{
    if (::setgroups(0, nullptr) != 0)
        return failedStep("drop supplementary groups");
    if (::prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) != 0)
        return failedStep("keep capabilities over a change of user");
    return {};
}

Result<> mapOwnIds(uid_t user, gid_t group)
{
    const auto line = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
    int error = writeSmallFile("/proc/self/setgroups", "deny");
    if (error == 0)
        error = writeSmallFile("/proc/self/uid_map", line(user));
    if (error == 0)
        error = writeSmallFile("/proc/self/gid_map", line(group));
    errno = error;
    if (error != 0)
        return failedStep("map the user's id");
    return {};
}

/// The launcher's own mount namespace (and, for an ordinary user, user namespace): here it may make detached mounts of
/// folders that a worker's user cannot reach by path.
Result<> enterOwnNamespaces(const Ground &ground)
{
    const bool privileged = ground.dropsUser;
    if (::unshare(CLONE_NEWNS | (privileged ? 0 : CLONE_NEWUSER)) != 0)
        return failedStep("make namespaces");
    if (!privileged)
        if (auto mapped = mapOwnIds(ground.user, ground.group); !mapped)
            return mapped;
    // Slave: what the machine mounts later can still be granted, and nothing of ours is seen outside.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
        return failedStep("part from the machine's mounts");
    return {};
}

/// Tried in a child first: a launcher that got half way (Ubuntu lets unshare succeed and the first mount fail) could
/// not go back, and has to serve tier C.
Result<> tryNamespaces(const Ground &ground)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return failedStep("make a pipe");
    const UniqueFd readEnd(ends[0]);
    UniqueFd writeEnd(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto entered = enterOwnNamespaces(ground).and_then([] { return BaseImage::build().map([](auto &&) {}); });
        const std::string text = entered ? std::string("ok") : entered.error().text();
        [[maybe_unused]] const ssize_t count = ::write(writeEnd.get(), text.data(), text.size());
        ::_exit(0);
    }
    writeEnd.reset();
    char text[1024];
    ssize_t count = child < 0 ? -1 : ::read(readEnd.get(), text, sizeof text);
    if (child > 0)
        ::waitpid(child, nullptr, 0);
    if (count == 2 && std::memcmp(text, "ok", 2) == 0)
        return {};
    return fail(Error::Code::Sandbox, count > 0 ? std::string(text, std::size_t(count)) : "make namespaces");
}

Result<> layGround(Ground &ground)
{
    return tryNamespaces(ground).and_then([&] { return enterOwnNamespaces(ground); }).and_then([&]() -> Result<> {
        auto image = BaseImage::build();
        if (!image)
            return tl::make_unexpected(image.error());
        ground.image = std::move(*image);
        return {};
    });
}

} // namespace

Result<Ground> Ground::prepare()
{
    Ground ground;
    ground.user = ::geteuid();
    ground.group = ::getegid();
    ground.dropsUser = ground.user == 0 && idsAreMapped("/proc/self/uid_map") && idsAreMapped("/proc/self/gid_map");
    ground.landlock = landlockAbi();
    ground.launcher.reset(openPidFd(::getpid()));
    if (!ground.launcher)
        return failedStep("open a pidfd of the launcher");
    if (ground.dropsUser)
        if (auto dropper = becomeDropper(); !dropper)
            return tl::make_unexpected(dropper.error());
    auto exits = ExitPipe::open();
    auto full = SyscallFilter::build(SyscallFilter::Purpose::Full);
    auto zygote = SyscallFilter::build(SyscallFilter::Purpose::Zygote);
    auto softMemory = SyscallFilter::build(SyscallFilter::Purpose::SoftMemory);
    for (const Error *error : {exits ? nullptr : &exits.error(), full ? nullptr : &full.error(),
                               zygote ? nullptr : &zygote.error(), softMemory ? nullptr : &softMemory.error()})
        if (error != nullptr)
            return tl::make_unexpected(*error);
    ground.exits = std::move(*exits);
    ground.full = std::move(*full);
    ground.zygote = std::move(*zygote);
    ground.softMemory = std::move(*softMemory);
    if (auto laid = layGround(ground); !laid)
        ground.namespaceProblem = laid.error().text();
    return ground;
}

} // namespace kiln::launcher

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/grants.h"

#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/small_file.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

tl::unexpected<Error> failedStep(const char *step, const std::string &place)
{
    return failErrno(Error::Code::Sandbox, errno, step, place);
}

/// A user namespace that exists only for its map: the owner on disk is the worker in the mount.
UniqueFd makeIdMap(const struct stat &owner, const WorkerUser &worker)
{
    clone_args arguments{};
    arguments.flags = CLONE_NEWUSER;
    arguments.exit_signal = SIGCHLD;
    const pid_t holder = cloneProcess(arguments);
    if (holder == 0)
        for (;;)
            ::pause();
    if (holder < 0)
        return UniqueFd();
    const std::string folder = "/proc/" + std::to_string(holder);
    const auto line = [](unsigned inside, unsigned outside) {
        return std::to_string(inside) + " " + std::to_string(outside) + " 1";
    };
    int error = writeSmallFile(folder + "/uid_map", line(owner.st_uid, worker.user));
    if (error == 0)
        error = writeSmallFile(folder + "/gid_map", line(owner.st_gid, worker.group));
    UniqueFd map(::open((folder + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    errno = error;
    return error == 0 ? std::move(map) : UniqueFd();
}

/// Whether a user who is neither owner nor group could read it by its mode.
bool isForAll(const struct stat &info)
{
    const mode_t needed = S_ISDIR(info.st_mode) ? S_IROTH | S_IXOTH : mode_t(S_IROTH);
    return (info.st_mode & needed) == needed;
}

Result<Grant> openGrant(const SandboxPolicy::Bind &bind, const WorkerUser &worker)
{
    const std::string source = bind.source.native();
    const UniqueFd place(openWithoutLinks(source.c_str(), O_PATH | O_CLOEXEC));
    struct stat info
    {};
    if (!place || ::fstat(place.get(), &info) != 0)
        return failedStep("open what is granted", source);
    if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) {
        errno = EINVAL;
        return failedStep("open what is granted: only folders and regular files can be", source);
    }
    Grant grant;
    grant.target = bind.target;
    grant.kind = S_ISDIR(info.st_mode) ? Grant::Kind::Folder : Grant::Kind::File;
    grant.mode = bind.mode;
    grant.executable = bind.executable;
    grant.mount.reset(cloneTree(place.get()));
    if (!grant.mount)
        return failedStep("copy the mount of what is granted", source);
    MountAttributes attributes{.readOnly = bind.mode == Permissions::Mode::ReadOnly, .executable = bind.executable};
    UniqueFd map;
    if (worker.foreign && (!attributes.readOnly || !isForAll(info))) {
        map = makeIdMap(info, worker);
        if (!map)
            return failedStep("map the owner of what is granted", source);
        attributes.idMap = map.get();
    }
    if (setMountAttributes(grant.mount.get(), attributes) != 0) {
        if (attributes.idMap >= 0)
            return failedStep("map the owner of what is granted: its file system has to support mapped mounts, or let "
                              "every user read it",
                              source);
        return failedStep("restrict the mount of what is granted", source);
    }
    return grant;
}

} // namespace

Result<std::vector<Grant>> openGrants(const std::vector<SandboxPolicy::Bind> &binds, const WorkerUser &worker)
{
    std::vector<Grant> grants;
    for (const SandboxPolicy::Bind &bind : binds) {
        auto grant = openGrant(bind, worker);
        if (!grant)
            return tl::make_unexpected(grant.error());
        grants.push_back(std::move(*grant));
    }
    return grants;
}

} // namespace kiln::launcher

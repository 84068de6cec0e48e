// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/lock.h"

#include "core/project/plain_file.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>

namespace fs = std::filesystem;

namespace kiln {

Result<fs::path> stateFolder(const fs::path &workspace)
{
    const fs::path folder = workspace / ".kiln";
    if (!isPlainFolder(folder)) {
        if (auto made = makePlainFolder(folder, 0700); !made) {
            Error error = made.error();
            error.remedy = "make the workspace writable for your user to keep history and revisions in it";
            return tl::make_unexpected(std::move(error));
        }
    }
    struct stat status = {};
    if (::lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return failErrno(Error::Code::Io, errno, "cannot be used", folder.string());
    if (status.st_uid != ::geteuid())
        return fail(Error::Code::Io, "belongs to another user", folder.string());
    // Secrets and payloads are in it.
    if ((status.st_mode & 077u) != 0 && ::chmod(folder.c_str(), 0700) != 0)
        return failErrno(Error::Code::Io, errno, "cannot be made private", folder.string());
    return folder;
}

Result<WorkspaceLock> WorkspaceLock::acquire(const fs::path &workspace)
{
    const auto state = stateFolder(workspace);
    if (!state)
        return tl::make_unexpected(state.error());
    const fs::path path = *state / "lock";
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!fd)
        return failErrno(Error::Code::Io, errno, "this workspace cannot be written, so it is open read-only",
                         workspace.string(), "make it writable for your user");
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return failErrno(Error::Code::Io, errno, "cannot be locked", path.string());
        std::array<char, 16> pid{};
        const ssize_t length = ::pread(fd.get(), pid.data(), pid.size() - 1, 0);
        std::string owner(pid.data(), std::size_t(length > 0 ? length : 0));
        owner.erase(std::min(owner.find_first_not_of("0123456789"), owner.size()));
        return fail(Error::Code::Busy,
                    "another Kiln" + (owner.empty() ? std::string() : " (process " + owner + ")") +
                        " has this workspace open, so it is open read-only here",
                    workspace.string(), "close the other one");
    }
    // The file stays when the lock goes: removing it would let two processes lock two files of one name.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) != ssize_t(pid.size()))
        return failErrno(Error::Code::Io, errno, "cannot be written", path.string());
    return WorkspaceLock(std::move(fd));
}

} // namespace kiln

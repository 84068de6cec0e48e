// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/trust.h"

#include "core/base/unique_fd.h"
#include "core/project/plain_file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <pwd.h>
#include <sstream>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr std::size_t maxList = std::size_t(4) << 20;

/// One line of the list: "DEVICE INODE OWNER PATH", with line breaks in paths escaped.
std::optional<std::string> lineFor(const fs::path &workspace)
{
    std::error_code error;
    const fs::path real = fs::canonical(workspace, error);
    struct stat status = {};
    if (error || ::lstat(real.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return std::nullopt;
    std::string path;
    for (const char c : real.string())
        path += c == '\n' ? std::string("\\n") : c == '\\' ? std::string("\\\\") : std::string(1, c);
    return std::to_string(status.st_dev) + " " + std::to_string(status.st_ino) + " " + std::to_string(status.st_uid) +
           " " + path;
}

bool isOurs(const fs::path &file)
{
    struct stat status = {};
    return ::lstat(file.c_str(), &status) == 0 && status.st_uid == ::geteuid() && (status.st_mode & 022u) == 0;
}

} // namespace

fs::path TrustStore::defaultFile()
{
    // The specification: a relative path in the variable is to be ignored.
    if (const char *state = std::getenv("XDG_STATE_HOME"); state && *state == '/')
        return fs::path(state) / "kiln" / "trusted";
    const char *home = std::getenv("HOME");
    if (!home || *home != '/') {
        const passwd *user = ::getpwuid(::geteuid());
        home = user ? user->pw_dir : "/";
    }
    return fs::path(home) / ".local" / "state" / "kiln" / "trusted";
}

bool TrustStore::isTrusted(const fs::path &workspace) const
{
    const auto wanted = lineFor(workspace);
    const auto list = isOurs(m_file) ? readPlainFile(m_file, maxList) : fail(Error::Code::NotFound, "");
    if (!wanted || !list)
        return false;
    std::istringstream lines(list->bytes);
    for (std::string line; std::getline(lines, line);) {
        if (line == *wanted)
            return true;
    }
    return false;
}

Result<> TrustStore::trust(const fs::path &workspace)
{
    const auto line = lineFor(workspace);
    if (!line)
        return fail(Error::Code::NotFound, "there is no such folder", workspace.string());
    std::error_code error;
    fs::create_directories(m_file.parent_path(), error);
    if (error)
        return failErrno(Error::Code::Io, error.value(), "cannot be made as a folder", m_file.parent_path().string());

    const fs::path lockFile = m_file.string() + ".lock";
    const UniqueFd lock(::open(lockFile.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0)
        return failErrno(Error::Code::Io, errno, "cannot be locked", lockFile.string());
    if (isTrusted(workspace))
        return {};
    std::string list;
    if (isOurs(m_file)) {
        auto old = readPlainFile(m_file, maxList);
        if (!old)
            return tl::make_unexpected(old.error());
        list = std::move(old->bytes);
    } else if (fs::symlink_status(m_file, error).type() != fs::file_type::not_found) {
        return fail(Error::Code::Untrusted, "others than you can write this list, so it is not used", m_file.string(),
                    "look at it, then remove it or run: chmod go-w on it");
    }
    return writePlainFile(m_file, list + *line + "\n", {.newMode = 0600});
}

} // namespace kiln

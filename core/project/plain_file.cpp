// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/plain_file.h"

#include "core/base/unique_fd.h"
#include "core/base/utf8.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>

namespace kiln {

namespace {

constexpr int noTrap = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

bool writeAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        bytes.remove_prefix(std::size_t(count));
    }
    return true;
}

/// Hidden, and ending in "~": neither watchers nor revisions look at it.
std::filesystem::path temporaryBeside(const std::filesystem::path &path)
{
    static std::atomic<unsigned> counter{0};
    return path.parent_path() /
           ("." + path.filename().string() + "." + std::to_string(::getpid()) + "-" + std::to_string(++counter) + "~");
}

} // namespace

FileStamp FileStamp::of(const struct stat &status)
{
    const auto ns = [](const timespec &time) { return std::int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec; };
    return {status.st_dev, status.st_ino, status.st_size, ns(status.st_mtim), ns(status.st_ctim)};
}

Result<FileBytes> readPlainFile(const std::filesystem::path &path, std::size_t maxBytes)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | noTrap));
    if (!fd) {
        if (errno == ELOOP)
            return fail(Error::Code::InvalidArgument, "this is a symbolic link, and Kiln follows none here",
                        path.string(), "put the file itself there");
        const int cause = errno;
        return failErrno(cause == ENOENT ? Error::Code::NotFound : Error::Code::Io, cause, "cannot be read",
                         path.string());
    }
    struct stat status = {};
    if (::fstat(fd.get(), &status) != 0)
        return failErrno(Error::Code::Io, errno, "cannot be read", path.string());
    if (!S_ISREG(status.st_mode))
        return fail(Error::Code::InvalidArgument, "this is no plain file", path.string());
    if (std::size_t(status.st_size) > maxBytes)
        return fail(Error::Code::LimitExceeded, "larger than " + std::to_string(maxBytes >> 10) + " KB", path.string());

    FileBytes file{std::string(std::size_t(status.st_size), '\0'), FileStamp::of(status), status.st_mode & 07777u};
    std::size_t got = 0;
    while (got < file.bytes.size()) {
        const ssize_t count = ::read(fd.get(), file.bytes.data() + got, file.bytes.size() - got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failErrno(Error::Code::Io, errno, "cannot be read", path.string());
        if (count == 0)
            break; // cut meanwhile; the watcher tells of it
        got += std::size_t(count);
    }
    file.bytes.resize(got);
    return file;
}

Result<> writePlainFile(const std::filesystem::path &path, std::string_view bytes, const WriteOptions &options)
{
    struct stat status = {};
    const bool exists = ::lstat(path.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode))
        return fail(Error::Code::InvalidArgument, "this is no plain file, and Kiln writes through no link",
                    path.string());
    const mode_t mode = exists ? status.st_mode & 07777u : options.newMode;
    const bool sync = options.durability == WriteOptions::Durability::Synced;

    const std::filesystem::path temporary = temporaryBeside(path);
    UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | noTrap, 0600));
    if (!fd)
        return failErrno(Error::Code::Io, errno, "cannot be written", path.string(),
                         "make the folder writable for your user");
    const auto giveUp = [&](int cause) {
        ::unlink(temporary.c_str());
        return failErrno(Error::Code::Io, cause, "cannot be written; the old file is as it was", path.string());
    };
    if (!writeAll(fd.get(), bytes) || ::fchmod(fd.get(), mode) != 0 || (sync && ::fsync(fd.get()) != 0))
        return giveUp(errno);
    fd.reset();
    if (options.unchangedSince) {
        if (::lstat(path.c_str(), &status) != 0 || FileStamp::of(status) != *options.unchangedSince) {
            ::unlink(temporary.c_str());
            return fail(Error::Code::Busy, "the file was changed by another program meanwhile", path.string(),
                        "look at it and try again");
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        return giveUp(errno);
    if (!sync)
        return {};
    const UniqueFd folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder)
        ::fsync(folder.get());
    return {};
}

Result<> makePlainFolder(const std::filesystem::path &path, mode_t mode)
{
    if (::mkdir(path.c_str(), mode) == 0) {
        // mkdir's mode is cut by the umask, and a private folder must be exactly that.
        if (::chmod(path.c_str(), mode) == 0)
            return {};
    } else if (errno == EEXIST && isPlainFolder(path)) {
        return {};
    }
    return failErrno(Error::Code::Io, errno, "cannot be made as a folder", path.string());
}

bool isPlainFolder(const std::filesystem::path &path)
{
    struct stat status = {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool isTaken(const std::filesystem::path &path)
{
    struct stat status = {};
    return ::lstat(path.c_str(), &status) == 0;
}

bool isFileName(std::string_view name)
{
    if (name.empty() || name.size() > 100 || name.front() == '.' || !isUtf8(name))
        return false;
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '/' || c == '\\' || c == 0x7f)
            return false;
    }
    return true;
}

} // namespace kiln

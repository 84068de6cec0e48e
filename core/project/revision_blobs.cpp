// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/revision_blobs.h"

#include "core/base/digest.h"
#include "core/base/unique_fd.h"

#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr int maxReads = 3;

std::int64_t machineTimeNs()
{
    // Compared with file stamps only, which the kernel takes from this clock whatever clock is injected here.
    timespec now = {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

bool writeAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR)
            return false;
        bytes.remove_prefix(std::size_t(std::max<ssize_t>(count, 0)));
    }
    return true;
}

/// Hashes what can be read, and copies it unless `to` is -1; the number of bytes is bounded by what stat said.
Result<std::string> pump(int from, int to, std::int64_t most, const std::string &place)
{
    Sha256 hash;
    std::array<char, 128 << 10> buffer; // NOLINT: filled by read
    for (std::int64_t total = 0;;) {
        const ssize_t count = ::read(from, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failErrno(Error::Code::Io, errno, "cannot be read", place);
        total += count;
        if (count == 0 || total > most) // larger than it was: the caller sees that it changed
            return hash.hex();
        hash.add({buffer.data(), std::size_t(count)});
        if (to >= 0 && !writeAll(to, {buffer.data(), std::size_t(count)}))
            return failErrno(Error::Code::Io, errno, "cannot be copied into the revision", place,
                             "look whether the disk is full");
    }
}

} // namespace

fs::path RevisionBlobs::blob(const std::string &hash, CodeFile::Kind kind) const
{
    return m_folder / (kind == CodeFile::Kind::Executable ? hash + ".x" : hash);
}

Result<std::string> RevisionBlobs::take(const fs::path &root, const CodeFile &file, Trust trust)
{
    if (trust == Trust::Cache) {
        if (auto known = m_cache.find(file.stamp))
            return *known;
    }
    return copy(root / file.path, file);
}

Result<std::string> RevisionBlobs::copy(const fs::path &source, const CodeFile &file)
{
    const fs::path temporary = m_folder / (".new-" + std::to_string(++m_temporary));
    for (int attempt = 0; attempt < maxReads; ++attempt) {
        const std::int64_t now = machineTimeNs();
        const UniqueFd from(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
        if (!from)
            return failErrno(Error::Code::Io, errno, "cannot be read", source.string());
        struct stat before = {};
        if (::fstat(from.get(), &before) != 0 || !S_ISREG(before.st_mode))
            return fail(Error::Code::InvalidArgument, "this is no plain file any more", source.string());
        if (before.st_size > maxCodeSize.count)
            return fail(Error::Code::LimitExceeded, "larger than " + toText(maxCodeSize), source.string());

        ::unlink(temporary.c_str());
        UniqueFd to(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!to)
            return failErrno(Error::Code::Io, errno, "cannot be written", temporary.string());
        const auto hash = pump(from.get(), to.get(), before.st_size, source.string());
        struct stat after = {};
        const bool same = ::fstat(from.get(), &after) == 0 && FileStamp::of(after) == FileStamp::of(before);
        if (!hash || !same) {
            ::unlink(temporary.c_str());
            if (!hash)
                return hash;
            continue;
        }
        const mode_t mode = file.kind == CodeFile::Kind::Executable ? 0555 : 0444;
        const fs::path target = blob(*hash, file.kind);
        struct stat present = {};
        if (::lstat(target.c_str(), &present) == 0 && present.st_size == before.st_size) {
            ::unlink(temporary.c_str());
        } else if (::fchmod(to.get(), mode) != 0 || ::rename(temporary.c_str(), target.c_str()) != 0) {
            const int cause = errno;
            ::unlink(temporary.c_str());
            return failErrno(Error::Code::Io, cause, "cannot be written", target.string());
        }
        m_cache.remember(FileStamp::of(before), *hash, now);
        return hash;
    }
    return fail(Error::Code::Busy, "this file changes while it is read", source.string(),
                "save again when the other program is done with it");
}

Result<> RevisionBlobs::link(const std::string &hash, CodeFile::Kind kind, const fs::path &to)
{
    const fs::path from = blob(hash, kind);
    if (::link(from.c_str(), to.c_str()) == 0)
        return {};
    if (errno == ENOENT)
        return fail(Error::Code::NotFound, "this blob is gone", from.string());
    if (errno != EMLINK && errno != EPERM && errno != EOPNOTSUPP)
        return failErrno(Error::Code::Io, errno, "cannot be linked", to.string());
    // A file system without hard links, or an empty __init__.py with 65,000 of them.
    std::error_code error;
    fs::copy_file(from, to, error);
    if (!error) { // no blob to check it against after a power failure
        const UniqueFd copied(::open(to.c_str(), O_RDONLY | O_CLOEXEC));
        if (copied)
            ::fsync(copied.get());
    }
    if (error || ::chmod(to.c_str(), kind == CodeFile::Kind::Executable ? 0555 : 0444) != 0)
        return failErrno(Error::Code::Io, error ? error.value() : errno, "cannot be copied", to.string());
    return {};
}

void RevisionBlobs::removeUnlinked()
{
    std::error_code error;
    for (fs::directory_iterator it(m_folder, error), end; !error && it != end; it.increment(error)) {
        struct stat status = {};
        if (::lstat(it->path().c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1)
            ::unlink(it->path().c_str());
    }
}

std::set<std::uint64_t> RevisionBlobs::removeTorn()
{
    std::set<std::uint64_t> torn;
    std::error_code error;
    for (fs::directory_iterator it(m_folder, error), end; !error && it != end; it.increment(error)) {
        const fs::path &path = it->path();
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        struct stat status = {};
        if (!fd || ::fstat(fd.get(), &status) != 0)
            continue;
        const auto hash = pump(fd.get(), -1, status.st_size, path.string());
        if (hash && *hash == path.stem().string())
            continue;
        torn.insert(status.st_ino);
        ::unlink(path.c_str());
    }
    return torn;
}

} // namespace kiln

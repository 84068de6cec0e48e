// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/code_files.h"

#include "core/base/unique_fd.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr int maxFolderDepth = 64;

struct CloseDir
{
    void operator()(DIR *dir) const { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

Dir openDir(int parent, const char *name)
{
    const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return nullptr;
    Dir dir(::fdopendir(fd));
    if (!dir)
        ::close(fd);
    return dir;
}

/// A link stays inside when its target is relative, climbs only at its front, and no higher than the folder: then no
/// chain of such links leaves either.
bool staysInside(const std::string &target, int depth)
{
    if (target.empty() || target.front() == '/')
        return false;
    int climbs = 0;
    bool descended = false;
    for (const fs::path &part : fs::path(target)) {
        if (part == "..") {
            if (descended || ++climbs > depth)
                return false;
        } else if (part != "." && !part.empty()) {
            descended = true;
        }
    }
    return true;
}

class CodeWalk
{
public:
    enum class Strictness { All, Showing };

    CodeWalk(Strictness strictness, std::size_t most)
        : m_strictness(strictness)
        , m_most(most)
    {}

    Result<> walk(const fs::path &folder)
    {
        m_folder = folder;
        const Dir dir = openDir(AT_FDCWD, folder.c_str());
        if (!dir)
            return failErrno(Error::Code::Io, errno, "cannot be read", folder.string());
        return walkDir(dir.get(), "", 0);
    }

    std::vector<CodeFile> files;

private:
    [[nodiscard]] auto refuse(Error::Code code, const std::string &path, std::string message,
                              std::string remedy = {}) const
    {
        return fail(code, std::move(message), (m_folder / path).string(), std::move(remedy));
    }

    Result<> walkDir(DIR *dir, const std::string &prefix, int depth)
    {
        if (depth > maxFolderDepth)
            return refuse(Error::Code::LimitExceeded, prefix, "folders are nested more than 64 deep");
        std::vector<std::string> names;
        while (const dirent *entry = ::readdir(dir)) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == ".." || isNoCode(name))
                continue;
            if (depth == 0 && (name == "function.yaml" || name == "events"))
                continue;
            if (++m_seen > maxCodeFiles)
                return refuse(Error::Code::LimitExceeded, "",
                              "more than " + std::to_string(maxCodeFiles) + " files in one function",
                              "move what is no code elsewhere and grant it under permissions.files");
            names.emplace_back(name);
        }
        std::sort(names.begin(), names.end());
        for (const std::string &name : names) {
            if (files.size() >= m_most)
                return {};
            if (auto done = take(::dirfd(dir), name, prefix + name, depth); !done && m_strictness == Strictness::All)
                return done;
        }
        return {};
    }

    Result<> take(int parent, const std::string &name, const std::string &path, int depth)
    {
        struct stat status = {};
        if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT)
                return {}; // gone meanwhile, like a file that never was
            return failErrno(Error::Code::Io, errno, "cannot be read", (m_folder / path).string());
        }
        CodeFile file{path, CodeFile::Kind::File, FileStamp::of(status), {}};
        if (S_ISDIR(status.st_mode)) {
            const Dir dir = openDir(parent, name.c_str());
            if (!dir)
                return failErrno(Error::Code::Io, errno, "cannot be read", (m_folder / path).string());
            return walkDir(dir.get(), path + "/", depth + 1);
        }
        if (S_ISLNK(status.st_mode)) {
            std::array<char, 4096> target{};
            const ssize_t length = ::readlinkat(parent, name.c_str(), target.data(), target.size());
            file.kind = CodeFile::Kind::Link;
            file.target.assign(target.data(), std::size_t(std::max<ssize_t>(length, 0)));
            if (!staysInside(file.target, depth))
                return refuse(Error::Code::InvalidArgument, path,
                              "this symbolic link leads out of the function's folder (to " + file.target + ")",
                              "copy the file here, or grant it under permissions.files");
        } else if (S_ISREG(status.st_mode)) {
            if (status.st_mode & S_IXUSR)
                file.kind = CodeFile::Kind::Executable;
            m_bytes += status.st_size;
            if (m_bytes > maxCodeSize.count)
                return refuse(Error::Code::LimitExceeded, "",
                              "the function's files are larger than " + toText(maxCodeSize) + " together",
                              "move data elsewhere and grant it under permissions.files");
        } else {
            return refuse(Error::Code::InvalidArgument, path,
                          "this is a FIFO, socket or device; code is plain files, folders and links", "remove it");
        }
        files.push_back(std::move(file));
        return {};
    }

    Strictness m_strictness;
    std::size_t m_most;
    fs::path m_folder;
    std::size_t m_seen = 0;
    std::int64_t m_bytes = 0;
};

} // namespace

bool isNoCode(std::string_view name)
{
    static constexpr std::array<std::string_view, 8> names{"__pycache__", ".git",      ".hg",         ".svn",
                                                           ".kiln",       ".DS_Store", ".mypy_cache", ".pytest_cache"};
    return std::find(names.begin(), names.end(), name) != names.end() ||
           name.ends_with('~') // backups; Kiln's own temporary files
           || (name.starts_with('.') &&
               (name.ends_with(".swp") || name.ends_with(".swo") || name.ends_with(".swx"))) // vim
           || name.starts_with(".#") || (name.starts_with('#') && name.ends_with('#'))       // emacs
           || name == "4913" || (name.starts_with('.') && name.ends_with(".kate-swp"));
}

Result<std::vector<CodeFile>> listCode(const fs::path &folder)
{
    CodeWalk walk(CodeWalk::Strictness::All, maxCodeFiles);
    if (auto done = walk.walk(folder); !done)
        return tl::make_unexpected(std::move(done.error()));
    // "a.b" sorts before "a/b", whichever order folders were entered in.
    std::sort(walk.files.begin(), walk.files.end(),
              [](const CodeFile &a, const CodeFile &b) { return a.path < b.path; });
    return std::move(walk.files);
}

std::vector<std::string> listCodePaths(const fs::path &folder, std::size_t most)
{
    CodeWalk walk(CodeWalk::Strictness::Showing, most);
    std::vector<std::string> paths;
    (void)walk.walk(folder); // what could be seen until it failed is shown; the revision tells why
    for (CodeFile &file : walk.files)
        paths.push_back(std::move(file.path));
    std::sort(paths.begin(), paths.end());
    return paths;
}

} // namespace kiln

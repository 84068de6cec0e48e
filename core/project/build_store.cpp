// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/build_store.h"

#include "core/project/plain_file.h"

#include <cerrno>
#include <unistd.h>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr std::string_view temporaryPrefix = ".tmp-";

Result<> cannot(int error, const char *what, const fs::path &path)
{
    return failErrno(Error::Code::Io, error, what, path.string());
}

/// The same files under a further name each.
Result<> linkTree(const fs::path &from, const fs::path &to)
{
    if (auto made = makePlainFolder(to, 0755); !made)
        return made;
    std::error_code error;
    for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
        const fs::path target = to / it->path().filename();
        if (it->is_symlink()) {
            fs::copy_symlink(it->path(), target, error);
        } else if (it->is_directory()) {
            if (auto done = linkTree(it->path(), target); !done)
                return done;
        } else if (::link(it->path().c_str(), target.c_str()) != 0) {
            return cannot(errno, "cannot be linked", it->path());
        }
        if (error)
            break;
    }
    return error ? cannot(error.value(), "cannot be read", from) : Result<>();
}

Result<> writeBuilt(const fs::path &folder, const BuiltFile &file)
{
    const fs::path path = folder / file.path;
    if (auto made = makePlainFolder(path.parent_path(), 0755); !made)
        return made;
    const WriteOptions options{.newMode = 0555, .durability = WriteOptions::Durability::Cached};
    return writePlainFile(path, file.bytes, options);
}

} // namespace

std::optional<fs::path> BuildStore::find(const std::string &key) const
{
    const fs::path folder = m_folder / key;
    return isPlainFolder(folder) ? std::optional(folder) : std::nullopt;
}

Result<fs::path> BuildStore::add(const std::string &key, const fs::path &code, const std::vector<BuiltFile> &files)
{
    if (auto there = find(key))
        return *there;
    if (auto made = makePlainFolder(m_folder, 0755); !made)
        return tl::make_unexpected(made.error());
    const fs::path draft = m_folder / (std::string(temporaryPrefix) + key);
    std::error_code ignored;
    fs::remove_all(draft, ignored);
    auto done = linkTree(code, draft);
    for (std::size_t i = 0; done && i < files.size(); ++i)
        done = writeBuilt(draft, files[i]);
    if (done && ::rename(draft.c_str(), (m_folder / key).c_str()) != 0)
        done = cannot(errno, "cannot be renamed", draft);
    if (done)
        return m_folder / key;
    fs::remove_all(draft, ignored);
    return tl::make_unexpected(done.error());
}

void BuildStore::keepOnly(const std::set<std::string> &keys)
{
    std::error_code error;
    for (fs::directory_iterator it(m_folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (!keys.contains(it->path().filename().string()))
            fs::remove_all(it->path(), ignored);
    }
}

void BuildStore::removeHalfMade()
{
    std::error_code error;
    for (fs::directory_iterator it(m_folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->path().filename().string().starts_with(temporaryPrefix))
            fs::remove_all(it->path(), ignored);
    }
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/revision_store.h"

#include "core/base/digest.h"
#include "core/project/revision_blobs.h"
#include "core/project/settings_text.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sys/stat.h>
#include <system_error>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr std::string_view temporaryPrefix = ".tmp-";
constexpr std::string_view buildEnding = ".build";

bool isHash(std::string_view text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::vector<std::string> namesIn(const fs::path &folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        names.push_back(it->path().filename().string());
    return names;
}

/// Any user may enter, whatever the umask.
Result<> makeOpenFolder(const fs::path &path) { return makePlainFolder(path, 0755); }

/// A code file with the hash of its content (or of its target, for a link).
struct HashedFile
{
    const CodeFile *file = nullptr;
    std::string hash;
};

std::string hashOf(const std::vector<HashedFile> &files)
{
    Sha256 hash;
    for (const HashedFile &each : files) {
        const char kind = each.file->kind == CodeFile::Kind::Link         ? 'l'
                          : each.file->kind == CodeFile::Kind::Executable ? 'x'
                                                                          : 'f';
        hash.addField(each.file->path).add({&kind, 1}).addField(each.hash);
    }
    return hash.hex();
}

} // namespace

class RevisionStore::Implementation
{
public:
    explicit Implementation(fs::path folder)
        : m_folder(std::move(folder))
        , m_trees(m_folder / "trees")
        , m_blobs(m_folder / "blobs", m_folder / "stat-cache")
        , m_builds(m_folder / "builds")
    {}

    Result<> prepare()
    {
        for (const fs::path &each : {m_folder, m_trees, m_folder / "blobs"}) {
            if (auto made = makeOpenFolder(each); !made)
                return made;
        }
        for (const std::string &name : namesIn(m_trees)) {
            std::error_code ignored;
            if (name.starts_with(temporaryPrefix))
                fs::remove_all(m_trees / name, ignored);
        }
        m_builds.removeHalfMade();
        checkAfterBoot();
        return {};
    }

    Result<RevisionPtr> make(const FunctionSettings &settings, const fs::path &folder, WallTime now)
    {
        const auto listed = listCode(folder);
        if (!listed)
            return tl::make_unexpected(listed.error());
        auto tree = makeTree(folder, *listed, RevisionBlobs::Trust::Cache);
        if (!tree && tree.error().code == Error::Code::NotFound) // the cache knew a blob that is gone
            tree = makeTree(folder, *listed, RevisionBlobs::Trust::Nothing);
        if (!tree)
            return tl::make_unexpected(tree.error());

        const std::string revision = Sha256().addField(settingsText(settings)).addField(*tree).hex();
        const fs::path record = m_folder / revision;
        const std::string line = *tree + "\n";
        if (const auto old = readPlainFile(record, 128); !old || old->bytes != line) {
            const WriteOptions options{.newMode = 0600, .durability = WriteOptions::Durability::Cached};
            if (auto done = writePlainFile(record, line, options); !done)
                return tl::make_unexpected(done.error());
        }
        return std::make_shared<const Revision>(Revision{revision, settings, m_trees / *tree, now});
    }

    Result<fs::path> codeOf(const std::string &revision) const
    {
        const auto record = isHash(revision) ? readPlainFile(m_folder / revision, 128)
                                             : fail(Error::Code::InvalidArgument, "no name of a revision");
        const std::string tree = record ? record->bytes.substr(0, 64) : std::string();
        if (!isHash(tree) || !isPlainFolder(m_trees / tree))
            return fail(Error::Code::NotFound, "the code of this revision is not kept any more", revision);
        return m_trees / tree;
    }

    Result<> prune(const std::set<std::string> &keep)
    {
        std::set<std::string> trees, builds;
        for (const std::string &revision : keep) {
            if (const auto code = codeOf(revision))
                trees.insert(code->filename().string());
            if (const auto record = readPlainFile(buildRecord(revision), 128))
                builds.insert(record->bytes);
        }
        m_builds.keepOnly(builds);
        std::error_code error;
        for (const std::string &name : namesIn(m_folder)) {
            const std::string revision = name.ends_with(buildEnding) ? name.substr(0, 64) : name;
            if (isHash(revision) && !keep.contains(revision))
                fs::remove(m_folder / name, error);
        }
        for (const std::string &name : namesIn(m_trees)) {
            if (!trees.contains(name))
                fs::remove_all(m_trees / name, error);
            if (error)
                return failErrno(Error::Code::Io, error.value(), "cannot be removed", (m_trees / name).string());
        }
        m_blobs.removeUnlinked();
        return {};
    }

    std::optional<fs::path> built(const Revision &revision, const std::string &key) const
    {
        const auto found = m_builds.find(key);
        return found && recordBuild(revision, key) ? found : std::nullopt;
    }

    Result<fs::path> addBuilt(const Revision &revision, const std::string &key, const std::vector<BuiltFile> &files)
    {
        if (auto recorded = recordBuild(revision, key); !recorded)
            return tl::make_unexpected(recorded.error());
        return m_builds.add(key, revision.code, files);
    }

private:
    fs::path buildRecord(const std::string &revision) const { return m_folder / (revision + std::string(buildEnding)); }

    Result<> recordBuild(const Revision &revision, const std::string &key) const
    {
        const fs::path record = buildRecord(revision.hash);
        if (const auto old = readPlainFile(record, 128); old && old->bytes == key)
            return {};
        return writePlainFile(record, key, {.newMode = 0600, .durability = WriteOptions::Durability::Cached});
    }

    /// Nothing here waits for the disk, as a save must not; instead all is checked once after the machine was started,
    /// since only that can have torn it.
    void checkAfterBoot()
    {
        std::ifstream file("/proc/sys/kernel/random/boot_id");
        std::string boot;
        std::getline(file, boot);
        const auto last = readPlainFile(m_folder / "boot", 128);
        if (!boot.empty() && last && last->bytes == boot)
            return;
        m_builds.keepOnly({}); // built again when needed
        const std::set<std::uint64_t> torn = m_blobs.removeTorn();
        for (const std::string &name : torn.empty() ? std::vector<std::string>{} : namesIn(m_trees)) {
            std::error_code error;
            if (holdsAny(m_trees / name, torn))
                fs::remove_all(m_trees / name, error);
        }
        (void)writePlainFile(m_folder / "boot", boot, {.durability = WriteOptions::Durability::Cached}); // else again
    }

    static bool holdsAny(const fs::path &tree, const std::set<std::uint64_t> &inodes)
    {
        std::error_code error;
        for (fs::recursive_directory_iterator it(tree, error), end; !error && it != end; it.increment(error)) {
            struct stat status = {};
            if (::lstat(it->path().c_str(), &status) != 0 || inodes.contains(status.st_ino))
                return true;
        }
        return bool(error);
    }

    /// Name of the tree with exactly these files.
    Result<std::string> makeTree(const fs::path &folder, const std::vector<CodeFile> &files, RevisionBlobs::Trust trust)
    {
        std::vector<HashedFile> hashed;
        hashed.reserve(files.size());
        for (const CodeFile &file : files) {
            if (file.kind == CodeFile::Kind::Link) {
                hashed.push_back({&file, file.target});
                continue;
            }
            auto hash = m_blobs.take(folder, file, trust);
            if (!hash)
                return hash;
            hashed.push_back({&file, std::move(*hash)});
        }
        const std::string name = hashOf(hashed);
        m_blobs.saveCache();
        if (isPlainFolder(m_trees / name))
            return name;
        const fs::path draft = m_trees / (std::string(temporaryPrefix) + name);
        auto done = fill(draft, hashed);
        if (done && ::rename(draft.c_str(), (m_trees / name).c_str()) != 0)
            done = failErrno(Error::Code::Io, errno, "cannot be renamed", draft.string());
        if (done)
            return name;
        std::error_code ignored;
        fs::remove_all(draft, ignored);
        return tl::make_unexpected(done.error());
    }

    Result<> fill(const fs::path &draft, const std::vector<HashedFile> &files)
    {
        std::error_code ignored;
        fs::remove_all(draft, ignored);
        if (auto made = makeOpenFolder(draft); !made)
            return made;
        std::string present; // the folder that the last file was in
        for (const HashedFile &each : files) {
            const std::string parent = fs::path(each.file->path).parent_path().string();
            if (parent != present) {
                if (auto made = makeFolders(draft, parent); !made)
                    return made;
                present = parent;
            }
            const fs::path to = draft / each.file->path;
            if (each.file->kind != CodeFile::Kind::Link) {
                if (auto done = m_blobs.link(each.hash, each.file->kind, to); !done)
                    return done;
            } else if (::symlink(each.file->target.c_str(), to.c_str()) != 0) {
                return failErrno(Error::Code::Io, errno, "cannot be made as a link", to.string());
            }
        }
        return {};
    }

    static Result<> makeFolders(const fs::path &root, const fs::path &relative)
    {
        fs::path folder = root;
        for (const fs::path &part : relative) {
            folder /= part;
            if (auto made = makeOpenFolder(folder); !made)
                return made;
        }
        return {};
    }

    fs::path m_folder;
    fs::path m_trees;
    RevisionBlobs m_blobs;
    BuildStore m_builds;
};

RevisionStore::RevisionStore(std::unique_ptr<Implementation> implementation)
    : m_implementation(std::move(implementation))
{}
RevisionStore::~RevisionStore() = default;

Result<std::unique_ptr<RevisionStore>> RevisionStore::open(fs::path folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    // Sandboxes bind the code from there, and follow no link on the way.
    fs::path real = error ? fs::path() : fs::canonical(folder, error);
    if (error)
        return failErrno(Error::Code::Io, error.value(), "cannot be made as a folder", folder.string());
    auto implementation = std::make_unique<Implementation>(std::move(real));
    if (auto done = implementation->prepare(); !done)
        return tl::make_unexpected(done.error());
    return std::unique_ptr<RevisionStore>(new RevisionStore(std::move(implementation)));
}

Result<RevisionPtr> RevisionStore::make(const FunctionSettings &settings, const fs::path &functionFolder, WallTime now)
{
    return m_implementation->make(settings, functionFolder, now);
}

Result<fs::path> RevisionStore::codeOf(const std::string &revision) const { return m_implementation->codeOf(revision); }

std::optional<fs::path> RevisionStore::built(const Revision &revision, const std::string &key) const
{
    return m_implementation->built(revision, key);
}

Result<fs::path> RevisionStore::addBuilt(const Revision &revision, const std::string &key,
                                         const std::vector<BuiltFile> &files)
{
    return m_implementation->addBuilt(revision, key, files);
}

Result<> RevisionStore::prune(const std::set<std::string> &keep) { return m_implementation->prune(keep); }

} // namespace kiln

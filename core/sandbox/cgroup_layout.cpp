// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/cgroup_layout.h"

#include "core/sandbox/cgroup_mounts.h"
#include "core/sandbox/small_file.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <set>
#include <sstream>
#include <unistd.h>
#include <vector>

namespace kiln {
namespace {

namespace fs = std::filesystem;

constexpr const char *prefix = "kiln-";
constexpr const char *delegationRemedy = "start Kiln by `systemd-run --user --scope -p Delegate=yes`";

bool offers(const fs::path &folder, const char *file, std::string_view controller)
{
    std::string words = readSmallFile(folder / file).value_or(std::string());
    for (char &c : words)
        c = c == '\n' ? ' ' : c;
    return hasWord(words, controller, ' ');
}

bool makeFolder(const fs::path &folder)
{
    std::error_code error;
    fs::create_directory(folder, error);
    return !error;
}

/// Lets the children of `folder` be limited. A cgroup that has processes of its own cannot (except the very top one).
bool enableControllers(const fs::path &folder)
{
    for (const char *controller : {"memory", "pids", "cpu"})
        if (!offers(folder, "cgroup.subtree_control", controller) &&
            writeSmallFile(folder / "cgroup.subtree_control", std::string("+") + controller) != 0 &&
            std::strcmp(controller, "cpu") != 0)
            return false;
    return true;
}

std::optional<CgroupLayout> makeV2Under(const fs::path &parent, const std::string &name)
{
    const fs::path folder = parent / name;
    if (::access(parent.c_str(), W_OK) != 0 || !makeFolder(folder))
        return std::nullopt;
    if (!offers(folder, "cgroup.controllers", "memory") || !offers(folder, "cgroup.controllers", "pids") ||
        !enableControllers(folder)) {
        ::rmdir(folder.c_str());
        return std::nullopt;
    }
    CgroupLayout layout;
    layout.version = CgroupLayout::Version::V2;
    layout.memory = layout.pids = layout.accounting = folder;
    if (offers(folder, "cgroup.controllers", "cpu"))
        layout.cpu = folder;
    else
        layout.note = "CPU shares are not limited: the cpu controller is not delegated";
    return layout;
}

/// Moves this process and its parent (the engine) one level down, when nobody else is in the folder, so that the folder
/// may have limited children beside them.
bool stepDown(const fs::path &own)
{
    std::istringstream pids(readSmallFile(own / "cgroup.procs").value_or(std::string()));
    std::vector<int> here;
    for (int pid = 0; pids >> pid;) {
        if (pid != ::getpid() && pid != ::getppid())
            return false;
        here.push_back(pid);
    }
    const fs::path leaf = own / "kiln-engine";
    if (here.empty() || !makeFolder(leaf))
        return false;
    for (const int pid : here)
        if (writeSmallFile(leaf / "cgroup.procs", std::to_string(pid)) != 0)
            return false;
    return true;
}

std::optional<CgroupLayout> makeV2(const CgroupHost &host, const fs::path &mount, const std::string &name)
{
    if (host.root) {
        if (!offers(mount, "cgroup.controllers", "memory") || !enableControllers(mount))
            return std::nullopt;
        return makeV2Under(mount, name);
    }
    const fs::path own = cgroupFolderOf(host.own, {}, mount);
    // An ancestor that already hands controllers to its children and that is ours to write: never above the mount.
    for (fs::path folder = own; folder != mount && folder.has_relative_path(); folder = folder.parent_path())
        if (folder != own && ::access((folder / "cgroup.procs").c_str(), W_OK) == 0 &&
            offers(folder, "cgroup.subtree_control", "memory"))
            if (auto layout = makeV2Under(folder, name))
                return layout;
    if (own.empty() || own == mount || ::access((own / "cgroup.procs").c_str(), W_OK) != 0 || !stepDown(own) ||
        !enableControllers(own))
        return std::nullopt;
    return makeV2Under(own, name);
}

std::optional<CgroupLayout> makeV1(const CgroupMounts &mounts, const std::string &name)
{
    if (mounts.memory.empty() || mounts.pids.empty())
        return std::nullopt;
    CgroupLayout layout;
    layout.version = CgroupLayout::Version::V1;
    layout.memory = mounts.memory / name;
    layout.pids = mounts.pids / name;
    if (!makeFolder(layout.memory))
        return std::nullopt;
    if (!makeFolder(layout.pids)) {
        ::rmdir(layout.memory.c_str());
        return std::nullopt;
    }
    // Before Linux 5.11 a v1 memory cgroup did not count its children unless told to; later it always does.
    (void)writeSmallFile(layout.memory / "memory.use_hierarchy", "1");
    if (!mounts.cpu.empty() && makeFolder(mounts.cpu / name))
        layout.cpu = mounts.cpu / name;
    else
        layout.note = "CPU shares are not limited: no cpu hierarchy";
    if (!mounts.cpuacct.empty() && makeFolder(mounts.cpuacct / name))
        layout.accounting = mounts.cpuacct / name;
    return layout;
}

/// "kiln-NAME-PID-START" of an engine that does not live any more.
bool isStale(const std::string &folder, const fs::path &proc)
{
    if (!folder.starts_with(prefix))
        return false;
    const std::size_t second = folder.rfind('-');
    const std::size_t first =
        second == std::string::npos || second == 0 ? std::string::npos : folder.rfind('-', second - 1);
    if (first == std::string::npos || first < std::strlen(prefix))
        return false;
    int pid = 0;
    std::uint64_t start = 0;
    const char *const end = folder.data() + folder.size();
    const auto pidEnd = std::from_chars(folder.data() + first + 1, folder.data() + second, pid);
    const auto startEnd = std::from_chars(folder.data() + second + 1, end, start);
    if (pidEnd.ec != std::errc() || pidEnd.ptr != folder.data() + second || startEnd.ec != std::errc() ||
        startEnd.ptr != end)
        return false;
    return startTimeOf(pid, proc) != start;
}

bool removeFolder(const fs::path &folder)
{
    std::error_code ignored;
    std::vector<fs::path> files;
    for (auto entry = fs::directory_iterator(folder, ignored); entry != fs::directory_iterator();
         entry.increment(ignored)) {
        if (entry->is_directory(ignored) && !entry->is_symlink(ignored))
            removeFolder(entry->path());
        else
            files.push_back(entry->path());
    }
    if (::rmdir(folder.c_str()) == 0 || errno == ENOENT)
        return true;
    if (errno != ENOTEMPTY)
        return false; // EBUSY: processes are in it.
    // Never on cgroupfs, whose folders go with their files: this is a fake tree.
    for (const fs::path &file : files)
        ::unlink(file.c_str());
    return ::rmdir(folder.c_str()) == 0;
}

std::set<fs::path> foldersOf(const CgroupLayout &layout)
{
    std::set<fs::path> folders{layout.memory, layout.pids, layout.cpu, layout.accounting};
    folders.erase(fs::path());
    return folders;
}

} // namespace

std::string cgroupFolderName(const std::string &instance, int pid, std::uint64_t startTime)
{
    return prefix + instance + "-" + std::to_string(pid) + "-" + std::to_string(startTime);
}

CgroupLayout makeCgroupLayout(const CgroupHost &host, const std::string &name)
{
    const CgroupMounts mounts = readCgroupMounts(host.mountInfo);
    if (!mounts.v2.empty())
        if (auto layout = makeV2(host, mounts.v2, name))
            return *layout;
    if (auto layout = makeV1(mounts, name))
        return *layout;
    CgroupLayout none;
    if (mounts.v2.empty() && mounts.memory.empty())
        none.note = "no cgroup file system is mounted";
    else if (host.root)
        none.note = "the memory and pids controllers cannot be used here";
    else
        none.note = std::string("no cgroup with memory and pids is delegated to this user: ") + delegationRemedy;
    return none;
}

int sweepStaleCgroups(const CgroupHost &host, const CgroupLayout &layout)
{
    std::set<fs::path> parents;
    for (const fs::path &folder : foldersOf(layout))
        parents.insert(folder.parent_path());
    int removed = 0;
    for (const fs::path &parent : parents) {
        std::vector<fs::path> stale;
        std::error_code ignored;
        for (auto entry = fs::directory_iterator(parent, ignored); entry != fs::directory_iterator();
             entry.increment(ignored))
            if (entry->is_directory(ignored) && isStale(entry->path().filename().native(), host.proc))
                stale.push_back(entry->path());
        for (const fs::path &folder : stale)
            removed += removeFolder(folder) ? 1 : 0;
    }
    return removed;
}

bool removeCgroupLayout(const CgroupLayout &layout)
{
    bool gone = true;
    for (const fs::path &folder : foldersOf(layout))
        gone = removeFolder(folder) && gone;
    return gone;
}

} // namespace kiln

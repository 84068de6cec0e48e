// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/carried_state.h"

#include "core/base/unique_fd.h"
#include "core/base/utf8.h"
#include "core/sandbox/isolation_check.h"
#include "core/sandbox/process_status.h"
#include "core/sandbox/process_tree.h"
#include "core/sandbox/small_file.h"
#include "core/sandbox/socket_table.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sstream>
#include <sys/stat.h>

namespace kiln {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t mostShown = 100;
constexpr std::size_t mostEntries = 10'000; ///< Looked at.
constexpr int deepest = 16;
constexpr std::size_t longestText = 200;

std::string shown(std::string_view bytes) { return toPlainLine(bytes, longestText); }

struct CloseDirectory
{
    void operator()(DIR *directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

class TemporaryFiles
{
public:
    explicit TemporaryFiles(CarriedState &state)
        : m_state(state)
    {}

    void walk(UniqueFd folder, const std::string &path, int depth)
    {
        const Directory directory(::fdopendir(folder.get()));
        if (!directory)
            return;
        const int fd = folder.release();
        while (const dirent *entry = ::readdir(directory.get())) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..")
                continue;
            if (++m_looked > mostEntries) {
                tellOnce("more than 10,000 files are in /tmp: the rest was not looked at");
                return;
            }
            take(fd, entry->d_name, path + "/" + shown(name), depth);
        }
    }

private:
    void take(int folder, const char *name, const std::string &path, int depth)
    {
        struct stat facts
        {};
        if (::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
            return; // gone meanwhile
        if (!S_ISDIR(facts.st_mode)) {
            if (m_state.files.size() < mostShown)
                m_state.files.push_back({path, ByteSize{facts.st_size}});
            else
                ++m_state.moreFiles;
        } else if (depth < deepest) {
            walk(UniqueFd(::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), path, depth + 1);
        } else {
            tellOnce("folders in /tmp deeper than 16 were not looked at");
        }
    }

    void tellOnce(const std::string &problem)
    {
        auto &told = m_state.problems;
        if (std::find(told.begin(), told.end(), problem) == told.end())
            told.push_back(problem);
    }

    CarriedState &m_state;
    std::size_t m_looked = 0;
};

void lookAtFiles(int worker, CarriedState &state)
{
    if (!hasOwnRoot(worker)) {
        state.problems.emplace_back("/tmp: it has no root of its own (tier C), or cannot be looked into");
        return;
    }
    UniqueFd folder(
        ::open((processFolder(worker) / "root/tmp").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) {
        state.problems.push_back(std::string("/tmp: ") + std::strerror(errno));
        return;
    }
    TemporaryFiles(state).walk(std::move(folder), "/tmp", 0);
    std::sort(state.files.begin(), state.files.end(), [](const auto &a, const auto &b) { return a.path < b.path; });
}

/// Python's bootstrap moves its channel out of the way (resources/runtimes/python/_kiln/channel.py).
int channelOf(int worker)
{
    constexpr int given = 3;
    constexpr int movedTo = 1000;
    std::error_code absent;
    const fs::path moved = processFolder(worker) / "fd" / std::to_string(movedTo);
    return fs::read_symlink(moved, absent).native().starts_with("socket:") ? movedTo : given;
}

/// 0 to 2 are every worker's; a file of the interpreter's own, or a device, is no news.
bool isOwn(int descriptor, const std::string &target)
{
    return descriptor <= 2 || target.starts_with("/usr/") || target.starts_with("/dev/") ||
           target.starts_with("/proc/");
}

void takeDescriptor(const std::string &target, const SocketTable &sockets, CarriedState &state)
{
    constexpr std::string_view socket = "socket:[";
    if (target.starts_with(socket)) {
        std::uint64_t inode = 0;
        std::from_chars(target.data() + socket.size(), target.data() + target.size(), inode);
        if (state.sockets.size() < mostShown)
            state.sockets.push_back(sockets.describe(inode));
    } else if (target.starts_with("/") && state.openFiles.size() < mostShown) {
        state.openFiles.push_back(shown(target));
    }
}

void lookAtDescriptors(int worker, CarriedState &state)
{
    std::error_code error;
    const SocketTable sockets = SocketTable::read(worker);
    const int channel = channelOf(worker);
    for (auto entry = fs::directory_iterator(processFolder(worker) / "fd", error); entry != fs::directory_iterator();
         entry.increment(error)) {
        std::error_code gone;
        const std::string name = entry->path().filename().native();
        const std::string target = fs::read_symlink(entry->path(), gone).native();
        int descriptor = 0;
        std::from_chars(name.data(), name.data() + name.size(), descriptor);
        if (!gone && descriptor != channel && !isOwn(descriptor, target))
            takeDescriptor(target, sockets, state);
    }
    if (error)
        state.problems.push_back("open files: " + error.message());
    std::sort(state.sockets.begin(), state.sockets.end());
    std::sort(state.openFiles.begin(), state.openFiles.end());
}

/// The number in its innermost namespace: the last of "NSpid:".
int insidePid(const ProcessStatus &status)
{
    std::istringstream numbers(status.value("NSpid"));
    int last = 0;
    while (numbers >> last) {
    }
    return last;
}

void lookAtProcesses(int pid, int worker, CarriedState &state)
{
    for (const int process : processTree(pid)) {
        if (process == pid || process == worker || state.processes.size() >= mostShown)
            continue;
        const auto status = ProcessStatus::read(process);
        if (!status)
            continue;
        std::string command = readSmallFile(processFolder(process) / "cmdline").value_or(std::string());
        while (!command.empty() && command.back() == '\0')
            command.pop_back();
        std::replace(command.begin(), command.end(), '\0', ' ');
        if (command.empty()) // a zombie has none
            command = status->value("Name") + (status->value("State").starts_with("Z") ? " (ended)" : "");
        state.processes.push_back({insidePid(*status), shown(command)});
    }
}

} // namespace

CarriedState lookAtCarriedState(int pid)
{
    CarriedState state;
    const int worker = workerProcessOf(pid);
    if (worker == 0) {
        state.problems.emplace_back("the worker has ended");
        return state;
    }
    lookAtFiles(worker, state);
    lookAtDescriptors(worker, state);
    lookAtProcesses(pid, worker, state);
    return state;
}

} // namespace kiln

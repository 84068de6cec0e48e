// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/isolation_check.h"

#include "core/base/utf8.h"
#include "core/sandbox/cgroup_mounts.h"
#include "core/sandbox/process_status.h"
#include "core/sandbox/process_tree.h"
#include "core/sandbox/small_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln {
namespace {

namespace fs = std::filesystem;
using State = IsolationLayer::State;

/// Where a magic link of /proc leads; empty when it may not be read.
std::string linkOf(const fs::path &link)
{
    std::error_code error;
    return fs::read_symlink(link, error).native();
}

std::string list(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

IsolationLayer unreadable(std::string name)
{
    return {std::move(name), State::Unknown, std::string("cannot be read: ") + std::strerror(errno)};
}

/// Namespaces of the process by whether they are its own or the engine's.
struct Namespaces
{
    std::vector<std::string> own, shared, unknown;

    [[nodiscard]] bool has(const char *name) const { return std::find(own.begin(), own.end(), name) != own.end(); }
};

Namespaces namespacesOf(int pid)
{
    Namespaces found;
    for (const char *name : {"user", "mnt", "pid", "ipc", "uts", "cgroup", "net"}) {
        const std::string theirs = linkOf(processFolder(pid) / "ns" / name);
        const std::string ours = linkOf(fs::path("/proc/self/ns") / name);
        (theirs.empty() ? found.unknown : theirs == ours ? found.shared : found.own).emplace_back(name);
    }
    return found;
}

IsolationLayer namespaceLayer(const Namespaces &found)
{
    IsolationLayer layer{"Namespaces", State::On, {}};
    if (!found.own.empty())
        layer.evidence = "its own: " + list(found.own);
    if (!found.shared.empty())
        layer.evidence += (layer.evidence.empty() ? "" : "; ") + ("shared with Kiln: " + list(found.shared));
    if (!found.unknown.empty())
        layer.evidence += (layer.evidence.empty() ? "" : "; ") + ("cannot be read: " + list(found.unknown));
    if (!found.unknown.empty())
        layer.state = State::Unknown;
    else if (!found.shared.empty())
        layer.state = found.own.empty() ? State::Off : State::Partly;
    return layer;
}

IsolationLayer rightsLayer(const std::optional<ProcessStatus> &status)
{
    constexpr const char *name = "User and rights";
    if (!status)
        return unreadable(name);
    std::istringstream ids(status->value("Uid"));
    unsigned user = 0;
    ids >> user;
    std::vector<std::string> held;
    for (const char *set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
        if (status->value(set).find_first_not_of('0') != std::string::npos)
            held.emplace_back(set);
    const bool sealed = status->value("NoNewPrivs") == "1";
    std::string evidence = "runs as user " + std::to_string(user);
    evidence += user == ::geteuid() ? " (yours; its namespaces keep it apart)" : " (its own)";
    evidence += held.empty() ? "; all five capability sets are empty" : "; capability sets that are not: " + list(held);
    evidence += sealed ? "; no_new_privs is set, so it cannot gain any" : "; no_new_privs is not set";
    return {name, held.empty() && sealed ? State::On : State::Off, std::move(evidence)};
}

IsolationLayer filterLayer(const std::optional<ProcessStatus> &status)
{
    constexpr const char *name = "System call filter";
    if (!status)
        return unreadable(name);
    const std::string mode = status->value("Seccomp");
    if (mode.empty())
        return {name, State::Unknown, "this kernel does not tell it"};
    if (mode != "2")
        return {name, State::Off, "seccomp mode " + mode};
    const std::string count = status->value("Seccomp_filters");
    return {name, State::On, "seccomp mode 2 (filter)" + (count.empty() ? "" : ", " + count + " in force")};
}

/// One line of /proc/PID/mountinfo.
struct Mount
{
    std::string point, type, options;
};

/// With the octal escapes of spaces and the like left in: it is shown only.
std::vector<Mount> mountsOf(int pid)
{
    std::vector<Mount> mounts;
    std::istringstream lines(readSmallFile(processFolder(pid) / "mountinfo").value_or(std::string()));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos)
            continue;
        std::istringstream before(line.substr(0, dash)), after(line.substr(dash + 3));
        std::string id, parent, device, root, source, super;
        Mount mount;
        before >> id >> parent >> device >> root >> mount.point >> mount.options;
        after >> mount.type >> source >> super;
        mount.options += "," + super;
        mounts.push_back(std::move(mount));
    }
    return mounts;
}

/// "/dev/null" and the other devices are mounts of their own, through which nothing can be kept.
bool isDevice(const Mount &mount) { return mount.point.starts_with("/dev/"); }

IsolationLayer filesLayer(int pid, const std::vector<Mount> &mounts)
{
    constexpr const char *name = "Files";
    if (!hasOwnRoot(pid))
        return {name, State::Partly, "no root of its own: only Landlock keeps it from the machine's files"};
    if (mounts.empty())
        return unreadable(name);
    bool sealed = false;
    std::vector<std::string> writable;
    std::size_t readOnly = 0;
    for (const Mount &mount : mounts) {
        const bool isWritable = hasWord(mount.options.substr(0, mount.options.find(',')), "rw", ',');
        if (mount.point == "/")
            sealed = !isWritable;
        else if (isWritable && !isDevice(mount))
            writable.push_back(toUtf8(mount.point));
        else
            ++readOnly;
    }
    std::string evidence = "a root of its own, ";
    evidence += sealed ? "read-only" : "writable";
    evidence += "; " + std::to_string(readOnly) + " mounts are read-only or devices, ";
    evidence += writable.empty() ? "none can be written" : "can be written: " + list(writable);
    return {name, sealed ? State::On : State::Partly, std::move(evidence)};
}

IsolationLayer processesLayer(const Namespaces &namespaces, const std::vector<Mount> &mounts)
{
    constexpr const char *name = "Other processes";
    if (!namespaces.has("pid"))
        return {name, State::Partly,
                "shares the process numbers of the machine: the filter and Landlock refuse signals"};
    const auto proc =
        std::find_if(mounts.begin(), mounts.end(), [](const Mount &mount) { return mount.point == "/proc"; });
    if (proc == mounts.end())
        return {name, State::On, "sees only its own processes; has no /proc"};
    const bool sealed = proc->options.starts_with("ro");
    const bool subset = hasWord(proc->options, "subset=pid", ',');
    std::string evidence = "sees only its own processes; its /proc is ";
    evidence += sealed ? "read-only" : "writable";
    evidence += subset ? " and shows nothing of the machine" : " and shows the machine's settings";
    return {name, sealed && subset ? State::On : State::Partly, std::move(evidence)};
}

/// Names before the colon in /proc/PID/net/dev, which is of the network namespace the process is in.
std::vector<std::string> interfacesOf(const std::string &table)
{
    std::vector<std::string> names;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);)
        if (const std::size_t colon = line.find(':'); colon != std::string::npos) {
            const std::size_t begin = line.find_first_not_of(' ');
            names.push_back(line.substr(begin, colon - begin));
        }
    return names;
}

IsolationLayer networkLayer(int pid, const Namespaces &namespaces)
{
    constexpr const char *name = "Network";
    if (!namespaces.has("net"))
        return {name, State::Partly,
                "shares the machine's network: the filter refuses sockets of the internet families"};
    const auto table = readSmallFile(processFolder(pid) / "net/dev");
    if (!table)
        return unreadable(name);
    const std::vector<std::string> interfaces = interfacesOf(*table);
    // The table of local addresses is empty while no interface is up.
    const auto addresses = readSmallFile(processFolder(pid) / "net/fib_trie");
    const bool up = addresses && addresses->find("127.0.0.1") != std::string::npos;
    const bool onlyLoopback = interfaces == std::vector<std::string>{"lo"};
    std::string evidence = "an own network with the interfaces " + list(interfaces);
    if (onlyLoopback)
        evidence = std::string("an own network with nothing but loopback, which is ") + (up ? "up" : "down");
    return {name, onlyLoopback ? State::On : State::Partly, std::move(evidence)};
}

/// The kernel shows rules of Landlock nowhere, so this says what the engine's self-test found of it.
IsolationLayer landlockLayer(const std::vector<std::string> &selfTest)
{
    constexpr std::string_view begin = "Landlock: ";
    for (const std::string &line : selfTest)
        if (line.starts_with(begin)) {
            const std::string told = line.substr(begin.size());
            const bool there = told.starts_with("ABI");
            return {"Landlock", there ? State::On : State::Off,
                    there ? told + "; rules are not to be seen in a running process: found by the engine's self-test"
                          : told};
        }
    return {"Landlock", State::Unknown, "the self-test of the engine did not tell"};
}

/// Of v1 a number near the greatest means none.
bool isLimit(const std::optional<std::int64_t> &bytes)
{
    return bytes && *bytes > 0 && *bytes < (std::int64_t(1) << 60);
}

IsolationLayer softMemory()
{
    return {"Memory, processes, CPU", State::Partly,
            "no cgroup of its own: memory is limited by rlimit and by looking every 50 ms, CPU is not"};
}

IsolationLayer countedLayer(int pid)
{
    const CgroupMounts mounts = readCgroupMounts();
    const fs::path own = processFolder(pid) / "cgroup";
    const fs::path ours = "/proc/self/cgroup";
    const bool v2 = mounts.memory.empty();
    const auto folder = [&](std::string_view controller, const fs::path &mount) {
        return v2 ? cgroupFolderOf(own, {}, mounts.v2) : cgroupFolderOf(own, controller, mount);
    };
    const fs::path memory = folder("memory", mounts.memory);
    const auto bytes = readNumber(memory / (v2 ? "memory.max" : "memory.limit_in_bytes"));
    const fs::path engines = v2 ? cgroupFolderOf(ours, {}, mounts.v2) : cgroupFolderOf(ours, "memory", mounts.memory);
    if (memory.empty() || memory == engines || !isLimit(bytes))
        return softMemory();
    std::string evidence =
        std::string("its own cgroup (") + (v2 ? "v2" : "v1") + "): memory " + toText(ByteSize{*bytes});
    if (const auto processes = readNumber(folder("pids", mounts.pids) / "pids.max"))
        evidence += ", " + std::to_string(*processes) + " processes and threads";
    const fs::path cpu = folder("cpu", mounts.cpu);
    std::optional<std::int64_t> quota, period;
    if (v2) {
        std::istringstream words(readSmallFile(cpu / "cpu.max").value_or(std::string()));
        std::int64_t first = 0, second = 0;
        if (words >> first >> second)
            quota = first, period = second;
    } else {
        quota = readNumber(cpu / "cpu.cfs_quota_us");
        period = readNumber(cpu / "cpu.cfs_period_us");
    }
    if (quota && period && *quota > 0 && *period > 0)
        evidence += ", " + std::to_string(*quota * 100 / *period) + " % of a CPU";
    else
        evidence += ", CPU not limited";
    return {"Memory, processes, CPU", State::On, std::move(evidence)};
}

/// The soft limit of /proc/PID/limits: fixed columns, the first 26 wide.
std::string softLimit(const std::string &table, std::string_view name)
{
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name)) {
            std::istringstream rest(line.substr(std::min<std::size_t>(26, line.size())));
            std::string value;
            rest >> value;
            return value;
        }
    return {};
}

IsolationLayer descriptorsLayer(int pid)
{
    constexpr const char *name = "Files open at once";
    const auto table = readSmallFile(processFolder(pid) / "limits");
    if (!table)
        return unreadable(name);
    const std::string files = softLimit(*table, "Max open files");
    const std::string core = softLimit(*table, "Max core file size");
    return {name, files == "unlimited" ? State::Off : State::On,
            files + " descriptors at most; core dumps " + (core == "0" ? "off" : "of " + core + " bytes")};
}

} // namespace

bool hasOwnRoot(int pid)
{
    struct stat theirs
    {
    }, ours{};
    return ::stat((processFolder(pid) / "root/").c_str(), &theirs) == 0 && ::stat("/", &ours) == 0 &&
           (theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino);
}

int workerProcessOf(int pid)
{
    // A pid 1 that looks after another is a copy of the launcher. A worker that names itself so only has its child, which
    // has all of its walls, looked at instead.
    const std::string command = readSmallFile(processFolder(pid) / "cmdline").value_or(std::string());
    const std::vector<int> tree = processTree(pid);
    if (tree.empty())
        return 0;
    if (!command.starts_with("kiln-launcher"))
        return pid;
    return tree.size() > 1 ? tree[1] : 0;
}

std::vector<IsolationLayer> checkIsolation(int pid, const std::vector<std::string> &selfTest)
{
    const int worker = workerProcessOf(pid);
    const Namespaces namespaces = namespacesOf(worker);
    const std::optional<ProcessStatus> status = ProcessStatus::read(worker);
    const std::vector<Mount> mounts = mountsOf(worker);
    std::vector<IsolationLayer> layers;
    layers.push_back(rightsLayer(status));
    layers.push_back(namespaceLayer(namespaces));
    layers.push_back(filesLayer(worker, mounts));
    layers.push_back(processesLayer(namespaces, mounts));
    layers.push_back(networkLayer(worker, namespaces));
    layers.push_back(filterLayer(status));
    layers.push_back(landlockLayer(selfTest));
    layers.push_back(countedLayer(worker));
    layers.push_back(descriptorsLayer(worker));
    return layers;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/process_tree.h"

#include "core/sandbox/small_file.h"

#include <charconv>
#include <unistd.h>

namespace kiln {
namespace {

constexpr std::size_t maxProcesses = 32'768;

template<typename Take> void eachTask(int pid, Take take)
{
    std::error_code ignored;
    const std::filesystem::path tasks = std::filesystem::path("/proc") / std::to_string(pid) / "task";
    for (auto task = std::filesystem::directory_iterator(tasks, ignored); task != std::filesystem::directory_iterator();
         task.increment(ignored))
        take(task->path());
}

void appendChildren(std::vector<int> &tree, int pid)
{
    eachTask(pid, [&](const std::filesystem::path &task) {
        const auto text = readSmallFile(task / "children");
        if (!text)
            return;
        const char *at = text->data();
        const char *const end = at + text->size();
        while (at < end && tree.size() < maxProcesses) {
            int child = 0;
            const auto [next, error] = std::from_chars(at, end, child);
            if (error != std::errc())
                break;
            tree.push_back(child);
            at = next;
            while (at < end && *at == ' ')
                ++at;
        }
    });
}

/// utime + stime + cutime + cstime: fields 14 to 17 of /proc/PID/stat, in clock ticks.
std::int64_t cpuTicks(const std::filesystem::path &folder)
{
    const auto text = readSmallFile(folder / "stat");
    const std::size_t bracket = text ? text->rfind(')') : std::string::npos;
    if (bracket == std::string::npos)
        return 0;
    std::string_view rest = std::string_view(*text).substr(bracket + 1);
    std::int64_t sum = 0;
    for (int field = 3; field <= 17; ++field) {
        const std::size_t space = rest.find(' ');
        if (space == std::string_view::npos)
            return 0;
        rest.remove_prefix(space + 1);
        std::int64_t value = 0;
        if (field >= 14 && std::from_chars(rest.data(), rest.data() + rest.size(), value).ec == std::errc())
            sum += value;
    }
    return sum;
}

} // namespace

std::vector<int> processTree(int pid)
{
    std::vector<int> tree{pid};
    for (std::size_t i = 0; i < tree.size(); ++i)
        appendChildren(tree, tree[i]);
    if (tree.size() == 1 && !startTimeOf(pid))
        tree.clear();
    return tree;
}

std::vector<int> threadsOf(const std::vector<int> &processes)
{
    std::vector<int> threads;
    for (const int process : processes) {
        eachTask(process, [&](const std::filesystem::path &task) {
            const std::string name = task.filename().string();
            int thread = 0;
            if (std::from_chars(name.data(), name.data() + name.size(), thread).ec == std::errc())
                threads.push_back(thread);
        });
    }
    return threads;
}

std::optional<ResourceUse> processTreeUse(int pid)
{
    const std::vector<int> tree = processTree(pid);
    if (tree.empty())
        return std::nullopt;
    ResourceUse use;
    std::int64_t ticks = 0;
    for (const int process : tree) {
        const std::filesystem::path folder = std::filesystem::path("/proc") / std::to_string(process);
        for (const char *key : {"RssAnon:", "RssShmem:"})
            use.memory.count += readNumber(folder / "status", key).value_or(0) * 1024;
        ticks += cpuTicks(folder);
    }
    use.peakMemory = use.memory;
    use.cpu = std::chrono::nanoseconds(ticks * (1'000'000'000 / ::sysconf(_SC_CLK_TCK)));
    return use;
}

ByteSize proportionalMemory(int pid)
{
    ByteSize sum;
    for (const int process : processTree(pid))
        sum.count += readNumber("/proc/" + std::to_string(process) + "/smaps_rollup", "Pss:").value_or(0) * 1024;
    return sum;
}

} // namespace kiln

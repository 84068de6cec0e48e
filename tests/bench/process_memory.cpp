// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/process_memory.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace kiln::test {

namespace {

/// The number behind "NAME:" in a file of lines "NAME:   123 kB", in bytes; 0 when it is not there.
std::uint64_t kilobytesIn(const std::string &file, const std::string &name)
{
    std::ifstream lines(file);
    for (std::string word; lines >> word;) {
        std::uint64_t kilobytes = 0;
        if (word == name + ":" && lines >> kilobytes)
            return kilobytes * 1024;
        lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return 0;
}

} // namespace

ProcessTree::ProcessTree()
{
    for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc())
            continue;
        std::ifstream stat(entry.path() / "stat");
        std::string text;
        std::getline(stat, text);
        const std::size_t end = text.rfind(") "); // then a state of one letter, then the parent
        pid_t parent = 0;
        if (end != std::string::npos && end + 4 < text.size() &&
            std::from_chars(text.data() + end + 4, text.data() + text.size(), parent).ec == std::errc())
            m_children.emplace(parent, pid);
    }
}

std::uint64_t proportionalMemory(const ProcessTree &tree, pid_t root)
{
    std::uint64_t bytes = kilobytesIn("/proc/" + std::to_string(root) + "/smaps_rollup", "Pss");
    const auto [first, last] = tree.children().equal_range(root);
    for (auto child = first; child != last; ++child)
        bytes += proportionalMemory(tree, child->second);
    return bytes;
}

std::uint64_t availableMemory() { return kilobytesIn("/proc/meminfo", "MemAvailable"); }

} // namespace kiln::test

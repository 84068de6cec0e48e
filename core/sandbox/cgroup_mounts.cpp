// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/cgroup_mounts.h"

#include "core/sandbox/small_file.h"

#include <sstream>
#include <utility>

namespace kiln {

namespace fs = std::filesystem;

bool hasWord(const std::string &text, std::string_view word, char separator)
{
    std::istringstream words(text);
    for (std::string each; std::getline(words, each, separator);)
        if (each == word)
            return true;
    return false;
}

CgroupMounts readCgroupMounts(const fs::path &mountInfo)
{
    CgroupMounts mounts;
    std::istringstream lines(readSmallFile(mountInfo).value_or(std::string()));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos)
            continue;
        std::istringstream before(line.substr(0, dash));
        std::istringstream after(line.substr(dash + 3));
        std::string id, parent, device, root, point, type, source, options;
        before >> id >> parent >> device >> root >> point;
        after >> type >> source >> options;
        if (type == "cgroup2")
            mounts.v2 = point;
        if (type != "cgroup")
            continue;
        for (const auto &[controller, path] : {std::pair("memory", &mounts.memory), std::pair("pids", &mounts.pids),
                                               std::pair("cpu", &mounts.cpu), std::pair("cpuacct", &mounts.cpuacct)})
            if (hasWord(options, controller, ','))
                *path = point;
    }
    return mounts;
}

fs::path cgroupFolderOf(const fs::path &cgroupFile, std::string_view controller, const fs::path &mount)
{
    std::istringstream lines(readSmallFile(cgroupFile).value_or(std::string()));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos || line.compare(second + 1, 1, "/") != 0)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? line.starts_with("0::") : hasWord(controllers, controller, ','))
            return (mount / line.substr(second + 2)).lexically_normal();
    }
    return {};
}

} // namespace kiln

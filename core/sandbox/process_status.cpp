// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/process_status.h"

#include "core/sandbox/small_file.h"

#include <sstream>

namespace kiln {

std::optional<ProcessStatus> ProcessStatus::read(int pid)
{
    const auto text = readSmallFile(processFolder(pid) / "status");
    if (!text)
        return std::nullopt;
    ProcessStatus status;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);)
        if (const std::size_t colon = line.find(":\t"); colon != std::string::npos)
            status.m_values.emplace(line.substr(0, colon), line.substr(colon + 2));
    return status;
}

std::string ProcessStatus::value(std::string_view key) const
{
    const auto found = m_values.find(key);
    return found == m_values.end() ? std::string() : found->second;
}

std::filesystem::path processFolder(int pid) { return std::filesystem::path("/proc") / std::to_string(pid); }

} // namespace kiln

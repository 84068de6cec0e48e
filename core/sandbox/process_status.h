// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// /proc/PID/status, as proc(5) describes it: "Key:\tvalue" in each line.
class ProcessStatus
{
public:
    /// nullopt when there is no such process, with errno kept.
    [[nodiscard]] static std::optional<ProcessStatus> read(int pid);

    /// Empty when this kernel does not tell it.
    [[nodiscard]] std::string value(std::string_view key) const;

private:
    std::map<std::string, std::string, std::less<>> m_values;
};

/// /proc/PID, for the files below it.
[[nodiscard]] std::filesystem::path processFolder(int pid);

} // namespace kiln

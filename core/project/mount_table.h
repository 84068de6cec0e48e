// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// The machine's mounts, read when first asked.
class MountTable
{
public:
    /// Whether looking at this path could wait for a server or another program (NFS, FUSE, autofs, …). True also when
    /// the mounts cannot be read.
    [[nodiscard]] bool mayBlock(const std::filesystem::path &path);

    /// The mounts in the form of /proc/self/mountinfo.
    [[nodiscard]] static MountTable parse(std::string_view text);

private:
    struct Mount
    {
        std::filesystem::path place;
        bool local = false;
    };
    bool m_read = false;
    std::vector<Mount> m_mounts; ///< In the order of mounting: a later one hides an earlier one.
};

} // namespace kiln

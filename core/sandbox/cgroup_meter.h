// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/sandbox/cgroup_layout.h"
#include "core/sandbox/launcher.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace kiln {

/// What a sandbox's control group has used, read again and again: its files stay open, which is three times as quick as
/// opening them each time. Any one thread; takes three descriptors.
class CgroupMeter
{
public:
    /// nullopt when there is no such group, or no descriptor is left.
    [[nodiscard]] static std::optional<CgroupMeter> open(const CgroupLayout &layout, std::uint64_t number);

    /// nullopt when the group is gone.
    [[nodiscard]] std::optional<ResourceUse> read() const;

private:
    CgroupLayout::Version m_version{};
    UniqueFd m_memory;
    UniqueFd m_peak; ///< Absent before Linux 5.19 (v2): the figure of now stands in.
    UniqueFd m_cpu;  ///< Absent where nobody counts.
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/model/function.h"
#include "core/sandbox/cgroup_layout.h"
#include "core/sandbox/launcher.h"

#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// One sandbox's control group: a folder in each hierarchy of the layout. A plain value; nothing is owned. The launcher
/// makes and removes it, the engine reads from it and sets the CPU share.
class Cgroup
{
public:
    Cgroup(const CgroupLayout &layout, std::uint64_t number);

    enum class Cpu {
        Boosted, ///< One whole CPU, for the start.
        Limited, ///< What the limits say.
    };

    [[nodiscard]] Result<> create() const; ///< Makes the folders. On failure nothing is left.
    /// Memory without swap, processes, CPU boosted. The sandbox's /tmp is memory and counts as such.
    [[nodiscard]] Result<> limit(const Limits &limits) const;
    [[nodiscard]] Result<> limitCpu(const Limits &limits, Cpu cpu) const;

    /// Beside others, when all want the processors at once.
    enum class Weight { Least, Usual };
    [[nodiscard]] Result<> weigh(Weight weight) const;

    /// A writable cgroup.procs per hierarchy; a process that writes "0" to each is in.
    [[nodiscard]] Result<std::vector<UniqueFd>> openJoins() const;

    [[nodiscard]] std::int64_t oomKills() const;
    [[nodiscard]] std::vector<int> processes() const; ///< All that are in it now.
    /// Stops all of it at once, or lets it go on. False where the kernel's freezer is not at hand (v1).
    enum class Motion { Frozen, Running };
    [[nodiscard]] bool set(Motion motion) const;
    [[nodiscard]] std::optional<ByteSize> memoryLimit() const; ///< As the kernel has it.
    /// Processes must be gone. False when the kernel still holds it.
    bool remove() const;

private:
    [[nodiscard]] std::filesystem::path file(const std::filesystem::path &hierarchy, const char *name) const;
    [[nodiscard]] Result<> limitMemory(ByteSize memory) const;
    [[nodiscard]] Result<> write(const std::filesystem::path &file, const std::string &text) const;

    const CgroupLayout &m_layout;
    std::string m_name;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/launcher.h"

#include <optional>
#include <vector>

namespace kiln {

/// The process and all its descendants, as far as /proc shows them; empty when it is gone.
[[nodiscard]] std::vector<int> processTree(int pid);

/// All threads of these processes; those that ended meanwhile are left out.
[[nodiscard]] std::vector<int> threadsOf(const std::vector<int> &processes);

/// What a tree of processes uses, where no cgroup counts it: anonymous and shared memory of each, summed (pages shared
/// after a fork count more than once), and the CPU time of all that live or were waited for. The peak is not known here
/// and equals `memory`.
[[nodiscard]] std::optional<ResourceUse> processTreeUse(int pid);

/// Memory of the tree with what is shared with others counted in part: the "Pss:" of smaps_rollup. Costs milliseconds
/// for a large process, whose memory map the kernel holds meanwhile; 0 when it cannot be read.
[[nodiscard]] ByteSize proportionalMemory(int pid);

} // namespace kiln

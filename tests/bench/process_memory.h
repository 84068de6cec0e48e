// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <sys/types.h>

namespace kiln::test {

/// Who is whose child, on the whole machine, at the moment of making it.
class ProcessTree
{
public:
    ProcessTree();
    [[nodiscard]] const std::multimap<pid_t, pid_t> &children() const { return m_children; }

private:
    std::multimap<pid_t, pid_t> m_children;
};

/// Bytes of a process and its descendants, what they share with others divided by how many share it (PSS).
[[nodiscard]] std::uint64_t proportionalMemory(const ProcessTree &tree, pid_t root);

/// Bytes that the machine could still give away (MemAvailable).
[[nodiscard]] std::uint64_t availableMemory();

} // namespace kiln::test

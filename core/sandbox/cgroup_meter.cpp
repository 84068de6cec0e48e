// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/cgroup_meter.h"

#include "core/sandbox/small_file.h"

#include <array>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace kiln {
namespace {

std::optional<std::int64_t> readFrom(const UniqueFd &fd, std::string_view key = {})
{
    std::array<char, 512> bytes; // What is asked for is in the first lines.
    const ssize_t count = fd ? ::pread(fd.get(), bytes.data(), bytes.size(), 0) : -1;
    return count > 0 ? numberIn({bytes.data(), std::size_t(count)}, key) : std::nullopt;
}

} // namespace

std::optional<CgroupMeter> CgroupMeter::open(const CgroupLayout &layout, std::uint64_t number)
{
    const std::string name = std::to_string(number);
    const auto file = [&](const std::filesystem::path &hierarchy, const char *of) {
        return UniqueFd(hierarchy.empty() ? -1 : ::open((hierarchy / name / of).c_str(), O_RDONLY | O_CLOEXEC));
    };
    const bool v2 = layout.version == CgroupLayout::Version::V2;
    CgroupMeter meter;
    meter.m_version = layout.version;
    meter.m_memory = file(layout.memory, v2 ? "memory.current" : "memory.usage_in_bytes");
    meter.m_peak = file(layout.memory, v2 ? "memory.peak" : "memory.max_usage_in_bytes");
    meter.m_cpu = v2 ? file(layout.memory, "cpu.stat") : file(layout.accounting, "cpuacct.usage");
    return meter.m_memory ? std::optional(std::move(meter)) : std::nullopt;
}

std::optional<ResourceUse> CgroupMeter::read() const
{
    const auto memory = readFrom(m_memory);
    if (!memory)
        return std::nullopt;
    ResourceUse use;
    use.memory.count = *memory;
    use.peakMemory.count = readFrom(m_peak).value_or(*memory);
    if (m_version == CgroupLayout::Version::V2)
        use.cpu = std::chrono::microseconds(readFrom(m_cpu, "usage_usec").value_or(0));
    else
        use.cpu = std::chrono::nanoseconds(readFrom(m_cpu).value_or(0));
    return use;
}

} // namespace kiln

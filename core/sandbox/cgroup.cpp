// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/cgroup.h"

#include "core/model/cpu_share.h"
#include "core/sandbox/small_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln {
namespace {

namespace fs = std::filesystem;

/// As AWS Lambda's: short enough that a small share does not stall for a tenth of a second at a time.
constexpr std::int64_t cpuPeriodUs = 20'000;
constexpr std::int64_t leastQuotaUs = 1'000; // The kernel refuses less.

std::set<fs::path> hierarchies(const CgroupLayout &layout)
{
    std::set<fs::path> all{layout.memory, layout.pids, layout.cpu, layout.accounting};
    all.erase(fs::path());
    return all;
}

} // namespace

Cgroup::Cgroup(const CgroupLayout &layout, std::uint64_t number)
    : m_layout(layout)
    , m_name(std::to_string(number))
{}

Result<> Cgroup::create() const
{
    for (const fs::path &hierarchy : hierarchies(m_layout))
        if (::mkdir((hierarchy / m_name).c_str(), 0755) != 0 && errno != EEXIST) {
            const int error = errno;
            (void)remove();
            return failErrno(Error::Code::Sandbox, error, "cannot make the cgroup", hierarchy / m_name);
        }
    return {};
}

Result<> Cgroup::limit(const Limits &limits) const
{
    // Two more than asked: the sandbox's pid 1, and the launcher's copy that clones it.
    return limitMemory(limits.memory)
        .and_then([&] { return write(file(m_layout.pids, "pids.max"), std::to_string(limits.processes + 2)); })
        .and_then([&] { return limitCpu(limits, Cpu::Boosted); });
}

Result<> Cgroup::limitMemory(ByteSize memory) const
{
    const std::string bytes = std::to_string(memory.count);
    const bool v2 = m_layout.version == CgroupLayout::Version::V2;
    if (v2)
        // Absent on a kernel without swap, as is memsw below.
        (void)writeSmallFile(file(m_layout.memory, "memory.swap.max"), "0");
    auto written = write(file(m_layout.memory, v2 ? "memory.max" : "memory.limit_in_bytes"), bytes);
    if (written && !v2 && ::access(file(m_layout.memory, "memory.memsw.limit_in_bytes").c_str(), F_OK) == 0)
        return write(file(m_layout.memory, "memory.memsw.limit_in_bytes"), bytes);
    return written;
}

Result<> Cgroup::limitCpu(const Limits &limits, Cpu cpu) const
{
    if (m_layout.cpu.empty())
        return {};
    const bool v2 = m_layout.version == CgroupLayout::Version::V2;
    const auto share = std::int64_t(cpuShare(limits.memory) * double(cpuPeriodUs));
    std::string quota = v2 ? "max" : "-1";
    if (limits.cpu == Limits::Cpu::Proportional)
        quota = std::to_string(std::max(leastQuotaUs, cpu == Cpu::Boosted ? std::max(share, cpuPeriodUs) : share));
    if (v2)
        return write(file(m_layout.cpu, "cpu.max"), quota + " " + std::to_string(cpuPeriodUs));
    // The period stays as it was set at first.
    auto period =
        cpu == Cpu::Boosted ? write(file(m_layout.cpu, "cpu.cfs_period_us"), std::to_string(cpuPeriodUs)) : Result<>();
    return period.and_then([&] { return write(file(m_layout.cpu, "cpu.cfs_quota_us"), quota); });
}

Result<std::vector<UniqueFd>> Cgroup::openJoins() const
{
    std::vector<UniqueFd> joins;
    for (const fs::path &hierarchy : hierarchies(m_layout)) {
        const fs::path procs = hierarchy / m_name / "cgroup.procs";
        joins.emplace_back(::open(procs.c_str(), O_WRONLY | O_CLOEXEC));
        if (!joins.back())
            return failErrno(Error::Code::Sandbox, errno, "cannot open the cgroup", procs);
    }
    return joins;
}

Result<> Cgroup::weigh(Weight weight) const
{
    if (m_layout.cpu.empty())
        return {};
    if (m_layout.version == CgroupLayout::Version::V2)
        return write(file(m_layout.cpu, "cpu.weight"), weight == Weight::Least ? "1" : "100");
    return write(file(m_layout.cpu, "cpu.shares"), weight == Weight::Least ? "2" : "1024");
}

std::int64_t Cgroup::oomKills() const
{
    const bool v2 = m_layout.version == CgroupLayout::Version::V2;
    return readNumber(file(m_layout.memory, v2 ? "memory.events" : "memory.oom_control"), "oom_kill").value_or(0);
}

std::vector<int> Cgroup::processes() const
{
    std::istringstream lines(readSmallFile(file(m_layout.memory, "cgroup.procs")).value_or(std::string()));
    std::vector<int> processes;
    for (int pid = 0; lines >> pid;)
        processes.push_back(pid);
    return processes;
}

bool Cgroup::set(Motion motion) const
{
    return m_layout.version == CgroupLayout::Version::V2 &&
           writeSmallFile(file(m_layout.memory, "cgroup.freeze"), motion == Motion::Frozen ? "1" : "0") == 0;
}

std::optional<ByteSize> Cgroup::memoryLimit() const
{
    const bool v2 = m_layout.version == CgroupLayout::Version::V2;
    const auto bytes = readNumber(file(m_layout.memory, v2 ? "memory.max" : "memory.limit_in_bytes"));
    return bytes ? std::optional(ByteSize{*bytes}) : std::nullopt;
}

bool Cgroup::remove() const
{
    bool gone = true;
    for (const fs::path &hierarchy : hierarchies(m_layout))
        if (::rmdir((hierarchy / m_name).c_str()) != 0 && errno != ENOENT)
            gone = false;
    return gone;
}

fs::path Cgroup::file(const fs::path &hierarchy, const char *name) const { return hierarchy / m_name / name; }

Result<> Cgroup::write(const fs::path &file, const std::string &text) const
{
    if (const int error = writeSmallFile(file, text); error != 0)
        return failErrno(Error::Code::Sandbox, error, "cannot set a limit of the cgroup", file);
    return {};
}

} // namespace kiln

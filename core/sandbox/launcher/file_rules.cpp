// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/file_rules.h"

#include "core/base/unique_fd.h"
#include "core/sandbox/launcher/kernel_calls.h"

#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::launcher {
namespace {

constexpr std::uint64_t bits(int count) { return (std::uint64_t(1) << count) - 1; }

// Numbered by the kernel; its headers of Debian 12 end at ABI 2.
constexpr std::uint64_t execute = 1 << 0;
constexpr std::uint64_t writeFile = 1 << 1;
constexpr std::uint64_t readFile = 1 << 2;
constexpr std::uint64_t readFolder = 1 << 3;
constexpr std::uint64_t makeCharacterDevice = 1 << 6;
constexpr std::uint64_t makeBlockDevice = 1 << 11;
constexpr std::uint64_t truncateFile = 1 << 14;
constexpr std::uint64_t deviceIoctl = 1 << 15;
constexpr std::uint64_t tcpBindAndConnect = 3;
constexpr std::uint64_t abstractSocketsAndSignals = 3;

/// What an ABI can refuse: 13 rights, then refer (2), truncate (3), ioctl of devices (5).
std::uint64_t handledFiles(int abi)
{
    if (abi >= 5)
        return bits(16);
    return abi >= 3 ? bits(15) : abi == 2 ? bits(14) : bits(13);
}

std::uint64_t rightsOf(FileRules::Access access)
{
    constexpr std::uint64_t all = bits(15) & ~(makeCharacterDevice | makeBlockDevice);
    switch (access) {
    case FileRules::Access::Read: return execute | readFile | readFolder;
    case FileRules::Access::ReadNoExec: return readFile | readFolder;
    case FileRules::Access::Write: return all & ~execute;
    case FileRules::Access::WriteExec: return all;
    case FileRules::Access::Device: return readFile | readFolder | writeFile | truncateFile | deviceIoctl;
    }
    return 0;
}

} // namespace

int FileRules::restrict(Permissions::Network network, std::string &failed) const
{
    if (m_abi == 0)
        return 0;
    const std::uint64_t handled = handledFiles(m_abi);
    const bool noTcp = m_abi >= 4 && network == Permissions::Network::None;
    const UniqueFd ruleset(
        createLandlockRuleset(handled, noTcp ? tcpBindAndConnect : 0, m_abi >= 6 ? abstractSocketsAndSignals : 0));
    if (!ruleset)
        return -1;
    for (const Rule &rule : m_rules) {
        const UniqueFd opened(rule.folder >= 0 ? -1 : ::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
        const int place = rule.folder >= 0 ? rule.folder : opened.get();
        struct stat info
        {};
        failed = rule.path;
        if (place < 0 || ::fstat(place, &info) != 0)
            return -1;
        std::uint64_t rights = rightsOf(rule.access) & handled;
        if (!S_ISDIR(info.st_mode)) // The others are rights over what a folder holds.
            rights &= execute | writeFile | readFile | truncateFile | deviceIoctl;
        if (addLandlockPath(ruleset.get(), place, rights) != 0)
            return -1;
    }
    failed.clear();
    return restrictByLandlock(ruleset.get());
}

} // namespace kiln::launcher

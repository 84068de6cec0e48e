// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/lease.h"

#include <algorithm>

namespace kiln::launcher::lease {

namespace {

/// An empty datagram could not be told from the end of the connection.
constexpr char marker = 'l';

} // namespace

std::string encodeTargets(const std::vector<Grant> &grants)
{
    std::string bytes(1, marker);
    for (const Grant &grant : grants)
        bytes += grant.target + '\0';
    return bytes;
}

std::vector<std::string> targetsOf(std::string_view bytes)
{
    std::vector<std::string> targets;
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 1));
    for (std::size_t end = 0; (end = bytes.find('\0')) != std::string_view::npos; bytes.remove_prefix(end + 1))
        targets.emplace_back(bytes.substr(0, end));
    return targets;
}

} // namespace kiln::launcher::lease

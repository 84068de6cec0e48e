// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/egress/ip_address.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// Stands an address for each name that a worker looks up, so that a connection to the address tells which name was
/// meant. From 198.18.0.0/15, which is nobody's; a worker's network ends at its doors anyway.
class NameTable
{
public:
    static constexpr std::size_t maxNames = 8192;

    /// The same for the same name; nullopt when there are too many.
    [[nodiscard]] std::optional<IpAddress> addressOf(const std::string &name);
    /// The name behind an address of the range; nullopt when it stands for none.
    [[nodiscard]] std::optional<std::string> nameOf(const IpAddress &address) const;
    [[nodiscard]] static bool isInRange(const IpAddress &address);

private:
    std::map<std::string, std::uint32_t> m_numbers;
    std::vector<std::string> m_names;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/egress/ip_address.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// The answer to a worker's DNS query (RFC 1035), whose names `addressOf` stands addresses for. Bytes that are no query
/// of one question get none. Only IPv4 addresses are answered: what else is asked about a name that is well formed has
/// no records.
[[nodiscard]] std::optional<std::string>
dnsAnswer(std::string_view query, const std::function<std::optional<IpAddress>(const std::string &)> &addressOf);

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/function.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kiln {

struct SecretGrant
{
    std::string name;
    bool operator==(const SecretGrant &) const = default;
};

/// One permission, as refusals name it and `kiln permit` takes it. A Network is Loopback or All here.
///
///     network:loopback    network:all    network:example.com:443    network:[::1]:5432
///     files:../../data:ro    files:/srv/in:rw    secret:API_KEY
using Grant = std::variant<Permissions::Network, Permissions::HostGrant, Permissions::FileGrant, SecretGrant>;

[[nodiscard]] Result<Grant> parseGrant(std::string_view text);
[[nodiscard]] std::string toText(const Grant &grant);

/// "example.com:443", "[::1]:80" as in function.yaml; nullopt when it is none. What a resolver would take for a number
/// in disguise ("127.1", "0x7f000001") is none; localhost is 127.0.0.1.
[[nodiscard]] std::optional<Permissions::HostGrant> parseHostPort(std::string_view text);
[[nodiscard]] std::string toText(const Permissions::HostGrant &host);

/// Whether this is a numeric address; those are compared by value, not by spelling, once parsed.
[[nodiscard]] bool isNumericAddress(const std::string &host);

/// All that a function has been granted, in file order.
[[nodiscard]] std::vector<Grant> grantsOf(const FunctionSettings &settings);

} // namespace kiln

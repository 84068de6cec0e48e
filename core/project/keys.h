// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kiln {

/// A key that a workspace file may hold. The reader, its suggestions and the JSON schemas go by these tables.
struct KnownKey
{
    enum class Status {
        Built,
        NotBuilt, ///< Part of the format, but its feature is not in this version: refused by name.
    };
    std::string_view path; ///< "concurrency.max", "triggers[].http"; "environment.*" where any name is taken.
    Status status = Status::Built;
};

[[nodiscard]] std::span<const KnownKey> functionKeys(); ///< Of function.yaml, in the order they are usually written.
[[nodiscard]] std::span<const KnownKey> kilnKeys();     ///< Of kiln.yaml.

/// Null when the table has no such path.
[[nodiscard]] const KnownKey *findKey(std::span<const KnownKey> keys, std::string_view path);

/// "unknown key: did you mean 'timeout'?", or which keys there are. `parent` is "" or "concurrency" or "triggers[]".
[[nodiscard]] std::string unknownKeyMessage(std::span<const KnownKey> keys, std::string_view parent,
                                            std::string_view name);

/// "'secrets' is not built yet in this version of Kiln"
[[nodiscard]] std::string notBuiltMessage(std::string_view what);

} // namespace kiln

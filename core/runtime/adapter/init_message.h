// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::adapter {

/// What an Init frame tells of the function (core/runtime/launch_line.h).
struct InitMessage
{
    std::string handler;
    std::string code; ///< The folder of its code.
    std::string arn;
    std::size_t responseLimit = 0;                  ///< Bytes.
    std::size_t perWorker = 1;                      ///< Events that may come before others are answered.
    std::map<std::string, std::string> environment; ///< The whole of what its processes get: this process' own, too.
};

/// Nullopt when the body is none: the engine would be another version's.
[[nodiscard]] std::optional<InitMessage> readInit(std::string_view body);

} // namespace kiln::adapter

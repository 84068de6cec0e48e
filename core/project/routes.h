// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/trigger.h"

#include <string>
#include <string_view>

namespace kiln {

/// Why `text` ("POST /orders/{id}") is no route, or "" with `trigger` filled in.
[[nodiscard]] std::string parseRoute(std::string_view text, HttpTrigger &trigger);

/// Equal for two routes that no request could tell apart: "POST /orders/{}".
[[nodiscard]] std::string shapeOf(const HttpTrigger &trigger);

} // namespace kiln

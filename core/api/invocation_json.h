// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/grant_use.h"
#include "core/model/invocation.h"
#include "core/store/query.h"

#include <boost/json/object.hpp>

namespace kiln {

enum class IncludeLogs { Yes, No };

/// An invocation as `kiln invoke --json` and `kiln history --json` print it (resources/guide/workspace.md).
[[nodiscard]] boost::json::object toJson(const Invocation &invocation, IncludeLogs logs);
[[nodiscard]] boost::json::object toJson(const LogEntry &entry);
[[nodiscard]] boost::json::object toJson(const MetricsSummary &summary);
/// As `kiln permissions --json` prints it.
[[nodiscard]] boost::json::object toJson(const GrantUse &use);
/// Of an engine's answer; what is not of this shape is left at its default.
[[nodiscard]] GrantUse grantUseFromJson(const boost::json::object &object);

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace kiln {

/// The schema steps of resources/schema, built into the library: a file missing or changed on disk cannot break a
/// store. Step n brings a database from version n-1 (PRAGMA user_version) to n; steps are only ever added.
[[nodiscard]] std::span<const std::string_view> historySchema();
[[nodiscard]] std::span<const std::string_view> eventsSchema();

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/log_line.h"
#include "core/store/history_query.h"
#include "core/store/query.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <vector>

namespace kiln {

/// The log lines of history that a query asks for: newest first by the time of recording, then by their own time within
/// what is answered. What a torn page hides is left out. Throws SQLite::Exception.
[[nodiscard]] std::vector<LogEntry> searchLogs(SQLite::Database &database, InvocationRows &rows, const LogQuery &query);

} // namespace kiln

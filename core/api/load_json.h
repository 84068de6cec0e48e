// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/load_report.h"

#include <boost/json/object.hpp>

#include <string>

namespace kiln {

/// Whether a report comes with its timeline and histogram, which are most of it.
enum class LoadCurves { With, Without };
/// Whether a plan comes with the bytes of its events, so that it can be read back.
enum class EventBytes { With, Without };

/// A report as `kiln load --json` prints it (resources/guide/load.md).
[[nodiscard]] boost::json::object toJson(const LoadReport &report, LoadCurves curves);
[[nodiscard]] boost::json::object toJson(const LoadPlan &plan, EventBytes bytes);

/// What toJson with EventBytes::With wrote; what is missing has its default. Fails where a value is of another type;
/// what the values may be, problemOf tells.
[[nodiscard]] Result<LoadPlan> loadPlanOf(const boost::json::object &object);

/// The timeline of a report that toJson made, a row an interval, with a head: for a spreadsheet.
[[nodiscard]] std::string timelineCsv(const boost::json::object &report);

} // namespace kiln

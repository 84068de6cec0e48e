// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace kiln {

/// A report of a load run, as toJson has it, as a table for people.
[[nodiscard]] std::string loadTable(const boost::json::object &report);
/// How a run stands, on one line.
[[nodiscard]] std::string loadProgress(const boost::json::object &report);

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace kiln {

/// What a worker keeps for its next invocation ("keeps" of an inspection), a line each, indented.
[[nodiscard]] std::string keptText(const boost::json::object &keeps);

} // namespace kiln

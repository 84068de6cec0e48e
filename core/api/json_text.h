// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace kiln {

/// JSON on one line, with numbers as people write them: 0.259, where Boost.JSON's own serializer writes 2.59E-1.
[[nodiscard]] std::string jsonText(const boost::json::value &value);

} // namespace kiln

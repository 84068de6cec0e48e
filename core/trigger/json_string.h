// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace kiln {

/// Appends `text` as a JSON string with its quotes. What is not UTF-8 in it becomes U+FFFD, so that the result is
/// always valid JSON. Events are written straight into their bytes with this: no tree is built on the hot path.
void appendJsonString(std::string &out, std::string_view text);

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

namespace kiln {

/// What a snapshot's feeds hold of an invocation: itself when it is small. A large one goes in as history lists it,
/// without payloads and logs (whoever looks at it asks for the whole): the feeds hold tens of thousands, and a function
/// decides how large each is.
[[nodiscard]] InvocationPtr forFeed(const InvocationPtr &invocation);

/// The same of a line: a long one is cut, and says so.
[[nodiscard]] LogLine forFeed(const LogLine &line);

} // namespace kiln

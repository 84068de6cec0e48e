// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace kiln::adapter {

/// The body of a Failure or an InitError frame.
[[nodiscard]] std::string errorBody(std::string_view type, std::string_view message);

/// The same of what a runtime client posts: {"errorType","errorMessage","stackTrace"}, with "trace" where Node's client
/// puts the stack. `typeHeader` is Lambda-Runtime-Function-Error-Type, which counts where the body has no type. What is
/// no such JSON becomes the message as it is.
[[nodiscard]] std::string errorBodyOf(std::string_view posted, std::string_view typeHeader);

} // namespace kiln::adapter

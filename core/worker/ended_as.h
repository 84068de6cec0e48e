// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/model/function.h"
#include "core/model/invocation.h"
#include "core/model/outcome.h"
#include "core/sandbox/launcher.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// How a call or a start ended; what failed is in the words of AWS Lambda where it has some.
struct EndedAs
{
    Outcome outcome = Outcome::Ok;
    FunctionError error;
};

/// What a worker tells of an error; an unreadable telling is itself what the user needs to see.
[[nodiscard]] FunctionError toldError(std::string_view body);
[[nodiscard]] EndedAs timedOut(std::chrono::milliseconds timeout);
[[nodiscard]] EndedAs initTimedOut(std::chrono::milliseconds timeout);
/// Without a size when it was not even sent.
[[nodiscard]] EndedAs responseTooLarge(std::optional<std::size_t> size, ByteSize limit);
[[nodiscard]] EndedAs protocolBreach(const std::string &what);
[[nodiscard]] EndedAs workerStopped();

/// Of a process that ended: `doing` says in the midst of what.
enum class Doing { Start, Call };
[[nodiscard]] EndedAs exited(const SandboxExit &exit, Doing doing, ByteSize memory);
/// Of one that used more memory than it may have.
[[nodiscard]] EndedAs outOfMemory(ByteSize memory);

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace kiln {

/// How an invocation ended. Stored as its number, so values are only ever added at the end.
enum class Outcome {
    Ok,
    HandlerError, ///< The handler raised or rejected.
    InitError,    ///< The user's module did not load: syntax, missing import, missing handler, init timeout.
    TimedOut,
    OutOfMemory,
    Crashed,   ///< The worker ended, or broke the protocol, before it answered.
    Blocked,   ///< A policy stopped it: a sandbox step failed, the result was too large.
    Throttled, ///< Never started: concurrency and queue were full, or it waited too long.
    Cancelled,
};
inline constexpr int outcomeCount = 9;

/// How the worker that served an invocation came about. Stored.
enum class Start {
    Cold,   ///< All of it made now.
    Parked, ///< A prepared sandbox took the function.
    Zygote, ///< Forked from a process that was there: of the function after its init, else of its interpreter.
    Warm,   ///< Had served it before.
};

/// How strong the isolation actually in force is. Stored. See core/sandbox.
enum class Tier {
    Full,       ///< A: namespaces, seccomp, cgroup limits (and Landlock where the kernel has it).
    SoftMemory, ///< B: no cgroup; memory is limited by rlimit and polling.
    Reduced,    ///< C: no user namespaces; Landlock, and seccomp that denies INET sockets.
    None,       ///< D: nothing; only with the user's consent per function.
};

[[nodiscard]] std::string_view toWord(Outcome outcome); ///< "Ok", "HandlerError", … as in `--json` and history.
[[nodiscard]] std::string_view toWord(Start start);     ///< "cold", "parked", "zygote", "warm".
[[nodiscard]] std::string_view toWord(Tier tier);       ///< "A" … "D".
[[nodiscard]] std::optional<Outcome> outcomeFromWord(std::string_view word);

/// Whether the user's function is at fault, as Lambda's Errors metric counts it (not throttles, not cancels).
[[nodiscard]] bool isError(Outcome outcome);

} // namespace kiln

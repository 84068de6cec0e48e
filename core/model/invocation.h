// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/payload.h"
#include "core/base/uuid.h"
#include "core/model/event.h"
#include "core/model/function.h"
#include "core/model/log_lines.h"
#include "core/model/outcome.h"
#include "core/model/phases.h"

#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// What went wrong in the user's code, as the language tells it. Empty type: nothing did.
struct FunctionError
{
    std::string type; ///< "KeyError", "Runtime.ImportModuleError", "Sandbox.Timedout", …
    std::string message;
    std::vector<std::string> stack; ///< A frame an entry, in the language's own words and order: Python's innermost
                                    ///< last, its source line with it; Node's innermost first.
    [[nodiscard]] explicit operator bool() const { return !type.empty(); }
};

/// Something the sandbox refused, and what would allow it.
struct Refusal
{
    std::string what;   ///< "connect", "read", "write"
    std::string target; ///< "127.0.0.1:5432", "/etc/shadow"
    std::string grant;  ///< As `kiln permit` takes it; empty when no grant can allow it.
    std::string place;  ///< "handler.py:12" when known.
};

/// A permission that an invocation made use of.
struct GrantUsed
{
    std::string grant; ///< As `kiln permit` takes it, or "environment:NAME".
    std::string least; ///< The least one that would have done: "network:example.com:443" of "network:all".
    bool operator==(const GrantUsed &) const = default;
};

/// What an invocation used. Where a worker has several at once this is what they use together: the kernel counts by
/// process.
struct Usage
{
    ByteSize maxMemory;             ///< Peak of the worker so far, as Lambda's Max Memory Used.
    std::chrono::nanoseconds cpu{}; ///< User and system time of all its processes.
    ByteSize log;                   ///< Written, kept or not.
};

/// One attempt to handle one event by one revision: what is stored and shown of it.
struct Invocation
{
    Uuid id; ///< Also Lambda's aws_request_id.
    Event event;
    RevisionPtr revision;
    std::string triggerKind = "manual"; ///< Which trigger kind emitted the event.
    int attempt = 1;
    WallTime accepted;
    Outcome outcome = Outcome::Ok;
    FunctionError error;
    Payload response = payload({});
    Start start = Start::Warm;
    Tier tier = Tier::Full;
    Phases phases;
    Usage usage;
    std::uint64_t worker = 0; ///< 0 when it never had one.
    std::vector<Refusal> denied;
    std::vector<GrantUsed> used; ///< Each once. History adds them up, and keeps none with the invocation.
    LogLines logs;
    bool logsCut = false; ///< Output went over the log limit and is not all here.

    /// Init and handler, rounded up to a millisecond, as Lambda bills since August 2025.
    [[nodiscard]] std::chrono::milliseconds billed() const
    {
        return std::chrono::ceil<std::chrono::milliseconds>(phases.init + phases.handler);
    }
};

/// Immutable once finished; built on the engine thread, read anywhere.
using InvocationPtr = std::shared_ptr<const Invocation>;

} // namespace kiln

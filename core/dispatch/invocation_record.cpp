// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dispatch/invocation_record.h"

#include <fmt/format.h>

#include <algorithm>

namespace kiln {

Phases phasesOf(const Moments &moments)
{
    Phases phases;
    Instant at = moments.accepted;
    // Moves on to a later moment and tells how long that took; a moment before the last one took no time.
    const auto upTo = [&](std::optional<Instant> moment) {
        const Instant then = std::clamp(moment.value_or(moments.end), at, std::max(at, moments.end));
        return Phases::Span(then - std::exchange(at, then));
    };

    if (moments.start) {
        const Worker::StartTimes &start = *moments.start;
        phases.queue = upTo(start.asked);
        // The launcher's word that the interpreter was executed may be read after the interpreter's own hello.
        const auto executed = start.executed && start.hello ? std::min(*start.executed, *start.hello) : start.executed;
        phases.sandbox = upTo(executed);
        phases.runtime = upTo(start.hello);
        phases.init = upTo(start.ready);
    }
    if (moments.invoked) {
        phases.queue += upTo(moments.invoked);
        phases.handler = upTo(moments.firstByte);
        phases.respond = upTo(moments.end);
    }
    return phases;
}

namespace {

/// What the handler or its module raised is printed by the bootstrap, with its stack, as Lambda's runtimes do; what
/// happened to the process is known to the engine only.
bool isToldByRuntime(const Invocation &invocation)
{
    const std::string &type = invocation.error.type;
    return invocation.outcome == Outcome::HandlerError ||
           (invocation.outcome == Outcome::InitError && type != "Sandbox.InitTimedout" && type != "Runtime.ExitError");
}

/// Amazon's wording: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
std::vector<LogLine> withPlatformLines(const Invocation &invocation, std::vector<LogLine> printed)
{
    const WallTime end =
        invocation.accepted + std::chrono::duration_cast<std::chrono::microseconds>(invocation.phases.total());
    const std::string id = invocation.id.text();
    const auto ms = [](Phases::Span span) { return std::chrono::duration<double, std::milli>(span).count(); };
    std::vector<LogLine> lines;
    lines.reserve(printed.size() + 5);
    lines.push_back({invocation.accepted, LogLevel::System, fmt::format("START RequestId: {} Version: $LATEST", id)});
    std::move(printed.begin(), printed.end(), std::back_inserter(lines));
    if (invocation.logsCut)
        lines.push_back({end, LogLevel::System,
                         fmt::format("Output cut: {} bytes were printed, {} are kept", invocation.usage.log.count,
                                     invocation.revision->settings.limits.log.count)});
    if (invocation.error && !isToldByRuntime(invocation))
        lines.push_back({end, LogLevel::Error, fmt::format("RequestId: {} Error: {}", id, invocation.error.message)});
    lines.push_back({end, LogLevel::System, "END RequestId: " + id});
    std::string report =
        fmt::format("REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {:.0f} MB"
                    "\tMax Memory Used: {:.0f} MB",
                    id, ms(invocation.phases.handler), invocation.billed().count(),
                    invocation.revision->settings.limits.memory.megabytes(), invocation.usage.maxMemory.megabytes());
    if (invocation.phases.init.count() > 0)
        report += fmt::format("\tInit Duration: {:.2f} ms", ms(invocation.phases.init));
    lines.push_back({end, LogLevel::System, std::move(report)});
    return lines;
}

std::shared_ptr<Invocation> begin(Attempt &attempt, RevisionPtr revision, Tier tier)
{
    auto invocation = std::make_shared<Invocation>();
    invocation->id = attempt.id;
    invocation->event = std::move(attempt.event);
    invocation->revision = std::move(revision);
    invocation->triggerKind = std::move(attempt.triggerKind);
    invocation->attempt = attempt.number;
    invocation->accepted = attempt.acceptedWall;
    invocation->tier = tier;
    return invocation;
}

InvocationPtr makeUnstarted(Attempt &attempt, RevisionPtr revision, Tier tier, Instant now, Outcome outcome,
                            FunctionError error)
{
    auto invocation = begin(attempt, std::move(revision), tier);
    invocation->outcome = outcome;
    invocation->error = std::move(error);
    invocation->phases.queue = now - attempt.accepted;
    return invocation;
}

} // namespace

InvocationPtr makeRecord(Attempt &attempt, RevisionPtr revision, const Moments &moments, Worker::Ending ending,
                         std::uint64_t worker, Start start, Tier tier)
{
    auto invocation = begin(attempt, std::move(revision), tier);
    invocation->outcome = ending.outcome;
    invocation->error = std::move(ending.error);
    invocation->response = std::move(ending.response);
    invocation->start = start;
    invocation->phases = phasesOf(moments);
    invocation->usage = ending.usage;
    invocation->worker = worker;
    invocation->logs = std::move(ending.output.lines);
    invocation->logsCut = ending.output.cut;
    invocation->logs.finishLater(*invocation, withPlatformLines);
    return invocation;
}

InvocationPtr makeThrottled(Attempt &attempt, RevisionPtr revision, Tier tier, Instant now, const std::string &why)
{
    return makeUnstarted(attempt, std::move(revision), tier, now, Outcome::Throttled,
                         {"TooManyRequestsException", "Rate exceeded: " + why, {}});
}

InvocationPtr makeCancelled(Attempt &attempt, RevisionPtr revision, Tier tier, Instant now, std::string why)
{
    return makeUnstarted(attempt, std::move(revision), tier, now, Outcome::Cancelled,
                         {"Kiln.Cancelled", std::move(why), {}});
}

} // namespace kiln

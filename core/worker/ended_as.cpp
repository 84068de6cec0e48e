// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/ended_as.h"

#include "core/runtime/function_error.h"

#include <fmt/format.h>

#include <cstring>

namespace kiln {

namespace {

/// "killed", "segmentation fault", as Lambda's logs word them.
std::string signalName(int signal)
{
    const char *name = ::sigdescr_np(signal);
    std::string text = name ? name : "signal " + std::to_string(signal);
    if (text.front() >= 'A' && text.front() <= 'Z')
        text.front() = char(text.front() - 'A' + 'a');
    return text;
}

std::string overTime(const char *what, std::chrono::milliseconds timeout)
{
    return fmt::format("{} timed out after {:.2f} seconds", what, std::chrono::duration<double>(timeout).count());
}

} // namespace

FunctionError toldError(std::string_view body)
{
    Result<FunctionError> error = readFunctionError(body);
    return error ? std::move(*error) : FunctionError{"Runtime.UnknownError", error.error().text(), {}};
}

EndedAs timedOut(std::chrono::milliseconds timeout)
{
    return {Outcome::TimedOut, {"Sandbox.Timedout", overTime("Task", timeout), {}}};
}

EndedAs initTimedOut(std::chrono::milliseconds timeout)
{
    return {Outcome::InitError, {"Sandbox.InitTimedout", overTime("Init", timeout), {}}};
}

EndedAs responseTooLarge(std::optional<std::size_t> size, ByteSize limit)
{
    const std::string told = size ? fmt::format("({} bytes) ", *size) : "";
    return {Outcome::Blocked,
            {"Function.ResponseSizeTooLarge",
             fmt::format("Response payload size {}exceeded maximum allowed payload size ({} bytes)", told, limit.count),
             {}}};
}

EndedAs protocolBreach(const std::string &what)
{
    return {Outcome::Crashed, {"Runtime.ProtocolError", "The worker broke the protocol: " + what, {}}};
}

EndedAs workerStopped() { return {Outcome::Cancelled, {"Kiln.Cancelled", "The worker was stopped", {}}}; }

EndedAs outOfMemory(ByteSize memory)
{
    return {Outcome::OutOfMemory,
            {"Runtime.OutOfMemory", fmt::format("The function used more than its {} of memory", toText(memory)), {}}};
}

EndedAs exited(const SandboxExit &exit, Doing doing, ByteSize memory)
{
    if (exit.outOfMemory)
        return outOfMemory(memory);
    std::string how = exit.signal != 0 ? fmt::format("signal: {}", signalName(exit.signal))
                                       : fmt::format("exit status {}", exit.code);
    return {doing == Doing::Start ? Outcome::InitError : Outcome::Crashed,
            {"Runtime.ExitError", "Runtime exited with error: " + how, {}}};
}

} // namespace kiln

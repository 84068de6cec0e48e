// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/function.h"
#include "core/model/interpreter.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// How a worker's process is started inside its sandbox: the same for all functions of one runtime and memory size,
/// so that a process may be prepared before its function is known. What is the function's own goes in the Init frame.
struct LaunchLine
{
    struct Bind
    {
        std::filesystem::path source;
        std::string target; ///< Read-only, inside.
    };

    std::vector<std::string> argv;
    std::vector<Bind> binds; ///< The bootstrap's folder and the interpreter's own, besides /usr.
    std::map<std::string, std::string> environment;
    /// Whether the process can run before its function is known: not when the program is in the function's code.
    bool mayWait = true;
    Permissions::Network network = Permissions::Network::None; ///< What it needs at least.
};

/// `bootstrap` is what prepareBootstrap (core/runtime/bootstrap.h) gave. Fails when the bootstrap is not in it.
/// Reads a file's attributes: once per revision, not per worker.
[[nodiscard]] Result<LaunchLine> launchLine(const Interpreter &interpreter, const std::filesystem::path &bootstrap,
                                            const Limits &limits);

/// What a function is told about itself, besides its settings.
struct InitFacts
{
    std::string code = "/var/task";               ///< Where its code is, as it sees it.
    std::string logStream{};                      ///< "2026/11/23/[$LATEST]0123…", one per worker, as on AWS Lambda.
    std::map<std::string, std::string> secrets{}; ///< By name: variables that are in no process table.
};

/// The body of an Init frame (JSON): handler, environment (the function's own, and AWS Lambda's variables, which win),
/// the unchanging fields of the context, what was granted, so that its use can be told ("watch"), and how many events
/// may come at once, where that is more than one ("per_worker").
[[nodiscard]] std::string initBody(const FunctionSettings &settings, const InitFacts &facts);

/// The bodies of a revision's Init frames where they differ in nothing but the log stream: made once, since making one
/// takes longer than all else that the engine does for a start.
class InitTemplate
{
public:
    /// `code` as in InitFacts. For settings without secrets.
    InitTemplate(const FunctionSettings &settings, const std::string &code);
    /// As initBody would make it. The log stream as logStreamName makes it.
    [[nodiscard]] std::string body(const std::string &logStream) const;

private:
    std::vector<std::string> m_parts; ///< The log stream goes between them.
};

/// "2026/11/23/[$LATEST]" and 32 hex digits of `worker`.
[[nodiscard]] std::string logStreamName(WallTime started, std::uint64_t worker);

/// Mono's settings (which library is meant by which name), to be seen where a sandbox has room for them: /etc is of our
/// making there. Empty where Mono brings its own.
[[nodiscard]] std::optional<LaunchLine::Bind> monoSettings();
/// The value of MONO_CFG_DIR that goes with them.
inline constexpr const char *monoSettingsFolder = "/opt/mono-etc";

} // namespace kiln

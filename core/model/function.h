// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/model/language.h"
#include "core/model/scaling.h"
#include "core/model/trigger.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// `runtime: python` or `python@3.11`
struct RuntimeChoice
{
    Language language = Language::Python;
    std::string version; ///< "3.11" to pick one of several found; empty takes the newest usable.
    bool operator==(const RuntimeChoice &) const = default;
};

/// What an invocation may use. Defaults are AWS Lambda's.
struct Limits
{
    enum class Cpu {
        Proportional, ///< To memory: 1,769 MB are one whole CPU (Lambda's published ratio).
        Unlimited,
    };

    ByteSize memory = 128_MB;
    Cpu cpu = Cpu::Proportional;
    std::chrono::milliseconds timeout{3'000};
    std::chrono::milliseconds initTimeout{10'000};
    ByteSize tmp = 512_MB;
    int tmpInodes = 65'536;
    int processes = 1'024; ///< And threads.
    int files = 1'024;     ///< Open descriptors.
    ByteSize result = 6_MB;
    ByteSize log = 1_MB; ///< Per invocation; more is cut and marked.
    bool operator==(const Limits &) const = default;
};

enum class Reuse {
    Always,
    Never, ///< A new worker for each invocation.
};

enum class Isolation {
    Standard, ///< A worker may come out of a zygote: then it shares address layout and hash seed with its siblings.
    Strict,   ///< Each worker is an interpreter executed for it.
};

/// What a function may reach outside itself. The default is nothing.
struct Permissions
{
    enum class Network {
        None,
        Loopback, ///< The worker's own 127.0.0.1, never the machine's.
        Hosts,    ///< Loopback, and `hosts` by way of the engine.
        All,      ///< The same, and every public address.
    };
    enum class Mode { ReadOnly, ReadWrite };
    /// One place outside. A private address, or one of this machine, is reached only if it is named by its number.
    struct HostGrant
    {
        std::string host; ///< A name in lower case, or a numeric address without brackets.
        std::uint16_t port = 0;
        auto operator<=>(const HostGrant &) const = default;
    };
    struct FileGrant
    {
        /// As written: absolute, or relative to the function's folder. Inside, the same spelling works: relative
        /// paths are taken from /var/task, where the code is.
        std::string path;
        Mode mode = Mode::ReadOnly;
        bool operator==(const FileGrant &) const = default;
    };

    Network network = Network::None;
    std::vector<HostGrant> hosts; ///< Of Hosts and All, in file order.
    std::vector<FileGrant> files;
    bool operator==(const Permissions &) const = default;
};

/// What happens to an asynchronous event whose invocation failed. Defaults are AWS Lambda's.
struct RetryPolicy
{
    int retries = 2;                                          ///< Further attempts after the first.
    std::chrono::milliseconds maxAge = std::chrono::hours(6); ///< An event older than this becomes a dead letter.
    bool operator==(const RetryPolicy &) const = default;
};

/// A function as its function.yaml states it: plain values, validated, defaults filled in.
struct FunctionSettings
{
    std::string name; ///< The folder's name.
    RuntimeChoice runtime;
    std::string handler; ///< "file.function", as on AWS Lambda.
    Limits limits;
    Concurrency concurrency;
    KeepWarm keepWarm;
    /// Idle for so long, all processes of a worker are stopped until its next invocation; absent: never.
    std::optional<std::chrono::milliseconds> freezeAfter = std::chrono::milliseconds(100);
    Reuse reuse = Reuse::Always;
    Isolation isolation = Isolation::Standard;
    std::map<std::string, std::string> environment;
    std::vector<std::string> secrets; ///< Names; the values are never in a revision.
    Permissions permissions;
    std::vector<Trigger> triggers; ///< In file order; a trigger is named by function and index.
    RetryPolicy retry;
    bool operator==(const FunctionSettings &) const = default;
};

/// An immutable snapshot of a function's code and settings, named by content. Shared by all who run it; the code
/// folder stays on disk as long as history names it.
struct Revision
{
    std::string hash; ///< SHA-256 of settings and code, hex. Shown by its first eight digits.
    FunctionSettings settings;
    std::filesystem::path code; ///< A private copy of the function's folder, read-only.
    WallTime created;
};
using RevisionPtr = std::shared_ptr<const Revision>;

} // namespace kiln

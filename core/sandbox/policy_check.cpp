// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/policy_check.h"

#include <algorithm>
#include <arpa/inet.h>

namespace kiln {
namespace {

constexpr std::size_t maxBinds = 128;
constexpr std::size_t maxArguments = 64;
constexpr std::size_t maxVariables = 512;
constexpr std::size_t maxPath = 4'000;     // Below PATH_MAX.
constexpr std::size_t maxText = 48 * 1024; // Arguments and environment together; a request is one datagram.

tl::unexpected<Error> refuse(std::string message, std::string place = {})
{
    return fail(Error::Code::InvalidArgument, std::move(message), std::move(place));
}

bool hasNul(const std::string &text) { return text.find('\0') != std::string::npos; }

/// Absolute, of names only: no "..", which would leave what was meant, and no "." or empty parts.
bool isPlainAbsolute(const std::string &path)
{
    // Compared as paths "//proc" equals "/proc"; compared as text, as below, it does not.
    if (path.size() < 2 || path.front() != '/' || path.size() > maxPath || hasNul(path) ||
        path.find("//") != std::string::npos)
        return false;
    const std::filesystem::path parts(path);
    return parts.lexically_normal() == parts && std::none_of(parts.begin(), parts.end(), [](const auto &part) {
               return part == ".." || part == "." || part.empty();
           });
}

Result<> checkProgram(const SandboxPolicy &policy)
{
    if (policy.argv.empty() || policy.argv.size() > maxArguments || !isPlainAbsolute(policy.argv[0]))
        return refuse("a sandbox runs an absolute path with at most 63 arguments");
    if (policy.workingDirectory != "/" && !isPlainAbsolute(policy.workingDirectory))
        return refuse("the working directory is an absolute path", policy.workingDirectory);
    std::size_t text = 0;
    for (const std::string &argument : policy.argv) {
        if (hasNul(argument))
            return refuse("an argument has a NUL byte");
        text += argument.size() + 8;
    }
    if (policy.environment.size() > maxVariables)
        return refuse("a sandbox has at most 512 environment variables");
    for (const auto &[name, value] : policy.environment) {
        if (name.empty() || name.find('=') != std::string::npos || hasNul(name) || hasNul(value))
            return refuse("the name of an environment variable is not empty, without = and NUL; its value without NUL",
                          name);
        text += name.size() + value.size() + 16;
    }
    if (text > maxText)
        return fail(Error::Code::LimitExceeded, "arguments and environment are over 48 KB", {},
                    "pass what is large in the event or in a file");
    return {};
}

Result<> checkLimits(const Limits &limits)
{
    if (limits.memory < 4_MB || limits.memory > ByteSize{std::int64_t(1) << 42})
        return refuse("memory is from 4MB to 4TB");
    if (limits.tmp < 4_KB || limits.tmp > ByteSize{std::int64_t(1) << 42})
        return refuse("tmp is from 4KB to 4TB");
    if (limits.tmpInodes < 2 || limits.processes < 1 || limits.processes > 1'000'000 || limits.files < 8 ||
        limits.files > 1'000'000)
        return refuse("at least 2 inodes, 1 process and 8 files; at most 1,000,000 processes and files");
    return {};
}

Result<> checkDoors(const SandboxPolicy &policy)
{
    const bool reaches = policy.network == Permissions::Network::Hosts || policy.network == Permissions::Network::All;
    if (!policy.doors.empty() && !reaches)
        return refuse("only a sandbox that may reach hosts has doors");
    if (policy.doors.size() > SandboxPolicy::maxDoors)
        return refuse("a sandbox has at most 64 doors", {});
    for (const SandboxPolicy::Door &door : policy.doors) {
        in6_addr bytes{};
        const bool numeric = ::inet_pton(AF_INET, door.address.c_str(), &bytes) == 1 ||
                             ::inet_pton(AF_INET6, door.address.c_str(), &bytes) == 1;
        if (!numeric || door.port == 0)
            return refuse("a door is at a numeric address and a port", door.address);
    }
    return {};
}

} // namespace

Result<> checkBinds(const std::vector<SandboxPolicy::Bind> &binds)
{
    if (binds.size() > maxBinds)
        return refuse("a sandbox has at most 128 binds");
    for (const SandboxPolicy::Bind &bind : binds) {
        if (!isPlainAbsolute(bind.source.native()))
            return refuse("the source of a bind is an absolute path without . or ..", bind.source.native());
        if (!isPlainAbsolute(bind.target))
            return refuse("the target of a bind is an absolute path without . or .., and not /", bind.target);
        for (const char *ours : {"/proc", "/dev"})
            if (bind.target == ours || bind.target.starts_with(std::string(ours) + "/"))
                return refuse("nothing can be bound into /proc or /dev", bind.target);
        if (bind.target == "/tmp" || bind.target == "/usr" || bind.target == "/etc")
            return refuse("this folder is the sandbox's own", bind.target);
    }
    return {};
}

Result<> checkPolicy(const SandboxPolicy &policy)
{
    if (policy.owner.empty() || policy.owner.size() > 256 || hasNul(policy.owner))
        return refuse("a sandbox has an owner of at most 256 bytes");
    return checkBinds(policy.binds)
        .and_then([&] { return checkDoors(policy); })
        .and_then([&] { return checkProgram(policy); })
        .and_then([&] { return checkLimits(policy.limits); });
}

} // namespace kiln

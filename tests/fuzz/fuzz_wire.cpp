// SPDX-License-Identifier: GPL-3.0-or-later
// What engine and launcher say to each other. The launcher is privileged: it trusts no request.
#include "core/sandbox/policy_check.h"
#include "core/sandbox/wire.h"
#include "tests/fuzz/promise.h"

using namespace kiln;
using namespace kiln::test;

namespace {

void checkLaunch(const wire::Launch &launch)
{
    const SandboxPolicy &policy = launch.policy;
    if (!checkPolicy(policy))
        return;
    promise(!policy.argv.empty() && policy.argv[0].starts_with('/'), "a program has an absolute path");
    promise(policy.binds.size() <= 128 && policy.environment.size() <= 512, "counts are bounded");
    for (const SandboxPolicy::Bind &bind : policy.binds) {
        for (const std::string &path : {bind.source.native(), bind.target}) {
            promise(path.starts_with('/') && path.size() > 1, "a bind's path is absolute");
            const std::string framed = path + "/";
            promise(framed.find("/../") == std::string::npos && framed.find("/./") == std::string::npos &&
                        framed.find("//") == std::string::npos && path.find('\0') == std::string::npos,
                    "a bind's path is plain");
        }
        promise(bind.target != "/proc" && bind.target != "/dev" && bind.target != "/usr" && bind.target != "/tmp" &&
                    bind.target != "/etc" && !bind.target.starts_with("/proc/") && !bind.target.starts_with("/dev/"),
                "what is the sandbox's own stays so");
    }
    for (const auto &[name, value] : policy.environment)
        promise(!name.empty() && (name + value).find('\0') == std::string::npos && name.find('=') == std::string::npos,
                "variables are plain");
}

void checkStatus(std::string_view bytes)
{
    const std::optional<wire::Status> status = wire::decodeStatus(bytes);
    promise(status.has_value() || bytes.empty(), "bytes that are no status are a failure");
    if (!status)
        return;
    const std::string written = wire::encodeStatus(*status);
    promise(written.size() <= wire::maxStatus, "a status is written whole");
    const std::optional<wire::Status> again = wire::decodeStatus(written);
    promise(again && again->kind == status->kind && again->sysErrno == status->sysErrno &&
                status->step.starts_with(again->step) && status->place.starts_with(again->place),
            "a status comes back");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    checkStatus(bytes);
    const Result<wire::Message> message = wire::decode(bytes);
    if (!message) {
        promise(message.error().code == Error::Code::InvalidArgument, "the kind of error");
        return 0;
    }
    if (const auto *launch = std::get_if<wire::Launch>(&*message))
        checkLaunch(*launch);
    const Result<std::string> written = wire::encode(*message);
    promise(written ? written->size() <= bytes.size() : size > wire::maxMessage, "what was read can be written");
    if (!written)
        return 0;
    const Result<wire::Message> again = wire::decode(*written);
    promise(again && again->index() == message->index(), "what was written can be read");
    promise(wire::encode(*again) == *written, "and is the same");
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/reduced_paths.h"

#include <cerrno>
#include <cstdlib>
#include <unistd.h>

namespace kiln::launcher {
namespace {

/// `text` with the longest target that it is, or begins with as a folder, replaced by the source.
std::string outside(const std::string &text, const std::vector<SandboxPolicy::Bind> &binds)
{
    const SandboxPolicy::Bind *best = nullptr;
    for (const SandboxPolicy::Bind &bind : binds)
        if (text == bind.target || text.starts_with(bind.target + "/"))
            if (best == nullptr || bind.target.size() > best->target.size())
                best = &bind;
    return best == nullptr ? text : best->source.native() + text.substr(best->target.size());
}

} // namespace

Result<std::filesystem::path> makeTemporaryFolder(const WorkerUser &worker)
{
    std::string folder = "/tmp/kiln-worker-XXXXXX"; // Mode 0700.
    if (::mkdtemp(folder.data()) == nullptr)
        return failErrno(Error::Code::Sandbox, errno, "make a temporary folder", "/tmp");
    if (worker.foreign && ::chown(folder.c_str(), worker.user, worker.group) != 0) {
        const int error = errno;
        ::rmdir(folder.c_str());
        return failErrno(Error::Code::Sandbox, error, "give away a temporary folder", folder);
    }
    return std::filesystem::path(folder);
}

void useHostPaths(SandboxPolicy &policy, std::string_view temporary)
{
    policy.binds.push_back({temporary, "/tmp", Permissions::Mode::ReadWrite, true});
    for (std::string &argument : policy.argv)
        argument = outside(argument, policy.binds);
    for (auto &[name, value] : policy.environment)
        value = outside(value, policy.binds);
    policy.workingDirectory = outside(policy.workingDirectory, policy.binds);
}

} // namespace kiln::launcher

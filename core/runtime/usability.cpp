// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/usability.h"

#include "core/runtime/version.h"

#include <sys/stat.h>
#include <unistd.h>

namespace kiln {

namespace {

namespace fs = std::filesystem;

/// "" when a worker may read it: bits of the file and of each folder on the way, as its uid sees them.
std::string unreadable(const fs::path &path, SandboxUser user)
{
    if (user == SandboxUser::Own)
        return ::access(path.c_str(), R_OK | X_OK) == 0 ? "" : path.string() + " is not readable";
    fs::path part;
    for (const auto &component : path) {
        part /= component;
        struct stat about = {};
        if (::stat(part.c_str(), &about) != 0)
            return part.string() + " cannot be looked at";
        const bool last = part == path;
        const mode_t needed = last ? S_IROTH | S_IXOTH : S_IXOTH;
        if ((about.st_mode & needed) != needed)
            return part.string() + " is not open to other users, and a worker runs as one";
    }
    return "";
}

} // namespace

bool isBelow(const fs::path &path, const fs::path &folder)
{
    const fs::path relative = path.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

std::string problemOf(const Interpreter &interpreter, SandboxUser user)
{
    const std::string oldest(factsOf(interpreter.language).oldest);
    if (isOlder(interpreter.version, oldest))
        return interpreter.version + " is too old: " + oldest + " or newer is needed";
    for (const auto &root : interpreter.roots) {
        // Everything below a root is shown to the worker.
        if (root == "/" || root == root.root_path() || isBelow("/home", root) || isBelow("/root", root) ||
            isBelow("/etc", root))
            return "its installation folder is " + root.string() + ", too much to show a worker";
        if (auto problem = unreadable(root, user); !problem.empty())
            return problem;
    }
    return unreadable(interpreter.path, user);
}

} // namespace kiln

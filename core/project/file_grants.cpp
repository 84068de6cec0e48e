// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/function_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <sys/stat.h>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr std::size_t maxGrants = 50;

/// Of the machine: what no function is to have, or has anyway.
constexpr std::array<std::string_view, 13> systemFolders{
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/run", "/sbin", "/sys", "/usr"};
/// Inside the sandbox: what is made there.
constexpr std::array<std::string_view, 5> sandboxFolders{"/opt/kiln", "/tmp", "/var/run", "/var/runtime", "/var/task"};

bool isWithin(const fs::path &path, const fs::path &folder)
{
    const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return end == folder.end();
}

bool overlaps(const fs::path &a, const fs::path &b) { return isWithin(a, b) || isWithin(b, a); }

fs::path normal(const fs::path &path)
{
    fs::path plain = path.lexically_normal();
    return plain.has_filename() || plain == "/" ? plain : plain.parent_path();
}

/// The first component below `trusted` that is a symbolic link; empty when there is none.
fs::path linkOnTheWay(const fs::path &path)
{
    fs::path walked;
    for (const fs::path &part : path) {
        walked /= part;
        struct stat status = {};
        if (::lstat(walked.c_str(), &status) != 0)
            return {};
        if (S_ISLNK(status.st_mode))
            return walked;
    }
    return {};
}

} // namespace

std::string whyNotGrantable(const std::string &written, const FunctionPlace &place)
{
    if (written.size() > 1024 || written.find_first_of("\n\r\t") != std::string::npos)
        return "expected a path of at most 1024 bytes on one line";
    const bool relative = fs::path(written).is_relative();
    const fs::path host = normal(relative ? place.folder() / written : fs::path(written));
    const fs::path inside = normal(relative ? fs::path("/var/task") / written : fs::path(written));

    for (const std::string_view folder : sandboxFolders) {
        if (overlaps(inside, folder))
            return "would cover " + std::string(folder) + " of the sandbox";
    }
    for (const std::string_view folder : systemFolders) {
        if (overlaps(inside, folder) || overlaps(host, folder))
            return "system folders such as " + std::string(folder) + " cannot be granted";
    }
    if (overlaps(host, place.workspace / ".kiln"))
        return "would show the workspace's .kiln to the function";
    if (overlaps(host, place.workspace / "functions"))
        return "would show the code of functions; a function has its own anyway";
    if (const fs::path link = linkOnTheWay(host); !link.empty())
        return "goes through the symbolic link " + link.string() + ", and Kiln follows none; write the real path";
    struct stat status = {};
    if (::lstat(host.c_str(), &status) != 0)
        return "there is no " + host.string();
    if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
        return host.string() + " is neither a folder nor a plain file";
    return {};
}

namespace {

std::optional<Permissions::FileGrant> readGrant(const YamlNode &item, const std::string &key, ProblemList &problems,
                                                const FunctionPlace &place)
{
    static const std::string form = "a grant such as {path: ../../data, mode: ro}";
    if (item.kind != YamlNode::Kind::Map) {
        problems.expected(item, key, form);
        return std::nullopt;
    }
    problems.checkKeys(item, functionKeys(), key);
    const YamlNode *path = item.find("path");
    if (!path) {
        problems.error(item, key, "expected " + form + ", found no path");
        return std::nullopt;
    }
    Permissions::FileGrant grant;
    if (const YamlNode *mode = item.find("mode")) {
        if (mode->scalar == "rw")
            grant.mode = Permissions::Mode::ReadWrite;
        else if (mode->scalar != "ro")
            problems.expected(*mode, key + ".mode", "ro or rw");
    }
    const auto text = problems.text(*path, key + ".path", "a path");
    if (!text)
        return std::nullopt;
    if (const std::string why = whyNotGrantable(*text, place); !why.empty()) {
        problems.error(*path, key + ".path", why);
        return std::nullopt;
    }
    grant.path = *text;
    return grant;
}

} // namespace

std::vector<Permissions::FileGrant> readFileGrants(const YamlNode &list, ProblemList &problems,
                                                   const FunctionPlace &place)
{
    std::vector<Permissions::FileGrant> grants;
    if (list.kind == YamlNode::Kind::Null)
        return grants;
    if (list.kind != YamlNode::Kind::List || list.items.size() > maxGrants) {
        problems.expected(list, "permissions.files",
                          "a list of at most 50 grants such as [{path: ../../data, mode: ro}]");
        return grants;
    }
    std::set<fs::path> seen;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const std::string key = "permissions.files[" + std::to_string(i) + "]";
        auto grant = readGrant(list.items[i], key, problems, place);
        if (!grant)
            continue;
        if (!seen.insert(normal(place.folder() / grant->path)).second)
            problems.error(list.items[i], key, "this path is granted twice");
        grants.push_back(std::move(*grant));
    }
    return grants;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/refusals.h"

#include "core/model/grant.h"
#include "core/project/mount_table.h"

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr std::string_view codeInside = "/var/task";

bool isWithin(const fs::path &path, const fs::path &folder)
{
    const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return end == folder.end();
}

/// Where a path leads inside, for code that runs in /var/task.
fs::path insideOf(const std::string &path) { return (fs::path(codeInside) / path).lexically_normal(); }

bool isLoopback(const Permissions::HostGrant &target)
{
    return target.host.starts_with("127.") || target.host == "::1";
}

/// Where hosts are granted, the engine answers each name with such an address (core/egress/name_table.h).
bool standsForName(const Permissions::HostGrant &target)
{
    return target.host.starts_with("198.18.") || target.host.starts_with("198.19.");
}

/// The grant that covers a path inside, if any; of several the one that is nearest.
const Permissions::FileGrant *coveringGrant(const fs::path &inside, const Permissions &permissions)
{
    const Permissions::FileGrant *nearest = nullptr;
    for (const Permissions::FileGrant &grant : permissions.files)
        if (isWithin(inside, insideOf(grant.path)) &&
            (nearest == nullptr || isWithin(insideOf(grant.path), insideOf(nearest->path))))
            nearest = &grant;
    return nearest;
}

/// Folders that each sandbox has of its own: what is missing there is missing.
constexpr std::string_view ownFolders[] = {"/tmp", "/proc", "/dev", "/opt/kiln"};

bool isOwn(const fs::path &inside)
{
    return std::any_of(std::begin(ownFolders), std::end(ownFolders),
                       [&](std::string_view folder) { return isWithin(inside, folder); });
}

/// "/", "/var": folders that are there to hold the ones that are its own.
bool isAboveOwn(const fs::path &inside)
{
    return isWithin(codeInside, inside) ||
           std::any_of(std::begin(ownFolders), std::end(ownFolders),
                       [&](std::string_view folder) { return isWithin(folder, inside); });
}

class Explainer
{
public:
    Explainer(const FunctionSettings &settings, const FunctionPlace &place, const std::set<std::string> &secrets)
        : m_settings(settings)
        , m_permissions(settings.permissions)
        , m_place(place)
        , m_secrets(secrets)
    {}

    std::optional<Refusal> operator()(const Access &access)
    {
        switch (access.source) {
        case Access::Source::Allowed: return std::nullopt;
        case Access::Source::Refused: return refusal(access, grantOf(access));
        case Access::Source::Worker: break;
        }
        switch (access.kind) {
        case Access::Kind::Connect: return connection(access);
        case Access::Kind::Variable: return variable(access);
        default: return file(access);
        }
    }

private:
    /// A name that nobody has given a value is not there, which is the function's own affair.
    std::optional<Refusal> variable(const Access &access) const
    {
        const auto &granted = m_settings.secrets;
        if (!m_secrets.contains(access.target) || m_settings.environment.contains(access.target) ||
            std::find(granted.begin(), granted.end(), access.target) != granted.end())
            return std::nullopt;
        return Refusal{"read", "secret " + access.target, toText(Grant(SecretGrant{access.target})), access.place};
    }

    static Refusal refusal(const Access &access, std::string grant)
    {
        const char *what = access.kind == Access::Kind::Connect ? "connect"
                           : access.kind == Access::Kind::Read  ? "read"
                                                                : "write";
        return {what, access.target, std::move(grant), access.place};
    }

    static std::string grantOf(const Access &access)
    {
        const auto target = parseHostPort(access.target);
        return target && access.reason.empty() ? toText(Grant(*target)) : std::string();
    }

    std::optional<Refusal> connection(const Access &access) const
    {
        using Network = Permissions::Network;
        const auto target = parseHostPort(access.target);
        if (target) {
            const auto &hosts = m_permissions.hosts;
            if (std::find(hosts.begin(), hosts.end(), *target) != hosts.end())
                return std::nullopt;
            if (m_permissions.network != Network::None && isLoopback(*target))
                return std::nullopt; // its own
            if (m_permissions.network >= Network::Hosts && standsForName(*target))
                return std::nullopt; // told by its name
        }
        // With hosts or all the engine sees each attempt that reaches it, and tells by itself.
        return refusal(access, grantOf(access));
    }

    std::optional<Refusal> file(const Access &access)
    {
        const bool writes = access.kind == Access::Kind::Write;
        const fs::path inside = insideOf(access.target);
        if (const Permissions::FileGrant *grant = coveringGrant(inside, m_permissions)) {
            if (!writes || grant->mode == Permissions::Mode::ReadWrite)
                return std::nullopt;
            return refusal(access, toText(Grant(Permissions::FileGrant{grant->path, Permissions::Mode::ReadWrite})));
        }
        if (isOwn(inside) || (!writes && isAboveOwn(inside)))
            return std::nullopt;
        if (isWithin(inside, codeInside))
            return writes ? std::optional(refusal(access, {})) : std::nullopt;
        for (const std::string &written : spellings(access.target, inside)) {
            const fs::path host = (m_place.folder() / written).lexically_normal();
            if (m_mounts.mayBlock(host))
                continue;
            if (exists(host))
                return refusal(access, grantText(written, access.kind));
            if (writes && exists(host.parent_path()) && host.parent_path() != "/")
                return refusal(access, grantText(fs::path(written).parent_path().string(), access.kind));
        }
        return std::nullopt;
    }

    /// How the path may be meant on the machine: as it is, or from the function's folder, which is /var/task inside.
    static std::vector<std::string> spellings(const std::string &target, const fs::path &inside)
    {
        const std::string below = inside.lexically_relative(codeInside).string(); // "../../data/x"
        const std::string code = std::string(codeInside) + "/";
        if (!target.starts_with('/') || target.starts_with(code))
            return {below};
        return {inside.string(), below};
    }

    /// Without following a link on the way: it could lead to what may block, and nothing behind it can be granted.
    static bool exists(const fs::path &path)
    {
        fs::path walked;
        struct stat status = {};
        for (const fs::path &part : path) {
            if (S_ISLNK(status.st_mode))
                return false;
            walked /= part;
            if (::lstat(walked.c_str(), &status) != 0)
                return false;
        }
        return true;
    }

    std::string grantText(const std::string &path, Access::Kind kind) const
    {
        if (!whyNotGrantable(path, m_place).empty())
            return {};
        return toText(Grant(Permissions::FileGrant{path, kind == Access::Kind::Write ? Permissions::Mode::ReadWrite
                                                                                     : Permissions::Mode::ReadOnly}));
    }

    const FunctionSettings &m_settings;
    const Permissions &m_permissions;
    const FunctionPlace &m_place;
    const std::set<std::string> &m_secrets;
    MountTable m_mounts;
};

} // namespace

std::vector<Refusal> refusalsOf(const std::vector<Access> &accesses, const FunctionSettings &settings,
                                const FunctionPlace &place, const std::set<std::string> &secrets)
{
    Explainer explain(settings, place, secrets);
    std::vector<Refusal> refusals;
    for (const Access &access : accesses) {
        // What the bootstrap saw being tried may have come through.
        const auto cameThrough = [&](const Access &other) {
            return other.source == Access::Source::Allowed && other.kind == access.kind &&
                   other.target == access.target;
        };
        if (access.source == Access::Source::Worker && std::any_of(accesses.begin(), accesses.end(), cameThrough))
            continue;
        auto refusal = explain(access);
        const auto same = [&](const Refusal &other) {
            return other.what == refusal->what && other.target == refusal->target;
        };
        if (!refusal)
            continue;
        // The engine tells what, the bootstrap where: one refusal of both.
        if (const auto known = std::find_if(refusals.begin(), refusals.end(), same); known == refusals.end())
            refusals.push_back(*std::move(refusal));
        else if (known->place.empty())
            known->place = refusal->place;
    }
    return refusals;
}

bool looksAtFiles(const std::vector<Access> &accesses, const FunctionSettings &settings)
{
    return std::any_of(accesses.begin(), accesses.end(), [&](const Access &access) {
        const bool file = access.kind == Access::Kind::Read || access.kind == Access::Kind::Write;
        return access.source == Access::Source::Worker && file &&
               coveringGrant(insideOf(access.target), settings.permissions) == nullptr;
    });
}

namespace {

std::optional<GrantUsed> fileUsed(const Access &access, const Permissions &permissions)
{
    const Permissions::FileGrant *grant = coveringGrant(insideOf(access.target), permissions);
    const bool writes = access.kind == Access::Kind::Write;
    if (grant == nullptr || (writes && grant->mode == Permissions::Mode::ReadOnly))
        return std::nullopt;
    const auto least = writes ? Permissions::Mode::ReadWrite : Permissions::Mode::ReadOnly;
    return GrantUsed{toText(Grant(*grant)), toText(Grant(Permissions::FileGrant{grant->path, least}))};
}

std::optional<GrantUsed> variableUsed(const Access &access, const FunctionSettings &settings)
{
    std::string text;
    if (std::find(settings.secrets.begin(), settings.secrets.end(), access.target) != settings.secrets.end())
        text = toText(Grant(SecretGrant{access.target}));
    else if (settings.environment.contains(access.target))
        text = "environment:" + access.target;
    else
        return std::nullopt;
    return GrantUsed{text, text};
}

std::optional<GrantUsed> networkUsed(const Access &access, const Permissions &permissions)
{
    const auto target = parseHostPort(access.target);
    if (!target || access.source == Access::Source::Refused)
        return std::nullopt;
    const std::string least = toText(Grant(*target));
    if (std::find(permissions.hosts.begin(), permissions.hosts.end(), *target) != permissions.hosts.end())
        return GrantUsed{least, least};
    if (access.source == Access::Source::Allowed && permissions.network == Permissions::Network::All)
        return GrantUsed{toText(Grant(Permissions::Network::All)), least};
    if (permissions.network == Permissions::Network::Loopback && isLoopback(*target)) {
        const std::string text = toText(Grant(Permissions::Network::Loopback));
        return GrantUsed{text, text};
    }
    return std::nullopt;
}

} // namespace

std::optional<GrantUsed> grantUsed(const Access &access, const FunctionSettings &settings)
{
    switch (access.kind) {
    case Access::Kind::Connect: return networkUsed(access, settings.permissions);
    case Access::Kind::Variable: return variableUsed(access, settings);
    default: return fileUsed(access, settings.permissions);
    }
}

std::vector<GrantUsed> grantsUsed(const std::vector<Access> &accesses, const FunctionSettings &settings)
{
    std::vector<GrantUsed> uses;
    for (const Access &access : accesses) {
        auto use = grantUsed(access, settings);
        if (use && std::find(uses.begin(), uses.end(), *use) == uses.end())
            uses.push_back(*std::move(use));
    }
    return uses;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/edit_parts.h"
#include "core/project/yaml_edit.h"
#include "core/project/yaml_tree.h"

#include <algorithm>

namespace kiln {

namespace {

using Network = Permissions::Network;

const YamlPath networkPath{"permissions", "network"};

YamlPath itemPath(YamlPath list, std::size_t index)
{
    list.push_back(std::to_string(index));
    return list;
}

/// How many entries the list under permissions.network has, or would have.
std::size_t networkItems(const Permissions &permissions)
{
    return permissions.hosts.size() + (permissions.network == Network::All ? 1 : 0);
}

struct Adder
{
    const std::string &text;
    const FunctionSettings &old;

    Result<std::string> operator()(Network network) const
    {
        const Permissions &has = old.permissions;
        if (network == Network::Loopback)
            return has.network == Network::None ? setYaml(text, networkPath, "loopback") : text;
        if (has.network == Network::All)
            return text;
        return has.hosts.empty() ? setYaml(text, networkPath, "all")
                                 : setYaml(text, itemPath(networkPath, networkItems(has)), "all");
    }
    Result<std::string> operator()(const Permissions::HostGrant &host) const
    {
        const Permissions &has = old.permissions;
        if (std::find(has.hosts.begin(), has.hosts.end(), host) != has.hosts.end())
            return text;
        const std::string item = quoteYaml(toText(host));
        if (!has.hosts.empty())
            return setYaml(text, itemPath(networkPath, networkItems(has)), item);
        return setYaml(text, networkPath, has.network == Network::All ? "[all, " + item + "]" : "[" + item + "]");
    }
    Result<std::string> operator()(const Permissions::FileGrant &grant) const
    {
        const auto &files = old.permissions.files;
        const YamlPath list{"permissions", "files"};
        const auto same =
            std::find_if(files.begin(), files.end(), [&](const auto &each) { return each.path == grant.path; });
        const std::size_t index = std::size_t(same - files.begin());
        if (same == files.end()) {
            const std::string item = "{path: " + quoteYaml(grant.path) +
                                     ", mode: " + (grant.mode == Permissions::Mode::ReadWrite ? "rw" : "ro") + "}";
            return files.empty() ? setYaml(text, list, "[" + item + "]") : setYaml(text, itemPath(list, index), item);
        }
        if (same->mode == Permissions::Mode::ReadWrite || same->mode == grant.mode)
            return text;
        YamlPath mode = itemPath(list, index);
        mode.emplace_back("mode");
        return setYaml(text, mode, "rw");
    }
    Result<std::string> operator()(const SecretGrant &secret) const
    {
        if (std::find(old.secrets.begin(), old.secrets.end(), secret.name) != old.secrets.end())
            return text;
        return old.secrets.empty() ? setYaml(text, {"secrets"}, "[" + secret.name + "]")
                                   : setYaml(text, itemPath({"secrets"}, old.secrets.size()), secret.name);
    }
};

/// Without the key where nothing is left under it.
Result<std::string> removeItem(const std::string &text, const YamlPath &list, std::size_t index, std::size_t count)
{
    return removeYaml(text, count == 1 ? list : itemPath(list, index));
}

struct Remover
{
    const std::string &text;
    const FunctionSettings &old;

    Result<std::string> operator()(Network network) const
    {
        const Permissions &has = old.permissions;
        if (network != has.network)
            return text;
        if (has.hosts.empty())
            return removeYaml(text, networkPath);
        return removeNetworkItem("all");
    }
    Result<std::string> operator()(const Permissions::HostGrant &host) const
    {
        const auto &hosts = old.permissions.hosts;
        if (std::find(hosts.begin(), hosts.end(), host) == hosts.end())
            return text;
        return removeNetworkItem(toText(host));
    }
    Result<std::string> operator()(const Permissions::FileGrant &grant) const
    {
        const auto &files = old.permissions.files;
        const auto at =
            std::find_if(files.begin(), files.end(), [&](const auto &each) { return each.path == grant.path; });
        if (at == files.end())
            return text;
        return removeItem(text, {"permissions", "files"}, std::size_t(at - files.begin()), files.size());
    }
    Result<std::string> operator()(const SecretGrant &secret) const
    {
        const auto at = std::find(old.secrets.begin(), old.secrets.end(), secret.name);
        if (at == old.secrets.end())
            return text;
        return removeItem(text, {"secrets"}, std::size_t(at - old.secrets.begin()), old.secrets.size());
    }

private:
    /// Hosts may be spelt in more than one way, and `all` may stand anywhere among them.
    Result<std::string> removeNetworkItem(const std::string &item) const
    {
        const YamlDocument document = parseYaml(text);
        const YamlNode *permissions = document.root.find("permissions");
        const YamlNode *list = permissions != nullptr ? permissions->find("network") : nullptr;
        for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
            const std::string &written = list->items[i].scalar;
            const auto host = parseHostPort(written);
            if ((host ? toText(*host) : written) == item)
                return removeItem(text, networkPath, i, list->items.size());
        }
        return text;
    }
};

} // namespace

Result<std::string> addGrant(const std::string &text, const FunctionSettings &old, const Grant &grant)
{
    return std::visit(Adder{text, old}, grant);
}

Result<std::string> removeGrant(const std::string &text, const FunctionSettings &old, const Grant &grant)
{
    return std::visit(Remover{text, old}, grant);
}

} // namespace kiln

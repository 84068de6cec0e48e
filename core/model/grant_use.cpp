// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/grant_use.h"

#include <algorithm>

namespace kiln {

namespace {

constexpr const char *environmentKind = "environment:";

void count(GrantTally &tally, WallTime when)
{
    ++tally.used;
    tally.last = std::max(tally.last, when);
}

/// Those of one permission, the permission as a whole first.
auto rangeOf(const GrantTallies &tallies, const std::string &function, const std::string &grant)
{
    const auto begin = tallies.lower_bound({function, grant});
    const auto end = std::find_if(begin, tallies.end(), [&](const auto &each) {
        return each.first.function != function || each.first.grant != grant;
    });
    return std::pair(begin, end);
}

} // namespace

std::vector<std::string> grantTexts(const FunctionSettings &settings)
{
    std::vector<std::string> texts;
    for (const Grant &grant : grantsOf(settings))
        texts.push_back(toText(grant));
    for (const auto &[name, value] : settings.environment)
        texts.push_back(environmentKind + name);
    return texts;
}

bool isUseVisible(Language language, const std::string &grant)
{
    if (language == Language::Python || language == Language::Node || language == Language::Typescript)
        return true;
    return grant.starts_with("network:") && grant != "network:loopback";
}

void addUses(GrantTallies &tallies, const Invocation &invocation)
{
    if (!invocation.revision || invocation.worker == 0)
        return;
    const FunctionSettings &settings = invocation.revision->settings;
    ++tallies[{settings.name, {}}].seen;
    for (const std::string &grant : grantTexts(settings))
        ++tallies[{settings.name, grant}].seen;
    std::vector<std::string> counted; // one permission may have been used for several things
    for (const GrantUsed &use : invocation.used) {
        if (std::find(counted.begin(), counted.end(), use.grant) == counted.end()) {
            counted.push_back(use.grant);
            count(tallies[{settings.name, use.grant}], invocation.accepted);
        }
        const GrantKey key{settings.name, use.grant, use.least};
        const auto [begin, end] = rangeOf(tallies, settings.name, use.grant);
        if (tallies.contains(key) || std::size_t(std::distance(begin, end)) <= mostLeastGrants)
            count(tallies[key], invocation.accepted);
    }
}

std::vector<GrantUse> grantUses(const FunctionSettings &settings, const GrantTallies &tallies)
{
    std::vector<GrantUse> uses;
    for (const std::string &grant : grantTexts(settings)) {
        GrantUse use{.grant = grant, .visible = isUseVisible(settings.runtime.language, grant)};
        const auto [begin, end] = rangeOf(tallies, settings.name, grant);
        std::for_each(begin, end, [&](const auto &each) {
            const auto &[key, tally] = each;
            if (!key.least.empty()) {
                use.least.push_back(key.least);
                return;
            }
            use.seen = tally.seen;
            use.used = tally.used;
            if (tally.last != WallTime{})
                use.lastUsed = tally.last;
        });
        uses.push_back(std::move(use));
    }
    return uses;
}

std::vector<std::string> grantsNeverRun(const FunctionSettings &settings, const GrantTallies &tallies)
{
    const auto ran = [&](const std::string &grant) {
        const auto found = tallies.find({settings.name, grant});
        return found != tallies.end() && found->second.seen > 0;
    };
    const auto reached = [&] { // any network has the worker's own loopback
        const auto begin = tallies.lower_bound({settings.name, "network:"});
        return begin != tallies.end() && begin->first.function == settings.name &&
               begin->first.grant.starts_with("network:");
    };
    struct Covered
    {
        decltype(ran) &hasRun;
        decltype(reached) &hadNetwork;
        bool operator()(Permissions::Network network) const
        {
            return network == Permissions::Network::Loopback && hadNetwork();
        }
        bool operator()(const Permissions::HostGrant &host) const
        {
            // A number may be a private address, which `all` does not cover.
            return !isNumericAddress(host.host) && hasRun("network:all");
        }
        bool operator()(const Permissions::FileGrant &file) const
        {
            return hasRun(toText(Grant(Permissions::FileGrant{file.path, Permissions::Mode::ReadWrite})));
        }
        bool operator()(const SecretGrant &) const { return false; }
    };
    std::vector<std::string> more;
    if (!ran({}))
        return more;
    for (const Grant &grant : grantsOf(settings)) {
        std::string text = toText(grant);
        if (!ran(text) && !std::visit(Covered{ran, reached}, grant))
            more.push_back(std::move(text));
    }
    return more;
}

Narrowing leastFor(const std::vector<GrantUse> &uses)
{
    Narrowing narrowing;
    const auto add = [&](const std::string &text, std::vector<Grant> &to) {
        const auto grant = parseGrant(text); // a variable of the environment reaches nothing, and is none
        if (grant && std::find(to.begin(), to.end(), *grant) == to.end())
            to.push_back(*grant);
    };
    for (const GrantUse &use : uses) {
        if (!use.visible || use.seen == 0)
            continue;
        const bool asItIs = std::find(use.least.begin(), use.least.end(), use.grant) != use.least.end();
        if (use.used == 0) {
            add(use.grant, narrowing.remove);
        } else if (!asItIs && !use.least.empty() && use.least.size() < mostLeastGrants) {
            add(use.grant, narrowing.remove);
            for (const std::string &least : use.least)
                add(least, narrowing.add);
        }
    }
    return narrowing;
}

} // namespace kiln

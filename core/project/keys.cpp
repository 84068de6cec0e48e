// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/keys.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace kiln {

namespace {

constexpr auto built = KnownKey::Status::Built;
constexpr auto notBuilt = KnownKey::Status::NotBuilt;

constexpr std::array functionTable{
    KnownKey{"runtime", built},
    KnownKey{"handler", built},
    KnownKey{"memory", built},
    KnownKey{"cpu", built},
    KnownKey{"timeout", built},
    KnownKey{"tmp", built},
    KnownKey{"concurrency", built},
    KnownKey{"concurrency.max", built},
    KnownKey{"concurrency.min", built},
    KnownKey{"concurrency.queue", built},
    KnownKey{"concurrency.queue_age", built},
    KnownKey{"concurrency.balance", built},
    KnownKey{"concurrency.burst", built},
    KnownKey{"concurrency.burst.workers", built},
    KnownKey{"concurrency.burst.per", built},
    KnownKey{"concurrency.target", built},
    KnownKey{"concurrency.target.concurrency", built},
    KnownKey{"concurrency.target.rate", built},
    KnownKey{"concurrency.per_worker", built},
    KnownKey{"keep_warm", built},
    KnownKey{"reuse", built},
    KnownKey{"freeze_after", built},
    KnownKey{"isolation", built},
    KnownKey{"environment", built},
    KnownKey{"environment.*", built},
    KnownKey{"secrets", built},
    KnownKey{"permissions", built},
    KnownKey{"permissions.network", built},
    KnownKey{"permissions.files", built},
    KnownKey{"permissions.files[].path", built},
    KnownKey{"permissions.files[].mode", built},
    KnownKey{"permissions.services", notBuilt},
    KnownKey{"permissions.invoke", notBuilt},
    KnownKey{"triggers", built},
    KnownKey{"triggers[].http", built},
    KnownKey{"triggers[].url", built},
    KnownKey{"triggers[].url.auth", built},
    KnownKey{"triggers[].url.cors", notBuilt},
    KnownKey{"triggers[].schedule", built},
    KnownKey{"triggers[].timezone", built},
    KnownKey{"triggers[].bucket", notBuilt},
    KnownKey{"triggers[].events", notBuilt},
    KnownKey{"triggers[].filter", notBuilt},
    KnownKey{"triggers[].queue", notBuilt},
    KnownKey{"triggers[].batch", notBuilt},
    KnownKey{"triggers[].window", notBuilt},
    KnownKey{"triggers[].topic", notBuilt},
    KnownKey{"triggers[].stream", notBuilt},
    KnownKey{"triggers[].table", notBuilt},
    KnownKey{"triggers[].sqlite", notBuilt},
    KnownKey{"triggers[].postgres", notBuilt},
    KnownKey{"retries", built},
    KnownKey{"max_age", built},
    KnownKey{"on_success", notBuilt},
    KnownKey{"on_failure", notBuilt},
};

constexpr std::array kilnTable{
    KnownKey{"name", built},      KnownKey{"listen", built},
    KnownKey{"scaling", built},   KnownKey{"scaling.workers", built},
    KnownKey{"aws", notBuilt},    KnownKey{"services", notBuilt},
    KnownKey{"alarms", notBuilt}, KnownKey{"budgets", notBuilt},
};

/// The last part of `path` when it lies directly under `parent`; empty otherwise.
std::string_view childOf(std::string_view path, std::string_view parent)
{
    if (!parent.empty()) {
        if (!path.starts_with(parent) || path.size() <= parent.size() || path[parent.size()] != '.')
            return {};
        path.remove_prefix(parent.size() + 1);
    }
    return path.find_first_of(".[") == std::string_view::npos ? path : std::string_view{};
}

/// Levenshtein's distance; both are short.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
        }
    }
    return row.back();
}

} // namespace

std::span<const KnownKey> functionKeys() { return functionTable; }
std::span<const KnownKey> kilnKeys() { return kilnTable; }

const KnownKey *findKey(std::span<const KnownKey> keys, std::string_view path)
{
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const KnownKey &key) { return key.path == path; });
    return found == keys.end() ? nullptr : &*found;
}

std::string unknownKeyMessage(std::span<const KnownKey> keys, std::string_view parent, std::string_view name)
{
    std::string_view nearest;
    std::string all;
    std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const KnownKey &key : keys) {
        const std::string_view child = childOf(key.path, parent);
        if (child.empty())
            continue;
        if (key.status == built)
            all.append(all.empty() ? "" : ", ").append(child);
        const std::size_t far = name.size() > 64 ? best : distance(name, child);
        if (far < best) {
            best = far;
            nearest = child;
        }
    }
    if (!nearest.empty())
        return "unknown key: did you mean '" + std::string(nearest) + "'?";
    return "unknown key: expected one of " + all;
}

std::string notBuiltMessage(std::string_view what)
{
    return "'" + std::string(what) + "' is not built yet in this version of Kiln";
}

} // namespace kiln

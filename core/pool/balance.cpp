// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/balance.h"

#include <algorithm>

namespace kiln {

namespace {

/// In turn by id: the next after the last, else the first.
std::size_t nextInTurn(std::span<const FreeWorker> free, std::uint64_t last)
{
    const auto turn = [last](const FreeWorker &worker) { return std::pair(worker.id <= last, worker.id); };
    const auto next = std::min_element(free.begin(), free.end(),
                                       [&](const FreeWorker &a, const FreeWorker &b) { return turn(a) < turn(b); });
    return std::size_t(next - free.begin());
}

/// Of as many under way the one that has served fewest, of those the one that has waited longest.
std::size_t leastLoaded(std::span<const FreeWorker> free)
{
    const auto load = [](const FreeWorker &worker) { return std::pair(worker.running, worker.served); };
    const auto least = std::min_element(free.begin(), free.end(),
                                        [&](const FreeWorker &a, const FreeWorker &b) { return load(a) < load(b); });
    return std::size_t(least - free.begin());
}

} // namespace

std::optional<std::size_t> chooseFree(Balance balance, std::span<const FreeWorker> free, std::uint64_t last)
{
    if (free.empty())
        return std::nullopt;
    switch (balance) {
    case Balance::MostRecent: return free.size() - 1;
    case Balance::RoundRobin: return nextInTurn(free, last);
    case Balance::LeastLoaded: return leastLoaded(free);
    }
    return std::nullopt;
}

std::optional<std::size_t> chooseNew(std::span<const FreeWorker> free)
{
    const auto found = std::find_if(free.rbegin(), free.rend(),
                                    [](const FreeWorker &worker) { return worker.served == 0 && worker.running == 0; });
    if (found == free.rend())
        return std::nullopt;
    return free.size() - 1 - std::size_t(found - free.rbegin());
}

} // namespace kiln

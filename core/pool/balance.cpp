// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/balance.h"

#include <algorithm>

namespace kiln {

namespace {

/// In turn by id: the next after the last, else the first.
std::size_t nextInTurn(std::span<const IdleWorker> idle, std::uint64_t last)
{
    const auto turn = [last](const IdleWorker &worker) { return std::pair(worker.id <= last, worker.id); };
    const auto next = std::min_element(idle.begin(), idle.end(),
                                       [&](const IdleWorker &a, const IdleWorker &b) { return turn(a) < turn(b); });
    return std::size_t(next - idle.begin());
}

/// Of as many served the one that has waited longest.
std::size_t fewestServed(std::span<const IdleWorker> idle)
{
    const auto least = std::min_element(idle.begin(), idle.end(),
                                        [](const IdleWorker &a, const IdleWorker &b) { return a.served < b.served; });
    return std::size_t(least - idle.begin());
}

} // namespace

std::optional<std::size_t> chooseIdle(Balance balance, std::span<const IdleWorker> idle, std::uint64_t last)
{
    if (idle.empty())
        return std::nullopt;
    switch (balance) {
    case Balance::MostRecent: return idle.size() - 1;
    case Balance::RoundRobin: return nextInTurn(idle, last);
    case Balance::LeastLoaded: return fewestServed(idle);
    }
    return std::nullopt;
}

std::optional<std::size_t> chooseNew(std::span<const IdleWorker> idle)
{
    const auto found =
        std::find_if(idle.rbegin(), idle.rend(), [](const IdleWorker &worker) { return worker.served == 0; });
    if (found == idle.rend())
        return std::nullopt;
    return idle.size() - 1 - std::size_t(found - idle.rbegin());
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/load/arrivals.h"
#include "core/model/invocation.h"
#include "core/model/load_plan.h"
#include "core/store/query.h"

#include <functional>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

namespace kiln {

/// Reads the events of a stretch of history for a replay, a page at a time. Engine thread only; held by a shared
/// pointer, since a page may come when it is gone (then it answers no more).
class ReplayReader : public std::enable_shared_from_this<ReplayReader>
{
public:
    static constexpr std::size_t mostEvents = 200'000;
    static constexpr std::size_t mostBytes = std::size_t(256) << 20; ///< Of different payloads.

    template<typename T> using Answer = std::function<void(Result<T>)>;
    using Query = std::function<void(InvocationQuery, Answer<std::vector<InvocationPtr>>)>;
    struct Past
    {
        std::vector<LoadEvent> events; ///< Each different one once.
        ArrivalScript script;          ///< From the first one on, at the replay's speed.
    };

    ReplayReader(Query query, load::Replay replay);

    /// Once. Fails when nothing is there, and when more is than may be held.
    void read(Answer<Past> done);

private:
    struct Seen
    {
        WallTime at;
        std::size_t event;
    };

    void readPage(std::optional<WallTime> until);
    void takePage(const Result<std::vector<InvocationPtr>> &page);
    [[nodiscard]] bool take(const Invocation &invocation);
    void finish();
    void answer(Result<Past> result);

    const Query m_query;
    const load::Replay m_replay;
    Answer<Past> m_done;
    std::vector<LoadEvent> m_events;
    std::unordered_map<std::string, std::size_t> m_known; ///< Their numbers, by digest of all that makes them.
    std::size_t m_bytes = 0;
    std::vector<Seen> m_seen; ///< Newest first, as history tells them.
    std::set<Uuid> m_atEdge;  ///< Read already, of the moment at which the next page begins.
};

} // namespace kiln

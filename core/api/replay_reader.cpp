// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/replay_reader.h"

#include "core/base/digest.h"

#include <cmath>

namespace kiln {

namespace {

constexpr int pageRows = 2'000;

} // namespace

ReplayReader::ReplayReader(Query query, load::Replay replay)
    : m_query(std::move(query))
    , m_replay(std::move(replay))
{}

void ReplayReader::read(Answer<Past> done)
{
    m_done = std::move(done);
    readPage(m_replay.until);
}

void ReplayReader::readPage(std::optional<WallTime> until)
{
    InvocationQuery query{.function = m_replay.function,
                          .outcome = {},
                          .errorsOnly = false,
                          .since = m_replay.since,
                          .until = until,
                          .limit = pageRows,
                          .payloads = InvocationQuery::Payloads::Load};
    m_query(std::move(query), [self = weak_from_this()](const Result<std::vector<InvocationPtr>> &page) {
        if (const auto reader = self.lock())
            reader->takePage(page);
    });
}

void ReplayReader::takePage(const Result<std::vector<InvocationPtr>> &page)
{
    if (!page) {
        answer(tl::make_unexpected(page.error()));
        return;
    }
    bool anyNew = false;
    for (const InvocationPtr &invocation : *page) {
        if (m_atEdge.contains(invocation->id))
            continue;
        anyNew = true;
        if (invocation->attempt == 1 && !take(*invocation)) {
            answer(fail(Error::Code::LimitExceeded,
                        "The stretch holds more than a replay takes, 200,000 events or 256 MB", {},
                        "choose a shorter one"));
            return;
        }
    }
    if (page->size() < std::size_t(pageRows) || !anyNew) {
        finish();
        return;
    }
    // What was accepted at the same moment as the last of the page may stand on both.
    const WallTime edge = page->back()->accepted;
    m_atEdge.clear();
    for (const InvocationPtr &invocation : *page) {
        if (invocation->accepted == edge)
            m_atEdge.insert(invocation->id);
    }
    readPage(edge + std::chrono::microseconds(1));
}

/// False when there are too many by now.
bool ReplayReader::take(const Invocation &invocation)
{
    const Event &event = invocation.event;
    const std::string &function = invocation.revision->settings.name;
    Sha256 digest;
    digest.addField(function).addField(event.type).addField(event.subject).addField(event.dataContentType);
    const auto [known, isNew] = m_known.emplace(digest.addField(*event.data).hex(), m_events.size());
    if (isNew) {
        m_bytes += event.data->size();
        m_events.push_back({.function = function,
                            .name = event.type,
                            .data = event.data,
                            .type = event.type,
                            .subject = event.subject,
                            .contentType = event.dataContentType});
    }
    m_seen.push_back({invocation.accepted, known->second});
    return m_seen.size() <= mostEvents && m_bytes <= mostBytes;
}

void ReplayReader::finish()
{
    if (m_seen.empty()) {
        answer(fail(Error::Code::NotFound, "There is nothing to replay: history has no event in this stretch",
                    m_replay.function, "choose another stretch or function"));
        return;
    }
    auto script = std::make_shared<std::vector<Arrival>>();
    const WallTime first = m_seen.back().at;
    for (auto seen = m_seen.rbegin(); seen != m_seen.rend(); ++seen) {
        const std::chrono::duration<double, std::nano> since = seen->at - first;
        const auto at = std::chrono::nanoseconds(std::llround(since.count() / m_replay.speed));
        // A clock that was set back in between must not make one due before the one it follows.
        script->push_back({script->empty() ? at : std::max(at, script->back().at), seen->event});
    }
    answer(Past{std::move(m_events), std::move(script)});
}

void ReplayReader::answer(Result<Past> result)
{
    const auto done = std::exchange(m_done, nullptr); // which lets go of this
    done(std::move(result));
}

} // namespace kiln

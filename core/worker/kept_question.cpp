// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/kept_question.h"

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// It answers in a millisecond, unless code of the user's has taken the place of the bootstrap's.
constexpr auto patience = 1s;
constexpr int mostUnanswered = 8;

} // namespace

bool KeptQuestion::ask(Done done)
{
    m_waiting.push_back(std::move(done));
    if (m_frames >= mostUnanswered)
        giveUp("the worker answers no questions");
    if (m_waiting.size() != 1)
        return false;
    ++m_frames;
    m_timer = m_loop.timers().after(patience, [this] {
        m_timer = 0;
        giveUp("the worker did not answer");
    });
    return true;
}

void KeptQuestion::answer(std::string_view body)
{
    --m_frames;
    if (m_frames == 0)
        tell(readKeptVariables(body));
}

void KeptQuestion::giveUp(const char *why) { tell(fail(Error::Code::Busy, why)); }

void KeptQuestion::tell(const Result<KeptVariables> &answer)
{
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    for (const Done &done : std::exchange(m_waiting, {}))
        done(answer);
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/running_calls.h"

#include <algorithm>
#include <utility>

namespace kiln {

RunningCall &RunningCalls::begin(std::uint64_t serial, std::function<void(CallEnding)> answered)
{
    m_calls.push_back({.serial = serial, .answered = std::move(answered)});
    return m_calls.back();
}

RunningCall *RunningCalls::find(std::uint64_t serial)
{
    const auto found =
        std::lower_bound(m_calls.begin(), m_calls.end(), serial,
                         [](const RunningCall &call, std::uint64_t wanted) { return call.serial < wanted; });
    return found != m_calls.end() && found->serial == serial ? &*found : nullptr;
}

RunningCall RunningCalls::take(const RunningCall &call)
{
    const auto place = m_calls.begin() + (&call - m_calls.data());
    RunningCall taken = std::move(*place);
    m_calls.erase(place);
    return taken;
}

std::vector<RunningCall> RunningCalls::takeAll() { return std::exchange(m_calls, {}); }

bool RunningCalls::wasGivenUp(std::uint64_t serial) const
{
    return std::find(m_givenUp.begin(), m_givenUp.end(), serial) != m_givenUp.end();
}

void RunningCalls::forget(std::uint64_t serial) { std::erase(m_givenUp, serial); }

} // namespace kiln

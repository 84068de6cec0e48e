// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/outcome.h"

#include <array>

namespace kiln {

namespace {

constexpr std::array<std::string_view, outcomeCount> outcomeWords{
    "Ok", "HandlerError", "InitError", "TimedOut", "OutOfMemory", "Crashed", "Blocked", "Throttled", "Cancelled"};
constexpr std::array<std::string_view, 4> startWords{"cold", "parked", "zygote", "warm"};
constexpr std::array<std::string_view, 4> tierWords{"A", "B", "C", "D"};

} // namespace

std::string_view toWord(Outcome outcome) { return outcomeWords.at(std::size_t(outcome)); }
std::string_view toWord(Start start) { return startWords.at(std::size_t(start)); }
std::string_view toWord(Tier tier) { return tierWords.at(std::size_t(tier)); }

std::optional<Outcome> outcomeFromWord(std::string_view word)
{
    for (std::size_t i = 0; i < outcomeWords.size(); ++i) {
        if (outcomeWords[i] == word)
            return Outcome(i);
    }
    return std::nullopt;
}

bool isError(Outcome outcome)
{
    return outcome != Outcome::Ok && outcome != Outcome::Throttled && outcome != Outcome::Cancelled;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/turns.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <sstream>

namespace kiln::test {

namespace {

Samples taken(const std::map<std::string, Turn> &turns, const TurnWords &words)
{
    const auto turn = words.empty() ? turns.end() : turns.find(words.front());
    if (turn == turns.end())
        return fail(Error::Code::InvalidArgument, "There is no such turn", words.empty() ? "" : words.front());
    return turn->second(words);
}

} // namespace

Sample Sample::of(std::chrono::nanoseconds duration, std::string label)
{
    return {std::chrono::duration<double, std::micro>(duration).count(), std::move(label)};
}

Result<int> countAt(const TurnWords &words, std::size_t at)
{
    int count = 0;
    if (at >= words.size())
        return fail(Error::Code::InvalidArgument, "A number is missing", words.front());
    const std::string &word = words[at];
    if (std::from_chars(word.data(), word.data() + word.size(), count).ptr != word.data() + word.size())
        return fail(Error::Code::InvalidArgument, "This is no whole number", word);
    return count;
}

void takeTurns(const std::map<std::string, Turn> &turns)
{
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream input(line);
        TurnWords words;
        for (std::string word; input >> word;)
            words.push_back(word);
        const Samples samples = taken(turns, words);
        if (!samples) {
            std::string text = samples.error().text();
            std::replace(text.begin(), text.end(), '\n', ' ');
            std::printf("! %s", text.c_str());
        } else {
            for (const Sample &sample : *samples)
                std::printf("%.3f%s%s ", sample.value, sample.label.empty() ? "" : ":", sample.label.c_str());
        }
        std::putchar('\n');
        std::fflush(stdout);
    }
}

} // namespace kiln::test

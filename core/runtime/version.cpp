// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/version.h"

#include <charconv>
#include <system_error>

namespace kiln {

std::vector<int> numbersOf(std::string_view version)
{
    std::vector<int> numbers;
    const char *at = version.data(), *end = at + version.size();
    while (at < end) {
        int number = 0;
        const auto [next, error] = std::from_chars(at, end, number);
        if (error != std::errc())
            break;
        numbers.push_back(number);
        at = next < end && *next == '.' ? next + 1 : end;
    }
    return numbers;
}

bool isOlder(std::string_view version, std::string_view other) { return numbersOf(version) < numbersOf(other); }

} // namespace kiln

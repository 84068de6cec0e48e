// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace kiln::ui {

/// The room between things of these widths in one line: `wanted`, or less down to `least` when that saves a second
/// line. When nothing does, it is `wanted` again. Pixels.
[[nodiscard]] inline int rowGap(const std::vector<int> &widths, int line, int wanted, int least)
{
    int left = line;
    for (const int width : widths)
        left -= width;
    const int gaps = int(widths.size()) - 1;
    if (gaps < 1 || left >= gaps * wanted || left < gaps * least)
        return wanted;
    return left / gaps;
}

} // namespace kiln::ui

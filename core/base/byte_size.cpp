// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/byte_size.h"

#include <charconv>
#include <limits>

namespace kiln {

std::optional<ByteSize> parseByteSize(std::string_view text)
{
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0)
        return std::nullopt;
    std::string_view unit = text.substr(std::size_t(end - text.data()));
    while (!unit.empty() && unit.front() == ' ')
        unit.remove_prefix(1);

    int shift = 0;
    if (unit == "KB")
        shift = 10;
    else if (unit == "MB")
        shift = 20;
    else if (unit == "GB")
        shift = 30;
    else if (!unit.empty() && unit != "B")
        return std::nullopt;
    if (count > (std::numeric_limits<std::int64_t>::max() >> shift))
        return std::nullopt;
    return ByteSize{count << shift};
}

std::string toText(ByteSize size)
{
    const auto whole = [&](int shift) { return size.count != 0 && size.count % (std::int64_t(1) << shift) == 0; };
    if (whole(30))
        return std::to_string(size.count >> 30) + "GB";
    if (whole(20))
        return std::to_string(size.count >> 20) + "MB";
    if (whole(10))
        return std::to_string(size.count >> 10) + "KB";
    return std::to_string(size.count);
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
// Small values written as text: durations, sizes, times, ids, addresses.
#include "core/base/byte_size.h"
#include "core/base/duration.h"
#include "core/base/uuid.h"
#include "core/base/wall_time.h"
#include "core/gateway/listen_address.h"
#include "tests/fuzz/promise.h"

#include <algorithm>

using namespace kiln;
using namespace kiln::test;
using namespace std::chrono;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    if (const auto duration = parseDuration(text)) {
        promise(duration->count() >= 0, "no duration is negative");
        promise(parseDuration(toText(*duration)) == duration, "a duration comes back");
    }
    if (const auto bytes = parseByteSize(text)) {
        promise(bytes->count >= 0, "no size is negative");
        promise(parseByteSize(toText(*bytes)) == bytes, "a size comes back");
    }
    if (const auto time = parseIso8601(text)) {
        promise(text.size() >= 20, "a time has a date, a time of day and an offset");
        const std::string written = toIso8601(*time);
        promise(written.size() == 24, "a time is written with four digits of a year");
        promise(parseIso8601(written) == WallTime(floor<milliseconds>(*time)), "a time comes back");
    }
    if (const auto id = Uuid::parse(text)) {
        std::string lower(text);
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        promise(id->text() == lower, "an id comes back");
    }
    if (const auto address = ListenAddress::parse(text)) {
        const auto again = ListenAddress::parse(address->text());
        promise(again && *again == *address, "an address comes back");
    }
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/uuid.h"

#include <algorithm>
#include <mutex>
#include <random>

namespace kiln {

namespace {

constexpr bool isDash(std::size_t position)
{
    return position == 8 || position == 13 || position == 18 || position == 23;
}

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

std::string Uuid::text() const
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(36, '-');
    std::size_t at = 0;
    for (const std::uint8_t byte : bytes) {
        if (isDash(at))
            ++at;
        text[at++] = digits[byte >> 4];
        text[at++] = digits[byte & 15];
    }
    return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text)
{
    if (text.size() != 36)
        return std::nullopt;
    Uuid id;
    std::size_t at = 0;
    for (std::uint8_t &byte : id.bytes) {
        if (isDash(at) && text[at++] != '-')
            return std::nullopt;
        const int high = hexValue(text[at++]);
        const int low = hexValue(text[at++]);
        if (high < 0 || low < 0)
            return std::nullopt;
        byte = std::uint8_t(high << 4 | low);
    }
    return id;
}

Uuid Uuid::next(WallTime now)
{
    static std::mutex mutex;
    static std::mt19937_64 random{std::random_device{}()};
    static std::uint64_t lastStamp = 0;

    const std::lock_guard lock(mutex);
    // 48 bits of milliseconds and 12 bits that count within one (RFC 9562, 6.2, method 1); a full count borrows from
    // the next millisecond, and a clock that steps back keeps counting on.
    const auto ms = std::uint64_t(std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count());
    lastStamp = std::max(lastStamp + 1, ms << 12);

    Uuid id;
    const std::uint64_t head = (lastStamp >> 12 << 16) | 0x7000 | (lastStamp & 0xfff);
    const std::uint64_t tail = (random() >> 2) | (std::uint64_t(1) << 63);
    for (int i = 0; i < 8; ++i) {
        id.bytes[std::size_t(i)] = std::uint8_t(head >> (56 - 8 * i));
        id.bytes[std::size_t(8 + i)] = std::uint8_t(tail >> (56 - 8 * i));
    }
    return id;
}

} // namespace kiln

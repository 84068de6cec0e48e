// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// An amount of bytes. Lambda's MB is 2^20 bytes, and so is Kiln's everywhere.
struct ByteSize
{
    std::int64_t count = 0;

    auto operator<=>(const ByteSize &) const = default;
    [[nodiscard]] constexpr double megabytes() const { return double(count) / (1024.0 * 1024.0); }
};

inline namespace literals {
constexpr ByteSize operator""_KB(unsigned long long n) { return {std::int64_t(n) << 10}; }
constexpr ByteSize operator""_MB(unsigned long long n) { return {std::int64_t(n) << 20}; }
constexpr ByteSize operator""_GB(unsigned long long n) { return {std::int64_t(n) << 30}; }
} // namespace literals

/// "256MB", "1 GB", "64KB", "512" (bytes); nullopt for anything else, for negatives and for overflow.
[[nodiscard]] std::optional<ByteSize> parseByteSize(std::string_view text);

/// The shortest exact form that parseByteSize reads back: "256MB", "1GB", "1000".
[[nodiscard]] std::string toText(ByteSize size);

} // namespace kiln

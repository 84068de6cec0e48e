// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/model/language.h"

#include <chrono>
#include <string>
#include <string_view>

namespace kiln {

/// What the settings of a function may be: for whoever reads them from a file, and for the field they are typed in.
template<typename T> struct Bounds
{
    T least{};
    T most{};
    [[nodiscard]] constexpr bool holds(T value) const { return least <= value && value <= most; }
};

namespace bounds {

using namespace std::chrono_literals;
using Duration = std::chrono::milliseconds;

inline constexpr Bounds<ByteSize> memory{128_MB, 10'240_MB};
inline constexpr Bounds<ByteSize> tmp{1_MB, 10'240_MB};
inline constexpr Bounds<Duration> timeout{1ms, 15min};
inline constexpr Bounds<Duration> keepWarm{0ms, 24h};
inline constexpr Bounds<Duration> freezeAfter{0ms, 24h};
inline constexpr Bounds<Duration> maxAge{60s, 14 * 24h};
inline constexpr Bounds<int> workers{1, 1'000};
inline constexpr Bounds<int> minWorkers{0, 1'000};
inline constexpr Bounds<int> workspaceWorkers{1, 10'000};
inline constexpr Bounds<int> queue{0, 1'000'000};
inline constexpr Bounds<Duration> queueAge{1ms, 15min};
inline constexpr Bounds<int> burstWorkers{1, 1'000};
inline constexpr Bounds<Duration> burstPer{100ms, 1h};
inline constexpr Bounds<int> perWorker{1, 1'000};
/// A worker never has more to do than it may have at once.
[[nodiscard]] constexpr Bounds<double> targetConcurrency(int atOnce) { return {0.01, double(atOnce)}; }
inline constexpr Bounds<double> targetRate{0.01, 10'000};
inline constexpr Bounds<int> retries{0, 10};

} // namespace bounds

[[nodiscard]] bool isFunctionName(std::string_view name); ///< A letter, then up to 63 letters, digits, "_" and "-".
[[nodiscard]] bool
isHandler(std::string_view text); ///< "file.function", "folder/file.Module::Class.method"; at most 256 bytes.
/// What follows "handler:" for a language: as above, a path to a program (exec), or any word (custom).
[[nodiscard]] bool isHandlerOf(Language language, std::string_view text);
[[nodiscard]] std::string_view handlerFormOf(Language language); ///< In words, with an example.
/// Why a worker of this language cannot have several events at once, and what to do instead; empty when it can.
[[nodiscard]] std::string whyOneAtATime(Language language);
[[nodiscard]] bool isVariableName(std::string_view name); ///< Letters, digits and "_", no digit first.
/// Variables that the runtime itself sets: Lambda's list, and Kiln's own.
[[nodiscard]] bool isReservedVariable(std::string_view name);

} // namespace kiln

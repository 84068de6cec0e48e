// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kiln {

/// A minute on the wall clock of some place; which place is the Schedule's matter.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

/// A cron expression of five fields: minute, hour, day of month, month, day of week.
///
/// The classic rules of Vixie's cron: `*`, numbers, names (JAN, MON; any case), ranges `1-5`, steps `*/15`, `10-40/10`
/// and `5/15` (from 5 to the end), lists of these; 7 is Sunday too. When neither day of month nor day of week begins
/// with `*`, a day that fits either of them will do; otherwise it must fit both.
///
/// A plain value; any thread.
class Cron
{
public:
    /// One bit for each value that fits: minute 5 is `minutes & (1 << 5)`.
    struct Fields
    {
        std::uint64_t minutes = 0;
        std::uint64_t hours = 0;
        std::uint64_t days = 0;     ///< Bits 1 to 31.
        std::uint64_t months = 0;   ///< Bits 1 to 12.
        std::uint64_t weekdays = 0; ///< Bits 0 (Sunday) to 6.
        bool eitherDay = false;     ///< A day fits by `days` or by `weekdays`; else it must by both.
        bool operator==(const Fields &) const = default;
    };

    /// Fails with a message that names the field and what was expected, and when no date can ever fit (30 February).
    [[nodiscard]] static Result<Cron> parse(std::string_view text);

    /// The first fitting minute later than `after`. Absent only past the year 9999.
    [[nodiscard]] std::optional<LocalMinute> next(LocalMinute after) const;

    [[nodiscard]] const Fields &fields() const { return m_fields; }
    /// Whether it runs in each of the 24 hours, so that no hour skipped or repeated by the clock matters to it.
    [[nodiscard]] bool runsEveryHour() const { return m_fields.hours == (1U << 24) - 1; }
    bool operator==(const Cron &) const = default;

private:
    explicit Cron(const Fields &fields)
        : m_fields(fields)
    {}
    [[nodiscard]] bool fits(std::chrono::local_days day) const;

    Fields m_fields;
};

} // namespace kiln

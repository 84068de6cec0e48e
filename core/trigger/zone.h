// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace kiln {

/// A timezone of the IANA database, as the system has it. A cheap value; any thread.
class Zone
{
public:
    /// A stretch of time, `begin` to before `end`, in which local time is UTC plus `offset`.
    struct Stretch
    {
        std::chrono::sys_seconds begin;
        std::chrono::sys_seconds end;
        std::chrono::seconds offset;
    };

    /// Takes an IANA name such as "Europe/Berlin"; NotFound suggests names like it. "UTC" needs no database.
    [[nodiscard]] static Result<Zone> locate(std::string_view name);

    [[nodiscard]] Stretch at(WallTime time) const;
    [[nodiscard]] const std::string &name() const { return m_name; }

private:
    Zone(std::string name, const date::time_zone *zone)
        : m_name(std::move(name))
        , m_zone(zone)
    {}

    std::string m_name;
    const date::time_zone *m_zone; ///< Null for UTC; else the database's, which lives as long as the process.
};

} // namespace kiln

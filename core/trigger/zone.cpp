// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trigger/zone.h"

#include <date/tz.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace kiln {

using namespace std::chrono;

namespace {

constexpr std::size_t longestName = 64;

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

/// How many letters must be changed, added or left out to turn one into the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

/// How far `name` is from what was written, by the whole name or by its last part ("berlin", "New York").
std::size_t farness(std::string_view written, std::string_view name)
{
    const std::string whole = lower(name);
    const std::string last = whole.substr(whole.rfind('/') + 1);
    return std::min(distance(written, whole), distance(written, last));
}

std::string suggestion(std::string_view written, const date::tzdb &database)
{
    std::string wanted = lower(written.substr(0, longestName));
    std::replace(wanted.begin(), wanted.end(), ' ', '_');
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const date::time_zone &zone : database.zones) {
        const std::size_t far = farness(wanted, zone.name());
        if (far <= 2 || far * 4 <= wanted.size())
            near.emplace_back(far, zone.name());
    }
    std::sort(near.begin(), near.end());
    if (near.empty())
        return "use an IANA name, such as Europe/Berlin or UTC";
    std::string text = "did you mean " + near[0].second;
    for (std::size_t i = 1; i < std::min<std::size_t>(near.size(), 3); ++i)
        text += " or " + near[i].second;
    return text + "?";
}

} // namespace

Result<Zone> Zone::locate(std::string_view name)
{
    if (name == "UTC")
        return Zone("UTC", nullptr);
    try {
        const date::tzdb &database = date::get_tzdb();
        const auto found = std::find_if(database.zones.begin(), database.zones.end(),
                                        [&](const date::time_zone &zone) { return zone.name() == name; });
        if (found == database.zones.end()) {
            return fail(Error::Code::NotFound, "unknown timezone \"" + std::string(name.substr(0, longestName)) + "\"",
                        {}, suggestion(name, database));
        }
        // A zone's file is read at its first use: here, where a damaged one can still be told.
        static_cast<void>(found->get_info(sys_seconds{}));
        return Zone(std::string(name), &*found);
    } catch (const std::exception &problem) {
        return fail(Error::Code::Io, "the timezone database cannot be read: " + std::string(problem.what()), {},
                    "install the package tzdata");
    }
}

Zone::Stretch Zone::at(WallTime time) const
{
    if (m_zone == nullptr)
        return {sys_seconds::min(), sys_seconds::max(), seconds(0)};
    const date::sys_info info = m_zone->get_info(floor<seconds>(time));
    return {info.begin, info.end, info.offset};
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/trigger.h"

namespace kiln {

std::string_view kindOf(const Trigger &trigger)
{
    struct Kind
    {
        std::string_view operator()(const HttpTrigger &) const { return "http"; }
        std::string_view operator()(const UrlTrigger &) const { return "url"; }
        std::string_view operator()(const ScheduleTrigger &) const { return "schedule"; }
    };
    return std::visit(Kind{}, trigger);
}

std::string labelOf(const Trigger &trigger)
{
    struct Label
    {
        std::string operator()(const HttpTrigger &http) const { return http.method + " " + http.path; }
        std::string operator()(const UrlTrigger &) const { return "function URL"; }
        std::string operator()(const ScheduleTrigger &schedule) const
        {
            return schedule.timezone == "UTC" ? schedule.expression : schedule.expression + " " + schedule.timezone;
        }
    };
    return std::visit(Label{}, trigger);
}

} // namespace kiln

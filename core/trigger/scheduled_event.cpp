// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trigger/scheduled_event.h"

#include "core/base/digest.h"
#include "core/base/wall_time.h"
#include "core/trigger/json_string.h"

#include <utility>

namespace kiln {

namespace {

/// The account and region that functions here are told they run in.
constexpr std::string_view ruleArn = "arn:aws:events:us-east-1:000000000000:rule/";

/// EventBridge's times have whole seconds.
std::string seconds(WallTime time) { return toIso8601(time).substr(0, 19) + "Z"; }

} // namespace

Event scheduledEvent(const std::string &function, std::size_t trigger, const ScheduleTrigger &schedule, WallTime tick,
                     std::string id)
{
    std::string data = R"({"version":"0","id":)";
    appendJsonString(data, id);
    data += R"(,"detail-type":"Scheduled Event","source":"aws.events","account":"000000000000","time":")";
    data += seconds(tick);
    data += R"(","region":"us-east-1","resources":[)";
    appendJsonString(data, std::string(ruleArn) + function + "-" + std::to_string(trigger));
    data += R"(],"detail":{}})";

    Event event;
    event.id = std::move(id);
    event.source = "kiln:schedule/" + function;
    event.type = "kiln.schedule.tick";
    event.subject = labelOf(schedule);
    event.time = tick;
    event.data = payload(std::move(data));
    return event;
}

std::string tickId(const std::string &function, std::size_t trigger, const ScheduleTrigger &schedule, WallTime tick)
{
    Sha256 digest;
    digest.addField(function).addField(std::to_string(trigger)).addField(schedule.expression);
    digest.addField(schedule.timezone).addField(toIso8601(tick));
    std::string id = digest.hex().substr(0, 36);
    // A UUID of version 8 (RFC 9562): the digits between are the maker's own.
    for (const std::size_t dash : {8, 13, 18, 23})
        id[dash] = '-';
    id[14] = '8';
    id[19] = '8';
    return id;
}

} // namespace kiln

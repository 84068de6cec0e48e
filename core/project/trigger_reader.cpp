// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/function_reader.h"
#include "core/project/routes.h"

#include <algorithm>
#include <array>
#include <set>

namespace kiln {

namespace {

constexpr std::size_t maxTriggers = 100;
constexpr std::array<std::string_view, 3> kinds{"http", "url", "schedule"};

class TriggerReader
{
public:
    TriggerReader(ProblemList &problems, const ScheduleCheck &schedule)
        : m_problems(problems)
        , m_schedule(schedule)
    {}

    std::optional<Trigger> read(const YamlNode &item, const std::string &key)
    {
        if (item.kind != YamlNode::Kind::Map) {
            m_problems.expected(item, key, "a trigger such as \"http: POST /orders\"");
            return std::nullopt;
        }
        if (refusedAsNotBuilt(item, key))
            return std::nullopt;
        m_problems.checkKeys(item, functionKeys(), key);
        const auto isKind = [&](std::string_view kind) { return item.find(kind) != nullptr; };
        if (std::count_if(kinds.begin(), kinds.end(), isKind) != 1) {
            m_problems.error(item, key, "expected exactly one of http, url, schedule");
            return std::nullopt;
        }
        if (item.find("timezone") && !item.find("schedule"))
            m_problems.error(*item.find("timezone"), key + ".timezone", "only a schedule has a timezone");
        if (const YamlNode *node = item.find("http"))
            return readHttp(*node, key + ".http");
        if (const YamlNode *node = item.find("url"))
            return readUrl(*node, key + ".url");
        return readSchedule(item, key);
    }

private:
    /// One sentence for a kind that is not built, instead of one for each of its keys.
    bool refusedAsNotBuilt(const YamlNode &item, const std::string &key)
    {
        for (const std::string_view kind : {"bucket", "queue", "topic", "stream", "table", "sqlite", "postgres"}) {
            const auto entry = std::find_if(item.entries.begin(), item.entries.end(),
                                            [&](const YamlEntry &each) { return each.key.scalar == kind; });
            if (entry == item.entries.end())
                continue;
            m_problems.notBuilt(entry->key, key + "." + std::string(kind), kind);
            return true;
        }
        return false;
    }

    std::optional<Trigger> readHttp(const YamlNode &node, const std::string &key)
    {
        const auto text = m_problems.text(node, key, "a method and a path such as POST /orders/{id}");
        if (!text)
            return std::nullopt;
        HttpTrigger http;
        if (const std::string why = parseRoute(*text, http); !why.empty()) {
            m_problems.error(node, key, why);
            return std::nullopt;
        }
        if (!m_shapes.insert(shapeOf(http)).second)
            m_problems.error(node, key, "this function has this route already");
        return http;
    }

    std::optional<Trigger> readUrl(const YamlNode &node, const std::string &key)
    {
        if (m_hasUrl)
            m_problems.error(node, key, "this function has its URL already");
        m_hasUrl = true;
        if (node.kind == YamlNode::Kind::Null)
            return UrlTrigger{};
        if (node.kind != YamlNode::Kind::Map) {
            m_problems.expected(node, key, "{auth: none}");
            return std::nullopt;
        }
        m_problems.checkKeys(node, functionKeys(), key);
        if (const YamlNode *auth = node.find("auth"); auth && auth->scalar != "none") {
            if (auth->kind == YamlNode::Kind::Scalar)
                m_problems.notBuilt(*auth, key + ".auth", "auth: " + auth->scalar.substr(0, 40));
            else
                m_problems.expected(*auth, key + ".auth", "none");
        }
        return UrlTrigger{};
    }

    std::optional<Trigger> readSchedule(const YamlNode &item, const std::string &key)
    {
        const YamlNode &node = *item.find("schedule");
        ScheduleTrigger schedule;
        const auto expression = m_problems.text(node, key + ".schedule", "a schedule such as \"0 2 * * *\"");
        if (!expression)
            return std::nullopt;
        schedule.expression = *expression;
        if (const YamlNode *zone = item.find("timezone")) {
            const auto name = m_problems.text(*zone, key + ".timezone", "a timezone such as Europe/Berlin");
            if (!name)
                return std::nullopt;
            schedule.timezone = *name;
        }
        if (schedule.expression.size() > 256 || schedule.timezone.size() > 64) {
            m_problems.expected(node, key + ".schedule", "at most 256 characters");
            return std::nullopt;
        }
        if (const auto why = m_schedule ? m_schedule(schedule) : std::nullopt) {
            m_problems.error(node, key + ".schedule", *why);
            return std::nullopt;
        }
        return schedule;
    }

    ProblemList &m_problems;
    const ScheduleCheck &m_schedule;
    std::set<std::string> m_shapes;
    bool m_hasUrl = false;
};

} // namespace

std::vector<Trigger> readTriggers(const YamlNode &list, ProblemList &problems, const ScheduleCheck &schedule)
{
    std::vector<Trigger> triggers;
    if (list.kind == YamlNode::Kind::Null)
        return triggers;
    if (list.kind != YamlNode::Kind::List) {
        problems.expected(list, "triggers", "a list of triggers such as \"- http: POST /orders\"");
        return triggers;
    }
    if (list.items.size() > maxTriggers) {
        problems.error(list, "triggers", "expected at most 100 triggers, found " + std::to_string(list.items.size()));
        return triggers;
    }
    TriggerReader reader(problems, schedule);
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        if (auto trigger = reader.read(list.items[i], "triggers[" + std::to_string(i) + "]"))
            triggers.push_back(std::move(*trigger));
    }
    return triggers;
}

} // namespace kiln

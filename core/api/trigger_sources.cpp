// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/trigger_sources.h"

#include "core/gateway/http_server.h"
#include "core/trigger/schedule_source.h"

namespace kiln {

TriggerSources::TriggerSources(AsioLoop &loop, Ports ports)
    : m_loop(loop)
    , m_ports(std::move(ports))
    , m_schedules(std::make_unique<ScheduleSource>(
          loop, m_ports.sink, [this](const ScheduleSource::Item &item, const Result<> &well) {
              m_scheduleProblems[{item.function, item.trigger}] = well ? std::string() : well.error().text();
              m_ports.changed();
          }))
{}

TriggerSources::~TriggerSources() = default;

void TriggerSources::apply(const std::map<std::string, FunctionView> &functions, const std::string &address)
{
    std::vector<ScheduleSource::Item> schedules;
    std::vector<Route> routes;
    for (const auto &[name, view] : functions) {
        if (!view.revision)
            continue; // it has nothing to run
        const std::vector<Trigger> &triggers = view.revision->settings.triggers;
        for (std::size_t i = 0; i < triggers.size(); ++i) {
            if (const auto *schedule = std::get_if<ScheduleTrigger>(&triggers[i]))
                schedules.push_back({.function = name,
                                     .trigger = i,
                                     .schedule = *schedule,
                                     .anchor = m_ports.anchorOf(name, *schedule)});
            else if (const auto *http = std::get_if<HttpTrigger>(&triggers[i]))
                routes.push_back({.function = name, .trigger = i, .rule = *http});
            else
                routes.push_back({.function = name, .trigger = i, .rule = UrlTrigger{}});
        }
    }
    m_scheduleProblems.clear();
    m_schedules->configure(std::move(schedules));
    if (address != m_wantedAddress || !m_server)
        listen(address);
    if (m_server)
        m_server->setRoutes(std::move(routes)); // conflicts were found when the workspace was read
    m_ports.changed();
}

void TriggerSources::listen(const std::string &address)
{
    m_wantedAddress = address;
    m_server.reset();
    m_problem.reset();
    const Result<ListenAddress> parsed = ListenAddress::parse(address);
    if (!parsed) {
        m_problem = parsed.error();
        return;
    }
    HttpServer::Options options;
    options.listen = *parsed;
    Result<std::unique_ptr<HttpServer>> server =
        HttpServer::start(m_loop.context(), std::move(options), m_ports.sink, m_loop.clock());
    if (server)
        m_server = std::move(*server);
    else
        m_problem = server.error();
}

void TriggerSources::stop()
{
    m_schedules->configure({});
    m_server.reset();
}

std::string TriggerSources::address() const
{
    return m_server ? "http://" + m_server->address().text() : std::string();
}

std::optional<WallTime> TriggerSources::nextRun(const std::string &function, std::size_t trigger) const
{
    return m_schedules->nextRun(function, trigger);
}

std::string TriggerSources::problemOf(const std::string &function, std::size_t trigger, const Trigger &kind) const
{
    if (!std::holds_alternative<ScheduleTrigger>(kind))
        return m_problem ? m_problem->text() : std::string();
    const auto found = m_scheduleProblems.find({function, trigger});
    return found == m_scheduleProblems.end() ? std::string() : found->second;
}

} // namespace kiln

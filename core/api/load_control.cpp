// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/load_control.h"

#include "core/api/replay_reader.h"

#include <utility>

namespace kiln {

LoadControl::LoadControl(Loop &loop, Ports ports)
    : m_loop(loop)
    , m_ports(std::move(ports))
{}

LoadControl::~LoadControl() = default;

Result<> LoadControl::check(const LoadPlan &plan) const
{
    if (const auto problem = problemOf(plan))
        return fail(Error::Code::InvalidArgument, problem->message, problem->field);
    if (m_reading || (m_run && !m_run->hasEnded()))
        return fail(Error::Code::Busy, "A load run is going on already", {}, "wait for its end, or stop it");
    const auto missing = [this](const std::string &function) { return !m_ports.hasFunction(function); };
    for (const LoadEvent &event : plan.events) {
        if (missing(event.function))
            return fail(Error::Code::NotFound, "There is no function of this name", event.function);
    }
    return {};
}

void LoadControl::start(LoadPlan plan, Answer<std::uint64_t> begun)
{
    if (const Result<> good = check(plan); !good) {
        begun(tl::make_unexpected(good.error()));
        return;
    }
    const auto begin = [this, begun](std::shared_ptr<LoadRun> run) {
        m_run = std::move(run);
        m_run->start();
        m_ports.changed();
        begun(m_last);
    };
    const auto *replay = std::get_if<load::Replay>(&plan.shape);
    if (!replay) {
        begin(LoadRun::make(m_loop, std::move(plan), ++m_last, runPorts()));
        return;
    }
    m_reading = std::make_shared<ReplayReader>(m_ports.queryInvocations, *replay);
    m_reading->read([this, begin, begun, plan = std::move(plan)](Result<ReplayReader::Past> past) mutable {
        m_reading.reset();
        if (!past) {
            begun(tl::make_unexpected(past.error()));
            return;
        }
        begin(LoadRun::makeReplay(m_loop, std::move(plan), ++m_last, std::move(past->events), std::move(past->script),
                                  runPorts()));
    });
}

LoadRun::Ports LoadControl::runPorts()
{
    return {.fire = [this](const LoadEvent &event, LoadRun::Answer answer) { fire(event, std::move(answer)); },
            .changed = m_ports.changed,
            .ended = m_ports.changed};
}

void LoadControl::fire(const LoadEvent &event, LoadRun::Answer answer)
{
    Event fired;
    fired.time = m_loop.clock().wall();
    fired.id = Uuid::next(fired.time).text();
    fired.source = "kiln:load";
    fired.type = event.type;
    fired.subject = event.subject.empty() ? event.function : event.subject;
    fired.dataContentType = event.contentType;
    fired.data = event.data;
    m_ports.request({.function = event.function, .triggerKind = "load"}, std::move(fired), std::move(answer));
}

void LoadControl::stop(std::uint64_t run)
{
    if (m_run && run == m_last && !m_run->hasEnded()) {
        m_run->stop(LoadReport::End::Stopped);
        m_ports.changed();
    }
}

Result<LoadReportPtr> LoadControl::report(std::uint64_t run)
{
    if (!m_run || run != m_last)
        return fail(Error::Code::NotFound, "Nothing is kept of this load run: another one has begun since");
    m_run->keep();
    return m_run->report();
}

void LoadControl::abort()
{
    m_reading.reset(); // which then answers nobody
    if (m_run && !m_run->hasEnded())
        m_run->abort();
}

} // namespace kiln

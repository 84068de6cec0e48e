// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/result.h"
#include "core/load/load_run.h"
#include "core/store/query.h"
#include "core/trigger/event_sink.h"

#include <functional>
#include <memory>
#include <vector>

namespace kiln {

class ReplayReader;

/// The load runs of an engine: one at a time, the last one's report is kept. Engine thread only.
///
/// An event of a run goes the way of any other: it is dispatched, recorded and counted, with "kiln:load" as its source.
class LoadControl
{
public:
    template<typename T> using Answer = std::function<void(Result<T>)>;
    struct Ports
    {
        std::function<void(EventSink::Target, Event, Answer<InvocationPtr>)> request;
        std::function<bool(const std::string &function)> hasFunction;
        std::function<void(InvocationQuery, Answer<std::vector<InvocationPtr>>)> queryInvocations;
        std::function<void()> changed;
    };

    LoadControl(Loop &loop, Ports ports);
    ~LoadControl();

    /// Answers with the run's number once it has begun. Fails where the plan has a problem, a function is not there, a
    /// run is going on, or there is nothing to replay.
    void start(LoadPlan plan, Answer<std::uint64_t> begun);
    /// Ends sending; a second time, waiting for answers. Another run than the last is left alone: it has ended.
    void stop(std::uint64_t run);
    /// The report of the last run, if that is the one; and whoever asks still wants it.
    [[nodiscard]] Result<LoadReportPtr> report(std::uint64_t run);
    [[nodiscard]] LoadReportPtr latest() const { return m_run ? m_run->report() : nullptr; } ///< Null: none yet.

    /// Ends what is going on, since the engine ends.
    void abort();

private:
    [[nodiscard]] Result<> check(const LoadPlan &plan) const;
    [[nodiscard]] LoadRun::Ports runPorts();
    void fire(const LoadEvent &event, LoadRun::Answer answer);

    Loop &m_loop;
    const Ports m_ports;
    std::uint64_t m_last = 0;
    std::shared_ptr<LoadRun> m_run; ///< The last one; null before the first.
    std::shared_ptr<ReplayReader> m_reading;
};

} // namespace kiln

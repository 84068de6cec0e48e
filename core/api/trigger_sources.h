// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/asio_loop.h"
#include "core/api/snapshot.h"
#include "core/base/result.h"
#include "core/trigger/event_sink.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace kiln {

class HttpServer;
class ScheduleSource;

/// The event sources of a workspace, switched on and off together: the HTTP listener and the schedules.
///
/// Engine thread only. Follows the functions that are ready.
class TriggerSources
{
public:
    struct Ports
    {
        EventSink &sink;
        std::function<void()> changed;
        /// From when a schedule counts its periods: the same after a restart.
        std::function<std::optional<WallTime>(const std::string &function, const ScheduleTrigger &)> anchorOf;
    };

    TriggerSources(AsioLoop &loop, Ports ports);
    ~TriggerSources();

    /// Switches on, or over to changed functions or another address. An address that cannot be had is a problem that is
    /// shown; schedules run all the same.
    void apply(const std::map<std::string, FunctionView> &functions, const std::string &address);
    void stop();

    [[nodiscard]] std::string address() const; ///< "http://127.0.0.1:7070"; empty when not listening.
    [[nodiscard]] const std::optional<Error> &problem() const { return m_problem; }
    /// Why this trigger does not work; empty when it does.
    [[nodiscard]] std::string problemOf(const std::string &function, std::size_t trigger, const Trigger &kind) const;
    [[nodiscard]] std::optional<WallTime> nextRun(const std::string &function, std::size_t trigger) const;

private:
    void listen(const std::string &address);

    AsioLoop &m_loop;
    const Ports m_ports;
    std::string m_wantedAddress;
    std::unique_ptr<HttpServer> m_server;
    std::unique_ptr<ScheduleSource> m_schedules;
    std::optional<Error> m_problem; ///< Of the listener.
    std::map<std::pair<std::string, std::size_t>, std::string> m_scheduleProblems;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/asio_loop.h"
#include "core/api/worker_plans.h"
#include "core/dispatch/dispatcher.h"
#include "core/metrics/recorder.h"
#include "core/store/history_store.h"

#include <QTemporaryDir>

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace kiln::test {

/// The rooms that an invocation passes, put together as the engine does but without reading a workspace and without
/// snapshots: a dispatcher over a real launcher, real interpreters, a real history, on a thread of its own.
class DispatchRooms final : public EventLog
{
public:
    DispatchRooms();
    ~DispatchRooms() override;

    /// Adds a function of this code, its CPU unlimited; the reason when it cannot be run.
    [[nodiscard]] std::string add(const std::string &name, Language language, const std::string &code);

    /// Runs `count` invocations, each from within the answer of the one before; tells each one's duration. The reason
    /// when one of them was not answered well.
    [[nodiscard]] std::string chain(const std::string &function, const std::string &data, int count,
                                    const std::function<void(std::chrono::nanoseconds)> &took);

    [[nodiscard]] const std::string &problem() const { return m_problem; }
    [[nodiscard]] std::string tier() const;
    /// Waits until all that was recorded is on disk, so that the writer's work is not in the next measurement.
    [[nodiscard]] bool settle() { return m_history && m_history->flush().has_value(); }

private:
    // Durable events are no part of this.
    void accept(const QueuedEvent &, Done done) override { done({}); }
    void beginAttempt(const EventKey &, int, Done done) override { done({}); }
    void finished(const EventKey &) override {}
    void failed(const EventKey &, int, WallTime, std::string) override {}
    void deadLetter(const EventKey &, std::optional<Outcome>, std::string) override {}

    struct Chain;
    void next(const std::shared_ptr<Chain> &chain);
    /// Runs it on the engine thread and waits.
    void onThread(const std::function<void()> &action);
    void startOnThread(std::function<void()> ready);
    void stopOnThread(const std::function<void()> &done);

    const std::shared_ptr<const Clock> m_clock = std::make_shared<SystemClock>();
    const QTemporaryDir m_folder;
    AsioLoop m_loop{m_clock};
    HandOff m_handOff{m_loop};
    std::string m_problem;
    std::vector<Interpreter> m_interpreters;
    std::unique_ptr<WorkerPlans> m_plans;
    std::unique_ptr<Recorder> m_recorder;
    std::unique_ptr<HistoryStore> m_history;
    std::unique_ptr<Launcher> m_launcher;
    std::unique_ptr<Dispatcher> m_dispatcher;
    WorkerId m_lastWorker = 0;
    std::thread m_thread;
};

} // namespace kiln::test

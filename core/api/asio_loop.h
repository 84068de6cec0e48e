// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"

#include <memory>

namespace boost::asio {
class io_context;
}

namespace kiln {

/// The engine's Loop over one Asio io_context, which the HTTP listener shares.
///
/// `run()` turns the calling thread into the engine thread until `stop()`. A second thread does the offloaded works.
class AsioLoop final : public Loop
{
public:
    explicit AsioLoop(std::shared_ptr<const Clock> clock);
    ~AsioLoop() override;

    /// Runs until stop(). What is posted before runs first.
    void run();
    /// Ends run(); what is posted and not yet run is dropped with this object. Any thread.
    void stop();

    [[nodiscard]] const Clock &clock() const override;
    [[nodiscard]] Timers &timers() override;
    [[nodiscard]] std::unique_ptr<Watch> watch(int fd, Readiness readiness, std::function<void()> ready) override;
    void post(std::function<void()> action) override;
    void offload(std::function<void()> work, std::function<void()> done) override;

    [[nodiscard]] boost::asio::io_context &context();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/asio_loop.h"

#include "core/base/unique_fd.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <fcntl.h>
#include <optional>
#include <poll.h>

namespace kiln {

namespace asio = boost::asio;

namespace {

class DescriptorWatch final : public Loop::Watch, public std::enable_shared_from_this<DescriptorWatch>
{
public:
    DescriptorWatch(asio::io_context &context, int fd, Loop::Readiness readiness, std::function<void()> ready)
        // An epoll set takes a descriptor once, and a channel may be watched both ways: writers watch a duplicate.
        : m_duplicate(readiness == Loop::Readiness::Writable ? ::fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1)
        , m_polled{fd, short(readiness == Loop::Readiness::Writable ? POLLOUT : POLLIN), 0}
        , m_descriptor(context)
        , m_pause(context)
        , m_wait(readiness == Loop::Readiness::Readable ? asio::posix::descriptor_base::wait_read
                                                        : asio::posix::descriptor_base::wait_write)
        , m_ready(std::move(ready))
    {
        boost::system::error_code failed; // then arm() does without
        if (readiness == Loop::Readiness::Readable || m_duplicate)
            m_descriptor.assign(m_duplicate ? m_duplicate.get() : fd, failed);
    }
    ~DescriptorWatch() override { release(); }

    void release()
    {
        if (std::exchange(m_released, true))
            return;
        if (m_descriptor.is_open())
            static_cast<void>(m_descriptor.release()); // the descriptor is its owner's to close
        m_pause.cancel();
    }

    void arm()
    {
        if (!m_descriptor.is_open()) {
            poll();
            return;
        }
        m_descriptor.async_wait(m_wait, [self = shared_from_this()](const boost::system::error_code &failed) {
            if (failed || self->m_released)
                return;
            self->m_ready(); // may release this watch
            if (!self->m_released)
                self->arm();
        });
    }

private:
    /// The machine has no descriptor or no memory left for the epoll set: slower, but nobody waits for ever.
    void poll()
    {
        m_pause.expires_after(std::chrono::milliseconds(10));
        m_pause.async_wait([self = shared_from_this()](const boost::system::error_code &failed) {
            if (failed || self->m_released)
                return;
            if (::poll(&self->m_polled, 1, 0) > 0)
                self->m_ready(); // may release this watch
            if (!self->m_released)
                self->poll();
        });
    }

    const UniqueFd m_duplicate;
    pollfd m_polled;
    asio::posix::stream_descriptor m_descriptor;
    asio::steady_timer m_pause;
    const asio::posix::descriptor_base::wait_type m_wait;
    const std::function<void()> m_ready;
    bool m_released = false;
};

/// What the owner holds: ending the watch is its destruction, even from within the watch's own callback.
class WatchHandle final : public Loop::Watch
{
public:
    explicit WatchHandle(std::shared_ptr<DescriptorWatch> watch)
        : m_watch(std::move(watch))
    {}
    ~WatchHandle() override { m_watch->release(); }

private:
    const std::shared_ptr<DescriptorWatch> m_watch;
};

} // namespace

struct AsioLoop::Impl
{
    explicit Impl(std::shared_ptr<const Clock> given)
        : clock(given ? std::move(given) : std::make_shared<SystemClock>())
        , timers(*clock)
        , context(1)
        , guard(asio::make_work_guard(context))
        , alarm(context)
        , workshop(1)
    {
        timers.onEarlier([this](Instant when) { arm(when); });
    }

    /// One Asio timer stands for all: set to the earliest, and left alone while later ones come and go.
    void arm(Instant when)
    {
        if (armed && *armed <= when)
            return;
        armed = when;
        alarm.expires_at(when);
        alarm.async_wait([this](const boost::system::error_code &failed) {
            if (failed)
                return;
            armed.reset();
            timers.runDue();
            if (const auto next = timers.next())
                arm(*next);
        });
    }

    std::shared_ptr<const Clock> clock;
    Timers timers;
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> guard;
    asio::steady_timer alarm;
    std::optional<Instant> armed;
    asio::thread_pool workshop;
};

AsioLoop::AsioLoop(std::shared_ptr<const Clock> clock)
    : m_impl(std::make_unique<Impl>(std::move(clock)))
{}

AsioLoop::~AsioLoop()
{
    m_impl->workshop.stop();
    m_impl->workshop.join();
}

void AsioLoop::run() { m_impl->context.run(); }
void AsioLoop::stop() { m_impl->context.stop(); }
const Clock &AsioLoop::clock() const { return *m_impl->clock; }
Timers &AsioLoop::timers() { return m_impl->timers; }
asio::io_context &AsioLoop::context() { return m_impl->context; }

std::unique_ptr<Loop::Watch> AsioLoop::watch(int fd, Readiness readiness, std::function<void()> ready)
{
    auto watch = std::make_shared<DescriptorWatch>(m_impl->context, fd, readiness, std::move(ready));
    watch->arm();
    return std::make_unique<WatchHandle>(std::move(watch));
}

void AsioLoop::post(std::function<void()> action) { asio::post(m_impl->context, std::move(action)); }

void AsioLoop::offload(std::function<void()> work, std::function<void()> done)
{
    asio::post(m_impl->workshop, [this, work = std::move(work), done = std::move(done)]() mutable {
        work();
        post(std::move(done));
    });
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/asio_loop.h"
#include "core/base/unique_fd.h"

#include <QTest>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>

using namespace kiln;

namespace {

/// No further descriptor can be had while this lives.
class NoDescriptors
{
public:
    NoDescriptors()
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        rlimit none = m_before;
        const UniqueFd next(::fcntl(0, F_DUPFD_CLOEXEC, 0)); // the lowest that is free
        none.rlim_cur = rlim_t(next.get());
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_before); }
    NoDescriptors(const NoDescriptors &) = delete;
    NoDescriptors &operator=(const NoDescriptors &) = delete;

private:
    rlimit m_before{};
};

} // namespace

class tst_AsioLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        int ends[2];
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        m_near.reset(ends[0]);
        m_far.reset(ends[1]);
    }

    void aChannelIsWatchedBothWays()
    {
        AsioLoop loop(nullptr);
        watchBothWays(loop);
    }

    /// Of a worker that reads slowly, on a machine without descriptors.
    void aChannelIsWatchedBothWaysAlsoWithoutDescriptors()
    {
        AsioLoop loop(nullptr);
        const NoDescriptors none;
        watchBothWays(loop);
    }

    void aWatchMayEndWithinItsOwnCallback()
    {
        AsioLoop loop(nullptr);
        int called = 0;
        std::unique_ptr<Loop::Watch> watch;
        watch = loop.watch(m_near.get(), Loop::Readiness::Writable, [&] {
            ++called;
            watch.reset();
            loop.timers().after(std::chrono::milliseconds(30), [&] { loop.stop(); });
        });
        loop.run();
        QCOMPARE(called, 1);
    }

    void whatIsOffloadedComesBackInOrderOnTheLoop()
    {
        AsioLoop loop(nullptr);
        std::vector<int> done;
        std::thread::id worked;
        for (int i = 0; i < 3; ++i)
            loop.offload([&] { worked = std::this_thread::get_id(); }, [&, i] { done.push_back(i); });
        loop.offload([] {}, [&] { loop.stop(); });
        loop.run();
        QCOMPARE(done, (std::vector<int>{0, 1, 2}));
        QVERIFY(worked != std::this_thread::get_id());
    }

private:
    void watchBothWays(AsioLoop &loop)
    {
        bool read = false;
        bool written = false;
        const auto over = [&] {
            if (read && written)
                loop.stop();
        };
        const auto readable = loop.watch(m_near.get(), Loop::Readiness::Readable, [&] {
            char byte = 0;
            read = ::recv(m_near.get(), &byte, 1, 0) == 1 || read;
            over();
        });
        const auto writable = loop.watch(m_near.get(), Loop::Readiness::Writable, [&] {
            written = true;
            over();
        });
        QCOMPARE(::send(m_far.get(), "x", 1, 0), ssize_t(1));
        loop.run();
        QVERIFY(read && written);
    }

    UniqueFd m_near;
    UniqueFd m_far;
};

QTEST_GUILESS_MAIN(tst_AsioLoop)
#include "tst_asio_loop.moc"

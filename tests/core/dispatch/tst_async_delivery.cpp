// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/dispatch/async_delivery.h"
#include "tests/support/manual_loop.h"

#include <QTest>

#include <map>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

/// Writes down what is asked of it; durable at once unless told to refuse.
class NotedLog final : public EventLog
{
public:
    void accept(const QueuedEvent &event, Done done) override { answer("accept " + event.event.id, std::move(done)); }
    void beginAttempt(const EventKey &event, int attempt, Done done) override
    {
        answer("begin " + event.event + " " + std::to_string(attempt), std::move(done));
    }
    void finished(const EventKey &event) override { notes.push_back("finished " + event.event); }
    void failed(const EventKey &event, int attempt, WallTime, std::string) override
    {
        notes.push_back("failed " + event.event + " " + std::to_string(attempt));
    }
    void deadLetter(const EventKey &event, std::optional<Outcome>, std::string cause) override
    {
        notes.push_back("dead " + event.event + ": " + cause);
    }

    std::vector<std::string> notes;
    bool refuse = false;

private:
    void answer(std::string note, Done done)
    {
        notes.push_back(std::move(note));
        if (refuse)
            done(fail(Error::Code::Store, "The disk is full"));
        else
            done({});
    }
};

} // namespace

class tst_AsyncDelivery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_loop = std::make_unique<test::ManualLoop>();
        m_log = std::make_unique<NotedLog>();
        m_outcomes.clear();
        m_runs = 0;
        m_policy = RetryPolicy{.retries = 2};
        m_delivery = std::make_unique<AsyncDelivery>(
            *m_loop, *m_log,
            [this](const QueuedEvent &, int, std::function<void(Result<InvocationPtr>)> done) {
                ++m_runs;
                auto invocation = std::make_shared<Invocation>();
                invocation->outcome = m_outcomes.empty() ? Outcome::Ok : m_outcomes.front();
                if (!m_outcomes.empty())
                    m_outcomes.erase(m_outcomes.begin());
                invocation->error = {"Error", "it failed", {}};
                done(InvocationPtr(invocation));
            },
            [this](const std::string &function) {
                return function == "gone" ? std::nullopt : std::optional<RetryPolicy>(m_policy);
            });
    }

    void anEventIsDurableBeforeItIsAcceptedAndItsAttemptBeforeItBegins()
    {
        accept("a");
        QCOMPARE(m_log->notes, (std::vector<std::string>{"accept a", "begin a 1", "finished a"}));
        QCOMPARE(m_runs, 1);
        QCOMPARE(m_delivery->pending(), std::size_t(0));
    }

    void whatTheDiskRefusesIsNotAccepted()
    {
        m_log->refuse = true;
        bool accepted = true;
        m_delivery->accept(event("a"), [&](const Result<> &result) { accepted = result.has_value(); });
        QVERIFY(!accepted);
        QCOMPARE(m_runs, 0);
    }

    void anAttemptThatTheDiskRefusesDoesNotCount()
    {
        m_log->refuse = true;
        m_delivery->resume({.queued = event("a"), .attempts = 0, .nextAttempt = {}, .cause = {}});
        m_loop->pass(1h);
        QCOMPARE(m_runs, 0);
        QCOMPARE(m_delivery->pending(), std::size_t(1));
        m_log->refuse = false;
        m_loop->pass(10s);
        QCOMPARE(m_runs, 1);
        QCOMPARE(m_log->notes.back(), std::string("finished a"));
        QVERIFY(std::find(m_log->notes.begin(), m_log->notes.end(), "begin a 2") == m_log->notes.end());
    }

    void aFailureIsTriedAgainAfterItsPause()
    {
        m_outcomes = {Outcome::HandlerError, Outcome::TimedOut};
        accept("a");
        QCOMPARE(m_runs, 1);
        m_loop->pass(59s);
        QCOMPARE(m_runs, 1);
        m_loop->pass(2s);
        QCOMPARE(m_runs, 2);
        m_loop->pass(2min);
        QCOMPARE(m_runs, 3);
        QCOMPARE(m_log->notes.back(), std::string("finished a"));
    }

    void afterTheLastAttemptItIsADeadLetterWithItsCause()
    {
        m_outcomes = {Outcome::HandlerError, Outcome::HandlerError, Outcome::HandlerError};
        accept("a");
        m_loop->pass(10min);
        QCOMPARE(m_runs, 3);
        QCOMPARE(m_log->notes.back(), std::string("dead a: Error: it failed"));
        QCOMPARE(m_delivery->pending(), std::size_t(0));
    }

    void anEventOfAnEarlierLifeGoesOnWithItsNextAttempt()
    {
        m_delivery->resume({.queued = event("a"), .attempts = 1, .nextAttempt = {}, .cause = {}});
        QCOMPARE(m_log->notes.front(), std::string("begin a 2"));
    }

    void anEventThatIsUnderWayIsNotTakenTwice()
    {
        m_outcomes = {Outcome::HandlerError};
        accept("a"); // waits for its second attempt
        m_delivery->resume({.queued = event("a"), .attempts = 1, .nextAttempt = {}, .cause = {}});
        QCOMPARE(m_runs, 1);
        QCOMPARE(m_delivery->pending(), std::size_t(1));
        m_loop->pass(2min);
        QCOMPARE(m_runs, 2);
        accept("a"); // handled, so this is another time
        QCOMPARE(m_runs, 3);
    }

    void anEventThatGrewTooOldIsADeadLetter()
    {
        QueuedEvent old = event("a");
        old.accepted -= 7h;
        m_delivery->resume({.queued = old, .attempts = 0, .nextAttempt = {}, .cause = {}});
        QCOMPARE(m_runs, 0);
        QVERIFY(m_log->notes.back().starts_with("dead a: the event became older"));
    }

    void anEventOfAFunctionThatIsGoneIsADeadLetter()
    {
        QueuedEvent lost = event("a");
        lost.function = "gone";
        m_delivery->resume({.queued = lost, .attempts = 0, .nextAttempt = {}, .cause = {}});
        QVERIFY(m_log->notes.back().starts_with("dead a: the function"));
    }

    /// A machine that sleeps: its wall clock goes on, timers do not.
    void aRetryIsDueByTheWallClockAlsoWhenTimersStoodStill()
    {
        const WallTime due = m_loop->clock().wall() + 1h;
        m_delivery->resume({.queued = event("a"), .attempts = 1, .nextAttempt = due, .cause = {}});
        m_loop->manualClock.setWall(due);
        m_loop->pass(1min);
        QCOMPARE(m_runs, 1);
    }

    void aRetryInTheFarFutureIsNotDueNow()
    {
        const WallTime due = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);
        m_delivery->resume({.queued = event("a"), .attempts = 1, .nextAttempt = due, .cause = {}});
        m_loop->pass(1h);
        QCOMPARE(m_runs, 0);
    }

    void afterAHaltNothingBegins()
    {
        m_outcomes = {Outcome::HandlerError};
        accept("a");
        m_delivery->halt();
        m_loop->pass(1h);
        QCOMPARE(m_runs, 1);
    }

private:
    QueuedEvent event(const std::string &id) const
    {
        QueuedEvent queued{.function = "f", .triggerKind = "schedule", .event = {}, .accepted = m_loop->clock().wall()};
        queued.event.id = id;
        return queued;
    }
    void accept(const std::string &id)
    {
        m_delivery->accept(event(id), [](const Result<> &result) { QVERIFY(result.has_value()); });
    }

    std::unique_ptr<test::ManualLoop> m_loop;
    std::unique_ptr<NotedLog> m_log;
    std::unique_ptr<AsyncDelivery> m_delivery;
    std::vector<Outcome> m_outcomes;
    RetryPolicy m_policy;
    int m_runs = 0;
};

QTEST_GUILESS_MAIN(tst_AsyncDelivery)
#include "tst_async_delivery.moc"

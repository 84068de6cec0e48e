// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/load/load_run.h"
#include "tests/support/manual_loop.h"
#include "tests/support/sample_invocation.h"

#include <QTest>

#include <algorithm>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

/// A server with one worker that takes the same time for each event, in order, and stands still when it is told to.
class SlowServer
{
public:
    SlowServer(test::ManualLoop &loop, std::chrono::nanoseconds each)
        : m_loop(loop)
        , m_each(each)
    {}

    void fire(const LoadEvent &event, LoadRun::Answer answer)
    {
        fired.push_back(event.name);
        most = std::max(most, ++m_inside);
        const Instant now = m_loop.manualClock.now();
        Instant free = std::max(m_free, now);
        if (free >= m_stallFrom && free < m_stallTo)
            free = m_stallTo;
        m_free = free + m_each;
        m_loop.timers().at(m_free, [this, answer = std::move(answer)] {
            --m_inside;
            answer(result());
        });
    }
    void stall(std::chrono::nanoseconds from, std::chrono::nanoseconds length)
    {
        m_stallFrom = m_loop.manualClock.now() + from;
        m_stallTo = m_stallFrom + length;
    }

    std::function<Result<InvocationPtr>()> result = [this] { return InvocationPtr(invocation); };
    std::shared_ptr<Invocation> invocation =
        std::make_shared<Invocation>(test::invocationOf(test::revisionOf("f"), WallTime()));
    std::vector<std::string> fired;
    int most = 0; ///< At once.

private:
    test::ManualLoop &m_loop;
    const std::chrono::nanoseconds m_each;
    Instant m_free{};
    Instant m_stallFrom = Instant::max(), m_stallTo{};
    int m_inside = 0;
};

bool near(std::chrono::nanoseconds value, std::chrono::nanoseconds expected)
{
    return std::abs(double((value - expected).count())) <= 0.01 * double(expected.count());
}

} // namespace

/// A load run on a clock that stands still, against servers that behave as they are told.
class tst_LoadRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_run.reset();
        m_loop = std::make_unique<test::ManualLoop>();
        m_server = std::make_unique<SlowServer>(*m_loop, 1ms);
        m_ended = 0;
    }

    void allIsSentWhenItIsDueAndAnswered()
    {
        start({.shape = load::Constant{100}, .duration = 5s});
        m_loop->pass(5s);
        m_loop->pass(1s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->state, LoadReport::State::Ended);
        QCOMPARE(report->end, LoadReport::End::Whole);
        QCOMPARE(m_ended, 1);
        for (const std::uint64_t count : {report->due, report->sent, report->answered})
            QCOMPARE(count, 500u);
        QCOMPARE(report->unsent + report->late + report->inFlight + report->failed(), 0u);
        QCOMPARE(report->sentRate(), 100.0);
        QCOMPARE(report->behind, 0u);
        QVERIFY(report->answeredRate() > 99.9 && report->answeredRate() <= 100);
        QVERIFY(near(report->corrected.p50, 1ms) && near(report->service.p50, 1ms));
        QCOMPARE(report->corrected.max, std::chrono::nanoseconds(1ms));
        QCOMPARE(report->starts[std::size_t(Start::Cold)], 500u);
        QCOMPARE(report->phases[4].count, 500u); // the sample's handler phase: 5 ms
        QVERIFY(near(report->phases[4].p99, 5ms));
    }

    /// The server stands still for two of ten seconds. One event at a time may be in flight, so that service times show
    /// two slow ones of a thousand; but who came in those two seconds would have waited up to two seconds.
    void aStallShowsInTheCorrectedLatency()
    {
        m_server->stall(4s, 2s);
        start({.shape = load::Constant{100}, .duration = 10s, .maxInFlight = 1});
        m_loop->pass(15s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->sent, 1'000u);
        QVERIFY(near(report->service.p99, 1ms));
        QVERIFY(near(report->service.max, 2001ms));
        QVERIFY2(report->corrected.p99 > 1'850ms && report->corrected.p99 < 2s,
                 qPrintable(QString::number(report->corrected.p99.count())));
        QVERIFY(near(report->corrected.p50, 1ms));
        // 2 s of arrivals wait a second on average, and the backlog goes at 1 ms each while new ones come.
        QVERIFY(report->corrected.p90 > 900ms && report->corrected.p90 < 1'300ms);
        QVERIFY(report->late > 200 && report->late < 230);
        // By when they were due: the first of the stall waited longest.
        QCOMPARE(report->interval, std::chrono::nanoseconds(100ms));
        QVERIFY(near(report->timeline.at(39).max, 1ms));
        QVERIFY(near(report->timeline.at(40).max, 2001ms));
        QVERIFY(report->timeline.at(55).max < 700ms && report->timeline.at(55).max > 500ms);
        QVERIFY(near(report->timeline.at(70).max, 1ms));
    }

    /// What wrk2 compares itself with: the same stall, seen by callers who wait for their answers.
    void aClosedLoopHardlySeesTheSameStall()
    {
        m_server->stall(4s, 2s);
        start({.shape = load::Callers{1, 9ms}, .duration = 10s});
        m_loop->pass(15s);
        const LoadReportPtr report = m_run->report();
        QVERIFY(report->sent > 790 && report->sent < 810); // a hundred a second but for the stall
        QVERIFY(near(report->corrected.p99, 1ms));
        QVERIFY(near(report->corrected.max, 2001ms));
    }

    void whatIsNeverSentIsCounted()
    {
        m_server = std::make_unique<SlowServer>(*m_loop, 100ms); // ten a second, of a hundred
        start({.shape = load::Constant{100}, .duration = 2s, .maxInFlight = 5});
        m_loop->pass(10s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->due, 200u);
        QCOMPARE(m_server->most, 5);
        QVERIFY(report->sent >= 24 && report->sent <= 25); // 20 were answered in time, five were on their way
        QCOMPARE(report->unsent, report->due - report->sent);
        QCOMPARE(report->answered, report->sent);
        QCOMPARE(report->late, report->sent - 5);
    }

    void callersWaitAndThink()
    {
        start({.shape = load::Callers{4, 96ms}, .duration = 1s});
        m_loop->pass(2s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(m_server->most, 4);
        QVERIFY(report->sent >= 39 && report->sent <= 44);
        QCOMPARE(report->answered, report->sent);
    }

    void aCallerThatIsTurnedAwayDoesNotSpin()
    {
        m_run = LoadRun::make(*m_loop, planOf({.shape = load::Callers{1, 0ms}, .duration = 1s}), 1,
                              ports([](const LoadEvent &, const LoadRun::Answer &answer) {
                                  answer(fail(Error::Code::NotFound, "There is no function of this name", "f"));
                              }));
        m_run->start();
        m_loop->pass(2s);
        const LoadReportPtr report = m_run->report();
        QVERIFY(report->sent >= 1'000 && report->sent <= 1'001);
        QCOMPARE(report->refused, report->sent);
        QCOMPARE(report->failedPercent(), 100.0);
        QCOMPARE(report->errors.at(0).outcome, std::string("Refused"));
        QCOMPARE(report->errors.at(0).message, std::string("f: There is no function of this name"));
    }

    void answersWithinTheCallDoNotHoldTheLoop()
    {
        int turns = 0;
        m_run = LoadRun::make(*m_loop, planOf({.shape = load::Constant{100'000}, .duration = 1s}), 1,
                              ports([&](const LoadEvent &, const LoadRun::Answer &answer) {
                                  answer(InvocationPtr(m_server->invocation));
                              }));
        m_run->start();
        m_loop->manualClock.advance(500ms); // the loop was busy elsewhere: 50,000 are due at once
        m_loop->post([&] { ++turns; });
        m_loop->pass(0ns);
        QCOMPARE(turns, 1);
        m_loop->pass(600ms);
        QCOMPARE(m_run->report()->sent, 100'000u);
        QVERIFY(m_run->report()->corrected.max >= 490ms); // and the delay is told
    }

    /// Each sending takes the machine 20 ms, and a hundred a second are asked for.
    void aRateThatTheMachineCannotReachIsTold()
    {
        m_run = LoadRun::make(*m_loop, planOf({.shape = load::Constant{100}, .duration = 1s}), 1,
                              ports([&](const LoadEvent &, const LoadRun::Answer &answer) {
                                  m_loop->manualClock.advance(20ms);
                                  answer(InvocationPtr(m_server->invocation));
                              }));
        m_run->start();
        m_loop->pass(10s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->due, 100u);
        QCOMPARE(report->sent, 100u); // some of them after the run's second
        QCOMPARE(report->dueRate(), 100.0);
        QVERIFY2(report->sentRate() > 49 && report->sentRate() < 52, qPrintable(QString::number(report->sentRate())));
        QVERIFY(report->answeredRate() > 49 && report->answeredRate() < 51);
        QCOMPARE(report->behind, 98u); // the second left within the 10 ms that count as in time
        QCOMPARE(report->late + report->unsent, 0u);
        QVERIFY(report->corrected.max > 990ms);
    }

    void stoppedItWaitsForAnswersAndStoppedAgainItDoesNot()
    {
        m_server = std::make_unique<SlowServer>(*m_loop, 3s);
        start({.shape = load::Constant{2}, .duration = 60s});
        m_loop->pass(1100ms); // three were sent
        m_run->stop(LoadReport::End::Stopped);
        QCOMPARE(m_run->report()->state, LoadReport::State::Draining);
        m_loop->pass(2500ms);
        QCOMPARE(m_run->report()->answered, 1u);
        QCOMPARE(m_ended, 0);
        m_run->stop(LoadReport::End::Stopped);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->state, LoadReport::State::Ended);
        QCOMPARE(report->end, LoadReport::End::Stopped);
        QCOMPARE(report->elapsed, std::chrono::nanoseconds(1100ms));
        QCOMPARE(report->inFlight, 2u);
        QVERIFY(std::abs(report->failedPercent() - 200.0 / 3) < 1e-9); // never answered is no success
        m_loop->pass(20s);                                             // late answers change nothing
        QCOMPARE(m_run->report(), report);
        QCOMPARE(m_ended, 1);
    }

    void whatIsNotAnsweredInTimeIsGivenUp()
    {
        m_server = std::make_unique<SlowServer>(*m_loop, 1h);
        start({.shape = load::Constant{10}, .duration = 1s, .patience = 5s});
        m_loop->pass(5900ms);
        QCOMPARE(m_ended, 0);
        m_loop->pass(200ms);
        QCOMPARE(m_ended, 1);
        QCOMPARE(m_run->report()->inFlight, 10u);
        QCOMPARE(m_run->report()->end, LoadReport::End::Whole);
    }

    void aRunNobodyAsksForEnds()
    {
        start({.shape = load::Constant{10}, .duration = 60s, .abandonedAfter = 5s});
        for (int i = 0; i < 8; ++i) {
            m_loop->pass(2s);
            m_run->keep();
        }
        QVERIFY(!m_run->hasEnded());
        m_loop->pass(6s);
        QVERIFY(m_run->hasEnded());
        QCOMPARE(m_run->report()->end, LoadReport::End::Abandoned);
    }

    void answersComeWhenItIsGone()
    {
        m_server = std::make_unique<SlowServer>(*m_loop, 100ms);
        start({.shape = load::Constant{100}, .duration = 1s});
        m_loop->pass(50ms);
        m_run.reset();
        m_loop->pass(10s);
        QCOMPARE(m_loop->timers().pending(), std::size_t(0));
    }

    void errorsAreToldByKindMostFrequentFirst()
    {
        int number = 0;
        m_server->result = [&]() -> Result<InvocationPtr> {
            auto failed = std::make_shared<Invocation>(*m_server->invocation);
            const int kind = number++ % 10;
            if (kind < 5) {
                failed->outcome = Outcome::HandlerError;
                failed->error = {kind < 3 ? "KeyError" : "ValueError", "'sku' of order " + std::to_string(number), {}};
            } else if (kind < 6) {
                failed->outcome = Outcome::Throttled;
                failed->worker = 0;
            }
            return failed;
        };
        start({.shape = load::Constant{100}, .duration = 1s});
        m_loop->pass(2s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->errors.size(), std::size_t(3));
        QCOMPARE(report->errors[0].type, std::string("KeyError"));
        QCOMPARE(report->errors[0].count, 30u);
        QCOMPARE(report->errors[0].message, std::string("'sku' of order 1"));
        QCOMPARE(report->errors[1].type, std::string("ValueError"));
        QCOMPARE(report->errors[2].outcome, std::string("Throttled"));
        QCOMPARE(report->failedPercent(), 60.0);
        QCOMPARE(report->starts[std::size_t(Start::Cold)], 90u); // a throttled one had no start
    }

    void aPhaseThatTookNoTimeIsCountedUnlessThereWasNone()
    {
        int number = 0;
        m_server->result = [&]() -> Result<InvocationPtr> {
            auto served = std::make_shared<Invocation>(*m_server->invocation);
            served->start = Start::Warm;
            served->phases = {.handler = number % 2 == 0 ? 5ms : 0ms};
            if (++number % 10 == 0)
                served->outcome = Outcome::InitError;
            return served;
        };
        start({.shape = load::Constant{100}, .duration = 1s});
        m_loop->pass(2s);
        const auto &phases = m_run->report()->phases;
        QCOMPARE(phases[0].count, 100u); // a worker was free at once
        for (const std::size_t ofStart : {1U, 2U, 3U})
            QCOMPARE(phases[ofStart].count, 0u);
        QCOMPARE(phases[4].count, 90u); // those that failed before had no handler
        QVERIFY(near(phases[4].p99, 5ms));
        QCOMPARE(phases[5].p99, 0ns);
    }

    /// Every other one is turned away at once; the rest take 40 ms.
    void whatIsTurnedAwayDoesNotMakeTheLatencyLookShort()
    {
        int number = 0;
        m_run = LoadRun::make(*m_loop, planOf({.shape = load::Constant{100}, .duration = 1s}), 1,
                              ports([&](const LoadEvent &, LoadRun::Answer answer) {
                                  const bool turnedAway = ++number % 2 == 0;
                                  auto given = std::make_shared<Invocation>(*m_server->invocation);
                                  if (turnedAway) {
                                      given->outcome = Outcome::Throttled;
                                      given->worker = 0;
                                      answer(InvocationPtr(given));
                                      return;
                                  }
                                  m_loop->timers().after(
                                      40ms, [given, answer = std::move(answer)] { answer(InvocationPtr(given)); });
                              }));
        m_run->start();
        m_loop->pass(2s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->answered, 100u);
        QCOMPARE(report->outcomes[std::size_t(Outcome::Throttled)], 50u);
        QCOMPARE(report->corrected.count, 50u);
        QCOMPARE(report->service.count, 50u);
        QVERIFY(near(report->corrected.p50, 40ms) && near(report->service.p50, 40ms));
        QVERIFY(near(report->timeline.at(3).p50, 40ms));
        std::uint64_t inHistogram = 0;
        for (const LoadReport::Bin &bin : report->histogram)
            inHistogram += bin.corrected;
        QCOMPARE(inHistogram, 50u);
    }

    void thousandsOfErrorKindsAreSummedUp()
    {
        int number = 0;
        m_server->result = [&]() -> Result<InvocationPtr> {
            auto failed = std::make_shared<Invocation>(*m_server->invocation);
            failed->outcome = Outcome::HandlerError;
            failed->error = {"Error" + std::to_string(number++), std::string(5'000, 'x'), {}};
            return failed;
        };
        start({.shape = load::Constant{500}, .duration = 4s});
        m_loop->pass(5s);
        const LoadReportPtr report = m_run->report();
        QCOMPARE(report->errors.size(), LoadTally::errorsTold);
        QCOMPARE(report->otherErrors, 2'000u - 10u);
        QVERIFY(report->errors[0].message.size() <= 300);
    }

    void aLongRunIsToldInAsManyIntervals()
    {
        start({.shape = load::Constant{2}, .duration = 1h});
        m_loop->pass(1h + 1s);
        const LoadReportPtr report = m_run->report();
        QVERIFY(report->timeline.size() > LoadTally::mostIntervals / 2);
        QVERIFY(report->timeline.size() <= LoadTally::mostIntervals);
        std::uint64_t due = 0, sent = 0, answered = 0;
        for (const LoadReport::Interval &interval : report->timeline) {
            due += interval.due;
            sent += interval.sent;
            answered += interval.answered;
        }
        QCOMPARE(due, 7'200u);
        QCOMPARE(sent, 7'200u);
        QCOMPARE(answered, 7'200u);
    }

    void theHistogramHoldsAllOfThem()
    {
        m_server->stall(1s, 500ms);
        start({.shape = load::Constant{200}, .duration = 3s, .maxInFlight = 1});
        m_loop->pass(5s);
        const LoadReportPtr report = m_run->report();
        std::uint64_t corrected = 0, service = 0;
        std::chrono::nanoseconds end{};
        for (const LoadReport::Bin &bin : report->histogram) {
            QVERIFY(bin.from >= end && bin.to > bin.from);
            end = bin.to;
            corrected += bin.corrected;
            service += bin.service;
        }
        QCOMPARE(corrected, 600u);
        QCOMPARE(service, 600u);
        QVERIFY(report->histogram.size() < 60);
    }

    void aReplayFiresWhatWasRecorded()
    {
        LoadPlan plan{.shape = load::Replay{}, .duration = 1h};
        std::vector<LoadEvent> events(2);
        events[0].name = "a";
        events[1].name = "b";
        const auto script =
            std::make_shared<const std::vector<Arrival>>(std::vector<Arrival>{{0ms, 0}, {30ms, 1}, {1s, 0}, {1s, 1}});
        m_run = LoadRun::makeReplay(*m_loop, plan, 1, events, script, serverPorts());
        m_run->start();
        m_loop->pass(999ms);
        QCOMPARE(m_server->fired, (std::vector<std::string>{"a", "b"}));
        m_loop->pass(100ms);
        QCOMPARE(m_server->fired, (std::vector<std::string>{"a", "b", "a", "b"}));
        QVERIFY(m_run->hasEnded()); // with its last event, not after an hour
        QCOMPARE(m_run->report()->planned, std::chrono::nanoseconds(1s));
    }

    void theSameSeedFiresTheSameEvents()
    {
        const auto firedWith = [this](std::uint64_t seed) {
            init();
            LoadPlan plan{.shape = load::Constant{100}, .duration = 1s, .events = {{}, {}}, .seed = seed};
            plan.events[0].name = "a";
            plan.events[1].name = "b";
            start(plan);
            m_loop->pass(2s);
            return m_server->fired;
        };
        const auto once = firedWith(5);
        QCOMPARE(once.size(), std::size_t(100));
        QCOMPARE(firedWith(5), once);
        QVERIFY(firedWith(6) != once);
    }

private:
    static LoadPlan planOf(LoadPlan plan)
    {
        if (plan.events.empty())
            plan.events.emplace_back();
        return plan;
    }
    LoadRun::Ports ports(std::function<void(const LoadEvent &, LoadRun::Answer)> fire)
    {
        return {.fire = std::move(fire), .changed = [] {}, .ended = [this] { ++m_ended; }};
    }
    LoadRun::Ports serverPorts()
    {
        return ports(
            [this](const LoadEvent &event, LoadRun::Answer answer) { m_server->fire(event, std::move(answer)); });
    }
    void start(const LoadPlan &plan)
    {
        m_run = LoadRun::make(*m_loop, planOf(plan), 1, serverPorts());
        m_run->start();
    }

    std::unique_ptr<test::ManualLoop> m_loop;
    std::unique_ptr<SlowServer> m_server;
    std::shared_ptr<LoadRun> m_run;
    int m_ended = 0;
};

QTEST_GUILESS_MAIN(tst_LoadRun)
#include "tst_load_run.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/dispatch/dispatcher.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/manual_loop.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

class DurableAtOnce final : public EventLog
{
public:
    void accept(const QueuedEvent &, Done done) override { done({}); }
    void beginAttempt(const EventKey &, int, Done done) override { done({}); }
    void finished(const EventKey &event) override { notes.push_back("finished " + event.event); }
    void failed(const EventKey &event, int, WallTime, std::string) override
    {
        notes.push_back("failed " + event.event);
    }
    void deadLetter(const EventKey &event, std::optional<Outcome>, std::string cause) override
    {
        notes.push_back("dead " + event.event + ": " + cause);
    }

    std::vector<std::string> notes;
};

EventSink::Target target(const std::string &function)
{
    return {.function = function, .triggerKind = "schedule", .trigger = {}};
}

RevisionPtr revisionOf(const std::string &function)
{
    auto revision = std::make_shared<Revision>();
    revision->hash = function;
    revision->settings.name = function;
    return revision;
}

} // namespace

/// Functions that come and go while events wait for them.
class tst_Dispatcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_loop = std::make_unique<test::ManualLoop>();
        m_launcher = std::make_unique<test::HandLauncher>();
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_log = std::make_unique<DurableAtOnce>();
        m_records.clear();
        m_dispatcher = std::make_unique<Dispatcher>(
            *m_loop, *m_log,
            Dispatcher::Ports{
                .makeWorker =
                    [this](RevisionPtr revision, WorkerPool::Origin, Worker::Events events) {
                        return std::make_unique<Worker>(*m_loop, *m_launcher, *m_handOff, 1,
                                                        Worker::Plan{.revision = std::move(revision),
                                                                     .policy = {},
                                                                     .init = [] { return std::string("{}"); }},
                                                        std::move(events));
                    },
                .record = [this](const InvocationPtr &invocation) { m_records.push_back(invocation); },
                .arrived = [](const EventSink::Target &) {},
                .mayRun = [this] { return m_mayRun; },
                .tier = [] { return Tier::Full; },
                .changed = [] {},
                .provision = [this] { return m_provision; },
                .scaled =
                    [this](const std::string &function, const ScaleEvent &event) {
                        m_scaled.push_back(function + " " + std::string(toWord(event.what)) + ": " + event.why);
                    }});
        m_provision = Scaler::Provision::Off;
        m_scaled.clear();
        m_mayRun = true;
    }
    void cleanup()
    {
        m_dispatcher.reset();
        m_handOff.reset();
        m_launcher.reset();
        m_loop.reset();
    }

    void aRevisionMadeJustBeforeTheEndStartsNothingAndHoldsNobodyUp()
    {
        m_dispatcher->expect("f");
        m_dispatcher->stop();
        m_dispatcher->setRevision(revisionOf("f"));
        QVERIFY(m_dispatcher->idle());
        QCOMPARE(m_launcher->launched, 0);
    }

    void whatWaitsForAFunctionThatGoesIsAnswered()
    {
        m_mayRun = false;
        m_dispatcher->setRevision(revisionOf("f"));
        Result<InvocationPtr> answer = InvocationPtr();
        m_dispatcher->request(target("f"), {}, [&](Result<InvocationPtr> result) { answer = std::move(result); });
        m_dispatcher->removeFunction("f");
        QVERIFY(answer && *answer);
        QCOMPARE((*answer)->outcome, Outcome::Cancelled);
        QCOMPARE((*answer)->error.message, std::string("The function is gone"));
    }

    void whoAsksAgainWhileTheFunctionGoesIsToldSo()
    {
        m_mayRun = false;
        m_dispatcher->setRevision(revisionOf("f"));
        std::optional<Error> second;
        m_dispatcher->request(target("f"), {}, [&](const Result<InvocationPtr> &) {
            m_dispatcher->request(target("f"), {}, [&](const Result<InvocationPtr> &result) {
                if (!result)
                    second = result.error();
            });
        });
        m_dispatcher->removeFunction("f");
        QVERIFY(second);
        QCOMPARE(second->code, Error::Code::NotFound);
    }

    void aDurableEventOfAFunctionThatGoesIsADeadLetter()
    {
        m_mayRun = false;
        m_dispatcher->setRevision(revisionOf("f"));
        emitTo("f", "a");
        QCOMPARE(m_dispatcher->find("f")->queued(), 1);
        m_dispatcher->removeFunction("f");
        QCOMPARE(m_log->notes.size(), std::size_t(1));
        QVERIFY2(m_log->notes[0].starts_with("dead a: ") && m_log->notes[0].find("is gone") != std::string::npos,
                 m_log->notes[0].c_str());
    }

    void aDurableEventStaysPendingWhenTheEngineEnds()
    {
        m_mayRun = false;
        m_dispatcher->setRevision(revisionOf("f"));
        emitTo("f", "a");
        m_dispatcher->stop();
        QVERIFY(m_log->notes.empty());
        QVERIFY(m_records.empty());
    }

    void whoComesPastTheBoundBeforeThereIsARevisionIsTurnedAway()
    {
        m_dispatcher->expect("f");
        std::vector<Error> turnedAway;
        for (int i = 0; i <= Concurrency{}.queue; ++i) {
            m_dispatcher->request(target("f"), {}, [&](const Result<InvocationPtr> &result) {
                if (!result)
                    turnedAway.push_back(result.error());
            });
        }
        QCOMPARE(turnedAway.size(), std::size_t(1));
        QCOMPARE(turnedAway[0].code, Error::Code::Busy);
        QVERIFY(m_records.empty()); // it was of no revision
    }

    void anEventPastLambdasBoundIsTurnedAwayBeforeItIsKept()
    {
        m_mayRun = false;
        m_dispatcher->setRevision(revisionOf("f"));
        const auto sent = [](ByteSize size) {
            Event event;
            event.data = payload(std::string(std::size_t(size.count), 'x'));
            return event;
        };
        std::vector<std::string> told;
        const auto accepted = [&](const Result<> &result) {
            told.push_back(result ? "accepted" : result.error().message);
        };
        m_dispatcher->emit(target("f"), sent(1_MB), accepted);
        m_dispatcher->emit(target("f"), sent({(1_MB).count + 1}), accepted);
        QCOMPARE(told, (std::vector<std::string>{"accepted", "The event has 1048577 bytes; 1048576 are allowed"}));
        std::optional<Error> refused;
        const auto answered = [&](const Result<InvocationPtr> &result) {
            if (!result)
                refused = result.error();
        };
        m_dispatcher->request(target("f"), sent(6_MB), answered);
        QVERIFY(!refused);
        m_dispatcher->request(target("f"), sent({(6_MB).count + 1}), answered);
        QVERIFY(refused);
        QCOMPARE(refused->code, Error::Code::LimitExceeded);
        QCOMPARE(m_dispatcher->find("f")->queued(), 2);
    }

    void theWorkspacesBudgetHoldsAndWhoWaitedGoesOnWhenThereIsRoom()
    {
        m_dispatcher->setBudget(2);
        m_dispatcher->setRevision(revisionOf("f"));
        m_dispatcher->setRevision(revisionOf("g"));
        request("f");
        request("f");
        request("f");
        request("g");
        QCOMPARE(m_launcher->launched, 2);
        QCOMPARE(m_dispatcher->find("g")->queued(), 1);
        // A worker of f does not start, and the room goes to who has waited longest: another caller of f.
        m_launcher->exit(1);
        m_loop->pass(0ns);
        QCOMPARE(m_launcher->launched, 3);
        QCOMPARE(m_dispatcher->find("g")->starting(), 0);
        m_dispatcher->setBudget(3);
        m_loop->pass(0ns);
        QCOMPARE(m_dispatcher->find("g")->starting(), 1);
    }

    void whatIsReservedIsLeftToItsFunction()
    {
        m_provision = Scaler::Provision::On;
        m_dispatcher->setBudget(3);
        auto reserved = std::make_shared<Revision>(*revisionOf("g"));
        reserved->settings.concurrency.min = 2;
        m_mayRun = false; // it has not got them yet
        m_dispatcher->setRevision(reserved);
        m_mayRun = true;
        m_dispatcher->setRevision(revisionOf("f"));
        request("f");
        request("f");
        QCOMPARE(m_dispatcher->find("f")->starting(), 1);
        m_dispatcher->pumpAll();
        QCOMPARE(m_dispatcher->find("g")->starting(), 2);
        QCOMPARE(m_scaled,
                 (std::vector<std::string>{"f started: 1 waiting, 0 idle, 0 of 20 running",
                                           "g started: min is 2, 0 running", "g started: min is 2, 1 running"}));
    }

private:
    void request(const std::string &function)
    {
        m_dispatcher->request(target(function), {}, [](const Result<InvocationPtr> &) {});
    }

    void emitTo(const std::string &function, const std::string &id)
    {
        Event event;
        event.id = id;
        bool accepted = false;
        m_dispatcher->emit(target(function), std::move(event),
                           [&](const Result<> &result) { accepted = bool(result); });
        QVERIFY(accepted);
    }

    std::unique_ptr<test::ManualLoop> m_loop;
    std::unique_ptr<test::HandLauncher> m_launcher;
    std::unique_ptr<HandOff> m_handOff;
    std::unique_ptr<DurableAtOnce> m_log;
    std::vector<InvocationPtr> m_records;
    bool m_mayRun = true;
    Scaler::Provision m_provision = Scaler::Provision::Off;
    std::vector<std::string> m_scaled;
    std::unique_ptr<Dispatcher> m_dispatcher;
};

QTEST_GUILESS_MAIN(tst_Dispatcher)
#include "tst_dispatcher.moc"

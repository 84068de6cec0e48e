// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/load_json.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <boost/json.hpp>

#include <future>

using namespace kiln;
using namespace std::chrono_literals;

/// Load runs on the real engine: its queue, its workers, its history.
class tst_EngineLoad : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_harness = std::make_unique<test::EngineHarness>(); }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void hundredsASecondAreSentAnsweredAndRecorded()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return event['n']\n");
        open();
        LoadPlan plan = planOf(load::Poisson{300}, 2s);
        plan.events = {{.function = "f", .name = "a", .data = payload(R"({"n":1})"), .weight = 3},
                       {.function = "f", .name = "b", .data = payload(R"({"n":2})"), .weight = 1}};
        const LoadReportPtr report = run(plan);
        QVERIFY(report);
        QCOMPARE(report->end, LoadReport::End::Whole);
        QVERIFY(report->due > 450 && report->due < 750); // 600 expected, its deviation 24
        QCOMPARE(report->sent, report->due);
        QCOMPARE(report->answered, report->due);
        QCOMPARE(report->outcomes[std::size_t(Outcome::Ok)], report->due);
        QCOMPARE(report->failedPercent(), 0.0);
        QVERIFY(report->starts[std::size_t(Start::Warm)] > report->due / 2);
        QVERIFY(report->starts[std::size_t(Start::Cold)] >= 1);
        QVERIFY(report->corrected.p50 > 0ns && report->corrected.p50 <= report->corrected.p99);
        QVERIFY(report->corrected.p99 <= report->corrected.max);
        QVERIFY(report->service.max <= report->corrected.max);
        QCOMPARE(report->phases[4].count, report->due);
        QVERIFY(report->phases[3].count < report->due); // warm ones had no init

        InvocationQuery query{.function = "f"};
        query.limit = 10'000;
        query.payloads = InvocationQuery::Payloads::Load;
        const auto past = m_harness->history(query);
        QVERIFY(past);
        QCOMPARE(past->size(), std::size_t(report->due));
        std::size_t heavy = 0;
        for (const InvocationPtr &each : *past) {
            QCOMPARE(each->event.source, std::string("kiln:load"));
            QCOMPARE(each->triggerKind, std::string("load"));
            heavy += *each->event.data == R"({"n":1})";
        }
        const double share = double(heavy) / double(past->size());
        QVERIFY2(share > 0.65 && share < 0.85, qPrintable(QString::number(share)));
    }

    void theSnapshotTellsHowItStands()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        open();
        const std::uint64_t number = begin(planOf(load::Constant{50}, 1h));
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            return snapshot.load && snapshot.load->run == number && snapshot.load->answered > 20 &&
                   snapshot.load->state == LoadReport::State::Sending;
        }));
        m_harness->engine().stopLoad(number + 1); // another one
        m_harness->engine().stopLoad(number);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            return snapshot.load->state == LoadReport::State::Ended && snapshot.load->end == LoadReport::End::Stopped &&
                   snapshot.load->answered == snapshot.load->sent;
        }));
    }

    void overloadIsToldAsThrottling()
    {
        m_harness->addPython("f", "import time\ndef handler(event, context):\n    time.sleep(0.2)\n",
                             "concurrency: {max: 1, queue: 5}\n");
        open();
        const LoadReportPtr report = run(planOf(load::Constant{100}, 1s));
        QVERIFY(report);
        QCOMPARE(report->answered, 100u);
        QVERIFY(report->outcomes[std::size_t(Outcome::Throttled)] > 50);
        QVERIFY(report->outcomes[std::size_t(Outcome::Ok)] >= 6);
        QCOMPARE(report->errors.at(0).outcome, std::string("Throttled"));
        QVERIFY(report->failedPercent() > 50);
    }

    void callersOfAClosedLoopWait()
    {
        m_harness->addPython("f", "import time\ndef handler(event, context):\n    time.sleep(0.05)\n");
        open();
        const LoadReportPtr report = run(planOf(load::Callers{3, 0ms}, 1s));
        QVERIFY(report);
        QVERIFY(report->sent >= 3 && report->sent <= 63); // three callers, 50 ms each, at most
        QCOMPARE(report->failedPercent(), 0.0);
        QVERIFY(m_harness->engine().snapshot()->workers.size() <= 3);
    }

    void whatHappenedIsReplayed()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return event\n");
        m_harness->addPython("g", "def handler(event, context):\n    return event\n");
        open();
        for (const char *data : {"1", "2", "1"})
            QVERIFY(m_harness->fire("f", data));
        QVERIFY(m_harness->fire("g", "3"));
        const LoadReportPtr one = run(planOf(load::Replay{.function = "f"}, 1h));
        QVERIFY(one);
        QCOMPARE(one->answered, 3u);
        QCOMPARE(one->failedPercent(), 0.0);
        const auto past = m_harness->history(loaded());
        QVERIFY(past);
        QCOMPARE(past->size(), std::size_t(7));
        // Newest first; in order as they were
        QStringList data;
        for (std::size_t i = 0; i < 3; ++i)
            data.prepend(QString::fromStdString(*(*past)[i]->event.data));
        QCOMPARE(data.join(QLatin1Char(' ')), QStringLiteral("1 2 1"));

        // All functions, and a load's own events are events as any other.
        load::Replay fast{.speed = 100};
        const LoadReportPtr all = run(planOf(fast, 1h));
        QVERIFY(all);
        QCOMPARE(all->answered, 7u);
        QCOMPARE(all->failedPercent(), 0.0);
    }

    void whatCannotBeRunIsRefused()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        open();
        QCOMPARE(refusal(planOf(load::Constant{0}, 1s)), std::string("rate: Expected 0.01 to 100,000 per second"));
        LoadPlan nowhere = planOf(load::Constant{1}, 1s);
        nowhere.events[0].function = "nowhere";
        QCOMPARE(refusal(nowhere), std::string("nowhere: There is no function of this name"));
        QVERIFY(refusal(planOf(load::Replay{.function = "f"}, 1s)).find("There is nothing to replay") !=
                std::string::npos);
        const std::uint64_t number = begin(planOf(load::Constant{1}, 1h));
        QCOMPARE(refusal(planOf(load::Constant{1}, 1s)),
                 std::string("A load run is going on already: wait for its end, or stop it"));
        m_harness->engine().stopLoad(number);
    }

    void theEngineEndsWithARunGoingOn()
    {
        m_harness->addPython("f", "import time\ndef handler(event, context):\n    time.sleep(30)\n", "timeout: 60s\n");
        open();
        begin(planOf(load::Constant{20}, 1h));
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.load && snapshot.load->sent > 10; }));
        m_harness->close();
    }

    void aFunctionThatIsDeletedIsToldAsRefusing()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        open();
        const std::uint64_t number = begin(planOf(load::Constant{50}, 1h));
        std::filesystem::rename(m_harness->folder() + "/functions/f", m_harness->folder() + "/gone");
        QVERIFY(
            m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.load && snapshot.load->refused > 5; }));
        // Those that were waiting for a worker were cancelled, and on a busy machine they may be more.
        std::string told = "no refusal";
        const LoadReportPtr report = m_harness->engine().snapshot()->load;
        for (const LoadReport::ErrorKind &kind : report->errors) {
            if (kind.outcome == "Refused")
                told = kind.message;
        }
        QVERIFY2(told.find("There is no function of this name") != std::string::npos, told.c_str());
        m_harness->engine().stopLoad(number);
    }

    void aPlanSurvivesItsWayAsJson()
    {
        LoadPlan plan = planOf(load::Spike{10, 100.5, 1500ms}, 10s);
        plan.events = {{.function = "f", .name = "a.json", .data = payload("\x01 bytes"), .weight = 2.5}};
        plan.seed = 18'446'744'073'709'551'615U;
        plan.maxInFlight = 77;
        plan.patience = 9s;
        plan.abandonedAfter = 3s;
        const auto text = boost::json::serialize(toJson(plan, EventBytes::With));
        const Result<LoadPlan> read = loadPlanOf(boost::json::parse(text).as_object());
        QVERIFY(read);
        QVERIFY(read->shape == plan.shape);
        QCOMPARE(*read->events.at(0).data, *plan.events[0].data);
        QCOMPARE(read->seed, plan.seed);
        QCOMPARE(boost::json::serialize(toJson(*read, EventBytes::With)), text);
        const Result<LoadPlan> bad = loadPlanOf({{"events", "none"}});
        QVERIFY(!bad);
    }

    void aReportIsWholeAsJsonAndCsv()
    {
        LoadReport report;
        report.interval = 100ms;
        report.timeline = {{.due = 5, .sent = 4, .answered = 3, .failed = 1, .p50 = 1'500us, .max = 2ms}, {.due = 1}};
        report.errors = {{"HandlerError", "KeyError", "'sku'", 1}};
        const boost::json::object object = toJson(report, LoadCurves::With);
        QCOMPARE(object.at("errors").as_array().size(), std::size_t(1));
        QCOMPARE(timelineCsv(object), std::string("at_ms,due,sent,answered,failed,p50_ms,p95_ms,p99_ms,max_ms\n"
                                                  "0,5,4,3,1,1.5,0,0,2\n"
                                                  "100,1,0,0,0,0,0,0,0\n"));
        QVERIFY(!toJson(report, LoadCurves::Without).contains("timeline"));
    }

private:
    void open()
    {
        const std::string problem = m_harness->open();
        if (!problem.empty())
            QFAIL(problem.c_str());
    }
    static LoadPlan planOf(const load::Shape &shape, std::chrono::milliseconds duration)
    {
        LoadPlan plan;
        plan.shape = shape;
        plan.duration = duration;
        plan.events = {{.function = "f"}};
        return plan;
    }
    static InvocationQuery loaded()
    {
        InvocationQuery query;
        query.payloads = InvocationQuery::Payloads::Load;
        return query;
    }
    Result<std::uint64_t> tryBegin(LoadPlan plan)
    {
        if (std::holds_alternative<load::Replay>(plan.shape))
            plan.events.clear();
        std::promise<Result<std::uint64_t>> begun;
        m_harness->engine().startLoad(std::move(plan), [&](auto number) { begun.set_value(std::move(number)); });
        return begun.get_future().get();
    }
    std::uint64_t begin(const LoadPlan &plan) { return tryBegin(plan).value_or(0); }
    std::string refusal(const LoadPlan &plan)
    {
        const auto begun = tryBegin(plan);
        return begun ? std::string() : begun.error().text();
    }
    /// To its end; null when it did not begin or does not end.
    LoadReportPtr run(const LoadPlan &plan)
    {
        const std::uint64_t number = begin(plan);
        const bool ended = number > 0 && m_harness->waitFor([&](const Snapshot &snapshot) {
            return snapshot.load && snapshot.load->run == number && snapshot.load->state == LoadReport::State::Ended;
        });
        return ended ? m_harness->engine().snapshot()->load : nullptr;
    }

    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_EngineLoad)
#include "tst_engine_load.moc"

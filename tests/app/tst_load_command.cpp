// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_harness.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include <boost/json.hpp>

#include <csignal>

using namespace kiln;
namespace json = boost::json;

/// `kiln load` as a shell runs it: on an engine of its own, and through the one that serves.
class tst_LoadCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_harness = std::make_unique<test::EngineHarness>();
        m_harness->addPython("f", "def handler(event, context):\n"
                                  "    if event.get('bad'):\n        raise KeyError('sku')\n    return 1\n");
        m_harness->write("functions/f/events/good.json", R"({"bad": false})");
        m_harness->write("functions/f/events/bad.json", R"({"bad": true})");
    }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void aRunIsReportedAsATable()
    {
        const auto [code, out, err] =
            run({s("f"), s("--rate"), s("100"), s("--duration"), s("1s"), s("--event"), s("good")});
        QVERIFY2(code == 0, qPrintable(err));
        QCOMPARE(err, QString());
        QVERIFY2(out.startsWith(s("f: constant 100/s, 1.0 s of 1.0 s\nSent      100 of 100 due, 100.0/s of 100.0/s\n")),
                 qPrintable(out));
        static const QRegularExpression answered(
            s("\nAnswered  100, [0-9.]+/s, 0 failed \\(0.00 %\\)\nOutcomes  Ok 100\n"));
        QVERIFY2(out.contains(answered), qPrintable(out));
        for (const char *part : {"  corrected", "  service", "  handler", "p99.9", "#", "warm "})
            QVERIFY2(out.contains(s(part)), qPrintable(out));
    }

    void whatFailedMakesTheExitCode()
    {
        const QStringList mix{s("f"),      s("--rate"),  s("200"),     s("--duration"), s("1s"),     s("--event"),
                              s("good:3"), s("--event"), s("f=bad:1"), s("--json"),     s("--seed"), s("5")};
        const auto [code, out, err] = run(mix);
        QVERIFY2(code == 1, qPrintable(err));
        const json::object report = json::parse(out.toStdString()).as_object();
        const auto number = [&](const char *key) { return report.at(key).to_number<double>(); };
        QCOMPARE(number("answered"), 200.0);
        QVERIFY2(number("failed") > 25 && number("failed") < 80, qPrintable(out));
        QCOMPARE(report.at("errors").as_array().at(0).as_object().at("type").as_string(), json::string("KeyError"));
        QVERIFY(report.at("timeline").at("rows").as_array().size() >= 10);
        QVERIFY(!report.at("histogram").as_array().empty());
        // The seed chooses the same events again.
        const auto again = run(mix + QStringList{s("--fail-above"), s("50")});
        QCOMPARE(again.code, 0);
        QCOMPARE(json::parse(again.out.toStdString()).at("failed").to_number<double>(), number("failed"));
    }

    void theReportIsSaved()
    {
        const QString folder = QString::fromStdString(m_harness->folder());
        const auto saved = [&](const QString &name) {
            const auto result = run({s("f"), s("--rate"), s("50"), s("--duration"), s("500ms"), s("--out"), name});
            if (result.code != 0)
                return result.err;
            QFile file(name);
            return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : s("nothing was written");
        };
        const QString csv = saved(folder + s("/report.csv"));
        QVERIFY2(csv.startsWith(s("at_ms,due,sent,answered,failed,p50_ms,p95_ms,p99_ms,max_ms\n0,")), qPrintable(csv));
        const QString whole = saved(folder + s("/report.json"));
        boost::system::error_code failed;
        QCOMPARE(json::parse(whole.toStdString(), failed).as_object().at("answered").to_number<int>(), 25);
        const auto nowhere =
            run({s("f"), s("--rate"), s("50"), s("--duration"), s("100ms"), s("--out"), folder + s("/no/report.csv")});
        QCOMPARE(nowhere.code, 2);
        QVERIFY2(nowhere.err.contains(s("Cannot write the report")), qPrintable(nowhere.err));
    }

    void interruptedItStopsAndReports()
    {
        QProcess process;
        start(process, {s("f"), s("--rate"), s("50"), s("--duration"), s("1h"), s("--json")});
        QVERIFY2(process.waitForStarted(), qPrintable(process.errorString())); // a signal to no process goes to all
        QTRY_VERIFY_WITH_TIMEOUT(historyRows() > 0, 20'000);
        ::kill(pid_t(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        const QByteArray out = process.readAllStandardOutput();
        const json::object report = json::parse(out.toStdString()).as_object();
        QCOMPARE(report.at("end").as_string(), json::string("stopped"));
        QCOMPARE(report.at("answered").to_number<int>(), report.at("sent").to_number<int>());
        QCOMPARE(report.at("due").to_number<int>(), report.at("sent").to_number<int>());
        QVERIFY2(process.exitCode() == 0, out.constData());
    }

    void whileAnEngineServesItGoesThroughThatOne()
    {
        QProcess serving;
        serving.start(s(KILN_PROGRAM), {s("serve"), s("--trust"), s("--workspace"), folder()});
        QVERIFY(serving.waitForReadyRead(60'000));
        QVERIFY(serving.readAllStandardOutput().startsWith("kiln: listening on"));
        const auto [code, out, err] =
            run({s("f"), s("--closed"), s("2"), s("--think"), s("5ms"), s("--duration"), s("1s")});
        QVERIFY2(code == 0, qPrintable(err));
        QVERIFY2(out.startsWith(s("f: 2 callers in a closed loop, thinking 5 ms, 1.0 s of 1.0 s\n")), qPrintable(out));
        // What was just done, again
        const auto replay = run({s("--pattern"), s("replay"), s("--all"), s("--speed"), s("10")});
        QVERIFY2(replay.code == 0, qPrintable(replay.err));
        QVERIFY2(replay.out.startsWith(s("all functions: replay at 10 times its speed")), qPrintable(replay.out));

        // One at a time; and one that is interrupted leaves nothing going on
        const qsizetype before = historyRows();
        QProcess first;
        start(first, {s("f"), s("--rate"), s("10"), s("--duration"), s("1h")});
        QVERIFY2(first.waitForStarted(), qPrintable(first.errorString()));
        QTRY_VERIFY_WITH_TIMEOUT(historyRows() > before, 20'000);
        const auto second = run({s("f"), s("--rate"), s("10"), s("--duration"), s("100ms")});
        QCOMPARE(second.code, 2);
        QVERIFY2(second.err.contains(s("A load run is going on already")), qPrintable(second.err));
        ::kill(pid_t(first.processId()), SIGINT);
        QVERIFY(first.waitForFinished(60'000));
        QCOMPARE(first.exitCode(), 0);
        QCOMPARE(run({s("f"), s("--rate"), s("10"), s("--duration"), s("100ms")}).code, 0);
        serving.terminate();
        QVERIFY(serving.waitForFinished(30'000));
    }

    void wrongOptionsSayWhatIsRight_data()
    {
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *options, const char *message) {
            QTest::newRow(options) << QString::fromLatin1(options) << QString::fromLatin1(message);
        };
        row("", "NAME is needed");
        row("f", "--rate: This is needed: how many events a second: or --closed N, or --pattern replay");
        row("f --rate 0", "--rate: Expected 0.01 to 100,000 per second");
        row("f --rate nan", "--rate: Expected 0.01 to 100,000 per second");
        row("f --rate fast", "--rate");
        row("f --rate 10 --duration soon", "--duration: Expected a duration such as 500ms, 30s or 5m, not \"soon\"");
        row("f --rate 10 --duration 2d", "--duration: Expected 100ms to 1d");
        row("f --rate 10 --pattern square", "--pattern");
        row("f --rate 10 --pattern ramp", "--to: A ramp needs this: the rate at its end");
        row("f --rate 10 --pattern spike", "--peak: A spike needs this: the rate in the middle");
        row("f --rate 10 --pattern spike --peak 5",
            "--peak: Expected more than the rate before and after it, 10 per second");
        row("f --rate 10 --pattern spike --peak 50 --width 1h", "--width: Expected 1ms up to the whole run, 10s");
        row("f --rate 10 --peak 50", "--peak: This goes only with --pattern spike");
        row("f --rate 10 --think 5s", "--think: This goes only with --closed");
        row("f --closed 5 --rate 10", "--rate: --closed callers call as fast as they are answered");
        row("f --closed 5 --pattern ramp", "--closed: Callers that wait have no pattern");
        row("f --closed 0", "--closed: Expected 1 to 10,000 callers");
        row("f --pattern replay --rate 10", "--rate: A replay has its own times and events");
        row("f --pattern replay --since yesterday", "--since: Expected a time such as");
        row("f --pattern replay --speed 0", "--speed: Expected 0.01 to 1,000");
        row("f --rate 10 --event nothing", "--event: There is no file \"nothing\", nor a test event of f");
        row("f --rate 10 --event good:much", "--event: Expected a weight such as 3 or 0.5");
        row("f --rate 10 --event good:-1", "--event: The weight of good: Expected 0.001 to 1,000,000");
        row("f --rate 10 --fail-above 101", "--fail-above");
        row("f --rate 10 --max-in-flight 0", "--max-in-flight: Expected 1 to 100,000");
        row("f --rate 10 --out report.txt", "--out: Expected a file whose name ends in .json or .csv");
        row("g --rate 10", "g: There is no function of this name");
    }

    void wrongOptionsSayWhatIsRight()
    {
        QFETCH(QString, options);
        QFETCH(QString, message);
        const auto [code, out, err] = run(options.split(QLatin1Char(' '), Qt::SkipEmptyParts));
        QCOMPARE(code, 2);
        QCOMPARE(out, QString());
        QVERIFY2(err.startsWith(s("kiln: ")) && err.contains(message), qPrintable(err));
        QCOMPARE(err.count(QLatin1Char('\n')), 1);
    }

private:
    struct ProcessResult
    {
        int code = -1;
        QString out;
        QString err;
    };

    static QString s(const char *text) { return QString::fromLatin1(text); }
    QString folder() const { return QString::fromStdString(m_harness->folder()); }
    void start(QProcess &process, const QStringList &options) const
    {
        process.start(s(KILN_PROGRAM), QStringList{s("load"), s("--workspace"), folder()} + options);
    }
    ProcessResult run(const QStringList &options) const
    {
        QProcess process;
        start(process, options);
        if (!process.waitForFinished(60'000))
            return {-1, {}, process.errorString()};
        return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }

    /// How many invocations are recorded by now.
    qsizetype historyRows() const
    {
        QProcess process;
        process.start(s(KILN_PROGRAM), {s("history"), s("--workspace"), folder(), s("--limit"), s("100000")});
        return process.waitForFinished(60'000) ? process.readAllStandardOutput().count('\n') : 0;
    }

    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_LoadCommand)
#include "tst_load_command.moc"

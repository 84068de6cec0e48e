// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_harness.h"

#include <QElapsedTimer>
#include <QTest>

using namespace kiln;

/// Python code that is compiled beside running functions, for their later workers.
class tst_CodeAhead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_harness = std::make_unique<test::EngineHarness>(); }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void isWhatLaterWorkersLoad_data()
    {
        QTest::addColumn<bool>("parked");
        QTest::newRow("made for it") << false;
        QTest::newRow("that waited for it") << true;
    }
    void isWhatLaterWorkersLoad()
    {
        QFETCH(bool, parked);
        if (parked)
            m_harness->setParkedMemory(Engine::usualParkedMemory);
        m_harness->addPython("f", whichLoader);
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
        QVERIFY(eventuallyAnswers("\"_kiln.compiled\""));
        if (!parked)
            return;
        if (!m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.engine.parked.count > 0; }))
            QSKIP("nothing can wait for a function on this machine (tier A or B)");
        m_harness->engine().retireIdle("f");
        const auto answer = m_harness->fire("f");
        QVERIFY2(answer && (*answer)->start == Start::Parked, test::textOf(answer).c_str());
        QCOMPARE(*(*answer)->response, std::string("\"_kiln.compiled\""));
    }

    void isOfTheRevisionThatRuns()
    {
        m_harness->addPython("f", whichLoader);
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
        QVERIFY(eventuallyAnswers("\"_kiln.compiled\""));
        m_harness->addPython("f", "def handler(event, context):\n"
                                  "    return ['new', type(__spec__.loader).__module__]\n");
        QVERIFY(eventuallyAnswers("[\"new\", \"_kiln.compiled\"]"));
    }

    void whatDoesNotCompileIsShownWithItsPlace()
    {
        m_harness->addPython("f", "def handler(event, context):\n    return 1\n");
        m_harness->write("functions/f/broken.py", "x = 1\ndef f(:\n");
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
        QVERIFY(m_harness->fire("f")); // before that nothing is compiled of it
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            for (const FunctionView &function : snapshot.workspace->functions)
                for (const Problem &each : function.problems)
                    if (each.file == "functions/f/broken.py" && each.line == 2 &&
                        each.severity == Problem::Severity::Warning)
                        return each.message.starts_with("SyntaxError");
            return false;
        }));
        const auto answer = m_harness->fire("f");
        QVERIFY2(answer && (*answer)->outcome == Outcome::Ok, test::textOf(answer).c_str());
    }

private:
    /// Nobody is told when it is done: nothing depends on it.
    bool eventuallyAnswers(const std::string &expected)
    {
        QElapsedTimer waited;
        waited.start();
        for (; waited.elapsed() < 20'000; QTest::qWait(50)) {
            const auto answer = m_harness->fire("f", "{}", true);
            if (answer && *(*answer)->response == expected)
                return true;
        }
        qWarning("%s", test::textOf(m_harness->fire("f")).c_str());
        return false;
    }

    const std::string whichLoader = "def handler(event, context):\n    return type(__spec__.loader).__module__\n";
    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_CodeAhead)
#include "tst_code_ahead.moc"

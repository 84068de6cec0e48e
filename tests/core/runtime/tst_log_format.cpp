// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/log_format.h"

#include <QTest>

using namespace kiln;

class tst_LogFormat : public QObject
{
    Q_OBJECT

    static std::string all(Language language, std::initializer_list<std::string_view> lines)
    {
        LogFormat format(language);
        std::string levels;
        for (const auto line : lines)
            levels += "TDIWEFS"[std::size_t(format.read(line).level)];
        return levels;
    }

private Q_SLOTS:
    void pythonsLoggingPrefixIsCutOffAndGivesTheLevel()
    {
        LogFormat format(Language::Python);
        const auto line =
            format.read("[WARNING]\t2026-11-23T05:50:37.706Z\t018f0000-0000-7000-8000-0123456789ab\tlow on x\ty");
        QCOMPARE(line.level, LogLevel::Warn);
        QCOMPARE(line.text, std::string_view("low on x\ty"));
        QCOMPARE(levelOf("[CRITICAL]\t2026-11-23T05:50:37.706Z\t\tin init", Language::Python), LogLevel::Fatal);
        QCOMPARE(levelOf("[AUDIT]\t2026-11-23T05:50:37.706Z\t\ta level of the user's", Language::Python),
                 LogLevel::Info);
    }

    void nodesConsolePrefixIsCutOffAndGivesTheLevel()
    {
        LogFormat format(Language::Node);
        const auto line = format.read("2026-11-23T05:50:37.706Z\tundefined\tDEBUG\t{ a: 1 }");
        QCOMPARE(line.level, LogLevel::Debug);
        QCOMPARE(line.text, std::string_view("{ a: 1 }"));
    }

    void aCustomRuntimeMayWriteAsEitherOfThem()
    {
        LogFormat format(Language::Custom);
        QCOMPARE(format.read("2026-11-23T05:50:37.706Z\tundefined\tWARN\tfrom Node's client").level, LogLevel::Warn);
        QCOMPARE(format.read("[ERROR]\t2026-11-23T05:50:37.706Z\t\tfrom Python's client").level, LogLevel::Error);
        QCOMPARE(format.read("anything else").level, LogLevel::Info);
    }

    void whatIsNotOursStaysAsItIs()
    {
        for (const auto language : {Language::Python, Language::Node}) {
            for (const std::string_view text :
                 {"", "plain", "[INFO]", "[INFO]\tx\ty\tz", "[ERROR", "2026-11-23T05:50:37.706Z",
                  "2026-11-23T05:50:37.706Z\tx\tINFO\tno id", "2026-11-23 05:50:37\t\tINFO\tno time", "\t\t\t"}) {
                LogFormat format(language);
                const auto line = format.read(text);
                QCOMPARE(line.level, LogLevel::Info);
                QCOMPARE(line.text, text);
            }
        }
    }

    void aFailureAndItsTracebackAreErrors()
    {
        QCOMPARE(all(Language::Python,
                     {"start", "[ERROR] KeyError: 'x'", "Traceback (most recent call last):",
                      "  File \"/var/task/handler.py\", line 3, in handler", "    x()", "  ValueError: cause", "next"}),
                 std::string("IEEEEEI"));
    }

    void aTracebackThatTheUserPrintsIsAnErrorWithItsCauses()
    {
        QCOMPARE(all(Language::Python,
                     {"Traceback (most recent call last):", "  File \"a.py\", line 1, in f", "KeyError: 'x'", "",
                      "During handling of the above exception, another exception occurred:", "",
                      "Traceback (most recent call last):", "  File \"a.py\", line 2, in f", "ValueError: y", "later"}),
                 std::string("EEEEEEEEEI"));
    }

    void aStackBelongsToTheLineAboveIt()
    {
        QCOMPARE(all(Language::Node, {"2026-11-23T05:50:37.706Z\tundefined\tERROR\tError: x",
                                      "    at f (/var/task/a.js:1:2)", "Caused by: Error: y", "raw", "    indented"}),
                 std::string("EEEII"));
    }

    void v8sLastWordsAreKnown()
    {
        QCOMPARE(all(Language::Node, {"FATAL ERROR: Reached heap limit", "later"}), std::string("FI"));
        QCOMPARE(all(Language::Python, {"Fatal Python error: Segmentation fault", "", "later"}), std::string("FII"));
        QVERIFY(
            tellsHeapExhausted("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"));
        QVERIFY(!tellsHeapExhausted("JavaScript heap out of memory"));
    }
};

QTEST_APPLESS_MAIN(tst_LogFormat)
#include "tst_log_format.moc"

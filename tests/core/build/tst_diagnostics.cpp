// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/build/diagnostics.h"

#include <QTest>

using namespace kiln;

class tst_Diagnostics : public QObject
{
    Q_OBJECT

    static std::vector<Problem> read(Language language, const std::string &handlerFile, std::string_view output)
    {
        BuildPlan plan;
        plan.language = language;
        plan.function = "shop";
        plan.handlerFile = handlerFile;
        return readDiagnostics(plan, output);
    }
    static Problem error(const std::string &file, int line, int column, const std::string &message)
    {
        return {Problem::Severity::Error, "functions/shop/" + file, line, column, {}, message};
    }

private Q_SLOTS:
    void gccTellsFileLineAndColumn()
    {
        const auto problems = read(Language::Cpp, "handler.cpp",
                                   "In file included from /tmp/kiln_main.cpp:1:\n"
                                   "./handler.cpp: In function 'int f()':\n"
                                   "./handler.cpp:3:5: error: expected ';' before 'x'\n"
                                   "./handler.cpp:3:5: note: here\n"
                                   "src/part.h:9:1: warning: no return statement [-Wreturn-type]\n"
                                   "./handler.cpp:4:10: fatal error: nope.h: No such file or directory\n"
                                   "compilation terminated.\n");
        QCOMPARE(problems.size(), std::size_t(3));
        QCOMPARE(problems[0], error("handler.cpp", 3, 5, "expected ';' before 'x'"));
        QCOMPARE(int(problems[1].severity), int(Problem::Severity::Warning));
        QCOMPARE(problems[1].file, std::string("functions/shop/src/part.h"));
        QCOMPARE(problems[2], error("handler.cpp", 4, 10, "nope.h: No such file or directory"));
    }

    void anErrorInsideASystemHeaderBlamesTheLineThatLedThere()
    {
        const auto problems = read(Language::Cpp, "handler.cpp",
                                   "/usr/include/c++/12/bits/stl_algo.h: In instantiation of 'void sort()':\n"
                                   "./handler.cpp:7:12:   required from here\n"
                                   "/usr/include/c++/12/bits/stl_algo.h:50:3: error: no match for 'operator-'\n");
        QCOMPARE(problems, (std::vector<Problem>{error("handler.cpp", 7, 12, "no match for 'operator-'")}));
    }

    void theLinkerBlamesTheHandlersFile()
    {
        const auto problems = read(Language::Cpp, "handler.cpp",
                                   "/usr/bin/ld: /tmp/user.o: in function `main':\n"
                                   "kiln_main.cpp:(.text+0x1): undefined reference to `price()'\n"
                                   "collect2: error: ld returned 1 exit status\n");
        QCOMPARE(problems, (std::vector<Problem>{error("handler.cpp", 0, 0, "undefined reference to `price()'")}));
    }

    void mcsTellsFileLineAndColumn()
    {
        const auto problems = read(Language::Csharp, {},
                                   "/var/task/Orders.cs(3,14): error CS0103: The name `x' does not exist\n"
                                   "/var/task/Orders.cs(4,2,4,8): warning CS0168: The variable `y' is never used\n"
                                   "error CS5001: Program does not contain a static `Main' method\n"
                                   "Compilation failed: 2 error(s), 1 warnings\n");
        QCOMPARE(problems.size(), std::size_t(3));
        QCOMPARE(problems[0], error("Orders.cs", 3, 14, "CS0103: The name `x' does not exist"));
        QCOMPARE(problems[1].line, 4);
        QCOMPARE(int(problems[1].severity), int(Problem::Severity::Warning));
        QCOMPARE(problems[2].file, std::string("functions/shop"));
    }

    void esbuildTellsThePlaceTwoLinesOn()
    {
        const auto problems = read(Language::Typescript, "handler.ts",
                                   "✘ [ERROR] Expected \";\" but found \"x\"\n\n"
                                   "    handler.ts:3:8:\n"
                                   "      3 │ const a x\n"
                                   "        ╵         ^\n\n"
                                   "▲ [WARNING] Comparison with -0 [equals-negative-zero]\n\n"
                                   "    lib/part.ts:1:0:\n"
                                   "      1 │ x === -0\n\n"
                                   "2 errors\n");
        QCOMPARE(problems.size(), std::size_t(2));
        QCOMPARE(problems[0], error("handler.ts", 3, 9, "Expected \";\" but found \"x\""));
        QCOMPARE(problems[1].file, std::string("functions/shop/lib/part.ts"));
        QCOMPARE(problems[1].column, 1);
    }

    void aPlaceOutsideTheFunctionIsNone_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("absolute") << "/etc/passwd";
        QTest::newRow("above") << "../other/handler.cpp";
        QTest::newRow("above, hidden") << "/var/task/../../etc/passwd";
        QTest::newRow("inside, then above") << "./src/../../x.cpp";
        QTest::newRow("nothing") << "";
    }
    void aPlaceOutsideTheFunctionIsNone()
    {
        QFETCH(QString, file);
        const auto problems = read(Language::Cpp, "handler.cpp", file.toStdString() + ":3:5: error: forged\n");
        QCOMPARE(problems, (std::vector<Problem>{error("handler.cpp", 0, 0, "forged")}));
    }

    void aFloodIsCut()
    {
        std::string output;
        for (int i = 1; i <= 5'000; ++i)
            output += "a.cpp:" + std::to_string(i) + ":1: error: " + std::string(3'000, 'x') + "\n";
        const auto problems = read(Language::Cpp, "handler.cpp", output);
        QCOMPARE(problems.size(), std::size_t(100));
        QCOMPARE(problems.front().message.size(), std::size_t(2'000));
    }

    void bytesThatAreNotUtf8AreReplaced()
    {
        const auto problems = read(Language::Cpp, "handler.cpp", "a.cpp:1:1: error: \xff\xfe\n");
        QCOMPARE(problems.front().message, std::string("\xEF\xBF\xBD\xEF\xBF\xBD"));
    }

    void whatIsNoDiagnosticIsNone_data()
    {
        QTest::addColumn<QString>("line");
        for (const char *line :
             {"", ":", "::", "x(3,5: error CS1: y", "x(3): error CS1: y", "(((((((((", "[ERROR", "error"})
            QTest::newRow(line) << line;
    }
    void whatIsNoDiagnosticIsNone()
    {
        QFETCH(QString, line);
        for (const Language language : {Language::Cpp, Language::Csharp, Language::Typescript})
            QVERIFY(read(language, "h", line.toStdString()).empty());
    }
};

QTEST_APPLESS_MAIN(tst_Diagnostics)
#include "tst_diagnostics.moc"

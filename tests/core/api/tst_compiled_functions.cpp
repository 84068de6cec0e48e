// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <algorithm>
#include <string>

using namespace kiln;

namespace {

struct Sample
{
    const char *language;
    const char *file;
    const char *handler;
    const char *code;   ///< Does what the event says.
    const char *other;  ///< Another good version, which answers "second".
    const char *broken; ///< Its third line does not compile.
};

constexpr Sample samples[] = {
    {"ruby", "handler.rb", "handler.handle",
     "def handle(event:, context:)\n"
     "  case event['do']\n"
     "  when 'raise' then raise KeyError, 'no sku'\n"
     "  when 'exit' then exit 3\n"
     "  when 'crash' then Process.kill('SEGV', $$)\n"
     "  when 'bytes' then $stdout.write(\"\\xff caf\\u00e9\\n\")\n"
     "  end\n"
     "  event\n"
     "end\n",
     "def handle(event:, context:) = 'second'\n", nullptr},
    {"typescript", "handler.ts", "handler.handle",
     "import { crash } from './parts';\n"
     "interface Event { do?: string }\n"
     "export const handle = async (event: Event): Promise<Event> => {\n"
     "  if (event.do === 'raise') throw new TypeError('no sku');\n"
     "  if (event.do === 'exit') process.exit(3);\n"
     "  if (event.do === 'crash') crash();\n"
     "  if (event.do === 'bytes') process.stdout.write(Buffer.from([0xff, 0x20, 0x63, 0x61, 0x66, 0xc3, 0xa9, "
     "0x0a]));\n"
     "  return event;\n"
     "};\n",
     "export const handle = async (): Promise<string> => 'second';\n", "\n\nexport const = 3;\n"},
    {"cpp", "handler.cpp", "handler.handle",
     "#include <kiln/function.h>\n"
     "#include <kiln/json.h>\n"
     "#include <csignal>\n#include <cstdio>\n#include <cstdlib>\n#include <stdexcept>\n"
     "std::string handle(std::string_view event, const kiln::Context &context)\n{\n"
     "  const std::string what = event.size() < 1000 ? kiln::Json::parse(event)[\"do\"].text() : \"\";\n"
     "  if (what == \"raise\") throw std::out_of_range(\"no sku\");\n"
     "  if (what == \"exit\") std::exit(3);\n"
     "  if (what == \"crash\") std::raise(SIGSEGV);\n"
     "  if (what == \"bytes\") std::puts(\"\\xff caf\\u00e9\");\n"
     "  return std::string(event);\n}\n",
     "#include <string>\nstd::string handle(const std::string &) { return \"\\\"second\\\"\"; }\n",
     "#include <string>\nstd::string handle(std::string) {\n  return nothing;\n}\n"},
    {"csharp", "Handler.cs", "Handler.Handle",
     "using System;\nusing System.Runtime.InteropServices;\n"
     "public static class Handler {\n"
     "  [DllImport(\"libc.so.6\")] static extern int raise(int signal);\n"
     "  public static string Handle(string text, Kiln.Context context) {\n"
     "    var what = text.Length < 1000 ? (string)Kiln.Json.At(Kiln.Json.Parse(text), \"do\") : null;\n"
     "    if (what == \"raise\") throw new ArgumentException(\"no sku\");\n"
     "    if (what == \"exit\") Environment.Exit(3);\n"
     "    if (what == \"crash\") raise(9);\n"
     "    if (what == \"bytes\") Console.OpenStandardOutput().Write(new byte[] {0xff, 32, 99, 97, 102, 0xc3, 0xa9, "
     "10}, 0, 8);\n"
     "    return text;\n  }\n}\n",
     "public static class Handler {\n  public static string Handle() { return \"\\\"second\\\"\"; }\n}\n",
     "public static class Handler {\n\n  public static string Handle() { return nothing; }\n}\n"},
};

} // namespace

/// Functions in the languages beside Python and Node.js, with the real engine: saved, built, run in real sandboxes.
class tst_CompiledFunctions : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::EngineHarness> m_harness;

    static const Sample &sample(const QString &language)
    {
        return *std::find_if(std::begin(samples), std::end(samples),
                             [&](const Sample &s) { return language == QLatin1String(s.language); });
    }
    static std::string nameOf(const Sample &of) { return std::string(of.language) + "-fn"; }
    void write(const Sample &of, const std::string &code)
    {
        m_harness->write("functions/" + nameOf(of) + "/" + of.file, code);
    }
    static void languages()
    {
        QTest::addColumn<QString>("language");
        for (const Sample &each : samples)
            QTest::newRow(each.language) << QString::fromLatin1(each.language);
    }
    /// Why it cannot be tested here; empty when it can.
    QString missing(const QString &language)
    {
        const auto view = viewOf(sample(language));
        if (view && view->interpreter)
            return {};
        return QString::fromStdString(
            std::string(factsOf(*languageFromWord(language.toStdString())).name) +
            " is missing: " + std::string(factsOf(*languageFromWord(language.toStdString())).install));
    }
    std::optional<FunctionView> viewOf(const Sample &of)
    {
        for (const FunctionView &view : m_harness->engine().snapshot()->workspace->functions)
            if (view.name == nameOf(of))
                return view;
        return std::nullopt;
    }
    bool waitForState(const Sample &of, FunctionView::State state, bool problems)
    {
        return m_harness->waitFor(
            [&](const Snapshot &snapshot) {
                for (const FunctionView &view : snapshot.workspace->functions)
                    if (view.name == nameOf(of))
                        return view.state == state && view.problems.empty() != problems;
                return false;
            },
            std::chrono::seconds(120));
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_harness = std::make_unique<test::EngineHarness>();
        for (const Sample &each : samples) {
            m_harness->write("functions/" + nameOf(each) + "/function.yaml", std::string("runtime: ") + each.language +
                                                                                 "\nhandler: " + each.handler +
                                                                                 "\ntimeout: 20s\nmemory: 256MB\n");
            write(each, each.code);
        }
        m_harness->write("functions/typescript-fn/parts.ts",
                         "export function crash(): never { process.kill(process.pid, 'SIGSEGV'); for (;;); }\n");
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
    }
    void cleanupTestCase()
    {
        m_harness->close();
        QCOMPARE(test::EngineHarness::descendants(), 0);
        m_harness.reset();
    }

    void aFunctionIsBuiltAndAnswers_data() { languages(); }
    void aFunctionIsBuiltAndAnswers()
    {
        QFETCH(QString, language);
        if (const QString why = missing(language); !why.isEmpty())
            QSKIP(qPrintable(why));
        // Fired while it is being built: it waits.
        const auto result = m_harness->fire(nameOf(sample(language)), R"({"x":[1,"é"]})");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string(R"({"x":[1,"é"]})"));
        QVERIFY(waitForState(sample(language), FunctionView::State::Ready, false));
        const auto warm = m_harness->fire(nameOf(sample(language)));
        QVERIFY2(warm && (*warm)->start == Start::Warm, test::textOf(warm).c_str());
    }

    void endsAreToldApart_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("outcome");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        const auto add = [](const char *language, const char *type, const char *crash) {
            const QString name = QString::fromLatin1(language);
            QTest::addRow("%s raises", language)
                << name << "raise" << int(Outcome::HandlerError) << QString::fromLatin1(type) << "no sku";
            QTest::addRow("%s exits", language) << name << "exit" << int(Outcome::Crashed) << "Runtime.ExitError"
                                                << "Runtime exited with error: exit status 3";
            QTest::addRow("%s crashes", language)
                << name << "crash" << int(Outcome::Crashed) << "Runtime.ExitError"
                << QStringLiteral("Runtime exited with error: signal: %1").arg(QString::fromLatin1(crash));
        };
        add("ruby", "Function<KeyError>", "aborted"); // after its own report
        add("typescript", "TypeError", "segmentation fault");
        add("cpp", "std::out_of_range", "segmentation fault");
        add("csharp", "System.ArgumentException", "killed");
    }
    void endsAreToldApart()
    {
        QFETCH(QString, language);
        QFETCH(QString, what);
        QFETCH(int, outcome);
        QFETCH(QString, type);
        QFETCH(QString, message);
        if (const QString why = missing(language); !why.isEmpty())
            QSKIP(qPrintable(why));
        const auto result = m_harness->fire(nameOf(sample(language)), "{\"do\":\"" + what.toStdString() + "\"}");
        QVERIFY2(result && int((*result)->outcome) == outcome, test::textOf(result).c_str());
        QCOMPARE(QString::fromStdString((*result)->error.type), type);
        QCOMPARE(QString::fromStdString((*result)->error.message), message);
        const auto after = m_harness->fire(nameOf(sample(language)), "{}");
        QVERIFY2(after && (*after)->outcome == Outcome::Ok, test::textOf(after).c_str());
    }

    void aStackNamesTheUsersOwnLines_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("place");
        QTest::newRow("ruby") << "ruby"
                              << "/var/task/handler.rb:3";
        QTest::newRow("typescript") << "typescript"
                                    << "/var/task/handler.ts:4";
        QTest::newRow("csharp") << "csharp"
                                << "/var/task/Handler.cs:7";
    }
    void aStackNamesTheUsersOwnLines()
    {
        QFETCH(QString, language);
        QFETCH(QString, place);
        if (const QString why = missing(language); !why.isEmpty())
            QSKIP(qPrintable(why));
        const auto result = m_harness->fire(nameOf(sample(language)), R"({"do":"raise"})");
        QVERIFY2(result && !(*result)->error.stack.empty(), test::textOf(result).c_str());
        QVERIFY2((*result)->error.stack.front().find(place.toStdString()) != std::string::npos,
                 (*result)->error.stack.front().c_str());
    }

    void outputThatIsNotUtf8IsReplaced_data() { languages(); }
    void outputThatIsNotUtf8IsReplaced()
    {
        QFETCH(QString, language);
        if (const QString why = missing(language); !why.isEmpty())
            QSKIP(qPrintable(why));
        const auto result = m_harness->fire(nameOf(sample(language)), R"({"do":"bytes"})");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        const auto &logs = (*result)->logs;
        QVERIFY2(
            std::any_of(logs.begin(), logs.end(), [](const LogLine &line) { return line.text == "\xEF\xBF\xBD café"; }),
            test::textOf(result).c_str());
    }

    void largePayloadsGoThrough_data() { languages(); }
    void largePayloadsGoThrough()
    {
        QFETCH(QString, language);
        if (const QString why = missing(language); !why.isEmpty())
            QSKIP(qPrintable(why));
        const std::string event = "{\"x\":\"" + std::string(5 << 20, 'a') + "\"}";
        const auto result = m_harness->fire(nameOf(sample(language)), event);
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, "not Ok");
        QVERIFY(*(*result)->response == event);
    }

    void codeThatDoesNotCompileIsAProblemAndTheLastGoodRunsOn_data()
    {
        QTest::addColumn<QString>("language");
        for (const Sample &each : samples)
            if (each.broken)
                QTest::newRow(each.language) << QString::fromLatin1(each.language);
    }
    void codeThatDoesNotCompileIsAProblemAndTheLastGoodRunsOn()
    {
        QFETCH(QString, language);
        const Sample &of = sample(language);
        if (const QString why = missing(language); !why.isEmpty())
            QSKIP(qPrintable(why));
        write(of, of.broken);
        QVERIFY(waitForState(of, FunctionView::State::Invalid, true));
        const auto problem = viewOf(of)->problems.front();
        QCOMPARE(problem.file, "functions/" + nameOf(of) + "/" + of.file);
        QCOMPARE(problem.line, 3);
        QVERIFY(problem.column > 0);
        const auto still = m_harness->fire(nameOf(of), R"({"x":1})");
        QVERIFY2(still && (*still)->outcome == Outcome::Ok, test::textOf(still).c_str());
        QCOMPARE(*(*still)->response, std::string(R"({"x":1})"));

        // Nothing of it changed: what the compiler said is still true.
        m_harness->write("functions/ruby-fn/note.txt", language.toStdString());
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            return std::any_of(snapshot.workspace->functions.begin(), snapshot.workspace->functions.end(),
                               [](const FunctionView &view) {
                                   return view.name == "ruby-fn" && view.state == FunctionView::State::Ready &&
                                          std::count(view.files.begin(), view.files.end(), "note.txt") == 1;
                               });
        }));
        QCOMPARE(viewOf(of)->problems, std::vector<Problem>{problem});

        write(of, of.other);
        QVERIFY(waitForState(of, FunctionView::State::Ready, false));
        const auto second = m_harness->fire(nameOf(of));
        QVERIFY2(second && (*second)->outcome == Outcome::Ok, test::textOf(second).c_str());
        QCOMPARE(*(*second)->response, std::string(R"("second")"));
    }

    void whatWasBuiltOnceIsNotBuiltAgain()
    {
        m_harness->close();
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
        // Ready without a compiler having been waited for: whenReady does not wait for one.
        for (const Sample &each : samples) {
            if (missing(QString::fromLatin1(each.language)).isEmpty())
                QCOMPARE(int(viewOf(each)->state), int(FunctionView::State::Ready));
        }
    }

    void secretsOfTheMachineAreOutOfACompilersReach()
    {
        const Sample &of = sample(QStringLiteral("cpp"));
        if (const QString why = missing(QStringLiteral("cpp")); !why.isEmpty())
            QSKIP(qPrintable(why));
        write(of, "#include \"/etc/shadow\"\n");
        QVERIFY(waitForState(of, FunctionView::State::Invalid, true));
        const auto problem = viewOf(of)->problems.front();
        QVERIFY2(problem.message.find("No such file or directory") != std::string::npos, problem.message.c_str());
        QCOMPARE(problem.line, 1);
    }
};

QTEST_GUILESS_MAIN(tst_CompiledFunctions)
#include "tst_compiled_functions.moc"

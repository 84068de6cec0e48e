// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/build/builder.h"
#include "core/runtime/runtimes.h"
#include "tests/support/sandbox_runner.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace kiln;
namespace fs = std::filesystem;

/// Real compilers in real sandboxes, fed what a user, or an attacker, may write.
class tst_Builder : public QObject
{
    Q_OBJECT

    using Files = std::map<std::string, std::string>;

    std::vector<Interpreter> m_found;
    std::unique_ptr<test::SandboxRunner> m_runner;
    std::unique_ptr<Builder> m_builder;
    std::unique_ptr<QTemporaryDir> m_folder;

    static QString missing(Language language)
    {
        return QStringLiteral("no usable %1 found (%2)")
            .arg(QString::fromStdString(std::string(factsOf(language).name)),
                 QString::fromStdString(std::string(factsOf(language).install)));
    }

    [[nodiscard]] bool has(Language language) const { return choose({language, {}}, m_found).has_value(); }

    Revision revisionOf(Language language, const Files &files, const std::string &handler)
    {
        m_folder = std::make_unique<QTemporaryDir>();
        const fs::path outer = fs::canonical(m_folder->path().toStdString());
        fs::permissions(outer, fs::perms(0755)); // its owner is not the worker
        const fs::path code = outer / "code";
        fs::create_directory(code);
        for (const auto &[path, text] : files) {
            fs::create_directories((code / path).parent_path());
            std::ofstream(code / path, std::ios::binary) << text;
        }
        Revision revision;
        revision.hash = "0";
        revision.settings.name = "shop";
        revision.settings.runtime.language = language;
        revision.settings.handler = handler;
        revision.code = code;
        return revision;
    }

    Result<BuildPlan> planned(Language language, const Files &files, const std::string &handler)
    {
        return planBuild(revisionOf(language, files, handler), chooseCompiler({language, {}}, m_found).value(),
                         choose({language, {}}, m_found).value(), KILN_SOURCE_DIR "/resources");
    }

    BuildOutcome build(Language language, const Files &files, const std::string &handler = "handler.handle",
                       const std::function<void(BuildPlan &)> &change = {})
    {
        auto plan = planned(language, files, handler);
        if (!plan)
            return {{}, {{Problem::Severity::Error, {}, 0, 0, {}, "not planned: " + plan.error().text()}}};
        if (change)
            change(*plan);
        return run(std::move(*plan));
    }

    BuildOutcome run(BuildPlan plan)
    {
        std::optional<Result<BuildOutcome>> outcome;
        m_builder->build(std::move(plan), [&](Result<BuildOutcome> done) { outcome = std::move(done); });
        if (!m_runner->loop().runUntil([&] { return outcome.has_value(); }, std::chrono::seconds(300)))
            return {{}, {{Problem::Severity::Error, {}, 0, 0, {}, "no answer"}}};
        if (!*outcome)
            return {{}, {{Problem::Severity::Error, {}, 0, 0, {}, "failed: " + outcome->error().text()}}};
        return **outcome;
    }

    static std::string textOf(const BuildOutcome &outcome)
    {
        std::string text = std::to_string(outcome.products.size()) + " products;";
        for (const Problem &problem : outcome.problems)
            text += " | " + problem.text();
        return text;
    }

private Q_SLOTS:
    void initTestCase()
    {
        SearchOptions options;
        options.path = "/usr/bin:/usr/local/bin";
        m_found = findInterpreters(options);
        m_runner = std::make_unique<test::SandboxRunner>();
        QVERIFY2(m_runner->problem().empty(), m_runner->problem().c_str());
        m_builder = std::make_unique<Builder>(m_runner->loop(), m_runner->launcher());
    }
    void cleanupTestCase()
    {
        m_builder.reset();
        m_runner.reset();
        m_folder.reset();
    }

    void goodCodeIsBuilt_data()
    {
        QTest::addColumn<int>("language");
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("handler");
        QTest::newRow("C++") << int(Language::Cpp) << "handler.cpp"
                             << "#include <kiln/function.h>\n"
                                "std::string handle(std::string_view event, const kiln::Context &) "
                                "{ return std::string(event); }\n"
                             << "handler.handle";
        QTest::newRow("C++, namespace and event only")
            << int(Language::Cpp) << "src/handler.cpp"
            << "#include <string>\nnamespace shop { static std::string get(const std::string &e) { return e; } }\n"
            << "src/handler.shop::get";
        QTest::newRow("TypeScript") << int(Language::Typescript) << "handler.ts"
                                    << "export const handle = async (event: {a: number}) => event.a;\n"
                                    << "handler.handle";
        QTest::newRow("C#") << int(Language::Csharp) << "Orders.cs"
                            << "namespace Shop { class Orders { string Get(string e) { return e; } } }\n"
                            << "Shop.Orders.Get";
    }
    void goodCodeIsBuilt()
    {
        QFETCH(int, language);
        QFETCH(QString, file);
        QFETCH(QString, code);
        QFETCH(QString, handler);
        if (!has(Language(language)))
            QSKIP(qPrintable(missing(Language(language))));
        const auto outcome =
            build(Language(language), {{file.toStdString(), code.toStdString()}}, handler.toStdString());
        QVERIFY2(!outcome.products.empty() && outcome.problems.empty(), textOf(outcome).c_str());
        for (const std::string &product : outcome.products)
            QVERIFY(!product.empty());
    }

    void anErrorHasItsPlace_data()
    {
        QTest::addColumn<int>("language");
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("code");
        QTest::newRow("C++") << int(Language::Cpp) << "handler.cpp"
                             << "#include <string>\nstd::string handle(std::string e) {\n  return nothing;\n}\n";
        QTest::newRow("C++, another file") << int(Language::Cpp) << "lib/part.cpp"
                                           << "\n\nint x = nothing;\n";
        QTest::newRow("TypeScript") << int(Language::Typescript) << "handler.ts"
                                    << "export const a = 1;\n\nexport const = 3;\n";
        QTest::newRow("C#") << int(Language::Csharp) << "Orders.cs"
                            << "class Orders {\n\n  int x = nothing;\n}\n";
    }
    void anErrorHasItsPlace()
    {
        QFETCH(int, language);
        QFETCH(QString, file);
        QFETCH(QString, code);
        if (!has(Language(language)))
            QSKIP(qPrintable(missing(Language(language))));
        Files files{{file.toStdString(), code.toStdString()}};
        files.emplace("handler.cpp", "#include <string>\nstd::string handle(std::string e) { return e; }\n");
        const auto outcome =
            build(Language(language), files, language == int(Language::Csharp) ? "Orders.Get" : "handler.handle");
        QVERIFY2(outcome.products.empty() && !outcome.problems.empty(), textOf(outcome).c_str());
        QCOMPARE(outcome.problems.front().file, "functions/shop/" + file.toStdString());
        QCOMPARE(outcome.problems.front().line, 3);
        QVERIFY(outcome.problems.front().column > 0);
    }

    void aHandlerThatIsNotThereIsNamed()
    {
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        const auto outcome = build(Language::Cpp, {{"handler.cpp", "int other() { return 1; }\n"}});
        QVERIFY2(outcome.products.empty() && !outcome.problems.empty(), textOf(outcome).c_str());
        QVERIFY2(outcome.problems.front().message.find("the handler's function is not there") != std::string::npos,
                 textOf(outcome).c_str());
        const auto plan = planned(Language::Cpp, {{"other.cpp", ""}}, "handler.handle");
        QVERIFY(!plan);
        QVERIFY(plan.error().message.find("handler.cpp") != std::string::npos);
    }

    void whatIsInTheWayIsNamed()
    {
        if (!has(Language::Typescript))
            QSKIP(qPrintable(missing(Language::Typescript)));
        const auto plan = planned(Language::Typescript, {{"handler.ts", ""}, {"handler.js", ""}}, "handler.handle");
        QVERIFY(!plan);
        QVERIFY(plan.error().message.find("handler.js is in the way") != std::string::npos);
    }

    void equalCodeHasAnEqualKey()
    {
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        const Files files{{"handler.cpp", "int x;"}};
        const auto keyOf = [&](const std::string &handler) {
            return planned(Language::Cpp, files, handler).value().key;
        };
        QCOMPARE(keyOf("handler.handle"), keyOf("handler.handle"));
        QVERIFY(keyOf("handler.handle") != keyOf("handler.other"));
    }

    /// What no source may do: read the machine's files, or take the machine.
    void hostileSourceIsContained_data()
    {
        QTest::addColumn<QByteArray>("code");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, const char *code, const char *says) {
            QTest::newRow(name) << QByteArray(code) +
                                       "\n#include <string>\nstd::string handle(std::string e) { return e; }"
                                << QByteArray(says);
        };
        row("a secret of the machine", "#include \"/etc/shadow\"", "No such file or directory");
        row("a file of this user", "#include \"" KILN_SOURCE_DIR "/README.md\"", "No such file or directory");
        row("an endless file", "#include </dev/zero>", "memory");
        row("a template bomb",
            "template<int N, class T> struct B { typename B<N - 1, B<N, T>>::X x; B<N - 1, T[2]> y; typedef int X; };\n"
            "template<class T> struct B<0, T> { typedef T X; };\nB<800, int> b;",
            "");
        row("endless constexpr", "constexpr int f() { int n = 0; for (;;) ++n; return n; }\nstatic_assert(f());",
            "constexpr");
        row("a file that includes itself", "#include \"handler.cpp\"\n#include \"handler.cpp\"", "nested");
        row("an enormous array", "int x[1 << 28] = {1}; int y[1 << 28] = {1};", "");
        row("assembly that includes", "asm(\".incbin \\\"/etc/shadow\\\"\");", "");
    }
    void hostileSourceIsContained()
    {
        QFETCH(QByteArray, code);
        QFETCH(QByteArray, says);
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        const auto outcome =
            build(Language::Cpp, {{"handler.cpp", code.toStdString()}}, "handler.handle", [](BuildPlan &plan) {
                plan.policy.limits.timeout = std::chrono::seconds(20);
                plan.policy.limits.memory = 512_MB;
            });
        QVERIFY2(outcome.products.empty(), textOf(outcome).c_str());
        QVERIFY2(textOf(outcome).find(says.toStdString()) != std::string::npos, textOf(outcome).c_str());
        QVERIFY2(textOf(outcome).find("root:") == std::string::npos, textOf(outcome).c_str());
        const auto after = build(
            Language::Cpp, {{"handler.cpp", "#include <string>\nstd::string handle(std::string e) { return e; }"}});
        QVERIFY2(after.products.size() == 1, textOf(after).c_str());
    }

    void aBuildThatTakesTooLongIsStopped()
    {
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        const auto outcome = build(Language::Cpp, {{"handler.cpp", ""}}, "handler.handle", [](BuildPlan &plan) {
            plan.policy.argv = {"/usr/bin/sleep", "1000"};
            plan.policy.limits.timeout = std::chrono::seconds(1);
        });
        QVERIFY2(textOf(outcome).find("longer than 1 seconds") != std::string::npos, textOf(outcome).c_str());
    }

    void whatIsHandedOverIsCheckedAndBounded_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << ":"
                                 << "handed nothing over";
        QTest::newRow("no size") << "echo x >&3"
                                 << "handed nothing over";
        QTest::newRow("a size that is not there") << "echo 999 >&3"
                                                  << "handed nothing over";
        QTest::newRow("a size too large for a number") << "echo 99999999999999999999999 >&3"
                                                       << "handed nothing over";
        QTest::newRow("more than said") << "printf '1\\nxy' >&3"
                                        << "handed nothing over";
        QTest::newRow("a flood") << "head -c 200000000 /dev/zero >&3"
                                 << "over 64MB";
        QTest::newRow("a flood of words") << "head -c 20000000 /dev/zero; exit 1"
                                          << "the compiler failed";
        QTest::newRow("exit code") << "exit 3"
                                   << "exit status 3";
        QTest::newRow("signal") << "kill -9 $$"
                                << "signal 9";
    }
    void whatIsHandedOverIsCheckedAndBounded()
    {
        QFETCH(QString, script);
        QFETCH(QString, says);
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        const auto outcome = build(Language::Cpp, {{"handler.cpp", ""}}, "handler.handle", [&](BuildPlan &plan) {
            plan.policy.argv = {"/usr/bin/sh", "-c", script.toStdString()};
        });
        QVERIFY2(outcome.products.empty(), textOf(outcome).c_str());
        QVERIFY2(textOf(outcome).find(says.toStdString()) != std::string::npos, textOf(outcome).c_str());
    }

    void aCompilerReachesNothingButTheCode()
    {
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        // What a compiler that was taken over could do.
        const auto outcome = build(Language::Cpp, {{"handler.cpp", ""}}, "handler.handle", [](BuildPlan &plan) {
            plan.policy.argv = {"/usr/bin/sh", "-c",
                                "touch /var/task/x /opt/kiln/x /usr/x; ls /home /root /var/lib /work 2>&1; "
                                "cat /proc/net/dev; test -e /etc/shadow && echo shadow; exit 1"};
        });
        const std::string text = textOf(outcome);
        QVERIFY2(text.find("shadow") == std::string::npos && text.find("eth0") == std::string::npos, text.c_str());
        QVERIFY2(text.find("cannot access '/home'") != std::string::npos, text.c_str());
        QVERIFY(!fs::exists(m_folder->path().toStdString() + "/code/x"));
    }

    void aLaterBuildOfAFunctionTakesOver()
    {
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        auto plan = planned(Language::Cpp, {{"handler.cpp", ""}}, "handler.handle");
        plan->policy.argv = {"/usr/bin/sleep", "1000"};
        int first = 0, second = 0;
        m_builder->build(*plan, [&](const auto &) { ++first; });
        plan->policy.argv = {"/usr/bin/false"};
        m_builder->build(*plan, [&](const auto &) { ++second; });
        QVERIFY(m_runner->loop().runUntil([&] { return second == 1; }, std::chrono::seconds(20)));
        QCOMPARE(first, 0);
    }

    void moreBuildsThanRunAtOnceWaitTheirTurn()
    {
        if (!has(Language::Cpp))
            QSKIP(qPrintable(missing(Language::Cpp)));
        auto plan = planned(Language::Cpp, {{"handler.cpp", ""}}, "handler.handle");
        plan->policy.argv = {"/usr/bin/false"};
        int done = 0;
        for (int i = 0; i < 6; ++i) {
            plan->function = plan->policy.owner = "shop" + std::to_string(i);
            m_builder->build(*plan, [&](const auto &) { ++done; });
        }
        m_builder->cancel("shop5");
        QVERIFY(m_runner->loop().runUntil([&] { return done == 5; }, std::chrono::seconds(20)));
    }

    void pythonIsCompiledAheadAndWhatIsWrongIsToldAndLeftOut()
    {
        std::string deep = "x = " + std::string(5'000, '(') + "1" + std::string(5'000, ')') + "\n";
        auto revision = revisionOf(Language::Python,
                                   {{"handler.py", "def handle(e, c): return e\n"},
                                    {"broken.py", "x = 1\ndef f(:\n"},
                                    {"null.py", std::string("x = 1\n\0y", 8)},
                                    {"deep.py", deep},
                                    {"large.py", "x = '" + std::string(2 << 20, 'x') + "'\n"}},
                                   "handler.handle");
        fs::create_symlink("/etc/passwd", revision.code / "link.py");
        fs::create_symlink(revision.code, revision.code / "circle");
        if (!has(Language::Python))
            QSKIP(qPrintable(missing(Language::Python)));
        const auto plan =
            planCodeAhead(revision, choose({Language::Python, {}}, m_found).value(), KILN_SOURCE_DIR "/resources");
        QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
        const auto outcome = run(*plan);
        QVERIFY2(outcome.products.size() == 1, textOf(outcome).c_str());
        const std::string &code = outcome.products.front();
        QVERIFY(code.find("handler.py") != std::string::npos && code.size() < 4'096);
        for (const char *left : {"broken.py", "null.py", "deep.py", "large.py", "link.py", "circle"})
            QVERIFY2(code.find(left) == std::string::npos, left);
        for (const char *told : {"functions/shop/broken.py:2", "functions/shop/null.py:1", "functions/shop/deep.py:1"})
            QVERIFY2(textOf(outcome).find(told) != std::string::npos, textOf(outcome).c_str());
        for (const Problem &problem : outcome.problems)
            QCOMPARE(problem.severity, Problem::Severity::Warning);
    }
};

QTEST_APPLESS_MAIN(tst_Builder)
#include "tst_builder.moc"

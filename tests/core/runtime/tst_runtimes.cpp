// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/candidates.h"
#include "core/runtime/probe.h"
#include "core/runtime/runtimes.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sys/stat.h>

using namespace kiln;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class tst_Runtimes : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;

    fs::path dir() const { return m_dir->path().toStdString(); }

    /// A program in DIR/bin.
    fs::path program(const std::string &name, const std::string &text, mode_t mode = 0755)
    {
        const fs::path file = dir() / "bin" / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
        ::chmod(file.c_str(), mode);
        return file;
    }
    /// One that answers as an interpreter would.
    static std::string answering(const std::string &version, const std::string &real, const std::string &prefix)
    {
        return "#!/bin/sh\nprintf 'kiln-interpreter\\n" + version + "\\n" + real + "\\n" + prefix + "\\n" + prefix +
               "/lib/python3\\n'\n";
    }
    SearchOptions options() const
    {
        SearchOptions search;
        search.path = (dir() / "bin").string();
        search.timeout = 20s;
        return search;
    }
    static const Interpreter *withPath(const std::vector<Interpreter> &list, const fs::path &path)
    {
        const auto it = std::find_if(list.begin(), list.end(), [&](const Interpreter &i) { return i.path == path; });
        return it == list.end() ? nullptr : &*it;
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        ::chmod(m_dir->path().toLocal8Bit().constData(), 0755);
    }

    void executablesNeedNothingButTheAdapter()
    {
        SearchOptions search = options();
        QVERIFY(!choose({Language::Custom, {}}, findInterpreters(search)));
        search.adapter = "/opt/k/kiln-runtime";
        const auto list = findInterpreters(search);
        for (const Language language : {Language::Custom, Language::Exec}) {
            const auto chosen = choose({language, {}}, list);
            QVERIFY(chosen);
            QCOMPARE(chosen->path, fs::path("/opt/k/kiln-runtime"));
            QVERIFY(chosen->usable());
        }
    }

    void aShimIsFollowedToTheRealInterpreter()
    {
        if (!fs::exists("/usr/bin/python3"))
            QSKIP("no /usr/bin/python3 (apt install python3)");
        program("python3", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
        const auto list = findInterpreters(options());
        QCOMPARE(list.size(), std::size_t(1));
        QCOMPARE(list[0].path, fs::canonical("/usr/bin/python3"));
        QVERIFY2(list[0].usable(), list[0].problem.c_str());
        QVERIFY(list[0].roots.empty()); // /usr is enough
        QVERIFY(list[0].version.starts_with("3."));
    }

    void nodeIsFoundAndAskedToo()
    {
        if (!fs::exists("/usr/bin/node"))
            QSKIP("no /usr/bin/node (apt install nodejs)");
        program("node", "#!/bin/sh\nexec /usr/bin/node \"$@\"\n");
        program("nodejs", "#!/bin/sh\nexec /usr/bin/node \"$@\"\n");
        const auto list = findInterpreters(options());
        QCOMPARE(list.size(), std::size_t(1)); // two shims, one executable
        QCOMPARE(list[0].language, Language::Node);
        QCOMPARE(list[0].path, fs::canonical("/usr/bin/node"));
    }

    void linksToOneFileAreOneCandidate()
    {
        const fs::path real = program("python3.11", "ELF");
        fs::create_symlink(real, dir() / "bin/python3");
        fs::create_symlink(real, dir() / "bin/python");
        program("python3.x", "ELF");
        program("python3-config", "ELF");
        program("python3.12", "ELF", 0644);
        const auto candidates =
            findCandidates((dir() / "bin").string() + ":" + (dir() / "bin").string() + ":relative::", {});
        QCOMPARE(candidates.size(), std::size_t(1));
        QCOMPARE(candidates[0].path, fs::canonical(real));
    }

    void foldersOfVersionManagersAreSearched()
    {
        fs::create_directories(dir() / ".pyenv/versions/3.11.9/bin");
        fs::copy_file(program("python3", "ELF"), dir() / ".pyenv/versions/3.11.9/bin/python3");
        fs::create_directories(dir() / ".nvm/versions/node/v20.1.0/bin");
        fs::copy_file(program("node", "ELF"), dir() / ".nvm/versions/node/v20.1.0/bin/node");
        const auto candidates = findCandidates("", dir());
        const auto has = [&](const std::string &path) {
            return std::any_of(candidates.begin(), candidates.end(),
                               [&](const Candidate &c) { return c.path == fs::canonical(dir() / path); });
        };
        QVERIFY(has(".pyenv/versions/3.11.9/bin/python3"));
        QVERIFY(has(".nvm/versions/node/v20.1.0/bin/node"));
    }

    void oneTooOldIsListedAndNotChosen()
    {
        program("python3", answering("3.8.18", "/usr/bin/env", "/usr"));
        program("node", "#!/bin/sh\nprintf 'kiln-interpreter\\n16.20.0\\n/usr/bin/true\\n'\n");
        const auto list = findInterpreters(options());
        QCOMPARE(list.size(), std::size_t(2));
        QCOMPARE(list[0].problem, std::string("3.8.18 is too old: 3.9 or newer is needed"));
        QCOMPARE(list[1].problem, std::string("16.20.0 is too old: 18 or newer is needed"));
        QVERIFY(!choose({Language::Python, {}}, list));
    }

    void oneThatAWorkerCannotReadIsListedAndNotChosen()
    {
        const fs::path prefix = dir() / "private";
        fs::create_directories(prefix / "bin");
        fs::create_directories(prefix / "lib/python3");
        std::ofstream(prefix / "bin/python3.12") << "ELF";
        ::chmod((prefix / "bin/python3.12").c_str(), 0755);
        ::chmod(prefix.c_str(), 0700);
        program("python3", answering("3.12.1", (prefix / "bin/python3.12").string(), prefix.string()));

        SearchOptions search = options();
        search.user = SandboxUser::Other;
        auto list = findInterpreters(search);
        QCOMPARE(list.size(), std::size_t(1));
        QCOMPARE(list[0].problem, prefix.string() + " is not open to other users, and a worker runs as one");
        const auto chosen = choose({Language::Python, {}}, list);
        QVERIFY(!chosen);
        QVERIFY(chosen.error().message.find(prefix.string()) != std::string::npos);

        search.user = SandboxUser::Own; // the same folder is this user's own
        list = findInterpreters(search);
        QVERIFY2(list[0].usable(), list[0].problem.c_str());
        QCOMPARE(list[0].roots, std::vector<fs::path>{prefix});
    }

    void aFolderAboveTheOnesOfUsersIsNeverShown()
    {
        program("python3", answering("3.12.1", "/usr/bin/env", "/"));
        const auto list = findInterpreters(options());
        QCOMPARE(list.size(), std::size_t(1));
        QVERIFY(!list[0].usable());
        QVERIFY(list[0].problem.find("too much to show") != std::string::npos);
    }

    void oneThatHangsIsGivenUpAndKilledWithItsChildren()
    {
        const fs::path pids = dir() / "pids";
        const fs::path hanging =
            program("python3", "#!/bin/sh\n/bin/sleep 1000 &\necho $$ $! > " + pids.string() + "\nwait\n");
        SearchOptions search = options();
        search.timeout = 1s;
        const auto list = findInterpreters(search);
        QCOMPARE(list.size(), std::size_t(1));
        QCOMPARE(list[0].path, hanging);
        QCOMPARE(list[0].problem, std::string("does not answer"));
        pid_t shell = 0, child = 0;
        std::ifstream(pids) >> shell >> child;
        QVERIFY(child > 0);
        QTRY_VERIFY(::kill(child, 0) != 0 && errno == ESRCH);
    }

    void whatIsNoInterpreterSaysSo_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("garbage") << "#!/bin/sh\n/usr/bin/head -c 300000 /dev/urandom\n";
        QTest::newRow("endless") << "#!/bin/sh\n/usr/bin/yes | /usr/bin/head -c 30000000\n";
        QTest::newRow("fails") << "#!/bin/sh\nexit 3\n";
        QTest::newRow("silent") << "#!/bin/sh\n";
        QTest::newRow("killed") << "#!/bin/sh\nkill -9 $$\n";
        QTest::newRow("relative path")
            << "#!/bin/sh\nprintf 'kiln-interpreter\\n3.11.2\\nbin/python\\n/usr\\n/usr/lib\\n'\n";
        QTest::newRow("no version") << "#!/bin/sh\nprintf 'kiln-interpreter\\nx\\n/usr/bin/env\\n/usr\\n/usr/lib\\n'\n";
        QTest::newRow("cannot be started") << "#!/nowhere/sh\n";
    }
    void whatIsNoInterpreterSaysSo()
    {
        QFETCH(QString, text);
        program("python3", text.toStdString());
        const auto list = findInterpreters(options());
        QCOMPARE(list.size(), std::size_t(1));
        QVERIFY(!list[0].usable());
    }

    void aShimWithNothingBehindItIsLeftOut()
    {
        program("python3.8", "#!/bin/sh\necho 'pyenv: python3.8: command not found' >&2\nexit 127\n");
        QVERIFY(findInterpreters(options()).empty());
    }

    void anAnswerIsCutAndTheEnvironmentIsClean()
    {
        const auto answer =
            ask({"/bin/sh", "-c", "/usr/bin/env; /usr/bin/yes | /usr/bin/head -c 1000000; exit 7"}, {"ONLY=this"}, 20s);
        QVERIFY(answer);
        QCOMPARE(answer->exitCode, 7);
        QCOMPARE(answer->output.size(), std::size_t(64 * 1024));
        QVERIFY(answer->output.find("ONLY=this\n") != std::string::npos);
        QVERIFY(answer->output.find("HOME=") == std::string::npos);
    }

    void answersAreKeptUntilTheFileChanges()
    {
        if (!fs::exists("/usr/bin/python3"))
            QSKIP("no /usr/bin/python3 (apt install python3)");
        fs::create_directories(dir() / "bin");
        fs::create_symlink(fs::canonical("/usr/bin/python3"), dir() / "bin/python3");
        SearchOptions search = options();
        search.cache = dir() / "cache";
        const auto first = findInterpreters(search);
        QCOMPARE(first.size(), std::size_t(1));

        // What is in the file is believed as long as size and time agree …
        std::ifstream in(search.cache / "interpreters.json");
        std::string text(std::istreambuf_iterator<char>(in), {});
        const auto at = text.find(first[0].version);
        QVERIFY(at != std::string::npos);
        text.replace(at, first[0].version.size(), "3.99.1");
        std::ofstream(search.cache / "interpreters.json") << text;
        QCOMPARE(findInterpreters(search)[0].version, std::string("3.99.1"));

        // … and not when they differ, or when the file is torn.
        std::string moved = text;
        moved.replace(moved.find("\"size\":") + 7, 1, "9"); // seven digits stay seven, and Python is no 9 MB
        std::ofstream(search.cache / "interpreters.json") << moved;
        QCOMPARE(findInterpreters(search)[0].version, first[0].version);
        for (const std::string &torn :
             {text.substr(0, text.size() / 2), std::string("{}"), std::string("[1"), std::string()}) {
            std::ofstream(search.cache / "interpreters.json") << torn;
            QCOMPARE(findInterpreters(search)[0].version, first[0].version);
        }
    }

    void whatAShimLeadsToIsKeptForADay()
    {
        const fs::path asked = dir() / "asked";
        const fs::path real = program("real", "ELF");
        program("python3", answering("3.11.2", real.string(), "/usr") + "echo x >> " + asked.string() + "\n");
        program("python3.8", "#!/bin/sh\necho x >> " + asked.string() + "\nexit 127\n");
        SearchOptions search = options();
        search.cache = dir() / "cache";
        search.now = WallTime{std::chrono::hours(400'000)};
        const auto times = [&] { return fs::exists(asked) ? int(fs::file_size(asked)) / 2 : 0; };
        QCOMPARE(findInterpreters(search).size(), std::size_t(1));
        QCOMPARE(times(), 2);
        search.now += 23h;
        QCOMPARE(findInterpreters(search).size(), std::size_t(1));
        QCOMPARE(times(), 2);
        search.now += 2h;
        QCOMPARE(findInterpreters(search).size(), std::size_t(1));
        QCOMPARE(times(), 4);
        program("real", "ELF, a newer one"); // the interpreter behind it was replaced
        QCOMPARE(findInterpreters(search).size(), std::size_t(1));
        QCOMPARE(times(), 5);
        search.shims = SearchOptions::Shims::Skip;
        QVERIFY(findInterpreters(search).empty());
        QCOMPARE(times(), 5);
    }

    void theNewestUsableOfTheWantedVersionIsChosen()
    {
        const std::vector<Interpreter> list{
            {Language::Python, "3.13.0", "/root/p313", {}, "not readable"},
            {Language::Python, "3.9.18", "/opt/p39", {"/opt"}, {}},
            {Language::Python, "3.11.2", "/opt/p311", {"/opt"}, {}},
            {Language::Python, "3.11.2", "/usr/bin/python3.11", {}, {}},
            {Language::Python, "3.10.13", "/opt/p310", {"/opt"}, {}},
            {Language::Node, "20.1.0", "/usr/bin/node", {}, {}},
        };
        const auto path = [&](const char *version) {
            const auto chosen = choose({Language::Python, version}, list);
            return chosen ? chosen->path.string() : "none: " + chosen.error().text();
        };
        QCOMPARE(path(""), std::string("/usr/bin/python3.11"));
        QCOMPARE(path("3.11"), std::string("/usr/bin/python3.11"));
        QCOMPARE(path("3.10"), std::string("/opt/p310"));
        QCOMPARE(path("3.9.18"), std::string("/opt/p39"));
        QVERIFY(path("3.1").starts_with("none: "));
        QVERIFY(path("3.13").find("not readable") != std::string::npos);
        QVERIFY(path("3.12").find("apt install python3.12") != std::string::npos);
        QVERIFY(path("3.12").find("those found: 3.9.18, 3.11.2, 3.10.13") != std::string::npos);
        const auto nothing = choose({Language::Node, {}}, {});
        QCOMPARE(nothing.error().text(), std::string("No Node.js that can be used was found: apt install nodejs"));
    }
};

QTEST_APPLESS_MAIN(tst_Runtimes)
#include "tst_runtimes.moc"

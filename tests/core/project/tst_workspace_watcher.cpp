// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/project/edit_apply.h"
#include "core/project/revision_store.h"
#include "core/project/watcher.h"
#include "tests/core/project/poll_loop.h"
#include "tests/core/project/temporary_workspace.h"
#include "tests/support/manual_clock.h"

#include <QTest>

#include <random>

using namespace kiln;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Bench
{
    test::TemporaryWorkspace workspace;
    test::ManualClock clock;
    test::PollLoop loop{clock};
    std::vector<WorkspaceChange> told;
    std::unique_ptr<WorkspaceWatcher> watcher;

    explicit Bench(std::size_t maxFolders = 20'000)
    {
        workspace.function("a");
        workspace.function("b");
        watcher = *WorkspaceWatcher::open(loop, {workspace.folder(), maxFolders},
                                          [this](const WorkspaceChange &change) { told.push_back(change); });
    }

    void pass(std::chrono::milliseconds time)
    {
        loop.turn();
        clock.advance(time);
        loop.turn();
    }

    /// What was told since the last call, in words: "workspace a b".
    std::string heard()
    {
        pass(30ms);
        pass(30ms);
        std::string words;
        for (const WorkspaceChange &change : std::exchange(told, {})) {
            words += words.empty() ? "" : " | ";
            words += change.workspace ? "workspace" : "";
            for (const std::string &name : change.functions)
                words += (words.empty() || words.ends_with("| ") ? "" : " ") + name;
        }
        return words;
    }
};

} // namespace

class tst_WorkspaceWatcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesAreToldByFunction()
    {
        Bench bench;
        QCOMPARE(bench.heard(), std::string());
        bench.workspace.write("functions/a/handler.py", "x = 1\n");
        QCOMPARE(bench.heard(), std::string("a"));
        bench.workspace.write("functions/b/function.yaml", "runtime: node\n");
        QCOMPARE(bench.heard(), std::string("b"));
        bench.workspace.write("kiln.yaml", "name: x\n");
        QCOMPARE(bench.heard(), std::string("workspace"));
        fs::permissions(bench.workspace.folder() / "functions/a/handler.py", fs::perms(0755));
        QCOMPARE(bench.heard(), std::string("a"));
        fs::remove(bench.workspace.folder() / "functions/b/handler.py");
        QCOMPARE(bench.heard(), std::string("b"));
    }

    void aBurstIsToldOnceWhenItCalmsDown()
    {
        Bench bench;
        for (int i = 0; i < 5; ++i) {
            bench.workspace.write("functions/a/handler.py", std::to_string(i));
            bench.pass(20ms);
            QVERIFY(bench.told.empty());
        }
        bench.workspace.write("functions/b/handler.py", "x");
        QCOMPARE(bench.heard(), std::string("a b"));
    }

    void aBurstWithoutEndIsToldNowAndThen()
    {
        Bench bench;
        for (int i = 0; i < 50; ++i) {
            bench.workspace.write("functions/a/handler.py", std::to_string(i));
            bench.pass(20ms);
        }
        QVERIFY(bench.told.size() >= 2 && bench.told.size() <= 5);
    }

    void editorsThatRenameAreSeen()
    {
        Bench bench;
        const fs::path code = bench.workspace.folder() / "functions/a";
        bench.workspace.write("functions/a/.handler.py.swp", "vim");
        bench.workspace.write("functions/a/4913", "vim");
        bench.workspace.write("functions/a/handler.py~", "backup");
        QCOMPARE(bench.heard(), std::string());
        bench.workspace.write("functions/a/new", "x = 2\n");
        QCOMPARE(bench.heard(), std::string("a"));
        fs::rename(code / "new", code / "handler.py");
        QCOMPARE(bench.heard(), std::string("a"));
        bench.workspace.write("functions/a/handler.py", "x = 3\n"); // a new inode is watched like the old one
        QCOMPARE(bench.heard(), std::string("a"));
    }

    void whatIsNoPartOfItIsIgnored()
    {
        Bench bench;
        bench.workspace.write(".kiln/history.db", "x");
        bench.workspace.write("README.md", "x");
        bench.workspace.write("functions/a/__pycache__/handler.pyc", "x");
        bench.workspace.write("functions/.draft/x", "x");
        QCOMPARE(bench.heard(), std::string());
    }

    void newFunctionsAndFoldersAreWatchedAtOnce()
    {
        Bench bench;
        bench.workspace.function("c");
        QCOMPARE(bench.heard(), std::string("workspace c"));
        bench.workspace.write("functions/c/handler.py", "x");
        QCOMPARE(bench.heard(), std::string("c"));
        bench.workspace.write("functions/c/deep/er/still/x.py", "x"); // made before any of its folders was watched
        QCOMPARE(bench.heard(), std::string("c"));
        bench.workspace.write("functions/c/deep/er/still/x.py", "y");
        QCOMPARE(bench.heard(), std::string("c"));
    }

    void removedAndRenamedFunctionsAreTold()
    {
        Bench bench;
        const fs::path functions = bench.workspace.folder() / "functions";
        fs::rename(functions / "a", functions / "z");
        QCOMPARE(bench.heard(), std::string("workspace a z"));
        bench.workspace.write("functions/z/handler.py", "x");
        QCOMPARE(bench.heard(), std::string("z"));
        fs::rename(functions / "z", bench.workspace.beside() / "out");
        QCOMPARE(bench.heard(), std::string("workspace z"));
        std::ofstream(bench.workspace.beside() / "out/handler.py") << "no more ours";
        QCOMPARE(bench.heard(), std::string());
        fs::remove_all(functions / "b");
        QCOMPARE(bench.heard(), std::string("workspace b"));
    }

    void theFunctionsFolderMayComeAndGo()
    {
        Bench bench;
        const fs::path functions = bench.workspace.folder() / "functions";
        fs::rename(functions, bench.workspace.beside() / "stash");
        QVERIFY(bench.heard().starts_with("workspace"));
        fs::rename(bench.workspace.beside() / "stash", functions);
        QCOMPARE(bench.heard(), std::string("workspace a b"));
        bench.workspace.write("functions/a/handler.py", "x");
        QCOMPARE(bench.heard(), std::string("a"));
    }

    void linkedFoldersAreNotFollowed()
    {
        Bench bench;
        fs::create_directories(bench.workspace.beside() / "outside");
        fs::create_directory_symlink(bench.workspace.beside() / "outside",
                                     bench.workspace.folder() / "functions/a/lib");
        QCOMPARE(bench.heard(), std::string("a"));
        std::ofstream(bench.workspace.beside() / "outside/x") << "x";
        QCOMPARE(bench.heard(), std::string());
    }

    void tooManyFoldersAreAProblemAndNoFailure()
    {
        Bench bench(3); // the workspace, functions/ and one of two
        QVERIFY(bench.watcher->problem().find("more than 3 folders") != std::string::npos);
        bench.workspace.write("kiln.yaml", "x");
        QCOMPARE(bench.heard(), std::string("workspace"));
    }

    void aLostQueueTellsEverything()
    {
        std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
        int events = 0;
        limit >> events;
        if (events <= 0 || events > 50'000)
            QSKIP("the queue of inotify is too long to be overrun here");
        Bench bench;
        const fs::path file = bench.workspace.folder() / "functions/a/handler.py";
        for (int i = 0; i < events + 100; ++i) // two alternating events, as equal ones are merged
            fs::permissions(i % 2 ? file : file.parent_path() / "function.yaml", fs::perms(0644));
        bench.workspace.write("functions/b/new/x.py", "x"); // its events are lost
        for (int i = 0; i < 200; ++i)
            bench.loop.turn();
        QCOMPARE(bench.heard(), std::string("workspace a b"));
        bench.workspace.write("functions/b/new/x.py", "y");
        QCOMPARE(bench.heard(), std::string("b"));
    }

    void readingAndCopyingIsNoChange()
    {
        Bench bench;
        QVERIFY(readWorkspace(bench.workspace.folder()));
        const auto store = *RevisionStore::open(bench.workspace.folder() / ".kiln/revisions");
        FunctionSettings settings;
        settings.name = "a";
        QVERIFY(store->make(settings, bench.workspace.folder() / "functions/a", {}));
        QCOMPARE(bench.heard(), std::string());
    }

    void ownEditsAreToldLikeAnyOther()
    {
        Bench bench;
        QVERIFY(apply(bench.workspace.folder(), SetValue{"a", {"timeout"}, "5s"}, {}));
        QCOMPARE(bench.heard(), std::string("a"));
        QVERIFY(
            apply(bench.workspace.folder(), NewFunction{"c", "node", "http"}, {KILN_SOURCE_DIR "/resources", {}, {}}));
        QCOMPARE(bench.heard(), std::string("workspace c"));
        QVERIFY(apply(bench.workspace.folder(), DeleteFunction{"c"}, {}));
        QCOMPARE(bench.heard(), std::string("workspace c"));
    }

    /// After any storm the last telling comes after the last change: who reads at each telling ends with the truth.
    void whoReadsWhenToldEndsWithTheTruth()
    {
        Bench bench;
        std::map<std::string, std::string> seen;
        const fs::path functions = bench.workspace.folder() / "functions";
        const auto contents = [&](const fs::path &folder) {
            std::string all;
            std::error_code error;
            for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
                if (it->is_regular_file())
                    all += it->path().string() + "=" +
                           bench.workspace.read(fs::relative(it->path(), bench.workspace.folder())) + ";";
            }
            return all;
        };
        const auto look = [&] {
            for (const WorkspaceChange &change : std::exchange(bench.told, {})) {
                for (const std::string &name : change.functions)
                    seen[name] = contents(functions / name);
            }
        };
        for (const char *name : {"a", "b", "c"})
            seen[name] = contents(functions / name);
        std::mt19937 random(20260301);
        for (int i = 0; i < 400; ++i) {
            const std::string name(1, char('a' + random() % 3));
            const std::string folder = random() % 2 ? "/x" : "/x/y";
            std::error_code ignored;
            switch (random() % 6) {
            case 0: fs::remove_all(functions / (name + folder), ignored); break;
            case 1:
                fs::rename(functions / (name + "/x"), functions / (name + "/z" + std::to_string(i)), ignored);
                break;
            case 2:
                fs::rename(functions / name, functions / "tmp", ignored);
                fs::rename(functions / "tmp", functions / name, ignored);
                break;
            default: bench.workspace.write("functions/" + name + folder + "/f", std::to_string(i)); break;
            }
            if (random() % 4 == 0)
                bench.pass(std::chrono::milliseconds(random() % 40));
            look();
        }
        bench.pass(30ms);
        bench.pass(30ms);
        look();
        for (const char *name : {"a", "b", "c"})
            QCOMPARE(seen[name], contents(functions / name));
    }
};

QTEST_GUILESS_MAIN(tst_WorkspaceWatcher)
#include "tst_workspace_watcher.moc"

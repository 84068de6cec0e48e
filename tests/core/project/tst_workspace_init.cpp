// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/init.h"
#include "core/project/lock.h"
#include "core/project/trust.h"
#include "tests/core/project/temporary_workspace.h"

#include <QTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace kiln;
using test::TemporaryWorkspace;
namespace fs = std::filesystem;

namespace {

const fs::path resources = KILN_SOURCE_DIR "/resources";

/// An empty place, and a list of trusted folders.
struct Place
{
    QTemporaryDir dir;
    fs::path root = fs::canonical(dir.path().toStdString());
    fs::path shop = root / "shop";
    TrustStore trust{root / "state/kiln/trusted"};
};

bool contains(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

} // namespace

class tst_WorkspaceInit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFreshWorkspaceIsEmptyGoodAndTrusted()
    {
        Place place;
        QVERIFY(initWorkspace(place.shop, "", resources, place.trust));
        const auto read = readWorkspace(place.shop);
        QVERIFY(read && read->kiln && read->problems.empty() && read->functions.empty());
        QVERIFY((*read->kiln == KilnSettings{"shop", "127.0.0.1:7070"}));
        QVERIFY(place.trust.isTrusted(place.shop));
        std::ifstream ignore(place.shop / ".gitignore");
        std::string line;
        QVERIFY(std::getline(ignore, line) && line == ".kiln/");
    }

    void theSampleIsCopiedWhole()
    {
        Place place;
        QVERIFY(initWorkspace(place.shop, "shop", resources, place.trust));
        const auto read = readWorkspace(place.shop);
        QCOMPARE(read->functions.size(), std::size_t(3));
        for (const FunctionFiles &function : read->functions)
            QVERIFY(function.settings && function.problems.empty());
        QVERIFY(fs::exists(place.shop / ".gitignore"));
        QVERIFY(place.trust.isTrusted(place.shop));
        QVERIFY((listSamples(resources) == std::vector<std::string>{"shop"}));
    }

    void nothingThatIsThereIsOverwritten()
    {
        Place place;
        QVERIFY(initWorkspace(place.shop, "", resources, place.trust));
        const auto again = initWorkspace(place.shop, "shop", resources, place.trust);
        QVERIFY(!again && again.error().code == Error::Code::AlreadyExists);
        fs::create_directories(place.root / "b/functions/mine");
        QVERIFY(!initWorkspace(place.root / "b", "shop", resources, place.trust));
        QVERIFY(!fs::exists(place.root / "b/kiln.yaml"));
        QVERIFY(!place.trust.isTrusted(place.root / "b"));
        QVERIFY(initWorkspace(place.root / "b", "", resources, place.trust)); // a folder with functions becomes one
        QVERIFY(contains(initWorkspace(place.root / "c", "nope", resources, place.trust).error().text(), "shop"));
        QVERIFY(
            contains(initWorkspace(place.root / "c", "../shop", resources, place.trust).error().text(), "no sample"));
        QVERIFY(!fs::exists(place.root / "c"));
    }

    void trustIsOfThisFolderNotOfItsName()
    {
        Place place;
        fs::create_directories(place.shop);
        QVERIFY(!place.trust.isTrusted(place.shop));
        QVERIFY(place.trust.trust(place.shop));
        QVERIFY(place.trust.trust(place.shop));
        QVERIFY(place.trust.isTrusted(place.shop));
        QVERIFY(TrustStore(place.root / "state/kiln/trusted").isTrusted(place.shop / "."));
        fs::rename(place.shop, place.root / "moved");
        QVERIFY(!place.trust.isTrusted(place.root / "moved"));
        fs::create_directories(place.shop); // another folder in its place
        QVERIFY(!place.trust.isTrusted(place.shop));
        QVERIFY(!place.trust.isTrusted(place.root / "missing"));
        QVERIFY(!place.trust.trust(place.root / "missing"));
        fs::create_directories(place.root / "a\nb");
        QVERIFY(place.trust.trust(place.root / "a\nb"));
        QVERIFY(place.trust.isTrusted(place.root / "a\nb"));
        QVERIFY(!place.trust.isTrusted(place.root));
    }

    void aListThatOthersCanWriteIsNotBelieved()
    {
        Place place;
        fs::create_directories(place.shop);
        QVERIFY(place.trust.trust(place.shop));
        QVERIFY(fs::status(place.root / "state/kiln/trusted").permissions() == fs::perms(0600));
        fs::permissions(place.root / "state/kiln/trusted", fs::perms(0666));
        QVERIFY(!place.trust.isTrusted(place.shop));
        QVERIFY(!place.trust.trust(place.shop));
    }

    void theStateFolderFollowsTheSpecification()
    {
        const QByteArray before = qgetenv("XDG_STATE_HOME");
        qputenv("XDG_STATE_HOME", "/somewhere");
        QVERIFY(TrustStore::defaultFile() == "/somewhere/kiln/trusted");
        qputenv("XDG_STATE_HOME", "relative");
        QVERIFY(contains(TrustStore::defaultFile().string(), "/.local/state/kiln/trusted"));
        before.isNull() ? qunsetenv("XDG_STATE_HOME") : qputenv("XDG_STATE_HOME", before);
    }

    void oneProcessAtATimeHasTheWorkspace()
    {
        const TemporaryWorkspace workspace;
        {
            const auto first = WorkspaceLock::acquire(workspace.folder());
            QVERIFY(first);
            const auto second = WorkspaceLock::acquire(workspace.folder());
            QVERIFY(!second && second.error().code == Error::Code::Busy);
            QVERIFY(contains(second.error().message, "(process " + std::to_string(::getpid()) + ")"));
        }
        QVERIFY(WorkspaceLock::acquire(workspace.folder()));
        struct stat status = {};
        QCOMPARE(::stat((workspace.folder() / ".kiln").c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777u, 0700u);
    }

    void aKilledProcessLeavesNoLock()
    {
        const TemporaryWorkspace workspace;
        int ready[2];
        QCOMPARE(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) { // holds the lock until it is killed
            const auto lock = WorkspaceLock::acquire(workspace.folder());
            const char told = lock ? 'y' : 'n';
            if (::write(ready[1], &told, 1) == 1)
                ::pause();
            ::_exit(0);
        }
        char told = 0;
        QCOMPARE(::read(ready[0], &told, 1), ssize_t(1));
        const auto refused = WorkspaceLock::acquire(workspace.folder());
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
        QCOMPARE(told, 'y');
        QVERIFY(!refused && contains(refused.error().message, "(process " + std::to_string(child) + ")"));
        QVERIFY(WorkspaceLock::acquire(workspace.folder()));
    }

    void aStateFolderThatIsALinkIsNotUsed()
    {
        const TemporaryWorkspace workspace;
        fs::create_directory(workspace.beside() / "other");
        fs::create_directory_symlink(workspace.beside() / "other", workspace.folder() / ".kiln");
        QVERIFY(!stateFolder(workspace.folder()));
        QVERIFY(!WorkspaceLock::acquire(workspace.folder()));
        QVERIFY(fs::is_empty(workspace.beside() / "other"));
    }

    void aFolderThatCannotBeWrittenSaysSo()
    {
        if (::geteuid() == 0)
            QSKIP("root writes everywhere");
        const TemporaryWorkspace workspace;
        fs::permissions(workspace.folder(), fs::perms(0500));
        const auto lock = WorkspaceLock::acquire(workspace.folder());
        fs::permissions(workspace.folder(), fs::perms(0700));
        QVERIFY(!lock && lock.error().code == Error::Code::Io);
    }
};

QTEST_GUILESS_MAIN(tst_WorkspaceInit)
#include "tst_workspace_init.moc"

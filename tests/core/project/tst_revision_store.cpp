// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/digest.h"
#include "core/project/revision_store.h"
#include "core/project/settings_text.h"
#include "tests/core/project/temporary_workspace.h"

#include <QTest>

#include <atomic>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace kiln;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

FunctionSettings settingsOf(const std::string &name)
{
    FunctionSettings settings;
    settings.name = name;
    settings.handler = "handler.handler";
    return settings;
}

/// A function's folder, and a store beside it.
struct Bench
{
    test::TemporaryWorkspace workspace;
    fs::path code = workspace.folder() / "functions/a";
    std::unique_ptr<RevisionStore> store;

    Bench()
    {
        workspace.function("a");
        store = *RevisionStore::open(workspace.folder() / ".kiln/revisions");
    }
    [[nodiscard]] Result<RevisionPtr> make() const { return store->make(settingsOf("a"), code, {}); }
    [[nodiscard]] std::string refusal() const
    {
        const auto made = make();
        return made ? "no refusal" : made.error().text();
    }
    [[nodiscard]] std::size_t count(const std::string &folder) const
    {
        const fs::path path = workspace.folder() / ".kiln/revisions" / folder;
        return std::size_t(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }
};

mode_t modeOf(const fs::path &path)
{
    struct stat status = {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0;
}

ino_t inodeOf(const fs::path &path)
{
    struct stat status = {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

std::string bytesOf(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

class tst_RevisionStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRevisionIsACopyThatAnyUserMayRead()
    {
        const mode_t before = ::umask(077);
        const Bench bench;
        bench.workspace.write("functions/a/lib/tool.sh", "#!/bin/sh\n");
        fs::permissions(bench.code / "lib/tool.sh", fs::perms(0700));
        const auto made = bench.make();
        ::umask(before);
        QVERIFY2(made, made ? "" : made.error().text().c_str());
        const Revision &revision = **made;
        QCOMPARE(revision.hash.size(), std::size_t(64));
        QCOMPARE(bytesOf(revision.code / "handler.py"), bench.workspace.read("functions/a/handler.py"));
        QCOMPARE(modeOf(revision.code), mode_t(0755));
        QCOMPARE(modeOf(revision.code / "lib"), mode_t(0755));
        QCOMPARE(modeOf(revision.code / "handler.py"), mode_t(0444));
        QCOMPARE(modeOf(revision.code / "lib/tool.sh"), mode_t(0555));
        QVERIFY(inodeOf(revision.code / "handler.py") != inodeOf(bench.code / "handler.py"));
        QVERIFY(*bench.store->codeOf(revision.hash) == revision.code);
    }

    void equalContentIsOneRevisionAndAChangeAnother()
    {
        const Bench bench;
        const RevisionPtr first = *bench.make();
        QCOMPARE((*bench.make())->hash, first->hash);
        bench.workspace.write("functions/a/handler.py", "def handler(e, c): return 2\n");
        const RevisionPtr second = *bench.make();
        QVERIFY(second->hash != first->hash);
        QVERIFY(bytesOf(first->code / "handler.py") != bytesOf(second->code / "handler.py"));
        fs::permissions(bench.code / "handler.py", fs::perms(0755));
        QVERIFY((*bench.make())->hash != second->hash);
        fs::rename(bench.code / "handler.py", bench.code / "other.py");
        QVERIFY((*bench.make())->hash != second->hash);
    }

    void settingsNameTheRevisionButShareTheCode()
    {
        const Bench bench;
        const RevisionPtr first = *bench.make();
        FunctionSettings settings = settingsOf("a");
        settings.limits.timeout = 9s;
        const RevisionPtr second = *bench.store->make(settings, bench.code, {});
        QVERIFY(second->hash != first->hash);
        QVERIFY(second->code == first->code);
        QVERIFY(second->settings == settings);
    }

    void everySettingCounts()
    {
        const FunctionSettings plain = settingsOf("a");
        std::vector<FunctionSettings> changed(29, plain);
        std::size_t i = 0;
        changed[i++].name = "b";
        changed[i++].runtime.language = Language::Node;
        changed[i++].runtime.version = "3.11";
        changed[i++].handler = "a.b";
        changed[i++].limits.memory = 1_GB;
        changed[i++].limits.cpu = Limits::Cpu::Unlimited;
        changed[i++].limits.timeout = 1s;
        changed[i++].limits.tmp = 1_MB;
        changed[i++].concurrency.max = 1;
        changed[i++].concurrency.queue = 1;
        changed[i++].keepWarm.time = 1s;
        changed[i++].keepWarm.policy = KeepWarm::Policy::Adaptive;
        changed[i++].concurrency.min = 1;
        changed[i++].concurrency.perWorker = 2;
        changed[i++].concurrency.queueAge = 1s;
        changed[i++].concurrency.balance = Balance::RoundRobin;
        changed[i++].concurrency.burst = BurstLimit{};
        changed[i++].concurrency.target = ScaleTarget{};
        changed[i++].concurrency.target = ScaleTarget{ScaleTarget::Measure::Rate, 1};
        changed[i++].reuse = Reuse::Never;
        changed[i++].isolation = Isolation::Strict;
        changed[i++].environment = {{"A", "B"}};
        changed[i++].environment = {{"A", "C"}};
        changed[i++].permissions.network = Permissions::Network::Loopback;
        changed[i++].permissions.files = {{"x", Permissions::Mode::ReadOnly}};
        changed[i++].permissions.files = {{"x", Permissions::Mode::ReadWrite}};
        changed[i++].triggers = {ScheduleTrigger{"* * * * *", "UTC"}};
        changed[i++].retry.retries = 0;
        changed[i++].retry.maxAge = 1h;
        QCOMPARE(i, changed.size());
        std::set<std::string> texts{settingsText(plain)};
        for (const FunctionSettings &each : changed)
            QVERIFY(texts.insert(settingsText(each)).second);
    }

    void whatIsNoCodeDoesNotCount()
    {
        const Bench bench;
        const RevisionPtr first = *bench.make();
        for (const char *path : {"events/a.json", "__pycache__/handler.pyc", "handler.py~", ".handler.py.swp",
                                 ".git/HEAD", "lib/__pycache__/x.pyc"})
            bench.workspace.write("functions/a/" + std::string(path), "x");
        bench.workspace.write("functions/a/function.yaml", "# a comment\nruntime: python\nhandler: handler.handler\n");
        QCOMPARE((*bench.make())->hash, first->hash);
        bench.workspace.write("functions/a/lib/events/a.json", "x"); // only at the top are they test events
        QVERIFY((*bench.make())->hash != first->hash);
    }

    void linksInsideStayLinksAndOthersAreRefused()
    {
        const Bench bench;
        bench.workspace.write("functions/a/lib/real.py", "x = 1\n");
        fs::create_symlink("lib/real.py", bench.code / "inside.py");
        fs::create_symlink("../handler.py", bench.code / "lib/up.py");
        const RevisionPtr made = *bench.make();
        QVERIFY(fs::read_symlink(made->code / "inside.py") == "lib/real.py");
        QCOMPARE(bytesOf(made->code / "lib/up.py"), bytesOf(bench.code / "handler.py"));
        for (const char *target : {"/etc/passwd", "../b", "lib/../../b", "lib/../handler.py", "../../.."}) {
            fs::create_symlink(target, bench.code / "bad");
            QVERIFY2(bench.refusal().find("leads out of the function's folder") != std::string::npos, target);
            fs::remove(bench.code / "bad");
        }
        QVERIFY(bench.make());
    }

    void specialFilesAreRefusedAndNeverOpened()
    {
        const Bench bench;
        QCOMPARE(::mkfifo((bench.code / "pipe").c_str(), 0600), 0);
        QVERIFY(bench.refusal().find("pipe: this is a FIFO") != std::string::npos);
        fs::remove(bench.code / "pipe");
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{AF_UNIX, {}};
        const std::string path = bench.code / "s";
        if (path.size() < sizeof address.sun_path) {
            path.copy(address.sun_path, path.size());
            QCOMPARE(::bind(socket, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
            QVERIFY(bench.refusal().find("FIFO, socket or device") != std::string::npos);
        }
        ::close(socket);
    }

    void tooMuchCodeIsRefusedWithoutReadingIt()
    {
        const Bench bench;
        for (const char *name : {"one.bin", "two.bin"}) {
            const fs::path file = bench.workspace.write("functions/a/" + std::string(name), "");
            fs::resize_file(file, 126 << 20); // sparse
        }
        QVERIFY(bench.refusal().find("larger than 250MB together") != std::string::npos);
        QCOMPARE(bench.count("blobs"), std::size_t(0));
    }

    void anUnreadableFileIsNamed()
    {
        if (::geteuid() == 0)
            QSKIP("root reads every file");
        const Bench bench;
        fs::permissions(bench.code / "handler.py", fs::perms::none);
        QVERIFY(bench.refusal().find("handler.py: cannot be read") != std::string::npos);
        QCOMPARE(bench.count("trees"), std::size_t(0));
    }

    void aFileThatChangesAllTheTimeIsAnErrorOrAWholeState()
    {
        const Bench bench;
        const fs::path busy = bench.workspace.write("functions/a/busy.bin", std::string(8 << 20, 'a'));
        std::atomic<bool> writing = false;
        std::atomic<bool> stop = false;
        std::thread writer([&] {
            const int fd = ::open(busy.c_str(), O_WRONLY | O_CLOEXEC);
            for (char c = 'a'; !stop; c = c == 'z' ? 'a' : char(c + 1)) {
                const std::string block(4096, c);
                if (::pwrite(fd, block.data(), block.size(), 0) < 0)
                    break;
                writing = true;
            }
            ::close(fd);
        });
        while (!writing)
            std::this_thread::yield();
        const auto made = bench.make();
        stop = true;
        writer.join();
        if (made) { // on a busy machine the writer may have slept through a whole read
            const fs::path copy = (*made)->code / "busy.bin";
            const fs::path blob = bench.workspace.folder() / ".kiln/revisions/blobs" / sha256Hex(bytesOf(copy));
            QCOMPARE(inodeOf(copy), inodeOf(blob));
        } else {
            QCOMPARE(made.error().message, std::string("this file changes while it is read"));
        }
        QVERIFY(bench.make());
    }

    void unchangedFilesAreNotReadAgain()
    {
        Bench bench;
        const int files = 3'000;
        for (int i = 0; i < files; ++i)
            bench.workspace.write("functions/a/data/" + std::to_string(i % 100) + "/" + std::to_string(i),
                                  std::to_string(i));
        QTest::qWait(150); // until file times are older than the cache's grace
        QElapsedTimer timer;
        timer.start();
        const RevisionPtr first = *bench.make();
        const qint64 cold = timer.restart();
        const RevisionPtr second = *bench.make();
        const qint64 warm = timer.restart();
        bench.store = *RevisionStore::open(bench.workspace.folder() / ".kiln/revisions");
        const RevisionPtr third = *bench.make();
        const qint64 reopened = timer.elapsed();
        qInfo("3,000 files: first %lld ms, again %lld ms, after a restart %lld ms", cold, warm, reopened);
        QCOMPARE(second->hash, first->hash);
        QCOMPARE(third->hash, first->hash);
        // Not by the clock: a file that may not be read any more is not missed.
        if (::geteuid() == 0)
            return;
        fs::permissions(bench.code / "data/1/1", fs::perms::none);
        QVERIFY(bench.refusal().find("cannot be read") != std::string::npos); // its ctime changed: read again
    }

    void aChangeRightAfterAMakeIsSeen()
    {
        const Bench bench;
        std::set<std::string> hashes;
        for (int i = 0; i < 60; ++i) { // same size, quicker than file times tick
            bench.workspace.write("functions/a/handler.py", std::to_string(1000 + i));
            const RevisionPtr made = *bench.make();
            QVERIFY(hashes.insert(made->hash).second);
            QCOMPARE(bytesOf(made->code / "handler.py"), std::to_string(1000 + i));
        }
    }

    void equalFilesAreStoredOnce()
    {
        const Bench bench;
        for (const char *name : {"x", "y", "z"})
            bench.workspace.write("functions/a/" + std::string(name), "the same");
        const RevisionPtr made = *bench.make();
        QCOMPARE(inodeOf(made->code / "x"), inodeOf(made->code / "z"));
        QCOMPARE(bench.count("blobs"), std::size_t(2));
    }

    void pruningKeepsWhatIsKeptAndNoMore()
    {
        const Bench bench;
        const RevisionPtr old = *bench.make();
        bench.workspace.write("functions/a/handler.py", "new\n");
        const RevisionPtr kept = *bench.make();
        QVERIFY(bench.store->prune({kept->hash}));
        QCOMPARE(bench.count("trees"), std::size_t(1));
        QCOMPARE(bench.count("blobs"), std::size_t(1));
        QVERIFY(bench.store->codeOf(kept->hash));
        QVERIFY(!bench.store->codeOf(old->hash));
        QVERIFY(!bench.store->codeOf("../../etc"));
        // What the cache still knows is made anew.
        bench.workspace.function("a");
        QCOMPARE((*bench.make())->hash, old->hash);
        QVERIFY(bench.store->codeOf(old->hash));
    }

    void aBlobLostBehindTheCacheIsReadAgain()
    {
        const Bench bench;
        QTest::qWait(150);
        const RevisionPtr first = *bench.make();
        fs::remove_all(bench.workspace.folder() / ".kiln/revisions/trees" / first->code.filename());
        for (const auto &blob : fs::directory_iterator(bench.workspace.folder() / ".kiln/revisions/blobs"))
            fs::remove(blob.path());
        const auto again = bench.make();
        QVERIFY2(again, again ? "" : again.error().text().c_str());
        QCOMPARE((*again)->hash, first->hash);
        QCOMPARE(bytesOf((*again)->code / "handler.py"), bytesOf(bench.code / "handler.py"));
    }

    void whatAKilledProcessLeftIsRemoved()
    {
        const Bench bench;
        bench.workspace.write(".kiln/revisions/trees/.tmp-x/half", "");
        bench.workspace.write(".kiln/revisions/blobs/.new-1", "");
        const auto store = RevisionStore::open(bench.workspace.folder() / ".kiln/revisions");
        QCOMPARE(bench.count("trees"), std::size_t(0));
        QVERIFY((*store)->make(settingsOf("a"), bench.code, {}));
    }

    void whatAPowerFailureToreIsFoundAfterTheNextBootAndMadeAgain()
    {
        Bench bench;
        bench.workspace.write("functions/a/other.py", "other\n");
        const RevisionPtr torn = *bench.make();
        bench.workspace.write("functions/a/handler.py", "second\n");
        const RevisionPtr whole = *bench.make();
        bench.workspace.function("a");
        const fs::path file = torn->code / "handler.py";
        fs::permissions(file, fs::perms(0644));
        fs::resize_file(file, 0); // as ext4 leaves a file whose data never reached the disk
        bench.store.reset();
        bench.store = *RevisionStore::open(bench.workspace.folder() / ".kiln/revisions");
        QVERIFY(bench.store->codeOf(torn->hash)); // the same boot: nothing can have been torn, nothing is read
        bench.store.reset();
        bench.workspace.write(".kiln/revisions/boot", "another");
        bench.store = *RevisionStore::open(bench.workspace.folder() / ".kiln/revisions");
        QVERIFY(!bench.store->codeOf(torn->hash));
        QVERIFY(bench.store->codeOf(whole->hash));
        QCOMPARE((*bench.make())->hash, torn->hash);
        QCOMPARE(bytesOf(torn->code / "handler.py"), bytesOf(bench.code / "handler.py"));
    }

    void anEmptyFolderIsARevisionToo()
    {
        const Bench bench;
        fs::remove(bench.code / "handler.py");
        const auto made = bench.make();
        QVERIFY(made && fs::is_empty((*made)->code));
        fs::remove_all(bench.code);
        QVERIFY(bench.refusal().find("cannot be read") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(tst_RevisionStore)
#include "tst_revision_store.moc"

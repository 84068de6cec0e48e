// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/mount_table.h"
#include "core/project/refusals.h"
#include "tests/core/project/temporary_workspace.h"

#include <QTest>

using namespace kiln;
using test::TemporaryWorkspace;
namespace fs = std::filesystem;

namespace {

Access told(Access::Kind kind, const std::string &target)
{
    return {kind, Access::Source::Worker, target, "f.py:1", {}};
}

} // namespace

/// What the user is told of the things that a function reached for.
class tst_Refusals : public QObject
{
    Q_OBJECT

    std::vector<Refusal> refusals(const TemporaryWorkspace &workspace, const std::vector<Access> &accesses)
    {
        const auto files = workspace.reread("a");
        return files.settings ? refusalsOf(accesses, *files.settings, {workspace.folder(), "a"})
                              : std::vector<Refusal>{{"unreadable", {}, {}, {}}};
    }
    /// The one grant of the one refusal; "none" where nothing was refused.
    std::string grantOf(const TemporaryWorkspace &workspace, const Access &access)
    {
        const auto found = refusals(workspace, {access});
        return found.empty() ? "none" : found[0].grant;
    }

private Q_SLOTS:
    void withoutANetworkEveryConnectionIsRefusedByItsHost()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        const auto found = refusals(
            workspace, {told(Access::Kind::Connect, "Example.com:443"), told(Access::Kind::Connect, "localhost:5432"),
                        told(Access::Kind::Connect, "[::1]:80"), told(Access::Kind::Connect, "no host at all")});
        QCOMPARE(found.size(), std::size_t(4));
        QCOMPARE(found[0].what, std::string("connect"));
        QCOMPARE(found[0].target, std::string("Example.com:443"));
        QCOMPARE(found[0].place, std::string("f.py:1"));
        QCOMPARE(found[0].grant, std::string("network:example.com:443"));
        QCOMPARE(found[1].grant, std::string("network:127.0.0.1:5432"));
        QCOMPARE(found[2].grant, std::string("network:[::1]:80"));
        QCOMPARE(found[3].grant, std::string());
    }

    void itsOwnLoopbackIsNoRefusalAndNamedHostsAreNot()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "permissions: {network: loopback}\n");
        QCOMPARE(grantOf(workspace, told(Access::Kind::Connect, "127.0.0.1:8080")), std::string("none"));
        QCOMPARE(grantOf(workspace, told(Access::Kind::Connect, "10.0.0.7:80")), std::string("network:10.0.0.7:80"));
        workspace.function("a", "permissions: {network: [a.example:1]}\n");
        QCOMPARE(grantOf(workspace, told(Access::Kind::Connect, "A.example:1")), std::string("none"));
        QCOMPARE(grantOf(workspace, told(Access::Kind::Connect, "a.example:2")), std::string("network:a.example:2"));
    }

    void theEnginesWordAndTheBootstrapsAreOneRefusal()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "permissions: {network: all}\n");
        const Access refused{Access::Kind::Connect, Access::Source::Refused, "b.example:1", {}, {}};
        const Access allowed{Access::Kind::Connect, Access::Source::Allowed, "c.example:2", {}, {}};
        const Access never{Access::Kind::Connect, Access::Source::Refused, "127.0.0.1:7070", {}, "Kiln's own"};
        const auto found = refusals(workspace, {told(Access::Kind::Connect, "b.example:1"),
                                                told(Access::Kind::Connect, "c.example:2"), refused, allowed, never});
        QCOMPARE(found.size(), std::size_t(2));
        QCOMPARE(found[0].target, std::string("b.example:1"));
        QCOMPARE(found[0].place, std::string("f.py:1"));
        QCOMPARE(found[1].grant, std::string()); // no grant helps
    }

    void aFileIsRefusedOnlyIfThereIsOne()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        workspace.write("data/in.csv", "1\n");
        const std::string absolute = (workspace.folder() / "data/in.csv").string();
        const auto read = [&](const std::string &path) { return grantOf(workspace, told(Access::Kind::Read, path)); };
        QCOMPARE(read("../../data/in.csv"), std::string("files:../../data/in.csv:ro"));
        QCOMPARE(read("/var/task/../../data/in.csv"), std::string("files:../../data/in.csv:ro"));
        QCOMPARE(read("/data/in.csv"), std::string("files:../../data/in.csv:ro")); // as abspath makes of it
        QCOMPARE(read("../../data"), std::string("files:../../data:ro"));
        QCOMPARE(read("../../data/none.csv"), std::string("none"));
        QCOMPARE(read("/nowhere/none.csv"), std::string("none"));
        QCOMPARE(read("missing.json"), std::string("none")); // its own, and not there
        QCOMPARE(read("/tmp/x"), std::string("none"));
        QCOMPARE(read("/"), std::string("none"));
        QCOMPARE(read("/etc/passwd"), std::string()); // a system folder: no grant can
        // The workspace of a test lies in /tmp, which a sandbox has of its own.
        QCOMPARE(read(absolute), std::string(absolute.starts_with("/tmp/") ? "none" : "files:" + absolute + ":ro"));
    }

    void writingNeedsTheFolderThatHoldsIt()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "permissions: {files: [{path: ../../in, mode: ro}]}\n");
        fs::create_directories(workspace.folder() / "in");
        fs::create_directories(workspace.folder() / "out");
        const auto write = [&](const std::string &path) { return grantOf(workspace, told(Access::Kind::Write, path)); };
        QCOMPARE(write("../../out/new.txt"), std::string("files:../../out:rw"));
        QCOMPARE(write("../../in/old.txt"), std::string("files:../../in:rw")); // granted for reading
        QCOMPARE(grantOf(workspace, told(Access::Kind::Read, "../../in/any")), std::string("none"));
        QCOMPARE(write("cache.json"), std::string()); // its own code is never written
        QCOMPARE(write("/tmp/any"), std::string("none"));
    }

    void whatIsBehindALinkOrOnAnotherMachineIsNotLookedAt()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        workspace.write("real/x", "1");
        fs::create_directory_symlink(workspace.folder() / "real", workspace.folder() / "link");
        QCOMPARE(grantOf(workspace, told(Access::Kind::Read, "../../link/x")), std::string("none"));

        MountTable mounts = MountTable::parse("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                              "2 1 0:30 / /mnt/far\\040away rw shared:1 - nfs4 server:/ rw\n"
                                              "3 2 8:2 / /mnt/far\\040away/near rw - xfs /dev/sdb rw\n"
                                              "nonsense\n");
        QVERIFY(!mounts.mayBlock("/srv/x"));
        QVERIFY(mounts.mayBlock("/mnt/far away/x"));
        QVERIFY(!mounts.mayBlock("/mnt/far away/near/x"));
        QVERIFY(!mounts.mayBlock("/mnt/far awayward"));
        MountTable none = MountTable::parse("");
        QVERIFY(none.mayBlock("/"));
    }

    void anAccessTellsTheGrantThatItUsedAndTheLeastThatWouldHaveDone()
    {
        const TemporaryWorkspace workspace;
        fs::create_directories(workspace.folder() / "data/out");
        workspace.function("a", "environment: {MODE: x}\nsecrets: [API_KEY]\n"
                                "permissions: {network: [all, db.example:5432], files: [{path: ../../data}, "
                                "{path: ../../data/out, mode: rw}]}\n");
        const auto settings = *workspace.reread("a").settings;
        const auto used = [&](const Access &access) {
            const auto use = grantUsed(access, settings);
            return use ? use->grant + " " + use->least : std::string("none");
        };
        QCOMPARE(used(told(Access::Kind::Read, "../../data/x")),
                 std::string("files:../../data:ro files:../../data:ro"));
        QCOMPARE(used(told(Access::Kind::Write, "../../data/x")), std::string("none")); // refused
        QCOMPARE(used(told(Access::Kind::Read, "../../data/out/x")),
                 std::string("files:../../data/out:rw files:../../data/out:ro"));
        QCOMPARE(used(told(Access::Kind::Write, "/var/task/../../data/out/x")),
                 std::string("files:../../data/out:rw files:../../data/out:rw"));
        QCOMPARE(used(told(Access::Kind::Read, "../../other")), std::string("none"));
        QCOMPARE(used(told(Access::Kind::Connect, "db.example:5432")),
                 std::string("network:db.example:5432 network:db.example:5432"));
        QCOMPARE(used({Access::Kind::Connect, Access::Source::Allowed, "a.example:443", {}, {}}),
                 std::string("network:all network:a.example:443"));
        QCOMPARE(used({Access::Kind::Connect, Access::Source::Refused, "db.example:5432", {}, {}}),
                 std::string("none"));
        QCOMPARE(used(told(Access::Kind::Variable, "API_KEY")), std::string("secret:API_KEY secret:API_KEY"));
        QCOMPARE(used(told(Access::Kind::Variable, "MODE")), std::string("environment:MODE environment:MODE"));
        QCOMPARE(used(told(Access::Kind::Variable, "PATH")), std::string("none"));
        const auto twice = told(Access::Kind::Variable, "MODE");
        QCOMPARE(grantsUsed({twice, twice, told(Access::Kind::Variable, "NONE")}, settings).size(), std::size_t(1));
    }

    void aSecretThatHasAValueAndIsNotGrantedIsARefusal()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "environment: {MODE: x}\nsecrets: [API_KEY]\n");
        const auto settings = *workspace.reread("a").settings;
        const auto refused =
            refusalsOf({told(Access::Kind::Variable, "API_KEY"), told(Access::Kind::Variable, "MODE"),
                        told(Access::Kind::Variable, "OTHER_KEY"), told(Access::Kind::Variable, "DEBUG")},
                       settings, {workspace.folder(), "a"}, {"API_KEY", "MODE", "OTHER_KEY"});
        QCOMPARE(refused.size(), std::size_t(1));
        QCOMPARE(refused[0].what + " " + refused[0].target + " " + refused[0].grant + " " + refused[0].place,
                 std::string("read secret OTHER_KEY secret:OTHER_KEY f.py:1"));
    }
};

QTEST_GUILESS_MAIN(tst_Refusals)
#include "tst_refusals.moc"

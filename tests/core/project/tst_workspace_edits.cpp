// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/project/edit_apply.h"
#include "core/project/templates.h"
#include "tests/core/project/temporary_workspace.h"

#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace kiln;
using test::TemporaryWorkspace;
namespace fs = std::filesystem;

namespace {

EditContext context()
{
    return {KILN_SOURCE_DIR "/resources",
            [](const ScheduleTrigger &schedule) -> std::optional<std::string> {
                return schedule.expression == "never" ? std::optional<std::string>("expected five fields, found 1")
                                                      : std::nullopt;
            },
            WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1))};
}

std::string refusalOf(const TemporaryWorkspace &workspace, const WorkspaceEdit &edit)
{
    const auto done = apply(workspace.folder(), edit, context());
    return done ? "no refusal" : done.error().text();
}

bool contains(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

std::size_t entriesIn(const fs::path &folder)
{
    return fs::exists(folder) ? std::size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator()))
                              : 0;
}

} // namespace

class tst_WorkspaceEdits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aGrantIsAddedWhereItBelongsAndTheRestKept_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("grant");
        QTest::addColumn<QString>("after");
        const auto row = [](const char *name, const char *before, const char *grant, const char *after) {
            QTest::newRow(name) << before << grant << after;
        };
        row("nothing yet", "timeout: 3s # x\n", "network:example.com:443",
            "timeout: 3s # x\npermissions: {network: [\"example.com:443\"]}\n");
        row("loopback", "permissions: {}\n", "network:loopback", "permissions: {network: loopback}\n");
        row("instead of loopback", "permissions:\n  network: loopback # own\n", "network:10.0.0.7:5432",
            "permissions:\n  network: [\"10.0.0.7:5432\"] # own\n");
        row("one more", "permissions:\n  network: [a.example:1] # two soon\n", "network:[::1]:80",
            "permissions:\n  network: [a.example:1, \"[::1]:80\"] # two soon\n");
        row("one more line", "permissions:\n  network:\n    - a.example:1 # first\n", "network:b.example:2",
            "permissions:\n  network:\n    - a.example:1 # first\n    - \"b.example:2\"\n");
        row("beside all", "permissions: {network: all}\n", "network:127.0.0.1:5432",
            "permissions: {network: [all, \"127.0.0.1:5432\"]}\n");
        row("all beside", "permissions: {network: [127.0.0.1:5432]}\n", "network:all",
            "permissions: {network: [127.0.0.1:5432, all]}\n");
        row("there already", "permissions: {network: [Example.com:443]}\n", "network:example.com:443",
            "permissions: {network: [Example.com:443]}\n");
        row("loopback is in hosts", "permissions: {network: [a.example:1]}\n", "network:loopback",
            "permissions: {network: [a.example:1]}\n");
        row("a file", "permissions: {network: loopback}\n", "files:../../data:ro",
            "permissions: {network: loopback, files: [{path: \"../../data\", mode: ro}]}\n");
        row("to write", "permissions:\n  files:\n    - path: ../../data # all\n      mode: ro\n", "files:../../data:rw",
            "permissions:\n  files:\n    - path: ../../data # all\n      mode: rw\n");
        row("not back to reading", "permissions: {files: [{path: ../../data, mode: rw}]}\n", "files:../../data:ro",
            "permissions: {files: [{path: ../../data, mode: rw}]}\n");
    }
    void aGrantIsAddedWhereItBelongsAndTheRestKept()
    {
        QFETCH(QString, before);
        QFETCH(QString, grant);
        QFETCH(QString, after);
        const TemporaryWorkspace workspace;
        fs::create_directories(workspace.folder() / "data");
        workspace.function("a", before.toStdString());
        const auto parsed = parseGrant(grant.toStdString());
        QVERIFY(parsed);
        QCOMPARE(QString::fromStdString(toText(*parsed)), grant);
        const auto done = apply(workspace.folder(), Permit{"a", {*parsed}}, context());
        QVERIFY2(done, done ? "" : done.error().text().c_str());
        QCOMPARE(QString::fromStdString(workspace.read("functions/a/function.yaml")),
                 QStringLiteral("runtime: python\nhandler: handler.handler\n") + after);
    }

    void grantsAreTakenBackOneByOne()
    {
        const TemporaryWorkspace workspace;
        fs::create_directories(workspace.folder() / "data");
        workspace.function("a", "permissions:\n  network: [A.example:1, all, \"[::1]:80\"] # three\n"
                                "  files: [{path: ../../data, mode: ro}]\n");
        const auto revoke = [&](const char *grant) {
            return bool(apply(workspace.folder(), Revoke{"a", {*parseGrant(grant)}}, context()));
        };
        const auto text = [&] { return workspace.read("functions/a/function.yaml").substr(41); };
        QVERIFY(revoke("network:all"));
        QCOMPARE(text(), std::string("permissions:\n  network: [A.example:1, \"[::1]:80\"] # three\n"
                                     "  files: [{path: ../../data, mode: ro}]\n"));
        QVERIFY(revoke("network:a.example:1"));
        QVERIFY(revoke("network:a.example:1")); // it is gone
        QCOMPARE(text(), std::string("permissions:\n  network: [\"[::1]:80\"] # three\n"
                                     "  files: [{path: ../../data, mode: ro}]\n"));
        QVERIFY(revoke("network:[::1]:80"));
        QVERIFY(revoke("files:../../data:ro"));
        const auto after = workspace.reread("a").settings;
        QVERIFY(after && after->permissions == Permissions{});
    }

    void whatCannotBeGrantedIsRefusedAndNothingWritten()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "timeout: 3s\n");
        const std::string before = workspace.read("functions/a/function.yaml");
        for (const char *grant : {"files:/etc/shadow:ro", "files:../..:ro", "files:/nowhere/at/all:ro"}) {
            const std::string refusal = refusalOf(workspace, Permit{"a", {*parseGrant(grant)}});
            QVERIFY2(contains(refusal, grant), refusal.c_str());
            QCOMPARE(workspace.read("functions/a/function.yaml"), before);
        }
        for (const char *text : {"network:", "network:none", "network:a.example", "network:a.example:0", "files:/a",
                                 "files::ro", "secret:", "secret:1A", "root", "", "network:127.1:80",
                                 "network:0x7f000001:80", "network:2130706433:80", "network:a..b:1", "network:-a:1"}) {
            const auto grant = parseGrant(text);
            QVERIFY2(!grant, text);
            QVERIFY(!grant.error().remedy.empty());
        }
        workspace.function("b", "timeout: long\n");
        QVERIFY(contains(refusalOf(workspace, Permit{"b", {*parseGrant("network:all")}}), "errors"));
    }

    void aValueIsSetAndTheRestKept()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "timeout: 3s   # enough\n");
        const fs::path file = workspace.folder() / "functions/a/function.yaml";
        fs::permissions(file, fs::perms(0640));
        QVERIFY(apply(workspace.folder(), SetValue{"a", {"timeout"}, "5s"}, context()));
        QCOMPARE(workspace.read("functions/a/function.yaml"),
                 std::string("runtime: python\nhandler: handler.handler\ntimeout: 5s   # enough\n"));
        QVERIFY(fs::status(file).permissions() == fs::perms(0640));
        QVERIFY(apply(workspace.folder(), SetValue{"a", {"timeout"}, ""}, context()));
        QCOMPARE(workspace.read("functions/a/function.yaml"),
                 std::string("runtime: python\nhandler: handler.handler\n"));
        QCOMPARE(entriesIn(workspace.folder() / "functions/a"), std::size_t(2)); // no temporary file is left
    }

    void anEditThatWouldMakeTheFileInvalidIsRefusedWithTheProblem()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        const std::string before = workspace.read("functions/a/function.yaml");
        QVERIFY(contains(refusalOf(workspace, SetValue{"a", {"timeout"}, "fast"}),
                         "functions/a/function.yaml: timeout: expected a duration such as 3s, found \"fast\""));
        QVERIFY(contains(refusalOf(workspace, SetValue{"a", {"on_success"}, "b"}), "'on_success' is not built yet"));
        QVERIFY(contains(refusalOf(workspace, SetValue{"a", {"runtime"}, ""}), "runtime: expected python, node"));
        QVERIFY(contains(refusalOf(workspace, AddTrigger{"a", ScheduleTrigger{"never", "UTC"}}), "five fields"));
        QVERIFY(contains(refusalOf(workspace, AddTrigger{"a", HttpTrigger{"GET", "x"}}), "must begin with /"));
        QCOMPARE(workspace.read("functions/a/function.yaml"), before);
    }

    void aBrokenFileCanBeMendedStepByStep()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "timeout: fast\nmemory: big\n");
        QVERIFY(apply(workspace.folder(), SetValue{"a", {"timeout"}, "3s"}, context()));
        QVERIFY(contains(refusalOf(workspace, SetValue{"a", {"retries"}, "-1"}), "retries: expected"));
        QVERIFY(apply(workspace.folder(), SetValue{"a", {"memory"}, "128MB"}, context()));
        QVERIFY(workspace.reread("a").settings);
    }

    void triggersAreAddedReplacedAndRemoved()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "# end\n");
        const std::vector<Trigger> triggers{HttpTrigger{"POST", "/a/{id}"}, ScheduleTrigger{"0 2 * * *", "Asia/Tokyo"},
                                            UrlTrigger{}};
        for (const Trigger &trigger : triggers)
            QVERIFY(apply(workspace.folder(), AddTrigger{"a", trigger}, context()));
        QVERIFY(workspace.reread("a").settings->triggers == triggers);
        QVERIFY(apply(workspace.folder(), ReplaceTrigger{"a", 0, ScheduleTrigger{"rate(1 minute)", "UTC"}}, context()));
        QVERIFY(apply(workspace.folder(), RemoveTrigger{"a", 1}, context()));
        QVERIFY((workspace.reread("a").settings->triggers ==
                 std::vector<Trigger>{ScheduleTrigger{"rate(1 minute)", "UTC"}, UrlTrigger{}}));
        QVERIFY(contains(refusalOf(workspace, RemoveTrigger{"a", 2}), "no trigger 2"));
        QVERIFY(apply(workspace.folder(), RemoveTrigger{"a", 1}, context()));
        QVERIFY(apply(workspace.folder(), RemoveTrigger{"a", 0}, context()));
        QVERIFY(workspace.reread("a").settings->triggers.empty());
    }

    void aRouteOfAnotherFunctionIsRefused()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        workspace.function("b", "triggers:\n  - http: GET /x/{id}\n");
        QVERIFY(contains(refusalOf(workspace, AddTrigger{"a", HttpTrigger{"GET", "/x/{other}"}}),
                         "already a route of the function 'b'"));
        QVERIFY(apply(workspace.folder(), AddTrigger{"a", HttpTrigger{"PUT", "/x/{other}"}}, context()));
        QVERIFY(contains(refusalOf(workspace, SetValue{"a", {"triggers", "0", "http"}, "GET /x/{y}"}),
                         "already a route of the function 'b'"));
    }

    void nothingIsWrittenThroughALink()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        const fs::path file = workspace.folder() / "functions/a/function.yaml";
        fs::rename(file, workspace.beside() / "elsewhere.yaml");
        fs::create_symlink(workspace.beside() / "elsewhere.yaml", file);
        QVERIFY(contains(refusalOf(workspace, SetValue{"a", {"timeout"}, "5s"}), "symbolic link"));
        fs::create_directory(workspace.beside() / "outside");
        fs::create_directory_symlink(workspace.beside() / "outside", workspace.folder() / "functions/a/events");
        QVERIFY(refusalOf(workspace, SaveTestEvent{"a", "x", "{}"}) != "no refusal");
        QVERIFY(fs::is_empty(workspace.beside() / "outside"));
        for (const char *name : {"..", "../x", "a/../a", "", "."})
            QVERIFY2(contains(refusalOf(workspace, SetValue{name, {"timeout"}, "5s"}), "no function"), name);
    }

    void everyTemplateMakesAGoodFunction()
    {
        const auto templates = listTemplates(context().resources);
        QCOMPARE(templates.size(), std::size_t(22));
        QCOMPARE(templates[0].language + "/" + templates[0].name, std::string("python/basic"));
        const TemporaryWorkspace workspace;
        for (const FunctionTemplate &each : templates) {
            QVERIFY(!each.title.empty() && !each.description.empty());
            const std::string name = each.language + "-" + each.name;
            QVERIFY(apply(workspace.folder(), NewFunction{name, each.language, each.name}, context()));
            const FunctionFiles read = workspace.reread(name);
            QVERIFY2(read.settings && read.problems.empty(),
                     read.problems.empty() ? "" : read.problems[0].text().c_str());
            QVERIFY((read.testEvents == std::vector<std::string>{"example.json"}));
            for (const char *file : {"function.yaml", "events/example.json"})
                QVERIFY2(!contains(workspace.read("functions/" + name + "/" + file), "{{"), name.c_str());
            QVERIFY(!fs::exists(workspace.folder() / "functions" / name / "template.json"));
        }
        QVERIFY(apply(workspace.folder(), NewFunction{"versioned", "python@3.11", "basic"}, context()));
        QCOMPARE(workspace.reread("versioned").settings->runtime.version, std::string("3.11"));
    }

    void newFunctionsAreRefusedWithAReason()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        const auto refused = [&](const NewFunction &edit, const char *why) {
            return contains(refusalOf(workspace, edit), why);
        };
        QVERIFY(refused({"a", "python", "basic"}, "already"));
        QVERIFY(refused({"1", "python", "basic"}, "name is a letter"));
        QVERIFY(refused({"../b", "python", "basic"}, "name is a letter"));
        QVERIFY(refused({"b", "cobol", "basic"}, "there is no template cobol/basic: there are python/basic"));
        QVERIFY(refused({"b", "python", "../node/basic"}, "no template"));
        QVERIFY(refused({"b", "python@x", "basic"}, "expected a version"));
        QCOMPARE(entriesIn(workspace.folder() / "functions"), std::size_t(1));
        QCOMPARE(entriesIn(workspace.folder() / ".kiln"), std::size_t(0));
    }

    void deletedFunctionsAreInTheTrash()
    {
        const TemporaryWorkspace workspace;
        for (int i = 0; i < 2; ++i) {
            workspace.function("a");
            QVERIFY(apply(workspace.folder(), DeleteFunction{"a"}, context()));
            QVERIFY(!fs::exists(workspace.folder() / "functions/a"));
        }
        QVERIFY(fs::exists(workspace.folder() / ".kiln/trash/a-20260301T000000.000/handler.py"));
        QVERIFY(fs::exists(workspace.folder() / ".kiln/trash/a-20260301T000000.000-2/handler.py"));
        QVERIFY(contains(refusalOf(workspace, DeleteFunction{"a"}), "no function"));
        QVERIFY(fs::status(workspace.folder() / ".kiln").permissions() == fs::perms(0700));
    }

    void testEventsAreSavedAndDeleted()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        QVERIFY(apply(workspace.folder(), SaveTestEvent{"a", "order", "{\"x\":1}"}, context()));
        QVERIFY(apply(workspace.folder(), SaveTestEvent{"a", "raw.bin", std::string("\0\xff", 2)}, context()));
        QVERIFY(apply(workspace.folder(), SaveTestEvent{"a", "order.json", "{}"}, context()));
        QCOMPARE(workspace.read("functions/a/events/order.json"), std::string("{}"));
        QVERIFY((workspace.reread("a").testEvents == std::vector<std::string>{"order.json", "raw.bin"}));
        QVERIFY(apply(workspace.folder(), DeleteTestEvent{"a", "order.json"}, context()));
        QVERIFY((workspace.reread("a").testEvents == std::vector<std::string>{"raw.bin"}));
        QVERIFY(contains(refusalOf(workspace, DeleteTestEvent{"a", "order.json"}), "no such test event"));
        for (const char *name : {"", ".hidden", "../x.json", "a/b.json", "a\nb.json"})
            QVERIFY2(contains(refusalOf(workspace, SaveTestEvent{"a", name, "{}"}), "file name"), name);
        QVERIFY(
            contains(refusalOf(workspace, SaveTestEvent{"a", "big", std::string((6 << 20) + 1, ' ')}), "at most 6MB"));
    }

    void aReadOnlyWorkspaceIsAnErrorAndNoCrash()
    {
        if (::geteuid() == 0)
            QSKIP("root writes everywhere");
        const TemporaryWorkspace workspace;
        workspace.function("a");
        fs::permissions(workspace.folder() / "functions/a", fs::perms(0500));
        fs::permissions(workspace.folder(), fs::perms(0500));
        QVERIFY(contains(refusalOf(workspace, SetValue{"a", {"timeout"}, "5s"}), "cannot be written"));
        QVERIFY(refusalOf(workspace, DeleteFunction{"a"}) != "no refusal");
        fs::permissions(workspace.folder(), fs::perms(0700));
        fs::permissions(workspace.folder() / "functions/a", fs::perms(0700));
    }
};

QTEST_GUILESS_MAIN(tst_WorkspaceEdits)
#include "tst_workspace_edits.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/setting_rules.h"
#include "core/project/yaml_tree.h"
#include "tests/core/project/temporary_workspace.h"

#include <QTest>

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

using namespace kiln;
using namespace std::chrono_literals;
using test::TemporaryWorkspace;

namespace {

std::string textOf(const std::vector<Problem> &problems)
{
    std::string text;
    for (const Problem &problem : problems)
        text += problem.text() + "\n";
    return text;
}

/// The only problem of a function that is good but for `yaml`, without its place.
std::string problemOf(const std::string &yaml)
{
    const TemporaryWorkspace workspace;
    workspace.function("a", yaml);
    const FunctionFiles read = workspace.reread("a");
    if (read.problems.size() != 1)
        return std::to_string(read.problems.size()) + " problems: " + textOf(read.problems);
    const Problem &problem = read.problems.front();
    return std::to_string(problem.line) + ": " + problem.key + ": " + problem.message;
}

} // namespace

class tst_WorkspaceReading : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFunctionWithTwoKeysHasLambdasDefaults()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        const FunctionFiles read = workspace.reread("a");
        QCOMPARE(textOf(read.problems), std::string());
        FunctionSettings expected;
        expected.name = "a";
        expected.handler = "handler.handler";
        QVERIFY(*read.settings == expected);
        QCOMPARE(read.settings->limits.memory, 128_MB);
        QCOMPARE(read.settings->limits.timeout, 3s);
    }

    void everyBuiltKeyIsRead()
    {
        const TemporaryWorkspace workspace;
        std::filesystem::create_directory(workspace.folder() / "data");
        workspace.function("a", R"(memory: 256MB
cpu: unlimited
timeout: 15m
tmp: 1GB
concurrency: {max: 7, queue: 0}
keep_warm: 90s
reuse: never
isolation: strict
environment:
  CURRENCY: EUR
  CODE: 0815
  ON: true
  EMPTY: ""
permissions:
  network: loopback
  files: [{path: ../../data, mode: rw}]
triggers:
  - http: POST /orders/{id}
  - url: {auth: none}
  - schedule: "0 2 * * *"
    timezone: Europe/Berlin
retries: 0
max_age: 14d
)");
        const FunctionFiles read = workspace.reread("a");
        QCOMPARE(textOf(read.problems), std::string());
        const FunctionSettings &settings = *read.settings;
        QCOMPARE(settings.limits.memory, 256_MB);
        QVERIFY(settings.limits.cpu == Limits::Cpu::Unlimited);
        QCOMPARE(settings.limits.timeout, 15min);
        QCOMPARE(settings.limits.tmp, 1_GB);
        QVERIFY((settings.concurrency == Concurrency{7, 0}));
        QVERIFY((settings.keepWarm == KeepWarm{KeepWarm::Policy::Fixed, 90s}));
        QVERIFY(settings.reuse == Reuse::Never);
        QVERIFY(settings.isolation == Isolation::Strict);
        QVERIFY((settings.environment == std::map<std::string, std::string>{
                                             {"CODE", "0815"}, {"CURRENCY", "EUR"}, {"EMPTY", ""}, {"ON", "true"}}));
        QVERIFY(settings.permissions.network == Permissions::Network::Loopback);
        QCOMPARE(settings.permissions.files.size(), std::size_t(1));
        QCOMPARE(settings.permissions.files[0].path, std::string("../../data"));
        QVERIFY(settings.permissions.files[0].mode == Permissions::Mode::ReadWrite);
        QVERIFY((settings.triggers == std::vector<Trigger>{HttpTrigger{"POST", "/orders/{id}"}, UrlTrigger{},
                                                           ScheduleTrigger{"0 2 * * *", "Europe/Berlin"}}));
        QVERIFY((settings.retry == RetryPolicy{0, 14 * 24h}));
        QVERIFY((read.triggerLines == std::vector<int>{20, 21, 22}));
    }

    void scalingIsRead()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "concurrency: {max: 9, min: 2, queue_age: 30s, balance: round_robin, burst: lambda, "
                                "target: {concurrency: 0.7}}\nkeep_warm: adaptive\n");
        workspace.function("b", "concurrency: {balance: least_loaded, burst: {workers: 5, per: 1m}, target: {rate: "
                                "12.5}}\n");
        workspace.function("c", "concurrency: {queue_age: none, burst: none, target: none, balance: most_recent}\n");
        const FunctionFiles a = workspace.reread("a");
        QCOMPARE(textOf(a.problems), std::string());
        QVERIFY(a.settings->keepWarm.policy == KeepWarm::Policy::Adaptive);
        QVERIFY((a.settings->concurrency == Concurrency{9, 1000, 2, 30s, Balance::RoundRobin, BurstLimit{1000, 10s},
                                                        ScaleTarget{ScaleTarget::Measure::Concurrency, 0.7}}));
        QVERIFY((workspace.reread("b").settings->concurrency ==
                 Concurrency{20,
                             1000,
                             0,
                             {},
                             Balance::LeastLoaded,
                             BurstLimit{5, 1min},
                             ScaleTarget{ScaleTarget::Measure::Rate, 12.5}}));
        QVERIFY(workspace.reread("c").settings->concurrency == Concurrency{});
    }

    void severalAtOnceAreForLanguagesThatCan_data()
    {
        QTest::addColumn<QString>("yaml");
        QTest::addColumn<QString>("problem");
        QTest::newRow("node") << "runtime: node\nhandler: a.b\nconcurrency: {per_worker: 10}\n"
                              << "";
        QTest::newRow("typescript") << "runtime: typescript\nhandler: a.b\nconcurrency: {per_worker: 10}\n"
                                    << "";
        QTest::newRow("custom") << "runtime: custom\nhandler: a\nconcurrency: {per_worker: 1000}\n"
                                << "";
        QTest::newRow("ruby") << "runtime: ruby\nhandler: a.b\nconcurrency: {per_worker: 2}\n"
                              << "3: concurrency.per_worker: ruby runs one event at a time in a worker; use "
                                 "concurrency.max";
        QTest::newRow("one at a time") << "runtime: exec\nhandler: ./a\nconcurrency: {per_worker: 1}\n"
                                       << "";
        QTest::newRow("a worker for each")
            << "runtime: node\nhandler: a.b\nconcurrency: {per_worker: 2}\nreuse: never\n"
            << "4: reuse: never gives each event a worker of its own, but "
               "concurrency.per_worker is 2; leave one of the two out";
        QTest::newRow("a target for it")
            << "runtime: node\nhandler: a.b\nconcurrency: {per_worker: 10, target: {concurrency: 7.5}}\n"
            << "";
        QTest::newRow("a target beyond it")
            << "runtime: node\nhandler: a.b\nconcurrency: {target: {concurrency: 3}, per_worker: 2}\n"
            << "3: concurrency.target.concurrency: expected a number from 0.01 to 2, found \"3\"";
    }
    void severalAtOnceAreForLanguagesThatCan()
    {
        QFETCH(QString, yaml);
        QFETCH(QString, problem);
        const TemporaryWorkspace workspace;
        workspace.write("functions/a/function.yaml", yaml.toStdString());
        QString errors;
        for (const Problem &each : workspace.reread("a").problems)
            if (each.severity == Problem::Severity::Error)
                errors += QString::number(each.line) + QLatin1String(": ") + QString::fromStdString(each.key) +
                          QLatin1String(": ") + QString::fromStdString(each.message);
        QCOMPARE(errors, problem);
    }

    void whatIsReservedBeyondTheBudgetIsWarnedOf()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "concurrency: {min: 3}\n");
        workspace.function("b", "concurrency: {min: 2}\n");
        workspace.write("kiln.yaml", "scaling: {workers: 5}\n");
        QVERIFY(readWorkspace(workspace.folder())->problems.empty());
        workspace.write("kiln.yaml", "scaling: {workers: 4}\n");
        const auto read = readWorkspace(workspace.folder());
        QCOMPARE(read->kiln->scaling.workers, 4);
        QCOMPARE(read->problems.size(), std::size_t(1));
        QVERIFY(read->problems[0].severity == Problem::Severity::Warning);
        QCOMPARE(read->problems[0].key, std::string("scaling.workers"));
        workspace.write("kiln.yaml", "scaling: {workers: 0}\n");
        QVERIFY(!readWorkspace(workspace.folder())->kiln);
    }

    void runtimesMayNameAVersion()
    {
        const TemporaryWorkspace workspace;
        workspace.write("functions/a/function.yaml", "runtime: node@20\nhandler: src/app.run\n");
        workspace.write("functions/a/src/app.mjs", "");
        const FunctionFiles read = workspace.reread("a");
        QCOMPARE(textOf(read.problems), std::string());
        QVERIFY((read.settings->runtime == RuntimeChoice{Language::Node, "20"}));
        QCOMPARE(read.files, std::vector<std::string>{"src/app.mjs"});
    }

    void theRuntimeApisPortIsNoHostsOfACustomRuntime()
    {
        const TemporaryWorkspace workspace;
        workspace.write("functions/a/function.yaml",
                        "runtime: custom\npermissions:\n  network: [a.example:443, b.example:9001]\n");
        workspace.write("functions/a/bootstrap", "#!/bin/sh\n");
        const auto files = workspace.reread("a");
        QVERIFY(std::any_of(files.problems.begin(), files.problems.end(), [](const Problem &problem) {
            return problem.text().find(
                       "3: permissions.network: b.example:9001 cannot be reached with runtime: custom") !=
                   std::string::npos;
        }));
        QVERIFY(std::none_of(files.problems.begin(), files.problems.end(), [](const Problem &problem) {
            return problem.text().find("a.example") != std::string::npos;
        }));
    }

    void aBadValueIsNamedByPlaceKeyAndExpectation_data()
    {
        QTest::addColumn<QString>("yaml");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char *yaml, const char *problem) { QTest::newRow(yaml) << yaml << problem; };
        row("timeout: fast\n", "3: timeout: expected a duration such as 3s, found \"fast\"");
        row("timeout: 3\n", "3: timeout: expected a duration such as 3s, found \"3\"");
        row("timeout: 16m\n", "3: timeout: expected a duration from 1ms to 15m, found \"16m\"");
        row("timeout: [3s]\n", "3: timeout: expected a duration such as 3s, found a list");
        row("timeout:\n", "3: timeout: expected a duration such as 3s, found nothing");
        row("memory: 64MB\n", "3: memory: expected a size from 128MB to 10GB, found \"64MB\"");
        row("cpu: 2\n", "3: cpu: expected proportional or unlimited, found \"2\"");
        row("\n\nconcurrency:\n  max: many\n",
            "6: concurrency.max: expected a whole number from 1 to 1000, found \"many\"");
        row("concurrency: {max: \"5\"}\n", "3: concurrency.max: expected a whole number from 1 to 1000, found \"5\"");
        row("retries: 2.5\n", "3: retries: expected a whole number from 0 to 10, found \"2.5\"");
        row("retries: 11\n", "3: retries: expected a whole number from 0 to 10, found \"11\"");
        row("max_age: 30s\n", "3: max_age: expected a duration from 1m to 14d, found \"30s\"");
        row("reuse: sometimes\n", "3: reuse: expected always or never, found \"sometimes\"");
        row("isolation: some\n", "3: isolation: expected standard or strict, found \"some\"");
        row("timeot: 3s\n", "3: timeot: unknown key: did you mean 'timeout'?");
        row("concurrency: {maximum: 3}\n", "3: concurrency.maximum: unknown key: expected one of max, min, "
                                           "queue, queue_age, balance, burst, target, per_worker");
        row("concurrency: {min: 21}\n", "3: concurrency.min: expected at most concurrency.max (20), found \"21\"");
        row("concurrency: {per_worker: 0}\n",
            "3: concurrency.per_worker: expected a whole number from 1 to 1000, found \"0\"");
        row("concurrency: {per_worker: 1001}\n",
            "3: concurrency.per_worker: expected a whole number from 1 to 1000, found \"1001\"");
        row("concurrency:\n  per_worker: 2\n",
            "4: concurrency.per_worker: python runs one event at a time in a worker; "
            "use concurrency.max");
        row("concurrency: {queue_age: 1h}\n", "3: concurrency.queue_age: expected a duration from 1ms to 15m, found "
                                              "\"1h\"");
        row("concurrency: {balance: random}\n",
            "3: concurrency.balance: expected most_recent, round_robin or least_loaded, found \"random\"");
        row("concurrency: {burst: fast}\n", "3: concurrency.burst: expected none, lambda or a map such as {workers: "
                                            "50, per: 10s}, found \"fast\"");
        row("concurrency: {burst: {per: 10s}}\n",
            "3: concurrency.burst: expected workers such as {workers: 50, per: 10s}, found none");
        row("concurrency: {burst: {workers: 0}}\n",
            "3: concurrency.burst.workers: expected a whole number from 1 to 1000, found \"0\"");
        row("concurrency: {target: 0.7}\n",
            "3: concurrency.target: expected none, or either {concurrency: 0.7} or {rate: 50}, found \"0.7\"");
        row("concurrency: {target: {}}\n",
            "3: concurrency.target: expected none, or either {concurrency: 0.7} or {rate: 50}, found neither of them");
        row("concurrency: {target: {rate: 1, concurrency: 1}}\n",
            "3: concurrency.target: expected none, or either {concurrency: 0.7} or {rate: 50}, found both of them");
        row("concurrency: {target: {concurrency: 2}}\n",
            "3: concurrency.target.concurrency: expected a number from 0.01 to 1, found \"2\"");
        row("concurrency: {target: {rate: 1e3}}\n",
            "3: concurrency.target.rate: expected a number from 0.01 to 10000, found \"1e3\"");
        row("permissions: {netwrok: none}\n", "3: permissions.netwrok: unknown key: did you mean 'network'?");
        row("secrets: API_KEY\n",
            "3: secrets: expected a list of at most 50 names such as [API_KEY], found \"API_KEY\"");
        row("secrets: [A, A]\n", "3: secrets[1]: this name is there twice");
        row("secrets: [AWS_REGION]\n", "3: secrets[0]: expected a name of letters, digits and _ that the runtime does "
                                       "not set, found \"AWS_REGION\"");
        row("environment: {A: x}\nsecrets: [A]\n", "4: secrets: A is a variable of the environment, too");
        row("permissions: {network: some}\n",
            "3: permissions.network: expected none, loopback, all, or a list of at most 50 such as [example.com:443], "
            "found \"some\"");
        row("permissions: {network: [\"127.1:80\"]}\n",
            "3: permissions.network[0]: expected all, or HOST:PORT such as example.com:443 or \"[::1]:5432\", found "
            "\"127.1:80\"");
        row("permissions: {network: [a.example:80, A.example.:80]}\n",
            "3: permissions.network[1]: this is granted twice");
        row("memory: 128MB\nmemory: 256MB\n", "4: memory: this key is there twice");
        row("environment:\n  A: 1\n  A: 2\n", "5: environment.A: this key is there twice");
        row("environment: {A-B: 1}\n", "3: environment.A-B: expected a name of letters, digits and _, found \"A-B\"");
        row("environment: {A: [1]}\n", "3: environment.A: expected text (\"\" for none), found a list");
        row("environment: [A]\n", "3: environment: expected a map such as {CURRENCY: EUR}, found a list");
        row("triggers: POST /a\n",
            "3: triggers: expected a list of triggers such as \"- http: POST /orders\", found \"POST /a\"");
        row("triggers:\n  - cron: x\n", "4: triggers[0]: expected exactly one of http, url, schedule");
        row("triggers:\n  - http: POST /a\n    url: {}\n",
            "4: triggers[0]: expected exactly one of http, url, schedule");
        row("triggers:\n  - url: {}\n  - schedule: never\n", "5: triggers[1].schedule: expected five fields, found 1");
        row("triggers:\n  - http: POST /a\n    timezone: UTC\n",
            "5: triggers[0].timezone: only a schedule has a timezone");
    }
    void aBadValueIsNamedByPlaceKeyAndExpectation()
    {
        QFETCH(QString, yaml);
        QFETCH(QString, problem);
        if (yaml.contains(QLatin1String("cron"))) // two: the unknown key, and no kind
            QVERIFY(QString::fromStdString(problemOf(yaml.toStdString())).contains(problem.mid(3)));
        else
            QCOMPARE(QString::fromStdString(problemOf(yaml.toStdString())), problem);
    }

    void hostsAreReadByNameAndNumber()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "permissions:\n  network: [Db.Example:5432, \"[::FFFF:10.0.0.7]:80\", localhost:1, "
                                "\"[2001:DB8::1]:443\"]\n");
        workspace.function("b", "permissions: {network: [\"10.0.0.7:80\", all]}\n");
        workspace.function("c", "permissions: {network: all}\n");
        const auto a = workspace.reread("a").settings;
        QVERIFY(a && a->permissions.network == Permissions::Network::Hosts);
        const std::vector<Permissions::HostGrant> hosts{
            {"db.example", 5432}, {"10.0.0.7", 80}, {"127.0.0.1", 1}, {"2001:db8::1", 443}};
        QVERIFY(a->permissions.hosts == hosts);
        const auto b = workspace.reread("b").settings;
        QVERIFY(b && b->permissions.network == Permissions::Network::All && b->permissions.hosts.size() == 1);
        const auto c = workspace.reread("c").settings;
        QVERIFY(c && c->permissions.network == Permissions::Network::All && c->permissions.hosts.empty());
    }

    void whatIsNotBuiltIsRefusedByName_data()
    {
        QTest::addColumn<QString>("yaml");
        QTest::addColumn<QString>("name");
        const auto row = [](const char *yaml, const char *name) { QTest::newRow(name) << yaml << name; };
        row("permissions: {services: {}}\n", "services");
        row("permissions: {invoke: [a]}\n", "invoke");
        row("triggers: [{url: {auth: aws_iam}}]\n", "auth: aws_iam");
        row("triggers: [{url: {auth: none, cors: {}}}]\n", "cors");
        row("triggers: [{bucket: uploads, events: [created]}]\n", "bucket");
        row("triggers: [{queue: payments, batch: 10}]\n", "queue");
        row("triggers: [{topic: a}]\n", "topic");
        row("triggers: [{stream: {name: a}}]\n", "stream");
        row("triggers: [{table: {name: a}}]\n", "table");
        row("triggers: [{sqlite: {}}]\n", "sqlite");
        row("triggers: [{postgres: {}}]\n", "postgres");
        row("on_success: topic:done\n", "on_success");
        row("on_failure: queue:dead\n", "on_failure");
    }
    void whatIsNotBuiltIsRefusedByName()
    {
        QFETCH(QString, yaml);
        QFETCH(QString, name);
        const QString problem = QString::fromStdString(problemOf(yaml.toStdString()));
        QVERIFY2(problem.endsWith(QStringLiteral(": \'%1' is not built yet in this version of Kiln").arg(name)),
                 qPrintable(problem));
    }

    void reservedVariablesAreRefused()
    {
        for (const std::string name :
             {"AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "_HANDLER", "LAMBDA_TASK_ROOT", "KILN_X"})
            QVERIFY(problemOf("environment: {" + name + ": x}\n").find("set by the runtime") != std::string::npos);
        const TemporaryWorkspace workspace;
        workspace.function("a", "environment: {PATH: /usr/bin, TZ: UTC, AWS_PROFILE: x}\n");
        QVERIFY(workspace.reread("a").settings);
    }

    void theEnvironmentIsAtMostFourKilobytes()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "environment: {A: " + std::string(4095, 'x') + "}\n");
        QVERIFY(workspace.reread("a").settings);
        QVERIFY(problemOf("environment: {A: " + std::string(4096, 'x') + "}\n").find("found 4097") !=
                std::string::npos);
    }

    void routesFollowTheirGrammar_data()
    {
        QTest::addColumn<QString>("route");
        QTest::addColumn<QString>("problem");
        const auto good = [](const char *route) { QTest::newRow(route) << route << QString(); };
        const auto bad = [](const char *route, const char *problem) { QTest::newRow(route) << route << problem; };
        good("GET /");
        good("ANY /a/{b}/c-d/{e+}");
        good("GET /%C3%A4/~x");
        bad("get /a", "found \"get\"");
        bad("POST", "expected a method and a path");
        bad("POST a", "must begin with /");
        bad("POST  /a", "must begin with /");
        bad("POST /a/", "must not end with /");
        bad("POST /a//b", "empty segment");
        bad("POST /a/../b", "must not hold \"..\"");
        bad("POST /a b", "characters");
        bad("POST /a%zz", "characters");
        bad("POST /a?b=c", "characters");
        bad("POST /x{id}", "takes a whole segment");
        bad("POST /{}", "is no parameter");
        bad("POST /{id}/{id}", "is there twice");
        bad("POST /{id+}/b", "must come last");
        bad("POST /fn/a", "Kiln's own");
        bad("POST /_kiln", "Kiln's own");
    }
    void routesFollowTheirGrammar()
    {
        QFETCH(QString, route);
        QFETCH(QString, problem);
        const TemporaryWorkspace workspace;
        workspace.function("a", "triggers:\n  - http: \"" + route.toStdString() + "\"\n");
        const FunctionFiles read = workspace.reread("a");
        QCOMPARE(read.settings.has_value(), problem.isEmpty());
        QVERIFY2(problem.isEmpty() || QString::fromStdString(textOf(read.problems)).contains(problem),
                 textOf(read.problems).c_str());
    }

    void twoFunctionsCannotShareARoute()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "triggers:\n  - http: GET /x/{id}\n  - http: POST /x/{id}\n");
        workspace.function("b", "triggers:\n  - url: {}\n  - http: GET /x/{name}\n");
        workspace.function("c", "triggers: [{http: ANY /x/{id}}]\n");
        workspace.write("functions/c/function.yaml",
                        "runtime: python\nhandler: handler.handler\ntriggers: [{http: \"GET /x/{rest+}\"}]\n");
        const auto read = readWorkspace(workspace.folder());
        QVERIFY(read->functions[0].settings);
        QVERIFY(!read->functions[1].settings);
        QVERIFY(read->functions[2].settings); // another shape
        QCOMPARE(textOf(read->functions[1].problems),
                 std::string("functions/b/function.yaml:5: triggers[1].http: GET /x/{name} is already a route of the "
                             "function 'a'\n"));
    }

    void oneBadFunctionDoesNotKeepTheRestFromOpening()
    {
        const TemporaryWorkspace workspace;
        workspace.function("bad", "timeout: [\n");
        workspace.function("good");
        workspace.write("functions/empty/readme", "no function.yaml");
        workspace.write("functions/.hidden/x", "");
        workspace.write("functions/notes.txt", "");
        const auto read = readWorkspace(workspace.folder());
        QVERIFY(read);
        QCOMPARE(read->functions.size(), std::size_t(3));
        QVERIFY(!read->functions[0].settings);
        QVERIFY(read->functions[0].problems[0].message.starts_with("not YAML: "));
        QCOMPARE(textOf(read->functions[1].problems),
                 std::string("functions/empty/function.yaml: missing: a function needs this file with at least runtime "
                             "and handler\n"));
        QVERIFY(read->functions[2].settings);
        QCOMPARE(read->kiln->name, std::string("shop"));
    }

    void kilnYamlIsReadStrictly()
    {
        const TemporaryWorkspace workspace;
        workspace.write("kiln.yaml", "");
        QCOMPARE(readWorkspace(workspace.folder())->kiln->name, std::string("shop"));
        const auto problemOfKiln = [&](const std::string &yaml) {
            workspace.write("kiln.yaml", yaml);
            return textOf(readWorkspace(workspace.folder())->problems);
        };
        for (const char *good : {"127.0.0.1:0", "localhost:8080", "\"[::1]:7070\""})
            QCOMPARE(problemOfKiln("listen: " + std::string(good) + "\n"), std::string());
        for (const char *bad : {"7070", "127.0.0.1", "127.0.0.1:70000", "host:80", "\"127.0.0.1:\"", "[1]"})
            QVERIFY2(problemOfKiln("listen: " + std::string(bad) + "\n").find("expected an address") !=
                         std::string::npos,
                     bad);
        QVERIFY(problemOfKiln("listen: 0.0.0.0:80\n").find("other machines") != std::string::npos);
        QVERIFY(readWorkspace(workspace.folder())->kiln);
        for (const std::string later : {"aws", "services", "alarms", "budgets"})
            QCOMPARE(problemOfKiln(later + ": x\n"),
                     "kiln.yaml:1: " + later + ": '" + later + "' is not built yet in this version of Kiln\n");
        QCOMPARE(problemOfKiln("nmae: x\n"), std::string("kiln.yaml:1: nmae: unknown key: did you mean 'name'?\n"));
        QVERIFY(!readWorkspace(workspace.folder())->kiln);
        QVERIFY(!readWorkspace(workspace.beside()));
        workspace.function("a");
        QVERIFY(findWorkspace(workspace.folder() / "functions/a") == workspace.folder());
        QVERIFY(findWorkspace(workspace.folder() / "missing") == std::nullopt);
    }

    void whatIsNoTextOrNoPlainYamlIsRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("problem");
        const auto row = [](const QByteArray &bytes, const char *problem) {
            QTest::newRow(problem) << bytes << problem;
        };
        row(QByteArray("a: b\0c\n", 7), "1: : a control character");
        row("runtime: python\na: \xff\n", "2: : not UTF-8");
        row("runtime: python\n\tmemory: 1\n", "indented with a tab");
        row("a: &x [1]\nb: *x\n", "1: : anchors (&name) are not accepted");
        row("a: *x\n", "not YAML");
        row("a: !!str x\n", "tags (!name) are not accepted");
        row("---\na: 1\n---\nb: 2\n", "more than one document");
        row("? [a]\n: b\n", "a key must be a plain word");
        row(QByteArray(30, '[') + QByteArray(30, ']'), "nested more than 24 deep");
        row(QByteArray(100'000, '['), "1: ");
        row("a: \"\\0\"\n", "a NUL character");
        row(QByteArray(1 << 20, '#') + "\n", "larger than 1");
        row("a: [" + QByteArray("1,").repeated(30'000) + "]\n", "more than 20000 values");
        row("- a\n- b\n", "expected keys and values");
    }
    void whatIsNoTextOrNoPlainYamlIsRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, problem);
        const TemporaryWorkspace workspace;
        workspace.write("functions/a/function.yaml", bytes.toStdString());
        const FunctionFiles read = workspace.reread("a");
        QVERIFY(!read.settings);
        QVERIFY(!read.problems.empty());
        const Problem &first = read.problems.front();
        const std::string text = std::to_string(first.line) + ": " + first.key + ": " + first.message;
        QVERIFY2(QString::fromStdString(text).contains(problem), text.c_str());
    }

    void bomAndWindowsLineEndsAreRead()
    {
        const TemporaryWorkspace workspace;
        workspace.write("functions/a/function.yaml",
                        "\xEF\xBB\xBFruntime: python\r\nhandler: h.h\r\nenvironment:\r\n  A: ä\r\n  B: x y\r\nmemory: "
                        "nope\r\n");
        workspace.write("functions/a/h.py", "");
        const FunctionFiles read = workspace.reread("a");
        QCOMPARE(read.problems.size(), std::size_t(1));
        QCOMPARE(read.problems[0].line, 6);
        QCOMPARE(read.problems[0].column, 9);
    }

    void problemsComeInTheOrderOfTheFile()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "max_age: never\ntriggers:\n  - http: nowhere\nconcurrency: {min: 21}\nmemory: much\n");
        std::vector<std::string> keys;
        for (const Problem &problem : workspace.reread("a").problems)
            keys.push_back(problem.key);
        QCOMPARE(keys, (std::vector<std::string>{"max_age", "triggers[0].http", "concurrency.min", "memory"}));
    }

    void columnsCountCharacters()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a", "environment: {A: ääää, B-: x}\n");
        QCOMPARE(workspace.reread("a").problems[0].column, 24);
    }

    void linksOutOfTheWorkspaceAreNotFollowed()
    {
        const TemporaryWorkspace workspace;
        workspace.function("real");
        const auto functions = workspace.folder() / "functions";
        std::filesystem::create_directory_symlink(functions / "real", functions / "linked");
        std::filesystem::create_directory(functions / "half");
        std::filesystem::create_symlink(functions / "real/function.yaml", functions / "half/function.yaml");
        QCOMPARE(::mkfifo((functions / "real/pipe").c_str(), 0600), 0);
        std::filesystem::create_directory(functions / "fifo");
        QCOMPARE(::mkfifo((functions / "fifo/function.yaml").c_str(), 0600), 0); // opening it would wait for ever
        const auto read = readWorkspace(workspace.folder());
        QCOMPARE(read->functions.size(), std::size_t(4));
        QVERIFY(textOf(read->functions[0].problems).find("no plain file") != std::string::npos);
        QVERIFY(textOf(read->functions[1].problems).find("symbolic link") != std::string::npos);
        QVERIFY(textOf(read->functions[2].problems).find("symbolic link") != std::string::npos);
        QVERIFY(read->functions[3].settings);
    }

    void grantsStayAwayFromWhatIsNotTheirs_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char *path, const char *problem) { QTest::newRow(path) << path << problem; };
        row("../../data", "");
        row("../../data/x.csv", "");
        row("/etc/passwd", "system folders");
        row("/usr/share", "system folders");
        row("/proc/1", "system folders");
        row("/", "of the sandbox");
        row("/tmp/x", "/tmp of the sandbox");
        row("/opt/kiln", "/opt/kiln of the sandbox");
        row("/var/task/x", "/var/task of the sandbox");
        row("lib", "/var/task of the sandbox");
        row("../../etc", "system folders");
        row("../..", "of the sandbox");
        row("../../.kiln", ".kiln");
        row("../../functions", "code of functions");
        row("../../missing", "there is no ");
        row("../../link", "goes through the symbolic link");
        row("../../pipe", "neither a folder nor a plain file");
    }
    void grantsStayAwayFromWhatIsNotTheirs()
    {
        QFETCH(QString, path);
        QFETCH(QString, problem);
        const TemporaryWorkspace workspace;
        workspace.write("data/x.csv", "");
        std::filesystem::create_directory_symlink(workspace.folder() / "data", workspace.folder() / "link");
        QCOMPARE(::mkfifo((workspace.folder() / "pipe").c_str(), 0600), 0);
        workspace.function("a", "permissions:\n  files:\n    - path: " + path.toStdString() + "\n");
        const FunctionFiles read = workspace.reread("a");
        QCOMPARE(read.settings.has_value(), problem.isEmpty());
        QVERIFY2(problem.isEmpty() || QString::fromStdString(textOf(read.problems)).contains(problem),
                 textOf(read.problems).c_str());
    }

    void aMissingHandlerFileIsOnlyAWarning()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        std::filesystem::remove(workspace.folder() / "functions/a/handler.py");
        const FunctionFiles read = workspace.reread("a");
        QVERIFY(read.settings);
        QVERIFY(read.problems.front().severity == Problem::Severity::Warning);
    }

    void functionNamesAreBounded()
    {
        for (const char *good : {"a", "nightly-report", "A_1"})
            QVERIFY(isFunctionName(good));
        for (const std::string &bad : {std::string(), std::string("1a"), std::string("-a"), std::string("a.b"),
                                       std::string("ä"), std::string(65, 'a'), std::string("a/b"), std::string("..")})
            QVERIFY2(!isFunctionName(bad), bad.c_str());
    }

    void filesAndTestEventsAreListed()
    {
        const TemporaryWorkspace workspace;
        workspace.function("a");
        workspace.write("functions/a/lib/b.py", "");
        workspace.write("functions/a/__pycache__/b.pyc", "");
        workspace.write("functions/a/handler.py~", "");
        workspace.write("functions/a/events/two.json", "{}");
        workspace.write("functions/a/events/one.json", "{}");
        const FunctionFiles read = workspace.reread("a");
        QVERIFY((read.files == std::vector<std::string>{"handler.py", "lib/b.py"}));
        QVERIFY((read.testEvents == std::vector<std::string>{"one.json", "two.json"}));
    }

    void theSampleIsFlawless()
    {
        const auto read = readWorkspace(KILN_SOURCE_DIR "/resources/samples/shop");
        QVERIFY(read);
        QCOMPARE(textOf(read->problems), std::string());
        QCOMPARE(read->functions.size(), std::size_t(3));
        for (const FunctionFiles &function : read->functions) {
            QCOMPARE(textOf(function.problems), std::string());
            QVERIFY(!function.testEvents.empty());
        }
    }
};

QTEST_GUILESS_MAIN(tst_WorkspaceReading)
#include "tst_workspace_reading.moc"

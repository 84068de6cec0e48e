// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/bootstrap.h"
#include "core/runtime/launch_line.h"

#include <QTemporaryDir>
#include <QTest>

#include <boost/json.hpp>

using namespace kiln;
namespace json = boost::json;

class tst_LaunchLine : public QObject
{
    Q_OBJECT

    const std::filesystem::path m_resources = std::filesystem::path(KILN_SOURCE_DIR) / "resources";
    const std::filesystem::path m_python = m_resources / "runtimes/python";
    const std::filesystem::path m_node = m_resources / "runtimes/node";

private Q_SLOTS:
    void startsPythonWithoutSite()
    {
        const auto line = launchLine({Language::Python, "3.11.2", "/usr/bin/python3.11", {}, {}}, m_python, {});
        QVERIFY(line);
        QCOMPARE(line->argv, (std::vector<std::string>{"/usr/bin/python3.11", "-I", "-S", "/opt/kiln/bootstrap.py"}));
        QCOMPARE(line->binds.size(), std::size_t(1));
        QCOMPARE(line->binds[0].target, std::string("/opt/kiln"));
        QVERIFY(std::filesystem::exists(line->binds[0].source / "bootstrap.py"));
        QCOMPARE(line->environment.at("AWS_EXECUTION_ENV"), std::string("AWS_Lambda_python3.11"));
    }

    void showsAnInterpreterOutsideUsrItsFolders()
    {
        const auto line = launchLine({Language::Node, "22.1.0", "/opt/node/bin/node", {"/opt/node"}, {}}, m_node, {});
        QVERIFY(line);
        QCOMPARE(line->binds.size(), std::size_t(2));
        QCOMPARE(line->binds[1].source, std::filesystem::path("/opt/node"));
        QCOMPARE(line->binds[1].target, std::string("/opt/node"));
        QCOMPARE(line->environment.at("AWS_EXECUTION_ENV"), std::string("AWS_Lambda_nodejs22.x"));
    }

    void executablesAreRunByTheAdapter()
    {
        const Limits limits;
        const auto custom =
            launchLine({Language::Custom, "", "/opt/k/kiln-runtime", {}, {}}, "/opt/k/kiln-runtime", limits);
        QVERIFY(custom);
        QCOMPARE(custom->argv, (std::vector<std::string>{"/opt/kiln/kiln-runtime", "custom"}));
        QCOMPARE(custom->binds.size(), std::size_t(1));
        QCOMPARE(custom->binds[0].source, std::filesystem::path("/opt/k/kiln-runtime"));
        QCOMPARE(custom->binds[0].target, std::string("/opt/kiln/kiln-runtime"));
        QVERIFY(!custom->environment.contains("AWS_EXECUTION_ENV"));
        QVERIFY(custom->network == Permissions::Network::Loopback);
        const auto exec =
            launchLine({Language::Exec, "", "/opt/k/kiln-runtime", {}, {}}, "/opt/k/kiln-runtime", limits);
        QVERIFY(exec);
        QCOMPARE(exec->argv.back(), std::string("exec"));
        QVERIFY(exec->network == Permissions::Network::None);
    }

    void nodesHeapFitsBelowTheMemoryLimit_data()
    {
        QTest::addColumn<int>("megabytes");
        for (const int megabytes : {128, 129, 256, 512, 1024, 10'240})
            QTest::addRow("%d", megabytes) << megabytes;
    }
    void nodesHeapFitsBelowTheMemoryLimit()
    {
        QFETCH(int, megabytes);
        Limits limits;
        limits.memory = {std::int64_t(megabytes) << 20};
        const auto line = launchLine({Language::Node, "20.1.0", "/usr/bin/node", {}, {}}, m_node, limits);
        QVERIFY(line);
        int old = 0, semi = 0;
        for (const auto &argument : line->argv) {
            std::sscanf(argument.c_str(), "--max-old-space-size=%d", &old);
            std::sscanf(argument.c_str(), "--max-semi-space-size=%d", &semi);
        }
        QVERIFY(semi >= 1);
        QVERIFY(old >= megabytes / 2);
        QVERIFY(old + 3 * semi <= megabytes - 40);
    }

    void aMissingBootstrapIsAnErrorThatNamesIt()
    {
        const auto line = launchLine({Language::Python, "3.11.2", "/usr/bin/python3.11", {}, {}}, "/nowhere", {});
        QVERIFY(!line);
        QCOMPARE(line.error().code, Error::Code::NotFound);
        QCOMPARE(line.error().place, std::string("/nowhere/bootstrap.py"));
    }

    void theBootstrapIsCompiledOnceForAnInterpreter()
    {
        if (!std::filesystem::exists("/usr/bin/python3"))
            QSKIP("no /usr/bin/python3 (apt install python3)");
        const QTemporaryDir dir;
        const std::filesystem::path cache = dir.path().toStdString() + "/not/yet/there";
        const Interpreter python{Language::Python, "3.x", "/usr/bin/python3", {}, {}};
        const auto folder = prepareBootstrap(python, m_resources, cache);
        QVERIFY(folder);
        QVERIFY(std::filesystem::exists(*folder / "_kiln/failure.pyc"));
        const auto line = launchLine(python, *folder, {});
        QVERIFY(line);
        QCOMPARE(line->argv.back(), std::string("/opt/kiln/bootstrap.pyc"));
        QCOMPARE(line->binds[0].source, *folder);
        using std::filesystem::perms;
        QVERIFY((std::filesystem::status(*folder / "bootstrap.pyc").permissions() & perms::others_read) != perms::none);
        const auto made = std::filesystem::last_write_time(*folder / "bootstrap.pyc");
        QCOMPARE(*prepareBootstrap(python, m_resources, cache), *folder);
        QVERIFY(std::filesystem::last_write_time(*folder / "bootstrap.pyc") == made);
        const Interpreter other{Language::Python, "3.y", "/usr/bin/python3", {}, {}};
        QVERIFY(*prepareBootstrap(other, m_resources, cache) != *folder);
    }

    void withoutACacheTheBootstrapIsItsSource()
    {
        const Interpreter python{Language::Python, "3.x", "/usr/bin/python3", {}, {}};
        QCOMPARE(*prepareBootstrap(python, m_resources, {}), m_python);
        QCOMPARE(*prepareBootstrap(python, m_resources, "/proc/nowhere"), m_python);
        const Interpreter broken{Language::Python, "3.x", "/usr/bin/false", {}, {}};
        const QTemporaryDir dir;
        QCOMPARE(*prepareBootstrap(broken, m_resources, dir.path().toStdString()), m_python);
        QVERIFY(std::filesystem::is_empty(dir.path().toStdString() + "/bootstrap"));
        QVERIFY(!prepareBootstrap(python, "/nowhere", {}));
    }

    void theInitBodyHoldsWhatIsTheFunctionsOwn()
    {
        FunctionSettings settings;
        settings.name = "shop";
        settings.handler = "handler.main";
        settings.environment = {{"A", "\"quoted\""}, {"_HANDLER", "not this"}};
        const auto body = json::parse(initBody(settings, {"/var/task", "stream"}));
        QCOMPARE(body.at("handler").as_string(), json::string("handler.main"));
        QCOMPARE(body.at("environment").at("A").as_string(), json::string("\"quoted\""));
        QCOMPARE(body.at("environment").at("_HANDLER").as_string(), json::string("handler.main"));
        QCOMPARE(body.at("response_bytes").as_int64(), std::int64_t(6) << 20);
        QCOMPARE(body.at("context").at("memory_limit_in_mb").as_string(), json::string("128"));
    }

    void theInitBodyTellsHowManyEventsMayComeAtOnceWhereThereAreMoreThanOne()
    {
        FunctionSettings settings;
        settings.runtime.language = Language::Node;
        const auto one = json::parse(initBody(settings, {}));
        QVERIFY(!one.as_object().contains("per_worker"));
        QVERIFY(!one.at("environment").as_object().contains("AWS_LAMBDA_MAX_CONCURRENCY"));
        settings.concurrency.perWorker = 10;
        const auto ten = json::parse(initBody(settings, {}));
        QCOMPARE(ten.at("per_worker").as_int64(), std::int64_t(10));
        QCOMPARE(ten.at("environment").at("AWS_LAMBDA_MAX_CONCURRENCY").as_string(), json::string("10"));
    }

    void logStreamsAreNamedAsOnLambda()
    {
        QCOMPARE(logStreamName(WallTime{std::chrono::hours(24 * 365)}, 0x2a),
                 std::string("1971/01/01/[$LATEST]0000000000000000000000000000002a"));
    }
};

QTEST_APPLESS_MAIN(tst_LaunchLine)
#include "tst_launch_line.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_harness.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include <filesystem>
#include <string>

using namespace kiln;
namespace fs = std::filesystem;

/// AWS's own runtime interface client for Node, from npm and unchanged, as a `custom` bootstrap. Its native part is
/// AWS's C++ client, aws-lambda-cpp, which comes with it as source and is built when it is installed: minutes, once per
/// build folder.
class tst_AwsRuntimeClient : public QObject
{
    Q_OBJECT

    static constexpr const char *package = "aws-lambda-ric@3.3.0";
    const fs::path m_folder = fs::path(KILN_BUILD_DIR) / "peers/aws-lambda-ric-3.3.0";
    std::unique_ptr<test::EngineHarness> m_harness;

    /// Installs it where it is not yet; why it cannot be, or nothing.
    [[nodiscard]] QString install() const
    {
        if (fs::exists(m_folder / "whole"))
            return {};
        for (const char *tool : {"npm", "cmake", "autoconf", "automake", "libtoolize", "make", "g++"}) {
            if (QStandardPaths::findExecutable(QString::fromLatin1(tool)).isEmpty())
                return QStringLiteral("no %1 (see [peers] in app/packages.txt)").arg(QString::fromLatin1(tool));
        }
        fs::remove_all(m_folder);
        fs::create_directories(m_folder);
        QProcess npm;
        npm.setWorkingDirectory(QString::fromStdString(m_folder.string()));
        npm.setProcessChannelMode(QProcess::MergedChannels);
        auto environment = QProcessEnvironment::systemEnvironment();
        if (fs::exists("/usr/include/node/node_api.h")) // else node-gyp fetches the headers
            environment.insert(QStringLiteral("npm_config_nodedir"), QStringLiteral("/usr"));
        npm.setProcessEnvironment(environment);
        npm.start(QStringLiteral("npm"), {QStringLiteral("install"), QStringLiteral("--no-audit"),
                                          QStringLiteral("--no-fund"), QString::fromLatin1(package)});
        if (!npm.waitForFinished(-1) || npm.exitCode() != 0)
            return QStringLiteral("npm install %1 did not work:\n%2")
                .arg(QString::fromLatin1(package), QString::fromUtf8(npm.readAll()).right(2000));
        QFile(QString::fromStdString((m_folder / "whole").string())).open(QIODevice::WriteOnly);
        return {};
    }

    void add(const std::string &name, const std::string &code, const std::string &settings = {})
    {
        m_harness->addProgram(name, "custom",
                              "#!/bin/sh\nexec node node_modules/aws-lambda-ric/bin/index.mjs \"$_HANDLER\"\n");
        const std::string folder = "functions/" + name + "/";
        m_harness->write(folder + "index.mjs", code);
        m_harness->write(folder + "function.yaml",
                         "runtime: custom\nhandler: index.handler\nmemory: 512MB\ntimeout: 20s\n" + settings);
        fs::create_directories(fs::path(m_harness->folder()) / folder / "node_modules");
        // What it is built from, and with, is not needed to run it.
        const char *const part = "node_modules/aws-lambda-ric";
        fs::copy(m_folder / part, fs::path(m_harness->folder()) / folder / part, fs::copy_options::recursive);
        fs::remove_all(fs::path(m_harness->folder()) / folder / "node_modules/aws-lambda-ric/deps");
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (const QString problem = install(); !problem.isEmpty())
            QSKIP(qPrintable(problem));
        m_harness = std::make_unique<test::EngineHarness>();
        add("answers", "export const handler = async (event, context) => {\n"
                       "    console.warn('seen', event.n);\n"
                       "    return { n: event.n, id: context.awsRequestId, arn: context.invokedFunctionArn,\n"
                       "        left: context.getRemainingTimeInMillis() > 0, name: context.functionName };\n};\n");
        add("throws", "export const handler = async () => { throw new TypeError('no order'); };\n");
        add("streams",
            "export const handler = awslambda.streamifyResponse(async (event, stream) => {\n"
            "    stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } });\n"
            "    for (const part of event.parts) stream.write(part);\n    stream.end();\n});\n");
        add("nohandler", "export const other = async () => 1;\n");
        add("exits", "export const handler = async () => { process.exit(7); };\n");
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
    }
    void cleanupTestCase()
    {
        if (!m_harness)
            return;
        m_harness->close();
        QCOMPARE(test::EngineHarness::descendants(), 0);
        m_harness.reset();
    }

    void itServesEvents()
    {
        for (int i = 0; i < 50; ++i) {
            const auto result = m_harness->fire("answers", "{\"n\":" + std::to_string(i) + "}");
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
            QCOMPARE(*(*result)->response,
                     "{\"n\":" + std::to_string(i) + ",\"id\":\"" + (*result)->id.text() +
                         "\",\"arn\":\"arn:aws:lambda:us-east-1:000000000000:function:answers\",\"left\":true,"
                         "\"name\":\"answers\"}");
            QCOMPARE((*result)->start, i == 0 ? Start::Cold : Start::Warm);
        }
    }

    void itTellsErrors()
    {
        const auto thrown = m_harness->fire("throws");
        QVERIFY2(thrown && (*thrown)->outcome == Outcome::HandlerError, test::textOf(thrown).c_str());
        QCOMPARE((*thrown)->error.type, std::string("TypeError"));
        QCOMPARE((*thrown)->error.message, std::string("no order"));
        QVERIFY(!(*thrown)->error.stack.empty());
        const auto none = m_harness->fire("nohandler");
        QVERIFY2(none && (*none)->outcome == Outcome::InitError, test::textOf(none).c_str());
        QCOMPARE((*none)->error.type, std::string("Runtime.HandlerNotFound"));
        const auto exited = m_harness->fire("exits");
        QVERIFY2(exited && (*exited)->outcome == Outcome::Crashed, test::textOf(exited).c_str());
        QVERIFY((*exited)->error.message.ends_with("exit status 7"));
    }

    void itStreams()
    {
        const auto result = m_harness->fire("streams", R"({"parts":["one ","two"]})");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QVERIFY2((*result)->response->find(R"("statusCode":201)") != std::string::npos, (*result)->response->c_str());
        QVERIFY2((*result)->response->find(R"("body":"one two")") != std::string::npos, (*result)->response->c_str());
    }
};

QTEST_GUILESS_MAIN(tst_AwsRuntimeClient)
#include "tst_aws_runtime_client.moc"

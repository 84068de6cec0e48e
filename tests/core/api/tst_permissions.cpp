// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/unique_fd.h"
#include "core/model/grant.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <arpa/inet.h>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>

using namespace kiln;

namespace {

/// An HTTP server of this machine: what a function reaches only if it is granted. Answers each connection with "hi".
class Server
{
public:
    Server()
        : m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(m_listener.get(), reinterpret_cast<sockaddr *>(&address), size) != 0 ||
            ::listen(m_listener.get(), 16) != 0 ||
            ::getsockname(m_listener.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0)
            qFatal("no server");
        m_port = ntohs(address.sin_port);
        m_thread = std::jthread([this] { serve(); });
    }
    ~Server() { ::shutdown(m_listener.get(), SHUT_RDWR); }

    [[nodiscard]] std::string port() const { return std::to_string(m_port); }
    std::atomic<int> served = 0;

private:
    void serve()
    {
        for (;;) {
            const UniqueFd client(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client)
                return;
            char request[4096];
            if (::recv(client.get(), request, sizeof request, 0) <= 0)
                continue;
            ++served;
            static constexpr std::string_view answer =
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
            ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    UniqueFd m_listener;
    std::uint16_t m_port = 0;
    std::jthread m_thread;
};

/// The whole of a file beside this one.
std::string fileBytes(const std::string &name)
{
    std::ifstream in(std::string(KILN_SOURCE_DIR "/tests/core/api/") + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string grantsIn(const Invocation &invocation)
{
    std::string text;
    for (const Refusal &refusal : invocation.denied)
        text += refusal.what + " " + refusal.target + " " + refusal.grant + " " + refusal.place + "\n";
    return text;
}

} // namespace

/// What functions reach for, what they are refused, and what a grant changes: real sandboxes, real sockets.
class tst_Permissions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_harness = std::make_unique<test::EngineHarness>(); }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void aRefusedConnectionSaysWhatWhereAndWhichGrant()
    {
        m_harness->addPython("f", "import socket\ndef handler(event, context):\n    try:\n"
                                  "        socket.create_connection(('127.0.0.1', 5432), 2)\n"
                                  "    except OSError:\n        return 'no'\n");
        open();
        const auto result = m_harness->fire("f");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(grantsIn(**result), std::string("connect 127.0.0.1:5432 network:127.0.0.1:5432 handler.py:4\n"));
        // Recorded with the invocation.
        const auto found = m_harness->history({.function = "f"});
        QVERIFY(found && found->size() == 1);
        QCOMPARE(grantsIn(*found->front()), grantsIn(**result));
        // The next one reached for nothing else.
        QCOMPARE(grantsIn(**m_harness->fire("f")), grantsIn(**result));
    }

    void aGrantOpensTheWayAtOnce()
    {
        Server server;
        m_harness->addPython("f", "import socket\ndef handler(event, context):\n"
                                  "    s = socket.create_connection(('127.0.0.1', " +
                                      server.port() +
                                      "), 5)\n"
                                      "    s.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n"
                                      "    return s.makefile('rb').read().decode()[-2:]\n");
        open();
        const auto refused = m_harness->fire("f");
        QVERIFY2(refused && (*refused)->outcome == Outcome::HandlerError, test::textOf(refused).c_str());
        QCOMPARE((*refused)->denied.size(), std::size_t(1));
        permit("f", (*refused)->denied[0].grant);
        const auto granted = m_harness->fire("f");
        QVERIFY2(granted && *(*granted)->response == "\"hi\"", test::textOf(granted).c_str());
        QCOMPARE(grantsIn(**granted), std::string());
        QCOMPARE(server.served.load(), 1);
    }

    void proxyClientsAndPlainOnesReachAGrantedHostAndNoOther()
    {
        Server server;
        const std::string granted = "127.0.0.1:" + server.port();
        m_harness->addPython("f", R"(
import os, socket, urllib.request, urllib.error
def get(url, proxies=None):
    try:
        return urllib.request.build_opener(urllib.request.ProxyHandler(proxies)).open(url, timeout=5).read().decode()
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return type(error).__name__
def handler(event, context):
    proxies = {'http': os.environ['HTTP_PROXY']}
    mine = 'http://)" + granted + R"(/'
    found = [get(mine), get(mine, proxies), get('http://b.example/', proxies), get('http://169.254.169.254/', proxies)]
    try:
        socket.create_connection(('c.example', 443), 5).recv(1)
    except OSError as error:
        found.append(type(error).__name__)
    return found
)",
                             "permissions: {network: [\"" + granted + "\"]}\ntimeout: 20s\n");
        open();
        const auto result = m_harness->fire("f");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string(R"(["hi", "hi", 403, 403, "ConnectionRefusedError"])"));
        const std::string told = grantsIn(**result);
        QVERIFY2(told.find("connect b.example:80 network:b.example:80") != std::string::npos, told.c_str());
        QVERIFY2(told.find("connect 169.254.169.254:80 network:169.254.169.254:80") != std::string::npos, told.c_str());
        QVERIFY2(told.find("connect c.example:443 network:c.example:443 handler.py:") != std::string::npos,
                 told.c_str());
        QCOMPARE((*result)->denied.size(), std::size_t(3));
    }

    void executablesReachAGrantedHostAndNoOther()
    {
        Server server;
        const std::string reach = R"(
import json, socket, sys, urllib.request
def reach():
    found = [urllib.request.urlopen('http://)" +
                                  std::string("127.0.0.1:") + server.port() + R"(/').read().decode()]
    try:
        found.append(socket.create_connection(('c.example', )" +
                                  server.port() + R"(), 5).recv(1).decode())
    except OSError:
        found.append('') # closed before it was read
    return found
)";
        const std::string settings = "timeout: 20s\npermissions: {network: [\"127.0.0.1:" + server.port() + "\"]}\n";
        m_harness->addProgram("custom", "custom",
                              fileBytes("runtime_api_client.py") + reach + "serve(lambda event, headers: reach())\n",
                              settings);
        m_harness->addProgram("exec", "exec", "#!/usr/bin/python3\n" + reach + "print(json.dumps(reach()), end='')\n",
                              settings);
        open();
        for (const char *function : {"custom", "exec"}) {
            const auto result = m_harness->fire(function);
            QVERIFY2(result && *(*result)->response == R"(["hi", ""])", test::textOf(result).c_str());
            // Told by the engine, which does not know from where in the code.
            const std::string refused = "connect c.example:" + server.port();
            QCOMPARE(grantsIn(**result), refused + " network:c.example:" + server.port() + " \n");
        }
    }

    void allIsTheInternetButNotThisMachineItsNeighboursOrKiln()
    {
        Server server;
        m_harness->addPython("f", R"(
import socket
def reach(host, port):
    try:
        s = socket.create_connection((host, port), 5)
        s.sendall(b'x\r\n\r\n')
        return s.recv(1).decode() or 'closed'
    except OSError as error:
        return type(error).__name__
def handler(event, context):
    return [reach('169.254.169.254', 80), reach('10.0.0.7', 443), reach('127.0.0.1', event['own'])]
)",
                             "permissions: {network: [all, \"127.0.0.1:1\"]}\ntimeout: 20s\n");
        m_harness->write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:0\n");
        QCOMPARE(m_harness->open(Engine::Triggers::On), std::string());
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return !snapshot.engine.address.empty(); }));
        const std::string address = m_harness->engine().snapshot()->engine.address;
        const std::string own = address.substr(address.rfind(':') + 1);
        permit("f", "network:127.0.0.1:" + own); // Kiln's own listener, by its number
        const auto result = m_harness->fire("f", "{\"own\":" + own + "}");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QVERIFY2((*result)->response->find("H") == std::string::npos, (*result)->response->c_str());
        const std::string told = grantsIn(**result);
        QVERIFY2(told.find("169.254.169.254:80 network:169.254.169.254:80") != std::string::npos, told.c_str());
        QVERIFY2(told.find("10.0.0.7:443 network:10.0.0.7:443") != std::string::npos, told.c_str());
        QVERIFY2(told.find("connect 127.0.0.1:" + own + "  ") != std::string::npos, told.c_str()); // and no grant helps
        QCOMPARE(server.served.load(), 0);
    }

    void aFileOutsideIsRefusedByPathAndGrantedByPath()
    {
        m_harness->write("data/in.csv", "1,2\n");
        std::filesystem::permissions(m_harness->folder() + "/data", std::filesystem::perms(0755));
        m_harness->addPython("f", "def handler(event, context):\n    return open('../../data/in.csv').read()\n");
        open();
        const auto refused = m_harness->fire("f");
        QVERIFY2(refused && (*refused)->outcome == Outcome::HandlerError, test::textOf(refused).c_str());
        QCOMPARE(grantsIn(**refused), std::string("read ../../data/in.csv files:../../data/in.csv:ro handler.py:2\n"));
        permit("f", "files:../../data/in.csv:ro");
        const auto granted = m_harness->fire("f");
        QVERIFY2(granted && *(*granted)->response == "\"1,2\\n\"", test::textOf(granted).c_str());
        QCOMPARE(grantsIn(**granted), std::string());
    }

    void nodeTellsTheSame()
    {
        Server server;
        m_harness->write("data/in.csv", "1,2\n");
        m_harness->addNode("f",
                           R"(import { readFile } from 'fs/promises';
import http from 'http';
export const handler = async () => {
    const found = [];
    found.push(await readFile('../../data/in.csv', 'utf8').catch((e) => e.code));
    found.push(await fetch('http://127.0.0.1:)" +
                               server.port() + R"(/').then((r) => r.text(), (e) => e.cause.code));
    found.push(await new Promise((then) => http.get('http://b.example:81/', then).on('error', (e) => then(e.code))));
    return found;
};
)",
                           "timeout: 20s\n");
        open();
        const auto refused = m_harness->fire("f");
        QVERIFY2(refused && (*refused)->outcome == Outcome::Ok, test::textOf(refused).c_str());
        QCOMPARE(QString::fromStdString(grantsIn(**refused)),
                 QString::fromStdString("read ../../data/in.csv files:../../data/in.csv:ro handler.mjs:5\n"
                                        "connect 127.0.0.1:" +
                                        server.port() + " network:127.0.0.1:" + server.port() +
                                        " handler.mjs:6\n"
                                        "connect b.example:81 network:b.example:81 handler.mjs:7\n"));
        permit("f", "network:127.0.0.1:" + server.port());
        const auto granted = m_harness->fire("f");
        QVERIFY2(granted && (*granted)->response->find("\"hi\"") != std::string::npos, test::textOf(granted).c_str());
    }

    void aSecretIsGivenHiddenAndRenewed()
    {
        m_harness->addPython("f",
                             "import os\ndef handler(event, context):\n    key = os.environ.get('API_KEY')\n"
                             "    print('key is', key)\n"
                             "    told = open('/proc/self/environ').read()\n"
                             "    if event.get('fail'): raise ValueError(key)\n"
                             "    return [key, bool(key) and key in told]\n",
                             "secrets: [API_KEY]\n");
        open();
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            return !snapshot.workspace->functions.empty() && !snapshot.workspace->functions[0].problems.empty();
        }));
        const auto without = m_harness->fire("f");
        QVERIFY2(without && *(*without)->response == "[null, false]", test::textOf(without).c_str());
        setSecret("API_KEY", "hunter2-first");
        const auto first = m_harness->fire("f");
        QVERIFY2(first && *(*first)->response == R"(["hunter2-first", false])", test::textOf(first).c_str());
        setSecret("API_KEY", "hunter2-second");
        const auto second = m_harness->fire("f");
        QVERIFY2(second && *(*second)->response == R"(["hunter2-second", false])", test::textOf(second).c_str());
        QVERIFY((*first)->worker != (*second)->worker);
        QCOMPARE((*first)->revision->hash, (*second)->revision->hash); // the value is no part of it
        const auto failed = m_harness->fire("f", R"({"fail": true})");
        QCOMPARE((*failed)->error.message, std::string("***"));
        const auto found = m_harness->history({.function = "f", .payloads = InvocationQuery::Payloads::Load});
        QVERIFY(found && found->size() == 4);
        for (const InvocationPtr &each : *found) {
            QVERIFY2(each->response->find("hunter2") == std::string::npos, each->response->c_str());
            QVERIFY(each->error.message.find("hunter2") == std::string::npos);
        }
        for (const InvocationPtr &each : {*first, *second, *failed})
            for (const LogLine &line : each->logs)
                QVERIFY2(line.text.find("hunter2") == std::string::npos, line.text.c_str());
    }

    void whatIsUsedOfPermissionsIsRememberedAndWhatIsNotIsTold_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("python") << "python";
        QTest::newRow("node") << "node";
    }
    void whatIsUsedOfPermissionsIsRememberedAndWhatIsNotIsTold()
    {
        QFETCH(QString, language);
        Server server;
        m_harness->write("data/in.csv", "1,2\n");
        m_harness->write("more/in.csv", "1,2\n");
        for (const char *folder : {"/data", "/more"})
            std::filesystem::permissions(m_harness->folder() + folder, std::filesystem::perms(0755));
        const std::string here = "127.0.0.1:" + server.port();
        const std::string settings =
            "timeout: 20s\nenvironment: {MODE: x, UNREAD: y}\nsecrets: [API_KEY, SPARE]\n"
            "permissions: {network: [\"" +
            here + "\", db.example:5432], files: [{path: ../../data, mode: rw}, {path: ../../more}]}\n";
        if (language == QLatin1String("python"))
            m_harness->addPython("f",
                                 "import os, urllib.request\nMODE = os.environ['MODE']\n"
                                 "def handler(event, context):\n    open('../../data/in.csv').read()\n"
                                 "    urllib.request.urlopen('http://" +
                                     here + "/').read()\n    return os.getenv('API_KEY', 'none')\n",
                                 settings);
        else
            m_harness->addNode("f",
                               "import { readFileSync } from 'fs';\nconst mode = process.env.MODE;\n"
                               "export const handler = async () => {\n    readFileSync('../../data/in.csv');\n"
                               "    await (await fetch('http://" +
                                   here + "/')).text();\n    return process.env.API_KEY ?? 'none';\n};\n",
                               settings);
        open();
        setSecret("API_KEY", "hunter2");
        setSecret("SPARE", "hunter3");
        for (int i = 0; i < 3; ++i) {
            const auto result = m_harness->fire("f");
            QVERIFY2(result && *(*result)->response == "\"hunter2\"", test::textOf(result).c_str());
        }
        std::map<std::string, GrantUse> uses;
        for (const GrantUse &use : grantUses("f"))
            uses[use.grant] = use;
        QCOMPARE(uses.size(), std::size_t(8));
        for (const std::string &used : {"network:" + here, std::string("files:../../data:rw"),
                                        std::string("secret:API_KEY"), std::string("environment:MODE")})
            QVERIFY2(uses[used].used > 0 && uses[used].lastUsed, used.c_str());
        for (const char *idle :
             {"network:db.example:5432", "files:../../more:ro", "secret:SPARE", "environment:UNREAD"})
            QVERIFY2(uses[idle].isIdle() && uses[idle].seen == 3, idle);
        QCOMPARE(uses["files:../../data:rw"].least, std::vector<std::string>{"files:../../data:ro"});
        // Also after a restart.
        m_harness->close();
        open();
        for (const GrantUse &use : grantUses("f"))
            QCOMPARE(use, uses[use.grant]);
    }

    void theLeastIsWrittenAndDoes()
    {
        m_harness->write("data/in.csv", "1,2\n");
        std::filesystem::permissions(m_harness->folder() + "/data", std::filesystem::perms(0755));
        m_harness->addPython("f", "def handler(event, context):\n    return open('../../data/in.csv').read()\n",
                             "permissions: {network: [all, db.example:5432], files: [{path: ../../data, mode: rw}]}\n");
        open();
        QVERIFY(m_harness->fire("f"));
        const Narrowing least = leastFor(grantUses("f"));
        edit(Narrow{"f", least.remove, least.add});
        const auto after = m_harness->fire("f");
        QVERIFY2(after && *(*after)->response == "\"1,2\\n\"", test::textOf(after).c_str());
        const Permissions &permissions = (*after)->revision->settings.permissions;
        QVERIFY(permissions.network == Permissions::Network::None && permissions.hosts.empty());
        QCOMPARE(permissions.files.size(), std::size_t(1));
        QVERIFY(permissions.files[0].mode == Permissions::Mode::ReadOnly);
        QVERIFY(leastFor(grantUses("f")).empty());
    }

    void whatAnEditedFileAsksForMoreIsToldAndWhatIsGivenHereIsNot()
    {
        const std::string code = "def handler(event, context):\n    return 1\n";
        const auto asked = [](const Snapshot &snapshot) { return snapshot.workspace->functions.at(0).asksMore; };
        m_harness->addPython("f", code, "permissions: {network: loopback}\n");
        open();
        QVERIFY(m_harness->fire("f"));
        m_harness->addPython("f", code, "permissions: {network: [a.example:443]}\n");
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            return asked(snapshot) == std::vector<std::string>{"network:a.example:443"};
        }));
        QVERIFY(m_harness->fire("f"));
        permit("f", "network:b.example:443"); // by hand
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            const FunctionView &view = snapshot.workspace->functions.at(0);
            return view.revision && view.revision->settings.permissions.hosts.size() == 2;
        }));
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            return asked(snapshot) == std::vector<std::string>{"network:a.example:443"}; // still told
        }));
        // A restart knows what has run.
        m_harness->close();
        open();
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            return asked(snapshot) == std::vector<std::string>{"network:b.example:443"};
        }));
    }

    void aSecretThatIsAskedForAndNotGrantedIsRefusedByName()
    {
        m_harness->addPython("f", "import os\ndef handler(event, context):\n    return os.environ.get('API_KEY')\n");
        m_harness->addNode("g", "export const handler = async () => process.env.API_KEY ?? null;\n");
        open();
        setSecret("API_KEY", "hunter2");
        for (const char *function : {"f", "g"}) {
            const auto refused = m_harness->fire(function);
            QVERIFY2(refused && *(*refused)->response == "null", test::textOf(refused).c_str());
            QVERIFY2(grantsIn(**refused).starts_with("read secret API_KEY secret:API_KEY handler."),
                     grantsIn(**refused).c_str());
            permit(function, "secret:API_KEY");
            const auto granted = m_harness->fire(function);
            QVERIFY2(granted && *(*granted)->response == "\"hunter2\"", test::textOf(granted).c_str());
            QCOMPARE(grantsIn(**granted), std::string());
        }
    }

    void whatIsNotThereIsTheFunctionsOwnAffair()
    {
        m_harness->addPython("f", "import os, tempfile\ndef handler(event, context):\n"
                                  "    for path in ('/nowhere/x', 'x.json', '/tmp/x', '../../data/none'):\n"
                                  "        try: open(path)\n        except OSError: pass\n"
                                  "    tempfile.TemporaryFile().close()\n    os.listdir('/')\n    os.listdir('.')\n"
                                  "    import json, decimal, sqlite3\n    return 1\n");
        open();
        const auto result = m_harness->fire("f");
        QVERIFY2(result && *(*result)->response == "1", test::textOf(result).c_str());
        QCOMPARE(grantsIn(**result), std::string());
    }

private:
    std::vector<GrantUse> grantUses(const std::string &function)
    {
        std::promise<Result<std::vector<GrantUse>>> done;
        m_harness->engine().queryGrants(function, [&](const auto &uses) { done.set_value(uses); });
        return done.get_future().get().value_or(std::vector<GrantUse>{});
    }
    void setSecret(const std::string &name, const std::string &value)
    {
        std::promise<Result<>> done;
        m_harness->engine().setSecret(name, value, [&](const Result<> &result) { done.set_value(result); });
        QVERIFY(done.get_future().get());
    }
    void open() { QCOMPARE(m_harness->open(), std::string()); }
    void permit(const std::string &function, const std::string &grant)
    {
        edit(Permit{function, {parseGrant(grant).value()}});
    }
    void edit(WorkspaceEdit wanted)
    {
        std::promise<Result<>> done;
        m_harness->engine().edit(std::move(wanted), [&](const Result<> &result) { done.set_value(result); });
        const Result<> result = done.get_future().get();
        QVERIFY2(result, result ? "" : result.error().text().c_str());
    }

    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_Permissions)
#include "tst_permissions.moc"

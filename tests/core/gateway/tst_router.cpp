// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/gateway/listen_address.h"
#include "core/gateway/percent.h"
#include "core/gateway/router.h"

#include <QTest>

using namespace kiln;

namespace {

Route http(const char *function, const char *method, const char *path)
{
    return {function, 0, HttpTrigger{method, path}};
}

std::vector<Route> table()
{
    return {http("root", "GET", "/"),
            http("list", "GET", "/orders"),
            http("create", "POST", "/orders"),
            http("one", "GET", "/orders/{id}"),
            http("open", "GET", "/orders/open"),
            http("any", "ANY", "/orders/{id}/items"),
            http("delete", "DELETE", "/orders/{id}/items"),
            http("files", "GET", "/files/{path+}"),
            http("readme", "GET", "/files/docs/readme"),
            http("put", "PUT", "/files/{name}"),
            http("slash", "GET", "/shop/"),
            {"checkout", 1, UrlTrigger{}},
            {"a b", 0, UrlTrigger{}}};
}

Router router()
{
    std::vector<RouteConflict> conflicts;
    Router made(table(), conflicts);
    if (!conflicts.empty())
        qFatal("%s", conflicts.front().message.c_str());
    return made;
}

/// "function key rawPath name=value…", or what went wrong.
std::string told(const Router::Match &match)
{
    using Kind = Router::Match::Kind;
    if (match.kind == Kind::NotFound)
        return "not found";
    if (match.kind == Kind::BadPath)
        return "bad path";
    if (match.kind == Kind::WrongMethod)
        return "only " + match.allow;
    std::string text = match.route->function + " | " + std::string(match.routeKey) + " | " + std::string(match.rawPath);
    for (const auto &[name, value] : match.parameters)
        text += " | " + name + "=" + value;
    return text;
}

} // namespace

class tst_Router : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheRoute_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("expected");
        auto row = [](const char *name, const char *method, const char *path, const char *expected) {
            QTest::newRow(name) << method << path << expected;
        };
        row("root", "GET", "/", "root | GET / | /");
        row("literal", "GET", "/orders", "list | GET /orders | /orders");
        row("by method", "POST", "/orders", "create | POST /orders | /orders");
        row("trailing slash", "GET", "/orders/", "list | GET /orders | /orders/");
        row("trailing slash in the route", "GET", "/shop", "slash | GET /shop/ | /shop");
        row("literal before parameter", "GET", "/orders/open", "open | GET /orders/open | /orders/open");
        row("parameter", "GET", "/orders/42", "one | GET /orders/{id} | /orders/42 | id=42");
        row("decoded", "GET", "/orders/a%20b%C3%A9+", "one | GET /orders/{id} | /orders/a%20b%C3%A9+ | id=a bé+");
        row("slash within a segment", "GET", "/orders/a%2Fb", "one | GET /orders/{id} | /orders/a%2Fb | id=a/b");
        row("encoded literal", "GET", "/%6Frders", "list | GET /orders | /%6Frders");
        row("method before ANY", "DELETE", "/orders/1/items",
            "delete | DELETE /orders/{id}/items | /orders/1/items | id=1");
        row("ANY", "PATCH", "/orders/1/items", "any | ANY /orders/{id}/items | /orders/1/items | id=1");
        row("greedy", "GET", "/files/a/b/c.txt", "files | GET /files/{path+} | /files/a/b/c.txt | path=a/b/c.txt");
        row("greedy with one", "GET", "/files/a", "files | GET /files/{path+} | /files/a | path=a");
        row("literal before greedy", "GET", "/files/docs/readme",
            "readme | GET /files/docs/readme | /files/docs/readme");
        row("back from a literal", "GET", "/files/docs/other",
            "files | GET /files/{path+} | /files/docs/other | "
            "path=docs/other");
        row("parameter by method", "PUT", "/files/a", "put | PUT /files/{name} | /files/a | name=a");
        row("greedy takes one at least", "GET", "/files/", "not found");
        row("greedy takes one at least, no slash", "GET", "/files", "not found");
        row("no empty parameter", "GET", "/orders//items", "not found");
        row("HEAD by GET", "HEAD", "/orders", "list | GET /orders | /orders");
        row("HEAD by ANY", "HEAD", "/orders/1/items", "any | ANY /orders/{id}/items | /orders/1/items | id=1");
        row("case matters", "GET", "/Orders", "not found");
        row("unknown", "GET", "/nowhere", "not found");
        row("longer", "GET", "/orders/1/items/2", "not found");
        row("wrong method", "DELETE", "/orders", "only GET, HEAD, POST");
        row("wrong method of a parameter", "POST", "/orders/7", "only GET, HEAD");
        row("wrong method, two routes", "POST", "/files/a", "only GET, HEAD, PUT");
        row("HEAD without GET", "HEAD", "/nowhere", "not found");
        row("url", "POST", "/fn/checkout", "checkout | $default | /");
        row("url with slash", "POST", "/fn/checkout/", "checkout | $default | /");
        row("below the url", "GET", "/fn/checkout/a/b%2Fc/", "checkout | $default | /a/b%2Fc/");
        row("url, encoded", "GET", "/fn/a%20b/x", "a b | $default | /x");
        row("unknown url", "GET", "/fn/nobody", "not found");
        row("url of nobody", "GET", "/fn/", "not found");
        row("half an escape", "GET", "/orders/%2", "bad path");
        row("no escape", "GET", "/orders/%zz", "bad path");
        row("no UTF-8", "GET", "/orders/%FF", "bad path");
        row("NUL", "GET", "/orders/a%00b", "bad path");
        row("up", "GET", "/files/../orders", "bad path");
        row("up, encoded", "GET", "/files/%2e%2E/orders", "bad path");
        row("up, behind an encoded slash", "GET", "/files/a%2F..%2Fb", "bad path");
        row("up, below the url", "GET", "/fn/checkout/../x", "bad path");
        row("no slash", "GET", "orders", "bad path");
        row("nothing", "GET", "", "bad path");
        row("star", "OPTIONS", "*", "bad path");
    }
    void findsTheRoute()
    {
        QFETCH(QString, method);
        QFETCH(QString, path);
        QFETCH(QString, expected);
        const Router made = router();
        const std::string methodBytes = method.toStdString();
        const std::string pathBytes = path.toStdString();
        QCOMPARE(QString::fromStdString(told(made.match(methodBytes, pathBytes))), expected);
    }

    void anEmptyTableHasNoRoutes()
    {
        QCOMPARE(told(Router().match("GET", "/")), std::string("not found"));
        std::vector<RouteConflict> conflicts;
        QCOMPARE(told(Router({}, conflicts).match("GET", "/fn/x")), std::string("not found"));
    }

    void routesThatCollideAreTold()
    {
        std::vector<RouteConflict> conflicts;
        const Router made({http("first", "GET", "/a/{x}"),
                           http("second", "GET", "/a/{y}/"),
                           http("own", "GET", "/fn/a"),
                           http("own", "GET", "/_kiln/health"),
                           http("relative", "GET", "a"),
                           http("greedy", "GET", "/a/{p+}/b"),
                           {"u", 0, UrlTrigger{}},
                           {"u", 1, UrlTrigger{}},
                           http("fine", "ANY", "/a/{z}")},
                          conflicts);
        std::string text;
        for (const RouteConflict &conflict : conflicts)
            text += conflict.route.function + ": " + conflict.message + "\n";
        QCOMPARE(text, std::string("second: GET /a/{y}/ is taken by GET /a/{x} of first\n"
                                   "own: paths below /fn/ are Kiln's own\n"
                                   "own: paths below /_kiln/ are Kiln's own\n"
                                   "relative: the path does not begin with /\n"
                                   "greedy: a parameter {name+} takes the rest of the path, so it must be the last\n"
                                   "u: the function has its URL already\n"));
        QCOMPARE(told(made.match("GET", "/a/1")), std::string("first | GET /a/{x} | /a/1 | x=1"));
        QCOMPARE(told(made.match("PUT", "/a/1")), std::string("fine | ANY /a/{z} | /a/1 | z=1"));
    }

    void queriesAreDecodedLeniently()
    {
        QCOMPARE(decodeQuery("a+b%20c"), std::string("a b c"));
        QCOMPARE(decodeQuery("100%"), std::string("100%"));
        QCOMPARE(decodeQuery("%4"), std::string("%4"));
        QCOMPARE(decodeQuery("%zz%41"), std::string("%zzA"));
    }

    void readsListenAddresses()
    {
        QCOMPARE(ListenAddress::parse("127.0.0.1:7070")->text(), std::string("127.0.0.1:7070"));
        QCOMPARE(ListenAddress::parse("[::1]:0")->host, std::string("::1"));
        QCOMPARE(ListenAddress::parse("[::1]:80")->text(), std::string("[::1]:80"));
        QCOMPARE(ListenAddress::parse("localhost:7070")->text(), std::string("localhost:7070"));
        for (const char *bad : {"", "7070", ":7070", "::1:80", "example.org:80", "127.0.0.1:", "127.0.0.1:x",
                                "127.0.0.1:65536", "127.0.0.1:-1", "1.2.3:4", "[::1]", "127.0.0.1:80 "})
            QVERIFY2(!ListenAddress::parse(bad), bad);
    }
};

QTEST_GUILESS_MAIN(tst_Router)
#include "tst_router.moc"

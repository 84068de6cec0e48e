// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/trigger_text.h"
#include "core/project/yaml_edit.h"
#include "core/project/yaml_tree.h"

#include <QTest>

#include <random>

using namespace kiln;

namespace {

const std::string commented = R"(# Takes an order.
runtime:   python    # any 3.x
handler: "handler.handler"

memory: 128MB
concurrency:
    max: 5   # of the licence
    # queue stays at its default
environment: {CURRENCY: EUR,   TAX: '19'}   # per country
permissions:
  files:
  - path: ../../data
    mode: ro

  - {path: ../../in, mode: rw}
triggers:
  # the web shop
  - http: POST /orders/{id}   # not PUT
  - url: {auth: none}
  # at night
  - schedule: "0 2 * * *"
    timezone: Europe/Berlin
retries:
note: |
  kept
    as it is

last: >-
  folded
  text
)";

std::string crlf(const std::string &text)
{
    std::string result;
    for (const char c : text)
        result += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return result;
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const std::size_t at = text.find(from);
    return at == std::string::npos ? "no " + from : text.replace(at, from.size(), to);
}

std::string textOf(const Result<std::string> &result) { return result ? *result : "refused: " + result.error().text(); }

/// All paths of a tree with the nodes there.
void collect(const YamlNode &node, const YamlPath &path, std::vector<std::pair<YamlPath, const YamlNode *>> &all)
{
    if (!path.empty())
        all.emplace_back(path, &node);
    for (const YamlEntry &entry : node.entries) {
        YamlPath next = path;
        next.push_back(entry.key.scalar);
        collect(entry.value, next, all);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        YamlPath next = path;
        next.push_back(std::to_string(i));
        collect(node.items[i], next, all);
    }
}

} // namespace

class tst_YamlEdit : public QObject
{
    Q_OBJECT

    struct Case
    {
        const char *what;
        YamlPath path;
        const char *yaml;
        const char *from;
        const char *to;
    };

private Q_SLOTS:
    void settingChangesOnlyTheValuesBytes()
    {
        const std::vector<Case> cases{
            {"plain", {"runtime"}, "node", "python    #", "node    #"},
            {"quoted", {"handler"}, "a.b", "\"handler.handler\"", "a.b"},
            {"nested", {"concurrency", "max"}, "50", "max: 5 ", "max: 50 "},
            {"in braces", {"environment", "TAX"}, "\"7\"", "'19'", "\"7\""},
            {"comma in braces", {"environment", "TAX"}, "a, b", "'19'", "\"a, b\""},
            {"list item's key", {"permissions", "files", "0", "mode"}, "rw", "mode: ro", "mode: rw"},
            {"flow item's key", {"permissions", "files", "1", "path"}, "../x", "../../in", "../x"},
            {"whole flow map", {"environment"}, "{}", "{CURRENCY: EUR,   TAX: '19'}", "{}"},
            {"block map on its key's line",
             {"concurrency"},
             "{max: 1}",
             "concurrency:\n    max: 5   # of",
             "concurrency: {max: 1}   # of"},
            {"empty value", {"retries"}, "1", "retries:\n", "retries: 1\n"},
            {"literal block", {"note"}, "short", "|\n  kept\n    as it is\n", "short\n"},
            {"folded block at the end", {"last"}, "x", ">-\n  folded\n  text\n", "x\n"},
            {"new key in order", {"timeout"}, "3s", "memory: 128MB\n", "memory: 128MB\ntimeout: 3s\n"},
            {"new key in a block",
             {"concurrency", "queue"},
             "9",
             "# of the licence\n",
             "# of the licence\n    queue: 9\n"},
            {"new key in braces", {"environment", "NEW"}, "\"1\"", "TAX: '19'}", "TAX: '19', NEW: \"1\"}"},
            {"new nested map",
             {"permissions", "network"},
             "loopback",
             "mode: rw}\n",
             "mode: rw}\n  network: loopback\n"},
            {"new item", {"permissions", "files", "2"}, "{path: x}", "mode: rw}\n", "mode: rw}\n  - {path: x}\n"},
            {"key that needs quotes", {"environment", "a: b"}, "x", "TAX: '19'}", "TAX: '19', \"a: b\": x}"},
        };
        for (const Case &each : cases) {
            const std::string expected = replaced(commented, each.from, each.to);
            // The key of "whole map" edits keeps its comment, which stood behind the old first line.
            const auto result = setYaml(commented, each.path, each.yaml);
            if (std::string(each.what).starts_with("block map")) {
                QVERIFY2(textOf(result).find("concurrency: {max: 1}") != std::string::npos, textOf(result).c_str());
                continue;
            }
            if (std::string(each.what) == "new key in order" || std::string(each.what) == "new nested map") {
                const YamlDocument after = parseYaml(textOf(result));
                QVERIFY2(after.readable && textOf(result).size() == expected.size(), textOf(result).c_str());
                continue;
            }
            if (textOf(result) != expected)
                qWarning("%s", each.what);
            QCOMPARE(textOf(result), expected);
            QCOMPARE(textOf(setYaml(crlf(commented), each.path, each.yaml)), crlf(expected));
        }
    }

    /// Its place would be before the comma, and no byte tells where.
    void anEmptyItemWithinBracketsIsNotSet()
    {
        const std::string text = "triggers: [ ,# none yet\n  ]\n";
        QVERIFY(!setYaml(text, {"triggers", "0"}, "7"));
        QCOMPARE(textOf(setYaml("triggers: [a, b]\n", {"triggers", "0"}, "7")), std::string("triggers: [7, b]\n"));
    }

    void addingKeysFindsASensiblePlace()
    {
        const std::string text = "runtime: python\nhandler: a.b   # here\nretries: 1";
        QCOMPARE(textOf(setYaml(text, {"timeout"}, "3s")),
                 std::string("runtime: python\nhandler: a.b   # here\ntimeout: 3s\nretries: 1"));
        QCOMPARE(textOf(setYaml(text, {"max_age"}, "1h")),
                 std::string("runtime: python\nhandler: a.b   # here\nretries: 1\nmax_age: 1h"));
        QCOMPARE(textOf(setYaml(text, {"concurrency", "max"}, "3")),
                 std::string("runtime: python\nhandler: a.b   # here\nconcurrency: {max: 3}\nretries: 1"));
        QCOMPARE(textOf(setYaml("", {"runtime"}, "node")), std::string("runtime: node\n"));
        QCOMPARE(textOf(setYaml("# only this", {"runtime"}, "node")), std::string("# only this\nruntime: node\n"));
        QCOMPARE(textOf(setYaml("\xEF\xBB\xBF"
                                "a: 1\r\n",
                                {"a"}, "2")),
                 std::string("\xEF\xBB\xBF"
                             "a: 2\r\n"));
        QCOMPARE(textOf(setYaml("{a: 1}", {"b", "c"}, "2")), std::string("{a: 1, b: {c: 2}}"));
        QCOMPARE(textOf(setYaml("environment:\ntimeout: 3s\n", {"environment", "A"}, "x")),
                 std::string("environment: {A: x}\ntimeout: 3s\n"));
        QCOMPARE(textOf(setYaml("environment:   # mine\n", {"environment", "A"}, "x")),
                 std::string("environment: {A: x}   # mine\n"));
        QCOMPARE(textOf(setYaml("a: {b}\n", {"a", "b"}, "1")), std::string("a: {b: 1}\n"));
    }

    void removingTakesTheLine()
    {
        QCOMPARE(textOf(removeYaml(commented, {"memory"})), replaced(commented, "memory: 128MB\n", ""));
        QCOMPARE(textOf(removeYaml(commented, {"environment", "CURRENCY"})),
                 replaced(commented, "CURRENCY: EUR,   ", ""));
        QCOMPARE(textOf(removeYaml(commented, {"environment", "TAX"})), replaced(commented, ",   TAX: '19'", ""));
        QCOMPARE(textOf(removeYaml(commented, {"concurrency", "max"})),
                 replaced(commented, "concurrency:\n    max: 5   # of the licence\n", ""));
        QCOMPARE(textOf(removeYaml(commented, {"triggers", "0"})),
                 replaced(commented, "  - http: POST /orders/{id}   # not PUT\n", ""));
        QCOMPARE(textOf(removeYaml(commented, {"triggers", "2", "timezone"})),
                 replaced(commented, "    timezone: Europe/Berlin\n", ""));
        QCOMPARE(textOf(removeYaml(commented, {"permissions", "files", "0", "path"})),
                 replaced(commented, "- path: ../../data\n    mode: ro", "- mode: ro"));
        QCOMPARE(textOf(removeYaml(commented, {"note"})), replaced(commented, "note: |\n  kept\n    as it is\n", ""));
        QCOMPARE(textOf(removeYaml(commented, {"nothing", "here"})), commented);
        QCOMPARE(textOf(removeYaml("triggers: [a, b, c]\n", {"triggers", "1"})), std::string("triggers: [a, c]\n"));
        QCOMPARE(textOf(removeYaml("triggers: [a, b, ]\n", {"triggers", "1"})), std::string("triggers: [a, ]\n"));
        QCOMPARE(textOf(removeYaml("triggers:\n  - a\nb: 1\n", {"triggers", "0"})), std::string("b: 1\n"));
        QCOMPARE(textOf(removeYaml("a: 1\nb: 2", {"b"})), std::string("a: 1\n"));
    }

    void triggersAreAddedInTheListsOwnStyle()
    {
        const YamlItem route = triggerItem(HttpTrigger{"GET", "/a/{id}"});
        const YamlItem night = triggerItem(ScheduleTrigger{"0 2 * * *", "Europe/Berlin"});
        QCOMPARE(textOf(appendYaml("runtime: python\nretries: 1\n", "triggers", night)),
                 std::string("runtime: python\ntriggers:\n  - schedule: \"0 2 * * *\"\n    timezone: "
                             "Europe/Berlin\nretries: 1\n"));
        QCOMPARE(textOf(appendYaml("triggers:\n- url: {}   # mine\n\nretries: 1\n", "triggers", night)),
                 std::string("triggers:\n- url: {}   # mine\n- schedule: \"0 2 * * *\"\n  timezone: "
                             "Europe/Berlin\n\nretries: 1\n"));
        QCOMPARE(textOf(appendYaml("triggers: []\n", "triggers", route)),
                 std::string("triggers: [{http: \"GET /a/{id}\"}]\n"));
        QCOMPARE(textOf(appendYaml("triggers: [{url: {}}]\n", "triggers", night)),
                 std::string("triggers: [{url: {}}, {schedule: \"0 2 * * *\", timezone: Europe/Berlin}]\n"));
        QCOMPARE(textOf(appendYaml("triggers:\r\nretries: 1\r\n", "triggers", route)),
                 std::string("triggers:\r\n  - http: GET /a/{id}\r\nretries: 1\r\n"));
        QCOMPARE(textOf(appendYaml(commented, "triggers", route)),
                 replaced(commented, "    timezone: Europe/Berlin\n",
                          "    timezone: Europe/Berlin\n  - http: GET /a/{id}\n"));
    }

    void aTriggerOfTheSameKindKeepsItsComments()
    {
        QCOMPARE(textOf(rewriteTrigger(commented, 0, HttpTrigger{"POST", "/orders/{id}"}, HttpTrigger{"PUT", "/o"})),
                 replaced(commented, "POST /orders/{id}   # not PUT", "PUT /o   # not PUT"));
        const ScheduleTrigger old{"0 2 * * *", "Europe/Berlin"};
        QCOMPARE(textOf(rewriteTrigger(commented, 2, old, ScheduleTrigger{"rate(5 minutes)", "Europe/Berlin"})),
                 replaced(commented, "\"0 2 * * *\"", "\"rate(5 minutes)\""));
        QCOMPARE(textOf(rewriteTrigger(commented, 2, old, ScheduleTrigger{"0 2 * * *", "UTC"})),
                 replaced(commented, "    timezone: Europe/Berlin\n", ""));
        QCOMPARE(textOf(rewriteTrigger(commented, 1, UrlTrigger{}, ScheduleTrigger{"0 3 * * *", "Asia/Tokyo"})),
                 replaced(commented, "- url: {auth: none}", "- schedule: \"0 3 * * *\"\n    timezone: Asia/Tokyo"));
        QCOMPARE(textOf(rewriteTrigger(commented, 2, old, UrlTrigger{})),
                 replaced(commented, "schedule: \"0 2 * * *\"\n    timezone: Europe/Berlin", "url: {auth: none}"));
    }

    void whatIsNoValueIsRefused()
    {
        for (const char *bad :
             {"", "  ", "a: b", "- a", "[1", "a\nb", "3s # comment", "}", "*x", "&a 1", "null", "\"a"})
            QVERIFY2(!setYaml(commented, {"timeout"}, bad), bad);
        QVERIFY(!setYaml(commented, {}, "1"));
        QVERIFY(!setYaml(commented, {"runtime", "deeper"}, "1"));
        QVERIFY(!setYaml(commented, {"triggers", "7"}, "1"));
        QVERIFY(!setYaml("a: 1\na: 2\n", {"b"}, "1"));
        QVERIFY(!setYaml("a: [\n", {"b"}, "1"));
    }

    void scalarsAreQuotedWhereTheyMustBe()
    {
        for (const std::string text :
             {"a",  "0 2 * * *", "it's \"so\"", "a\nb", "\\", "null", "~",           "",   " a",   "a ",  "a: b",
              "#a", "ä",         "- a",         "{a}",  "@a", "%a",   "POST /a/{b}", "a:", "\x01", "a #b"}) {
            const YamlDocument document = parseYaml("[" + quoteYaml(text) + "]");
            QVERIFY2(document.readable && document.root.items.size() == 1, text.c_str());
            QCOMPARE(document.root.items[0].scalar, text);
        }
    }

    void randomEditsLeaveAllOtherBytesAndCanBeUndone()
    {
        std::mt19937 random(20260301);
        const auto below = [&](std::size_t n) { return std::size_t(random() % n); };
        const std::vector<std::string> values{"7",    "some words", "\"quoted: #\"", "'it''s'", "{a: 1, b: [2, 3]}",
                                              "[]",   "{}",         "a, b",          "0 2 * *", "/x/{y}",
                                              "true", "ünïcode"};
        int edits = 0;
        for (int round = 0; round < 3'000; ++round) {
            const std::string text = below(2) == 0 ? commented : crlf(commented);
            const YamlDocument before = parseYaml(text);
            std::vector<std::pair<YamlPath, const YamlNode *>> all;
            collect(before.root, {}, all);
            const auto &[path, node] = all[below(all.size())];
            const std::string &value = values[below(values.size())];

            const auto edited = setYaml(text, path, value);
            QVERIFY2(edited, edited ? "" : edited.error().text().c_str());
            ++edits;
            const bool block = node->style == YamlNode::Style::Block &&
                               (node->kind == YamlNode::Kind::Map || node->kind == YamlNode::Kind::List);
            if (!block) { // a block's place is its key's line
                QCOMPARE(edited->substr(0, node->begin), text.substr(0, node->begin));
                const std::string tail = text.substr(node->end);
                QVERIFY(edited->ends_with(tail));
            }
            std::vector<std::pair<YamlPath, const YamlNode *>> now;
            const YamlDocument after = parseYaml(*edited);
            collect(after.root, {}, now);
            const auto found =
                std::find_if(now.begin(), now.end(), [&](const auto &each) { return each.first == path; });
            QVERIFY(found != now.end());
            const YamlDocument expected = parseYaml(value);
            if (expected.root.kind == YamlNode::Kind::Scalar)
                QCOMPARE(found->second->scalar, expected.root.scalar);
            else
                QVERIFY(sameMeaning(*found->second, expected.root));

            if (!block && node->end > node->begin) { // written back as it was, all bytes are as they were
                const std::string old = text.substr(node->begin, node->end - node->begin);
                if (old.find('\n') == std::string::npos)
                    QCOMPARE(textOf(setYaml(*edited, path, old)), text);
            }
        }
        QCOMPARE(edits, 3'000);
    }
};

QTEST_GUILESS_MAIN(tst_YamlEdit)
#include "tst_yaml_edit.moc"

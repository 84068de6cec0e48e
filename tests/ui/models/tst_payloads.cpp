// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/cpu_timer.h"
#include "ui/models/json_text.h"
#include "ui/models/json_tree_model.h"
#include "ui/models/payload_text.h"
#include "ui/models/stack_frame.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QTest>

#include <random>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_Payloads : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void flawsAreFoundWhereTheyAre_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("offset"); // -1: none
        const std::pair<const char *, int> cases[] = {
            {"{}", -1},         {" [1, -0.5e+3, \"a\\u00e9\", true, null, {\"k\": []}] ", -1},
            {"0", -1},          {"", 0},
            {"{\"a\": 1,}", 8}, {"[1 2]", 3},
            {"{a: 1}", 1},      {"[01]", 2},
            {"\"open", 0},      {"[1] x", 4},
            {"{\"a\" 1}", 5},   {"tru", 0},
            {"[1.]", 3},        {"\"\\x\"", 2},
            {"[\"a\nb\"]", 3},  {"\"\\u12g4\"", 5},
            {"[}", 1},          {"]", 0},
            {"[1}", 2},         {"\xff", 0}};
        for (const auto &[text, offset] : cases)
            QTest::newRow(text) << QByteArray(text) << offset;
    }

    void flawsAreFoundWhereTheyAre()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, offset);
        const auto flaw = jsonFlaw({text.constData(), std::size_t(text.size())});
        QCOMPARE(flaw ? int(flaw->offset) : -1, offset);
        QVERIFY(!flaw || !flaw->message.isEmpty());
    }

    void deepNestingIsRefusedNotFollowed()
    {
        QVERIFY(!jsonFlaw(std::string(512, '[') + std::string(512, ']')));
        QVERIFY(jsonFlaw(std::string(1'000'000, '[')));
    }

    /// Any damage is either seen by both or by none of two readers.
    void agreesWithAnotherReaderOnDamagedText()
    {
        const std::string good =
            "{\"a\": [1, 2.5, -3e4, \"x\\\"\\\\y\", true, false, null], \"b\": {\"c\": {}, \"d\": []}, \"e\": \"\"}";
        std::mt19937 random(11);
        const std::string letters = "{}[]\",:01e-. atrufalsn\\";
        int refused = 0;
        for (int i = 0; i < 20'000; ++i) {
            std::string text = good;
            for (unsigned k = 0; k <= random() % 3; ++k) {
                const std::size_t at = random() % text.size();
                if (random() % 2)
                    text[at] = letters[random() % letters.size()];
                else
                    text.erase(at, 1 + random() % 2);
            }
            QJsonParseError error;
            QJsonDocument::fromJson(QByteArray::fromStdString(text), &error);
            if (error.error == QJsonParseError::IllegalNumber || error.error == QJsonParseError::IllegalEscapeSequence)
                continue; // Qt takes "01" for 0 then 1, and any letter after a backslash
            const bool flawed = jsonFlaw(text).has_value();
            refused += flawed;
            if (flawed != (error.error != QJsonParseError::NoError) && text.find("\\") == std::string::npos)
                QVERIFY2(text.find_first_of("01-.e") != std::string::npos, text.c_str());
            if (!flawed) { // what is accepted can be walked and printed, and stays the same value
                const std::string pretty = prettyJson(text, 100'000);
                QVERIFY2(!jsonFlaw(pretty), pretty.c_str());
                QCOMPARE(QJsonDocument::fromJson(QByteArray::fromStdString(pretty)),
                         QJsonDocument::fromJson(QByteArray::fromStdString(text)));
            }
        }
        QVERIFY(refused > 1000);
    }

    void valuesKeepTheirSpelling()
    {
        JsonTreeModel model;
        model.setPayload(payload(
            "{\"id\": 12345678901234567890123, \"price\": 1.50, \"a\": 1, \"a\": 2, \"n\\u00e9\": [\"x\", {}]}"));
        // Made afterwards: during a reset it would fetch, and then complain that rows came.
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 5);
        const auto value = [&](int row) { return model.index(row, JsonTreeModel::ValueColumn); };
        QCOMPARE(value(0).data().toString(), QStringLiteral("12345678901234567890123"));
        QCOMPARE(value(1).data().toString(), QStringLiteral("1.50"));
        QCOMPARE(value(3).data().toString(), QStringLiteral("2"));
        QCOMPARE(model.index(4, 0).data().toString(), QStringLiteral("né"));
        const QModelIndex list = model.index(4, 0);
        QVERIFY(model.hasChildren(list));
        model.fetchMore(list);
        QCOMPARE(model.rowCount(list), 2);
        QCOMPARE(model.index(0, 0, list).data(JsonTreeModel::PathRole).toString(), QStringLiteral("$.né[0]"));
        QVERIFY(!model.hasChildren(model.index(1, 0, list)));
        QVERIFY(!model.hasChildren(model.index(0, 0)));
    }

    void aLoneValueIsOneRow()
    {
        JsonTreeModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setPayload(payload(" 42 "));
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.index(0, JsonTreeModel::ValueColumn).data().toString(), QStringLiteral("42"));
        model.setPayload(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    void membersAreReadInBatches()
    {
        std::string text = "[";
        for (int i = 0; i < 100'000; ++i)
            text += "{\"n\": " + std::to_string(i) + "},";
        text.back() = ']';
        JsonTreeModel model;
        model.setPayload(payload(text));
        QCOMPARE(model.rowCount(), 500);
        QVERIFY(model.canFetchMore({}));
        model.fetchMore({});
        QCOMPARE(model.rowCount(), 1000);
        const QModelIndex last = model.index(999, 0);
        model.fetchMore(last);
        QCOMPARE(model.index(0, JsonTreeModel::ValueColumn, last).data().toString(), QStringLiteral("999"));
    }

    void largePayloadsAreShownInPart()
    {
        std::string text = "[";
        while (text.size() < 6'000'000)
            text += "{\"name\": \"a plate\", \"price\": 12.5, \"tags\": [\"x\", \"y\"]},";
        text.back() = ']';
        CpuTimer timer;
        timer.start();
        QVERIFY(!jsonFlaw(text));
        const double checked = double(timer.nsecsElapsed()) / 1e6;
        timer.start();
        const ShownText shown = prettyText(text);
        qInfo("6 MB: checked in %.1f ms, beginning printed in %.1f ms", checked, double(timer.nsecsElapsed()) / 1e6);
        QVERIFY(shown.text.size() <= qsizetype(shownBytes));
        QVERIFY(!shown.note.isEmpty());
    }

    void bytesThatAreNoTextAreShownAsSuch()
    {
        const std::string bytes("\x89PNG\r\n\x1a\n\0\0", 10);
        const ShownText shown = exactText(bytes);
        QVERIFY(shown.text.startsWith(QStringLiteral("000000  89 50 4e 47")));
        QVERIFY(shown.note.contains(QStringLiteral("not UTF-8")));
        const std::string line(300'000, 'x'); // one line: its layout would hold the window up
        QVERIFY(exactText(line).text.size() <= 40'000);
    }

    void httpAnswersAreRecognised()
    {
        const auto plain = httpAnswer("{\"statusCode\": 201, \"headers\": {\"X-A\": \"b\", \"n\": 5}, \"cookies\": "
                                      "[\"c=d\"], \"body\": \"{\\\"id\\\": 1}\"}");
        QVERIFY(plain.has_value());
        QCOMPARE(plain->status, 201);
        QCOMPARE(plain->headers.size(), std::size_t(3));
        QCOMPARE(plain->headers[1].second, QStringLiteral("5"));
        QCOMPARE(plain->headers[2].first, QStringLiteral("Set-Cookie"));
        QCOMPARE(plain->body, std::string("{\"id\": 1}"));
        const auto coded = httpAnswer("{\"statusCode\": 200, \"body\": \"aGk=\", \"isBase64Encoded\": true}");
        QCOMPARE(coded->body, std::string("hi"));
        const auto wrong = httpAnswer("{\"statusCode\": 200, \"body\": \"a*\", \"isBase64Encoded\": true}");
        QVERIFY(!wrong->problem.isEmpty());
        QCOMPARE(wrong->body, std::string("a*"));
        for (const char *other : {"{\"statusCode\": \"200\"}", "{\"statusCode\": 20}", "{\"statusCode\": 2.5}",
                                  "[{\"statusCode\": 200}]", "{\"body\": \"x\"}", "null"})
            QVERIFY2(!httpAnswer(other), other);
        QCOMPARE(httpStatusText(404), QStringLiteral("404 Not Found"));
        QCOMPARE(httpStatusText(299), QStringLiteral("299"));
    }

    void framesOfTheUsersCodeArePlaces()
    {
        const auto python = placeInFrame("  File \"/var/task/my shop/handler.py\", line 12, in handler");
        QVERIFY(python.has_value());
        QCOMPARE(python->file, QStringLiteral("my shop/handler.py"));
        QCOMPARE(python->line, 12);
        const auto node = placeInFrame("    at handler (file:///var/task/lib/index.mjs:7:13)");
        QCOMPARE(node->file, QStringLiteral("lib/index.mjs"));
        QCOMPARE(node->line, 7);
        QCOMPARE(placeInFrame("    at /var/task/index.js:3:1")->line, 3);
        QVERIFY(!placeInFrame("  File \"/usr/lib/python3.11/json/__init__.py\", line 346, in loads"));
        QVERIFY(!placeInFrame("  File \"/var/task/../../etc/passwd\", line 1, in x"));
        QVERIFY(!placeInFrame("    at f (/var/task/%2e%2e/x.js:1:1)"));
        QVERIFY(!placeInFrame("ValueError: no"));
        QCOMPARE(placeOf("handler.py:9")->line, 9);
        QVERIFY(!placeOf("/etc/passwd:1"));
        QVERIFY(!placeOf("nowhere"));
    }
};

QTEST_GUILESS_MAIN(tst_Payloads)
#include "tst_payloads.moc"

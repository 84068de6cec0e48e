// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/kept_variables.h"

#include <QTest>

using namespace kiln;

/// What a worker tells of its variables, which may be anything.
class tst_KeptVariables : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void areReadInTheirOrder()
    {
        const auto kept = readKeptVariables(R"({"variables": [["b", "1"], ["a", "dict of 2"]], "more": 3})");
        QVERIFY(kept);
        QVERIFY(kept->variables == (std::vector<CarriedState::Variable>{{"b", "1"}, {"a", "dict of 2"}}));
        QCOMPARE(kept->more, std::size_t(3));
    }

    void anythingElseIsAnError_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("{");
        QTest::newRow("a list") << QByteArray("[]");
        QTest::newRow("no variables") << QByteArray("{}");
        QTest::newRow("not a list of them") << QByteArray(R"({"variables": {}})");
        QTest::newRow("not a pair") << QByteArray(R"({"variables": [["a"]]})");
        QTest::newRow("no text") << QByteArray(R"({"variables": [["a", 1]]})");
        QTest::newRow("too much") << "{\"variables\": [[\"a\", \"" + QByteArray(300'000, 'x') + "\"]]}";
        QTest::newRow("deep") << QByteArray(100'000, '[');
    }
    void anythingElseIsAnError()
    {
        QFETCH(QByteArray, body);
        const auto kept = readKeptVariables(body.toStdString());
        QVERIFY(!kept);
        QCOMPARE(kept.error().code, Error::Code::Untrusted);
    }

    void manyAndLongOnesAreCutAndWhatATerminalWouldObeyIsBlank()
    {
        std::string body = "{\"variables\": [[\"\\u001b[2J\\u009b\", \"" + std::string(600, 'x') + "\"]";
        for (int i = 0; i < 100; ++i)
            body += ", [\"n\", \"v\"]";
        const auto kept = readKeptVariables(body + "]}");
        QVERIFY(kept);
        QCOMPARE(kept->variables.size(), std::size_t(64));
        QCOMPARE(kept->more, std::size_t(37));
        QCOMPARE(kept->variables[0].name, std::string(" [2J "));
        QCOMPARE(kept->variables[0].value, std::string(500, 'x') + "…");
    }

    void whatIsNotSaidOfMoreIsNone_data()
    {
        QTest::addColumn<QByteArray>("more");
        QTest::newRow("negative") << QByteArray("-1");
        QTest::newRow("text") << QByteArray("\"1\"");
        QTest::newRow("broken") << QByteArray("1.5");
    }
    void whatIsNotSaidOfMoreIsNone()
    {
        QFETCH(QByteArray, more);
        const auto kept = readKeptVariables("{\"variables\": [], \"more\": " + more.toStdString() + "}");
        QVERIFY(kept);
        QCOMPARE(kept->more, std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(tst_KeptVariables)
#include "tst_kept_variables.moc"

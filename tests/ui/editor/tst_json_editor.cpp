// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/code_surface.h"
#include "ui/editor/json_editor.h"
#include "ui/theme/theme.h"

#include <QDir>
#include <QLocale>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace kiln::ui;

class tst_JsonEditor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
    }

    void saysWhereJsonEnds_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, const char *text, int line, int column, const char *message) {
            QTest::newRow(name) << QByteArray(text) << line << column << QString::fromLatin1(message);
        };
        row("empty", "", 1, 1, "nothing here");
        row("only space", " \n ", 2, 2, "nothing here");
        row("missing comma", "{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3, "a comma or } is missing");
        row("last comma", "{\"a\": 1,\n}", 1, 8, "no comma after the last");
        row("last comma in a list", "[1, 2, ]", 1, 6, "no comma after the last");
        row("single quotes", "{'a': 1}", 1, 2, "a name in double quotes");
        row("single quoted value", "[ 'a' ]", 1, 3, "double quotes");
        row("python", "{\"a\": True}", 1, 7, "small letters");
        row("none", "[None]", 1, 2, "null");
        row("comment", "{} // x", 1, 4, "the value ended before this");
        row("comment inside", "[ // x\n]", 1, 3, "no comments");
        row("open text", "{\"a\": \"b\n}", 1, 7, "closing quote");
        row("open object", "{\"a\": 1", 1, 8, "} is missing");
        row("open list", "[[1]", 1, 5, "] is missing");
        row("no value", "{\"a\": }", 1, 7, "a value is missing");
        row("no colon", "{\"a\" 1}", 1, 6, "a colon is missing");
        row("leading zero", "[01]", 1, 2, "does not begin with 0");
        row("minus", "[-]", 1, 2, "digit is missing");
        row("point", "[1.]", 1, 3, "digit is missing");
        row("exponent", "[1e+]", 1, 4, "digit is missing");
        row("unit", "[12px]", 1, 4, "does not belong to the number");
        row("escape", "[\"\\x\"]", 1, 3, "no such escape");
        row("short escape", "[\"\\u12\"]", 1, 3, "four hexadecimal digits");
        row("control", "[\"a\tb\"]", 1, 4, "control character");
        row("two values", "{}{}", 1, 3, "the value ended");
        row("columns are characters", "[\"\xC3\xA4\xF0\x9F\x98\x80\" x]", 1, 7, "a comma or ]");
        row("windows lines", "{\r\n\r\n x}", 3, 2, "a name in double quotes");
    }

    void saysWhereJsonEnds()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(QString, message);
        const auto error = findJsonError({text.constData(), std::size_t(text.size())});
        QVERIFY(error);
        QVERIFY2(error->message.contains(message), qPrintable(error->message));
        QCOMPARE(error->line, line);
        QCOMPARE(error->column, column);
    }

    void takesAllThatIsJson_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text :
             {"0", "-0.5e-10", "\"\"", "null", "true", " [ ] ", "{}", "{\"a\":{\"b\":[[],{}]}}", "[1,2,3]",
              "\"\\u00e4\\n\\\"\\\\\\/\"", "123456789012345678901234567890", "{\"a\":1,\"a\":2}"})
            QTest::newRow(text) << QByteArray(text);
    }

    void takesAllThatIsJson()
    {
        QFETCH(QByteArray, text);
        const auto error = findJsonError({text.constData(), std::size_t(text.size())});
        QVERIFY2(!error, error ? qPrintable(error->message) : "");
    }

    void noNestingEndsTheProgram()
    {
        const std::string deep(5'000'000, '[');
        const auto error = findJsonError(deep);
        QVERIFY(error);
        QVERIFY(error->message.contains(QStringLiteral("nested")));
        const std::string grown = std::string(900, '[') + "1" + std::string(900, ']');
        QVERIFY(!findJsonError(grown));
        QVERIFY(formatJson(grown).size() < 2'000'000);
        std::string wide = std::string(900, '[') + "1";
        for (int i = 0; i < 200'000; ++i)
            wide += ",1";
        wide += std::string(900, ']');
        QCOMPARE(formatJson(wide), wide); // indented it would be over 300 MB
    }

    void formattingChangesOnlySpace()
    {
        const std::string text =
            "{\"b\":1.10,\"a\":[1e5,{\"x\":\"a: {b, c}\"}],\"b\":{},\"n\":12345678901234567890,\"e\":[ ]}";
        QCOMPARE(QString::fromStdString(formatJson(text)), QStringLiteral("{\n"
                                                                          "  \"b\": 1.10,\n"
                                                                          "  \"a\": [\n"
                                                                          "    1e5,\n"
                                                                          "    {\n"
                                                                          "      \"x\": \"a: {b, c}\"\n"
                                                                          "    }\n"
                                                                          "  ],\n"
                                                                          "  \"b\": {},\n"
                                                                          "  \"n\": 12345678901234567890,\n"
                                                                          "  \"e\": []\n"
                                                                          "}\n"
                                                                          ""));
        QCOMPARE(
            minifyJson(formatJson(text)),
            std::string("{\"b\":1.10,\"a\":[1e5,{\"x\":\"a: {b, c}\"}],\"b\":{},\"n\":12345678901234567890,\"e\":[]}"));
        QCOMPARE(formatJson(formatJson(text)), formatJson(text));
        QCOMPARE(formatJson("{broken"), std::string("{broken"));
    }

    void typingShowsTheErrorAndTakesItAway()
    {
        JsonEditor editor;
        editor.resize(600, 300);
        editor.show();
        QVERIFY(QTest::qWaitForWindowActive(&editor));
        editor.setDocument(QStringLiteral("{\n  \"a\": 1\n}\n"), QStringLiteral("e.json"));
        auto *line = editor.findChild<QToolButton *>(QStringLiteral("jsonLine"));
        QCOMPARE(line->text(), QStringLiteral("JSON"));
        editor.goToLine(2, 9);
        QSignalSpy changed(&editor, &JsonEditor::errorChanged);
        QTest::keyClicks(editor.surface(), QStringLiteral(","));
        QVERIFY(editor.error());
        QCOMPARE(editor.error()->line, 2);
        QVERIFY(!changed.isEmpty());
        QVERIFY2(line->text().startsWith(QStringLiteral("not JSON: line 2, column 9: ")), qPrintable(line->text()));
        editor.goToLine(1);
        QTest::mouseClick(line, Qt::LeftButton);
        QCOMPARE(editor.cursorLine(), 2);
        QTest::keyClick(editor.surface(), Qt::Key_Delete);
        QVERIFY(!editor.error());
        QCOMPARE(line->text(), QStringLiteral("JSON"));
    }

    void formattingIsOneStepToUndo()
    {
        JsonEditor editor;
        editor.resize(600, 300);
        editor.show();
        QVERIFY(QTest::qWaitForWindowActive(&editor));
        editor.setDocument(QStringLiteral("{\"a\":[1,2]}"), QStringLiteral("e.json"));
        QTest::keyClick(editor.surface(), Qt::Key_I, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(editor.text(), QStringLiteral("{\n  \"a\": [\n    1,\n    2\n  ]\n}\n"));
        QTest::keyClick(editor.surface(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(editor.text(), QStringLiteral("{\"a\":[1,2]}"));
    }

    void pictures()
    {
        for (const auto choice : {ThemeSwitch::Choice::Light, ThemeSwitch::Choice::Dark}) {
            ThemeSwitch::instance().apply(choice);
            JsonEditor editor;
            editor.resize(640, 280);
            editor.setDocument(
                QStringLiteral("{\n  \"items\": [\n    {\"sku\": \"A-1\", \"price\": 12.50, \"gift\": true}\n"
                               "  ]\n  \"note\": null\n}\n"),
                QStringLiteral("e.json"));
            editor.show();
            QTest::qWait(20);
            const QString folder = QStringLiteral(KILN_BUILD_DIR "/tests/ui/pictures");
            QVERIFY(QDir().mkpath(folder));
            QVERIFY(editor.grab().save(
                folder + (theme().dark ? QStringLiteral("/json-dark.png") : QStringLiteral("/json-light.png"))));
        }
    }
};

QTEST_MAIN(tst_JsonEditor)
#include "tst_json_editor.moc"

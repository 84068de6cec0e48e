// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/code_editor.h"
#include "ui/editor/code_surface.h"
#include "ui/editor/find_bar.h"
#include "ui/editor/syntax.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMainWindow>
#include <QPushButton>
#include <QShortcut>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>
#include <Qsci/qscilexer.h>

#include <algorithm>
#include <vector>

using namespace kiln::ui;

namespace {

const QString handler = QStringLiteral(R"(import json, uuid

# talks to Kiln here, to AWS there
orders = {}


@traced
def handler(event, context):
    order = json.loads(event["body"])
    if not order.get("items"):
        return {"statusCode": 400, "body": "empty cart"}
    order["id"] = str(uuid.uuid4())
    price = sum(item["price"] for item in order["items"])
    print(f"order {order['id']}: {price:.2f}")
    orders[order["id"]] = order
    return {"statusCode": 201, "body": json.dumps(order)}
)");

void savePicture(QWidget &widget, const QString &name)
{
    const QString folder = QStringLiteral(KILN_BUILD_DIR "/tests/ui/pictures");
    QVERIFY(QDir().mkpath(folder));
    QVERIFY(widget.grab().save(folder + QLatin1Char('/') + name));
}

} // namespace

class tst_CodeEditor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
    }

    void init()
    {
        m_window = std::make_unique<QMainWindow>();
        m_editor = new CodeEditor;
        m_window->setCentralWidget(m_editor);
        m_window->resize(900, 500);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        m_editor->surface()->setFocus();
    }

    void cleanup() { m_window.reset(); }

    void aFileWithoutEndingIsColouredByItsFirstLine()
    {
        const QString name = QStringLiteral("bootstrap");
        QCOMPARE(syntaxOf(name, "#!/usr/bin/env python3\nprint(1)\n"), Syntax::Python);
        QCOMPARE(syntaxOf(name, "#!/usr/bin/node"), Syntax::JavaScript);
        QCOMPARE(syntaxOf(name, "#!/bin/sh\npython3 x\n"), Syntax::Shell);
        QCOMPARE(syntaxOf(name, "\x7f"
                                "ELF"),
                 Syntax::Plain);
        QCOMPARE(syntaxOf(name), Syntax::Plain);
        QCOMPARE(syntaxOf(QStringLiteral("notes.txt"), "#!/bin/sh\n"), Syntax::Plain);
    }

    void everyStyleOfEveryLanguageStandsOnTheThemesGround_data()
    {
        QTest::addColumn<QString>("file");
        for (const char *file : {"a.py", "a.mjs", "a.cjs", "a.js", "a.json", "a.yaml", "a.html", "a.css", "a.md",
                                 "a.sql", "a.cpp", "a.sh"})
            QTest::newRow(file) << QString::fromLatin1(file);
    }

    void everyStyleOfEveryLanguageStandsOnTheThemesGround()
    {
        QFETCH(QString, file);
        m_editor->setDocument(QStringLiteral("x"), file);
        for (const auto choice : {ThemeSwitch::Choice::Light, ThemeSwitch::Choice::Dark}) {
            ThemeSwitch::instance().apply(choice);
            const QsciLexer *lexer = m_editor->surface()->lexer();
            QVERIFY(lexer);
            for (int style = 0; style < 128; ++style) {
                if (lexer->description(style).isEmpty())
                    continue;
                QCOMPARE(lexer->paper(style), theme().background);
                QVERIFY2(m_editor->surface()->send(QsciScintillaBase::SCI_STYLEGETBACK, std::size_t(style)) ==
                             rgb(theme().background),
                         qPrintable(lexer->description(style)));
            }
        }
    }

    void markedBracesAreAsLargeAsTheText_data() { everyStyleOfEveryLanguageStandsOnTheThemesGround_data(); }
    void markedBracesAreAsLargeAsTheText()
    {
        QFETCH(QString, file);
        m_editor->setDocument(QStringLiteral("{}"), file);
        const auto sizeOf = [this](int style) {
            return m_editor->surface()->send(QsciScintillaBase::SCI_STYLEGETSIZEFRACTIONAL, std::size_t(style));
        };
        QVERIFY(sizeOf(QsciScintillaBase::STYLE_DEFAULT) > 0);
        QCOMPARE(sizeOf(QsciScintillaBase::STYLE_BRACELIGHT), sizeOf(QsciScintillaBase::STYLE_DEFAULT));
        QCOMPARE(sizeOf(QsciScintillaBase::STYLE_BRACEBAD), sizeOf(QsciScintillaBase::STYLE_DEFAULT));
    }

    void opensWhatTheFileHoldsByteByByte_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("CRLF") << QByteArray("a\r\nb\r\n");
        QTest::newRow("mixed ends") << QByteArray("a\r\nb\nc\r");
        QTest::newRow("no UTF-8") << QByteArray("a\xff\xfe\x80z\n");
        QTest::newRow("NUL") << QByteArray("a\0b\n", 4);
        QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBF# x\n");
        QTest::newRow("beyond the BMP") << QByteArray("\xF0\x9F\x98\x80 \xC3\xA4\n");
        QTest::newRow("empty") << QByteArray();
    }

    void opensWhatTheFileHoldsByteByByte()
    {
        QFETCH(QByteArray, bytes);
        m_editor->setBytes(bytes, QStringLiteral("a.py"));
        QCOMPARE(m_editor->bytes(), bytes);
        QVERIFY(!m_editor->isModified());
        QVERIFY(!m_editor->isUndoAvailable());
    }

    void enterInAWindowsFileMakesAWindowsLine()
    {
        m_editor->setDocument(QStringLiteral("a\r\nb"), QStringLiteral("a.txt"));
        press(Qt::Key_End);
        press(Qt::Key_Return);
        type("c");
        QCOMPARE(m_editor->text(), QStringLiteral("a\r\nc\r\nb"));
    }

    void typedCodeIndentsAndClosesItself()
    {
        m_editor->setDocument({}, QStringLiteral("handler.py"));
        type("def handler(event, context):");
        press(Qt::Key_Return);
        type("return {\"ok\": [event[\"x\"]]}");
        QCOMPARE(m_editor->text(), QStringLiteral("def handler(event, context):\n    return {\"ok\": [event[\"x\"]]}"));
        press(Qt::Key_Return);
        type("x = 1");
        QVERIFY2(m_editor->text().endsWith(QStringLiteral("]]}\nx = 1")), qPrintable(m_editor->text()));
    }

    void bracketsOpenedOnALineAreSpreadByEnter()
    {
        m_editor->setDocument({}, QStringLiteral("index.mjs"));
        type("export const handler = async (event) => {");
        press(Qt::Key_Return);
        type("return 1;");
        QCOMPARE(m_editor->text(), QStringLiteral("export const handler = async (event) => {\n  return 1;\n}"));
    }

    void quotesAreClosedOnlyWhereATextBegins()
    {
        m_editor->setDocument({}, QStringLiteral("a.py"));
        type("f\"a\" ");
        QCOMPARE(m_editor->text(), QStringLiteral("f\"a\" "));
        m_editor->setDocument({}, QStringLiteral("a.py"));
        type("# don't ");
        QCOMPARE(m_editor->text(), QStringLiteral("# don't "));
        m_editor->setDocument({}, QStringLiteral("a.py"));
        type("\"\"\"doc");
        QCOMPARE(m_editor->text(), QStringLiteral("\"\"\"doc"));
        m_editor->setDocument({}, QStringLiteral("a.py"));
        type("(");
        QCOMPARE(m_editor->text(), QStringLiteral("()"));
        press(Qt::Key_Backspace);
        QCOMPARE(m_editor->text(), QString());
    }

    void aSelectionIsWrapped()
    {
        m_editor->setDocument(QStringLiteral("event"), QStringLiteral("a.py"));
        press(Qt::Key_A, Qt::ControlModifier);
        type("(");
        QCOMPARE(m_editor->text(), QStringLiteral("(event)"));
        type("[");
        QCOMPARE(m_editor->text(), QStringLiteral("([event])"));
        m_editor->undo();
        m_editor->undo();
        QCOMPARE(m_editor->text(), QStringLiteral("event"));
    }

    void unsavedChangesAreTold()
    {
        m_editor->setDocument(QStringLiteral("a"), QStringLiteral("a.py"));
        QSignalSpy modified(m_editor, &CodeEditor::modifiedChanged);
        QSignalSpy changed(m_editor, &CodeEditor::contentChanged);
        type("b");
        QCOMPARE(modified.size(), 1);
        QVERIFY(modified.last().first().toBool());
        QVERIFY(!changed.isEmpty());
        m_editor->setModified(false);
        QVERIFY(!m_editor->isModified());
        press(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("a"));
        QVERIFY(m_editor->isModified());
    }

    void savingIsAskedForByKey()
    {
        QSignalSpy save(m_editor, &CodeEditor::saveRequested);
        press(Qt::Key_S, Qt::ControlModifier);
        QCOMPARE(save.size(), 1);
    }

    void theWindowsShortcutsReachTheWindow_data()
    {
        QTest::addColumn<QKeySequence>("keys");
        for (const char *keys : {"Ctrl+Return",  "Ctrl+Shift+Return",
                                 "Ctrl+P",       "Ctrl+Shift+P",
                                 "F8",           "Shift+F8",
                                 "Ctrl+1",       "Ctrl+9",
                                 "Ctrl+W",       "Ctrl+N",
                                 "Ctrl+L",       "Ctrl+T",
                                 "Ctrl+U",       "Ctrl+E",
                                 "Ctrl+PgUp",    "Ctrl+Tab",
                                 "Ctrl+Shift+F", "F1",
                                 "F5",           "Ctrl+,",
                                 "Ctrl+J",       "Ctrl+B"})
            QTest::newRow(keys) << QKeySequence(QString::fromLatin1(keys));
    }

    void theWindowsShortcutsReachTheWindow()
    {
        QFETCH(QKeySequence, keys);
        m_editor->setDocument(QStringLiteral("text"), QStringLiteral("a.py"));
        QShortcut shortcut(keys, m_window.get());
        QSignalSpy activated(&shortcut, &QShortcut::activated);
        QTest::keyClick(m_editor->surface(), Qt::Key(keys[0].key()), keys[0].keyboardModifiers());
        QCOMPARE(activated.size(), 1);
        QCOMPARE(m_editor->text(), QStringLiteral("text"));
    }

    void findsAsOneTypesAndWrapsAround()
    {
        m_editor->setDocument(QStringLiteral("one two\nTwo three\ntwofold"), QStringLiteral("a.txt"));
        press(Qt::Key_F, Qt::ControlModifier);
        auto *find = m_editor->findChild<QLineEdit *>(QStringLiteral("find"));
        auto *count = m_editor->findChild<QLabel *>(QStringLiteral("matchCount"));
        QVERIFY(find->hasFocus());
        QTest::keyClicks(find, QStringLiteral("two"));
        QCOMPARE(count->text(), QStringLiteral("1 of 3"));
        QCOMPARE(m_editor->surface()->selectedText(), QStringLiteral("two"));
        QTest::keyClick(find, Qt::Key_Return);
        QCOMPARE(count->text(), QStringLiteral("2 of 3"));
        QTest::keyClick(find, Qt::Key_F3);
        QTest::keyClick(find, Qt::Key_F3);
        QCOMPARE(count->text(), QStringLiteral("1 of 3"));
        QTest::keyClick(find, Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(count->text(), QStringLiteral("3 of 3"));

        QTest::mouseClick(m_editor->findChild<QToolButton *>(QStringLiteral("words")), Qt::LeftButton);
        QCOMPARE(count->text().section(QLatin1Char(' '), -1), QStringLiteral("2"));
        QTest::mouseClick(m_editor->findChild<QToolButton *>(QStringLiteral("case")), Qt::LeftButton);
        QCOMPARE(count->text(), QStringLiteral("1 of 1"));
        QTest::keyClick(find, Qt::Key_Escape);
        QVERIFY(!find->isVisible());
        QVERIFY(m_editor->surface()->hasFocus());
    }

    void aWrongPatternSaysWhatIsWrong()
    {
        m_editor->setDocument(QStringLiteral("one"), QStringLiteral("a.txt"));
        press(Qt::Key_F, Qt::ControlModifier);
        auto *find = m_editor->findChild<QLineEdit *>(QStringLiteral("find"));
        QTest::mouseClick(m_editor->findChild<QToolButton *>(QStringLiteral("pattern")), Qt::LeftButton);
        QTest::keyClicks(find, QStringLiteral("o("));
        auto *count = m_editor->findChild<QLabel *>(QStringLiteral("matchCount"));
        QVERIFY2(count->text().contains(QStringLiteral("missing closing parenthesis")), qPrintable(count->text()));
    }

    void replacesOneByOneAndAllAtOnce()
    {
        m_editor->setDocument(QStringLiteral("a1 \u00e4 a2 a3"), QStringLiteral("a.txt"));
        press(Qt::Key_H, Qt::ControlModifier);
        auto *find = m_editor->findChild<QLineEdit *>(QStringLiteral("find"));
        auto *replace = m_editor->findChild<QLineEdit *>(QStringLiteral("replace"));
        QTest::mouseClick(m_editor->findChild<QToolButton *>(QStringLiteral("pattern")), Qt::LeftButton);
        QTest::keyClicks(find, QStringLiteral("a(\\d)"));
        QTest::mouseClick(replace, Qt::LeftButton);
        QTest::keyClicks(replace, QStringLiteral("<$1>"));
        QTest::keyClick(replace, Qt::Key_Return);
        QCOMPARE(m_editor->text(), QStringLiteral("<1> \u00e4 a2 a3"));
        QTest::mouseClick(m_editor->findChild<QPushButton *>(QStringLiteral("replaceAll")), Qt::LeftButton);
        QCOMPARE(m_editor->text(), QStringLiteral("<1> \u00e4 <2> <3>"));
        QTest::keyClick(replace, Qt::Key_Escape);
        press(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("<1> \u00e4 a2 a3"));
    }

    void goesToALine()
    {
        m_editor->setDocument(handler, QStringLiteral("handler.py"));
        press(Qt::Key_G, Qt::ControlModifier);
        auto *line = m_editor->findChild<QLineEdit *>(QStringLiteral("line"));
        QVERIFY(line->hasFocus());
        QTest::keyClicks(line, QStringLiteral("9:5"));
        QTest::keyClick(line, Qt::Key_Return);
        QCOMPARE(m_editor->cursorLine(), 9);
        QCOMPARE(m_editor->cursorColumn(), 5);
        m_editor->goToLine(1'000'000, 1'000'000);
        QCOMPARE(m_editor->cursorLine(), handler.count(QLatin1Char('\n')) + 1);
    }

    void commentsLinesOutAndIn()
    {
        m_editor->setDocument(QStringLiteral("if x:\n    y\n\nz\n"), QStringLiteral("a.py"));
        m_editor->surface()->setSelection(0, 0, 2, 0);
        press(Qt::Key_Slash, Qt::ControlModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("# if x:\n#     y\n\nz\n"));
        press(Qt::Key_Slash, Qt::ControlModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("if x:\n    y\n\nz\n"));
        m_editor->setDocument(QStringLiteral("a {}\n"), QStringLiteral("a.css"));
        press(Qt::Key_Slash, Qt::ControlModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("/* a {} */\n"));
        press(Qt::Key_Slash, Qt::ControlModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("a {}\n"));
    }

    void movesDoublesAndDeletesLines()
    {
        m_editor->setDocument(QStringLiteral("1\n2\n3"), QStringLiteral("a.txt"));
        press(Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("2\n1\n3"));
        press(Qt::Key_Down, Qt::AltModifier | Qt::ShiftModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("2\n1\n1\n3"));
        QCOMPARE(m_editor->cursorLine(), 3);
        press(Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
        press(Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(m_editor->text(), QStringLiteral("2\n3\n1"));
    }

    void severalCursorsTypeTogether()
    {
        m_editor->setDocument(QStringLiteral("sku sku"), QStringLiteral("a.txt"));
        m_editor->surface()->setSelection(0, 0, 0, 3);
        press(Qt::Key_D, Qt::ControlModifier);
        type("id");
        QCOMPARE(m_editor->text(), QStringLiteral("id id"));
    }

    void newTextFromDiskKeepsCursorAndMarks()
    {
        m_editor->setDocument(handler, QStringLiteral("handler.py"));
        m_editor->goToLine(9, 3);
        m_editor->markErrors({{9, QStringLiteral("1 error"), {}}});
        m_editor->setText(QStringLiteral("# new first line\n") + handler);
        QCOMPARE(m_editor->cursorLine(), 10);
        QCOMPARE(m_editor->markedLines(), std::vector<int>{10});
        m_editor->undo();
        QCOMPARE(m_editor->text(), handler);
    }

    void aMarkIsOpenedByAClick()
    {
        m_editor->setDocument(handler, QStringLiteral("handler.py"));
        m_editor->markErrors({{9, QStringLiteral("12 errors: KeyError 'sku'"), QStringLiteral("open invocation")},
                              {5'000, QStringLiteral("not in this file any more"), {}}});
        QCOMPARE(m_editor->markedLines(), std::vector<int>{9});
        QSignalSpy activated(m_editor, &CodeEditor::markActivated);
        CodeSurface *surface = m_editor->surface();
        surface->grab(); // draws, so that the words have their place
        const long end = surface->send(QsciScintillaBase::SCI_GETLINEENDPOSITION, 8);
        const QPoint words(int(surface->send(QsciScintillaBase::SCI_POINTXFROMPOSITION, 0, end)) + 60,
                           int(surface->send(QsciScintillaBase::SCI_POINTYFROMPOSITION, 0, end)) + 8);
        QTest::mouseClick(surface->viewport(), Qt::LeftButton, {}, words);
        QCOMPARE(activated.size(), 1);
        QCOMPARE(activated.first().first().toInt(), 9);
        m_editor->clearMarks();
        QTest::mouseClick(surface->viewport(), Qt::LeftButton, {}, words);
        QCOMPARE(activated.size(), 1);
    }

    void theWheelZooms()
    {
        m_editor->setDocument(handler, QStringLiteral("handler.py"));
        const long before = m_editor->surface()->send(QsciScintillaBase::SCI_TEXTHEIGHT);
        QWheelEvent wheel(QPointF(50, 50), QPointF(50, 50), {}, QPoint(0, 120), Qt::NoButton, Qt::ControlModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(m_editor->surface()->viewport(), &wheel);
        QVERIFY(m_editor->surface()->send(QsciScintillaBase::SCI_TEXTHEIGHT) > before);
        press(Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(m_editor->surface()->send(QsciScintillaBase::SCI_TEXTHEIGHT), before);
    }

    void everyActionHasAName()
    {
        QVERIFY(m_editor->actions().size() > 12);
        for (const QAction *action : m_editor->actions()) {
            QVERIFY(!action->text().isEmpty());
            QVERIFY(action->objectName().contains(QLatin1Char('.')));
        }
    }

    void aHundredThousandLinesOpenAndAreTypedInto()
    {
        QString text;
        for (int i = 0; i < 100'000; ++i)
            text += QStringLiteral("def f%1(event): return {\"n\": %1}  # line\n").arg(i);
        measure("100,000 lines of Python", text, QStringLiteral("a.py"));
    }

    void twentyMegabytesOpenAndAreTypedInto()
    {
        measure("20 MB of JSON", QStringLiteral("{\"name\": [1, 2, 3]},\n").repeated(1'000'000),
                QStringLiteral("a.json"));
    }

    void oneVeryLongLineOpens()
    {
        measure("100 KB in one line", QStringLiteral("{\"name\": [1, 2, 3]}, ").repeated(5'000),
                QStringLiteral("a.json"));
    }

    void pictures_data()
    {
        QTest::addColumn<ThemeSwitch::Choice>("choice");
        QTest::addColumn<QString>("suffix");
        QTest::newRow("dark") << ThemeSwitch::Choice::Dark << QStringLiteral("dark");
        QTest::newRow("light") << ThemeSwitch::Choice::Light << QStringLiteral("light");
    }

    void pictures()
    {
        QFETCH(ThemeSwitch::Choice, choice);
        QFETCH(QString, suffix);
        ThemeSwitch::instance().apply(choice);
        m_window->resize(1100, 520);
        m_editor->setDocument(handler, QStringLiteral("handler.py"));
        m_editor->setInfo(QStringLiteral("42/s  ·  p50 1.80 ms  ·  p99 31.0 ms  ·  cold 0.4 %"));
        m_editor->markErrors(
            {{13, QStringLiteral("12 errors: KeyError 'price'"), QStringLiteral("last 02:31:12  ·  open invocation")}});
        m_editor->goToLine(8, 13);
        QTest::qWait(20);
        savePicture(*m_editor, QStringLiteral("editor-%1.png").arg(suffix));
        m_editor->openReplace();
        auto *find = m_editor->findChild<QLineEdit *>(QStringLiteral("find"));
        find->clear();
        QTest::keyClicks(find, QStringLiteral("order"));
        QTest::qWait(20);
        savePicture(*m_editor, QStringLiteral("editor-find-%1.png").arg(suffix));
        m_window->resize(520, 300);
        m_editor->setDocument(
            QStringLiteral("<!doctype html>\n<script>\n  // count\n  const n = `a ${1 + 2}`;\n</script>\n"
                           "<p class=\"x\" unknown='1'>&amp; text</p>\n<?php echo 1 ?>\n"),
            QStringLiteral("index.html"));
        QTest::qWait(20);
        savePicture(*m_editor, QStringLiteral("editor-small-%1.png").arg(suffix));
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
    }

private:
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::keyClick(m_editor->surface(), key, modifiers);
    }
    void type(const char *text) { QTest::keyClicks(m_editor->surface(), QString::fromUtf8(text)); }

    static long rgb(const QColor &colour) { return colour.red() | (colour.green() << 8) | (colour.blue() << 16); }

    void measure(const char *what, const QString &text, const QString &file)
    {
        QElapsedTimer timer;
        timer.start();
        m_editor->setDocument(text, file);
        const qint64 loaded = timer.elapsed();
        m_editor->grab();
        const qint64 painted = timer.elapsed();
        std::vector<double> keys;
        for (int i = 0; i < 20; ++i) {
            timer.restart();
            type("x");
            m_editor->surface()->viewport()->repaint();
            keys.push_back(double(timer.nsecsElapsed()) / 1e6);
        }
        std::sort(keys.begin(), keys.end());
        qInfo("%s: loaded in %lld ms, painted after %lld ms, key to paint %.1f ms, at most %.1f ms", what, loaded,
              painted, keys[10], keys.back());
        QVERIFY(m_editor->text().startsWith(QStringLiteral("xxxxxxxxxxxxxxxxxxxx")));
    }

    std::unique_ptr<QMainWindow> m_window;
    CodeEditor *m_editor = nullptr;
};

QTEST_MAIN(tst_CodeEditor)
#include "tst_code_editor.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// The window's parts that need no window.
#include "tests/ui/shell/recorded.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/code_places.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/document_file.h"
#include "ui/shell/error_places.h"
#include "ui/shell/fuzzy_match.h"
#include "ui/shell/status_bar.h"
#include "ui/shell/unsaved_backup.h"
#include "ui/shell/window_settings.h"

#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace kiln;

class tst_ShellParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fuzzyMatchTakesCharactersInOrder()
    {
        QVERIFY(ui::fuzzyMatch(s("nf"), s("New function")));
        QVERIFY(!ui::fuzzyMatch(s("fn"), s("New fu")));
        QCOMPARE(ui::fuzzyMatch(s("nf"), s("New function"))->positions, QList<int>({0, 4}));
    }

    void fuzzyMatchPrefersBeginningsOfWords()
    {
        const auto words = ui::fuzzyMatch(s("fc"), s("Fire cold"));
        const auto within = ui::fuzzyMatch(s("fc"), s("Refactor"));
        QVERIFY(words && within);
        QVERIFY(words->score > within->score);
    }

    void thePaletteIsWorkedByKeys()
    {
        QWidget window;
        window.resize(800, 600);
        ui::CommandPalette palette(&window);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QSignalSpy chosen(&palette, &ui::CommandPalette::chosen);
        auto *field = palette.findChild<QLineEdit *>(s("paletteField"));
        const auto *list = palette.findChild<QListView *>(s("paletteList"));
        const QList<ui::PaletteItem> items{
            {s("a"), s("Fire"), {}}, {s("b"), s("Fire again"), {}}, {s("c"), s("Save"), {}}};

        palette.open(s("Run"), items, {s("c")});
        QCOMPARE(list->currentIndex().data().toString(), s("Save")); // recent first
        QTest::keyClicks(field, s("fa"));
        QCOMPARE(list->currentIndex().data().toString(), s("Fire again"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toString(), s("b"));
        QVERIFY(!palette.isVisible());

        palette.open(s("Run"), items, {});
        QTest::keyClick(field, Qt::Key_Down);
        QTest::keyClick(field, Qt::Key_Down);
        QTest::keyClick(field, Qt::Key_Down); // around the end
        QCOMPARE(list->currentIndex().data().toString(), s("Fire"));
        QTest::keyClick(field, Qt::Key_Escape);
        QVERIFY(!palette.isVisible());
        QCOMPARE(chosen.size(), 1);
    }

    void aDisabledCommandCannotBeChosen()
    {
        QWidget window;
        window.resize(800, 600);
        ui::CommandPalette palette(&window);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QSignalSpy chosen(&palette, &ui::CommandPalette::chosen);
        palette.open(s("Run"), {{s("a"), s("Trust"), {}, {}, false}}, {});
        QTest::keyClick(palette.findChild<QLineEdit *>(s("paletteField")), Qt::Key_Return);
        QCOMPARE(chosen.size(), 0);
    }

    void aDismissedLineStaysAwayUntilItSaysSomethingElse()
    {
        ui::BannerBar bar;
        bar.show();
        bar.setBanner(s("store"), {ui::BannerBar::Tone::Error, s("disk full"), {}});
        QTest::mouseClick(bar.findChild<QToolButton *>(s("dismiss")), Qt::LeftButton);
        QVERIFY(!bar.shows(s("store")));
        bar.setBanner(s("store"), {ui::BannerBar::Tone::Error, s("disk full"), {}});
        QVERIFY(!bar.shows(s("store")));
        bar.setBanner(s("store"), {ui::BannerBar::Tone::Error, s("disk gone"), {}});
        QVERIFY(bar.shows(s("store")));
    }

    void aLineOffersItsActions()
    {
        ui::BannerBar bar;
        bar.show();
        QSignalSpy triggered(&bar, &ui::BannerBar::actionTriggered);
        bar.setBanner(s("trust"), {ui::BannerBar::Tone::Warning, s("Triggers are off"), {s("Trust")}, false});
        QTest::mouseClick(bar.findChild<QPushButton *>(s("action-0")), Qt::LeftButton);
        QCOMPARE(triggered.size(), 1);
        QCOMPARE(triggered[0][0].toString(), s("trust"));
        QVERIFY(!bar.findChild<QToolButton *>(s("dismiss")));
    }

    void placesAreReadFromStacks_data()
    {
        QTest::addColumn<QStringList>("stack");
        QTest::addColumn<QString>("places");
        QTest::newRow("python") << QStringList{s("  File \"/var/task/handler.py\", line 3, in handler"),
                                               s("  File \"/usr/lib/python3.11/json/__init__.py\", line 346, in loads"),
                                               s("  File \"/var/task/lib/cart.py\", line 12, in total")}
                                << s("lib/cart.py:12 handler.py:3");
        QTest::newRow("node") << QStringList{s("    at handler (/var/task/index.mjs:8:11)"),
                                             s("    at Runtime.run (file:///opt/kiln/bootstrap.mjs:90:3)")}
                              << s("index.mjs:8");
        QTest::newRow("node module") << QStringList{s("    at file:///var/task/src/a.mjs:2:5")} << s("src/a.mjs:2");
        QTest::newRow("none") << QStringList{s("something else")} << QString();
    }

    void placesAreReadFromStacks()
    {
        QFETCH(QStringList, stack);
        QFETCH(QString, places);
        Invocation invocation;
        auto revision = std::make_shared<Revision>();
        revision->settings.name = "checkout";
        invocation.revision = revision;
        invocation.error = {"KeyError", "'sku'", {}};
        for (const QString &line : stack)
            invocation.error.stack.push_back(line.toStdString());
        QStringList found;
        for (const ui::CodePlace &place : ui::placesOf(invocation))
            found << QStringLiteral("%1:%2").arg(place.file).arg(place.line);
        QCOMPARE(found.join(QLatin1Char(' ')), places);
    }

    void marksGoWithTheNextRevision()
    {
        auto snapshot = test::recordedSnapshot("/shop");
        ui::ErrorPlaces errors;
        QSignalSpy changed(&errors, &ui::ErrorPlaces::changed);
        errors.setSnapshot(snapshot);
        QCOMPARE(errors.inFile(s("checkout"), s("handler.py")).at(0).line, 14);
        QCOMPARE(errors.all().size(), std::size_t(2)); // and the problem of resize
        QCOMPARE(changed.size(), 2);

        errors.setSnapshot(snapshot);
        QCOMPARE(changed.size(), 2); // nothing new

        auto workspace = std::make_shared<WorkspaceView>(*snapshot->workspace);
        auto revision = std::make_shared<Revision>(*workspace->functions[0].revision);
        revision->hash = "ffff";
        workspace->functions[0].revision = revision;
        auto next = std::make_shared<Snapshot>(*snapshot);
        next->workspace = workspace;
        errors.setSnapshot(next);
        QVERIFY(errors.inFile(s("checkout"), s("handler.py")).empty());
        QCOMPARE(changed.size(), 3);
    }

    void problemsMarkTheirLinesUntilTheyAreMended()
    {
        auto snapshot = test::recordedSnapshot("/shop");
        auto workspace = std::make_shared<WorkspaceView>(*snapshot->workspace);
        FunctionView &view = workspace->functions[0];
        view.problems = {
            {Problem::Severity::Error, "functions/checkout/handler.cpp", 3, 5, {}, "expected ';'\nand more"},
            {Problem::Severity::Warning, "functions/checkout/handler.cpp", 4, 1, {}, "unused"},
            {Problem::Severity::Error, "functions/checkout/handler.cpp", 0, 0, {}, "undefined reference"}};
        auto broken = std::make_shared<Snapshot>(*snapshot);
        broken->workspace = workspace;
        ui::ErrorPlaces errors;
        errors.setSnapshot(broken);
        const auto places = errors.problemsIn(s("functions/checkout/handler.cpp"));
        QCOMPARE(places.size(), std::size_t(2)); // what has no line marks none
        QCOMPARE(places[0].line, 3);
        QCOMPARE(places[0].message, s("expected ';'"));
        QCOMPARE(places[1].message, s("warning: unused"));
        QVERIFY(errors.problemsIn(s("functions/checkout/function.yaml")).empty());

        QSignalSpy changed(&errors, &ui::ErrorPlaces::changed);
        errors.setSnapshot(snapshot);
        QVERIFY(errors.problemsIn(s("functions/checkout/handler.cpp")).empty());
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toString(), s("checkout"));
    }

    void aFileTellsOfChangesByOthersButNotByItself()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(s("handler.py"));
        write(path, "one\n");
        ui::DocumentFile file(path);
        QCOMPARE(file.load().bytes, QByteArray("one\n"));
        QSignalSpy changed(&file, &ui::DocumentFile::changedOutside);
        QCOMPARE(file.save("two\n"), QString());
        QTest::qWait(200);
        QCOMPARE(changed.size(), 0);

        write(path, "three\n");
        QVERIFY(changed.wait());
        QCOMPARE(file.load().bytes, QByteArray("three\n"));

        QFile::remove(path); // as editors do that write a new file and rename it
        QSignalSpy removed(&file, &ui::DocumentFile::removed);
        QVERIFY(removed.wait());
        write(path, "four\n");
        QVERIFY(changed.wait());
    }

    void aFileThatIsNoTextSaysSo()
    {
        QTemporaryDir folder;
        write(folder.filePath(s("a.bin")), QByteArray("a\0b", 3));
        QVERIFY(ui::DocumentFile(folder.filePath(s("a.bin"))).load().problem.contains(s("not text")));
        QVERIFY(ui::DocumentFile(folder.filePath(s("none"))).load().problem.contains(s("cannot be read")));
        QFile big(folder.filePath(s("big")));
        QVERIFY(big.open(QIODevice::WriteOnly) && big.resize(ui::DocumentFile::largest + 1));
        QVERIFY(ui::DocumentFile(big.fileName()).load().problem.contains(s("20 MB")));
    }

    void whatIsTypedSurvivesTheProcess()
    {
        QTemporaryDir folder;
        {
            ui::UnsavedBackup backup(folder.filePath(s("kept")));
            backup.touch(s("/shop/handler.py"), [] { return s("def handler():\n"); });
            QTRY_COMPARE_WITH_TIMEOUT(backup.left().size(), std::size_t(1), 2'000);
        }
        ui::UnsavedBackup next(folder.filePath(s("kept")));
        QCOMPARE(next.left().at(0).path, s("/shop/handler.py"));
        QCOMPARE(next.left().at(0).text, s("def handler():\n"));
        next.forget(s("/shop/handler.py"));
        QVERIFY(next.left().empty());
    }

    void aLongNoteDoesNotWidenTheWindow()
    {
        ui::StatusBar bar;
        const int before = bar.minimumSizeHint().width();
        const QString note = s("Saved ") + QString(300, QLatin1Char('x'));
        bar.setNote(note);
        QCOMPARE(bar.minimumSizeHint().width(), before);
        QCOMPARE(bar.findChild<QLabel *>(s("statusNote"))->toolTip(), note);
    }

    void tabsAndLayoutAreRememberedPerWorkspace()
    {
        QTemporaryDir folder;
        const QString file = folder.filePath(s("window.ini"));
        {
            ui::WindowSettings shop(file, s("/shop"));
            shop.setOpenTabs({s("map"), s("file:/shop/a.py")});
            shop.setLayout({"g", "s"});
            shop.setTheme(ui::ThemeSwitch::Choice::Light);
        }
        ui::WindowSettings again(file, s("/shop"));
        QCOMPARE(again.openTabs(), QStringList({s("map"), s("file:/shop/a.py")}));
        QCOMPARE(again.layout().state, QByteArray("s"));
        ui::WindowSettings other(file, s("/other"));
        QVERIFY(other.openTabs().isEmpty());
        QCOMPARE(other.theme(), ui::ThemeSwitch::Choice::Light);
        again.forgetLayout();
        QVERIFY(again.layout().state.isEmpty());
    }

private:
    static QString s(const char *text) { return QString::fromLatin1(text); }
    static void write(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }
};

QTEST_MAIN(tst_ShellParts)
#include "tst_shell_parts.moc"

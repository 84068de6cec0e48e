// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/event_file.h"
#include "ui/panes/test_events_pane.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace kiln;
using namespace kiln::ui;

class tst_TestEvents : public QObject
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
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(QDir(m_folder->path()).mkdir(QStringLiteral("events")));
        write("order-created.json", "{\"items\": []}\n");
        write("order-empty.json", "not json \xff\n");
        m_pane = std::make_unique<TestEventsPane>();
        m_pane->resize(300, 240);
        m_pane->setFunction(view({"order-created.json", "order-empty.json"}));
        m_pane->show();
        QVERIFY(QTest::qWaitForWindowActive(m_pane.get()));
        list()->setFocus();
        list()->setCurrentRow(0);
    }

    void cleanup()
    {
        m_pane.reset();
        m_folder.reset();
    }

    void enterAndDoubleClickOpen()
    {
        QSignalSpy opened(m_pane.get(), &TestEventsPane::openRequested);
        QTest::keyClick(list(), Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.last().at(0).toString(), QStringLiteral("checkout"));
        QCOMPARE(opened.last().at(1).toString(), QStringLiteral("order-created.json"));
        QCOMPARE(opened.last().at(2).toByteArray(), QByteArray("{\"items\": []}\n"));
        const QPoint second = list()->visualItemRect(list()->item(1)).center();
        QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, second);
        QTest::mouseDClick(list()->viewport(), Qt::LeftButton, {}, second);
        QCOMPARE(opened.size(), 2);
        QCOMPARE(opened.last().at(2).toByteArray(), QByteArray("not json \xff\n"));
    }

    void controlEnterFiresTheBytesOfTheFile()
    {
        QSignalSpy fired(m_pane.get(), &TestEventsPane::fireRequested);
        list()->setCurrentRow(1);
        QTest::keyClick(list(), Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(fired.size(), 1);
        QCOMPARE(fired.last().at(1).toByteArray(), QByteArray("not json \xff\n"));
    }

    void aFileThatIsGoneIsSaidInALine()
    {
        QVERIFY(QFile::remove(path("order-created.json")));
        QSignalSpy opened(m_pane.get(), &TestEventsPane::openRequested);
        QTest::keyClick(list(), Qt::Key_Return);
        QCOMPARE(opened.size(), 0);
        auto *line = m_pane->findChild<QLabel *>(QStringLiteral("line"));
        QVERIFY(line->isVisible());
        QVERIFY2(line->text().contains(QStringLiteral("events/order-created.json")), qPrintable(line->text()));
    }

    void newOnesComeFromNothingOrFromTheLastRequest()
    {
        QSignalSpy drafts(m_pane.get(), &TestEventsPane::draftRequested);
        QSignalSpy asked(m_pane.get(), &TestEventsPane::newFromLastRequested);
        press("event.new");
        QCOMPARE(drafts.last().at(1).toString(), QStringLiteral("event.json"));
        QCOMPARE(drafts.last().at(2).toByteArray(), QByteArray("{}\n"));
        press("event.fromLast");
        QCOMPARE(asked.size(), 1);
        auto last = std::make_shared<Invocation>();
        last->event.data = payload("{\"from\": \"outside\"}");
        m_pane->setLastEvent(last);
        press("event.fromLast");
        QCOMPARE(drafts.size(), 2);
        QVERIFY(drafts.last().at(1).toString().startsWith(QStringLiteral("captured-")));
        QCOMPARE(drafts.last().at(2).toByteArray(), QByteArray("{\"from\": \"outside\"}"));
        press("event.duplicate");
        QCOMPARE(drafts.last().at(1).toString(), QStringLiteral("order-created-2.json"));
    }

    void whatIsDeletedCanBeTakenBack()
    {
        QSignalSpy deleted(m_pane.get(), &TestEventsPane::deleteRequested);
        QSignalSpy saved(m_pane.get(), &TestEventsPane::saveRequested);
        QTest::keyClick(list(), Qt::Key_Delete);
        QCOMPARE(deleted.size(), 1);
        QCOMPARE(deleted.first().first().value<DeleteTestEvent>().name, std::string("order-created.json"));
        m_pane->setFunction(view({"order-empty.json"}));
        auto *undo = m_pane->findChild<QToolButton *>(QStringLiteral("undo"));
        QVERIFY(undo->isVisible());
        QTest::mouseClick(undo, Qt::LeftButton);
        QCOMPARE(saved.size(), 1);
        const auto edit = saved.first().first().value<SaveTestEvent>();
        QCOMPARE(edit.name, std::string("order-created.json"));
        QCOMPARE(edit.data, std::string("{\"items\": []}\n"));
        QVERIFY(!undo->isVisible());
    }

    void renamingDeletesTheOldOneOnlyWhenTheNewOneIsThere()
    {
        QSignalSpy deleted(m_pane.get(), &TestEventsPane::deleteRequested);
        QSignalSpy saved(m_pane.get(), &TestEventsPane::saveRequested);
        renameTo("order-paid");
        QCOMPARE(saved.size(), 1);
        QCOMPARE(saved.first().first().value<SaveTestEvent>().name, std::string("order-paid.json"));
        QCOMPARE(saved.first().first().value<SaveTestEvent>().data, std::string("{\"items\": []}\n"));
        QCOMPARE(deleted.size(), 0);
        m_pane->setFunction(view({"order-created.json", "order-empty.json", "order-paid.json"}));
        QCOMPARE(deleted.size(), 1);
        QCOMPARE(deleted.first().first().value<DeleteTestEvent>().name, std::string("order-created.json"));
        QCOMPARE(m_pane->currentEvent(), QStringLiteral("order-paid.json"));
    }

    void aBadNewNameIsRefusedInPlace_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"../../etc/passwd", ".hidden", "order-empty.json"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void aBadNewNameIsRefusedInPlace()
    {
        QFETCH(QString, name);
        QSignalSpy saved(m_pane.get(), &TestEventsPane::saveRequested);
        renameTo(name.toLatin1().constData());
        QCOMPARE(saved.size(), 0);
        QVERIFY(m_pane->findChild<QLabel *>(QStringLiteral("line"))->isVisible());
        QCOMPARE(list()->item(0)->text(), QStringLiteral("order-created.json"));
    }

    void aReadOnlyWorkspaceCanStillBeFired()
    {
        m_pane->setReadOnly(true);
        QSignalSpy deleted(m_pane.get(), &TestEventsPane::deleteRequested);
        QSignalSpy fired(m_pane.get(), &TestEventsPane::fireRequested);
        QTest::keyClick(list(), Qt::Key_Delete);
        QCOMPARE(deleted.size(), 0);
        press("event.fire");
        QCOMPARE(fired.size(), 1);
    }

    void anEmptyListSaysHowToFillIt()
    {
        m_pane->setFunction(view({}));
        auto *empty = m_pane->findChild<QLabel *>(QStringLiteral("empty"));
        QVERIFY(empty->isVisible());
        QVERIFY(empty->text().contains(QStringLiteral("checkout has no test events")));
        m_pane->setUnsaved({QStringLiteral("a.json")});
        m_pane->setFunction(view({"a.json"}));
        QVERIFY(!empty->isVisible());
        QCOMPARE(list()->item(0)->text(), QStringLiteral("a.json (unsaved)"));
    }

    void onlyPlainFilesOfTheEventsFolderAreRead()
    {
        const std::filesystem::path folder = m_folder->path().toStdString();
        QVERIFY(readTestEvent(folder, QStringLiteral("order-empty.json")).has_value());
        QVERIFY(!readTestEvent(folder, QStringLiteral("../secret")).has_value());
        QVERIFY(!readTestEvent(folder, QString()).has_value());
        QVERIFY(QFile::link(QStringLiteral("/dev/zero"), path("endless.json")));
        QVERIFY(!readTestEvent(folder, QStringLiteral("endless.json")).has_value());
        QFile big(path("big.json"));
        QVERIFY(big.open(QIODevice::WriteOnly) && big.resize(33LL << 20));
        QVERIFY(!readTestEvent(folder, QStringLiteral("big.json")).has_value());
    }

    void pictures()
    {
        const QString folder = QStringLiteral(KILN_BUILD_DIR "/tests/ui/pictures");
        QVERIFY(QDir().mkpath(folder));
        for (const auto choice : {ThemeSwitch::Choice::Light, ThemeSwitch::Choice::Dark}) {
            ThemeSwitch::instance().apply(choice);
            const QString suffix = theme().dark ? QStringLiteral("dark.png") : QStringLiteral("light.png");
            m_pane->setFunction(view({"order-created.json", "order-empty.json"}));
            list()->setCurrentRow(0);
            press("event.delete");
            QTest::qWait(20);
            QVERIFY(m_pane->grab().save(folder + QStringLiteral("/test-events-") + suffix));
            m_pane->setFunction(view({}));
            QTest::qWait(20);
            QVERIFY(m_pane->grab().save(folder + QStringLiteral("/test-events-empty-") + suffix));
        }
    }

private:
    QListWidget *list() { return m_pane->findChild<QListWidget *>(QStringLiteral("testEvents")); }
    QString path(const char *name) { return m_folder->filePath(QStringLiteral("events/") + QString::fromLatin1(name)); }

    void write(const char *name, const QByteArray &bytes)
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    FunctionView view(std::vector<std::string> events)
    {
        FunctionView function;
        function.name = "checkout";
        function.folder = m_folder->path().toStdString();
        function.testEvents = std::move(events);
        return function;
    }

    void press(const char *action)
    {
        QTest::mouseClick(m_pane->findChild<QToolButton *>(QString::fromLatin1(action)), Qt::LeftButton);
    }

    void renameTo(const char *name)
    {
        QTest::keyClick(list(), Qt::Key_F2);
        auto *field = list()->findChild<QLineEdit *>();
        QVERIFY(field);
        field->selectAll();
        QTest::keyClicks(field, QString::fromLatin1(name));
        QTest::keyClick(field, Qt::Key_Return);
        QCoreApplication::processEvents(); // the field hands its text over behind the key
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<TestEventsPane> m_pane;
};

Q_DECLARE_METATYPE(kiln::SaveTestEvent)
Q_DECLARE_METATYPE(kiln::DeleteTestEvent)

QTEST_MAIN(tst_TestEvents)
#include "tst_test_events.moc"

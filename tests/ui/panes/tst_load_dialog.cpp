// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/pictures.h"
#include "ui/panes/load_dialog.h"
#include "ui/panes/value_field.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>

#include <filesystem>
#include <fstream>

using namespace kiln;
using namespace kiln::ui;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// The dialog that asks for a load run, by mouse and keys.
class tst_LoadDialog : public QObject
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
        auto workspace = std::make_shared<WorkspaceView>();
        for (const char *name : {"checkout", "refund"}) {
            FunctionView function;
            function.name = name;
            function.folder = fs::path(m_folder->path().toStdString()) / name;
            function.testEvents = {"big.json", "small.json"};
            fs::create_directories(function.folder / "events");
            for (const std::string &event : function.testEvents)
                std::ofstream(function.folder / "events" / event) << '"' << name << ' ' << event << '"';
            workspace->functions.push_back(function);
        }
        m_workspace = workspace;
        m_dialog = std::make_unique<LoadDialog>();
        m_dialog->setWorkspace(m_workspace);
        m_dialog->setFunction(s("checkout"));
        connect(m_dialog.get(), &LoadDialog::startRequested, this, [this](const LoadPlan &plan) { m_plan = plan; });
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowActive(m_dialog.get()));
        m_plan.reset();
    }

    void returnStartsWhatIsProposed()
    {
        QVERIFY(field("rate")->edit()->hasFocus());
        QTest::keyClick(field("rate")->edit(), Qt::Key_Return);
        QVERIFY(m_plan);
        QVERIFY(m_plan->shape == load::Shape(load::Constant{50}));
        QCOMPARE(m_plan->duration, 10'000ms);
        QCOMPARE(m_plan->maxInFlight, 2'000);
        QCOMPARE(m_plan->events.size(), std::size_t(1));
        QCOMPARE(*m_plan->events[0].data, std::string("\"checkout big.json\"")); // the first test event
        QVERIFY(!problemOf(*m_plan));
        QVERIFY(m_dialog->isVisible()); // until it is known to have begun
        QVERIFY(!start()->isEnabled());
        m_dialog->showProblem(s("A load run is going on already"));
        QCOMPARE(note(), s("A load run is going on already"));
        QVERIFY(start()->isEnabled());
    }

    void whatIsWrongIsToldInPlace_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("problem");
        const auto row = [](int shape, const char *id, const char *typed, const char *problem) {
            QTest::addRow("%s %s", id, typed) << shape << s(id) << s(typed) << s(problem);
        };
        row(0, "rate", "0", "Expected 0.01 to 100,000 per second");
        row(0, "rate", "quick", "Expected a number");
        row(0, "rate", "nan", "Expected a number");
        row(0, "duration", "2 d", "Expected 100ms to 1d");
        row(0, "duration", "later", "Expected a duration such as 500 ms, 30 s or 5 m");
        row(0, "max-in-flight", "1.5", "Expected a whole number");
        row(0, "max-in-flight", "0", "Expected 1 to 100,000");
        row(0, "seed", "-1x", "Expected a whole number");
        row(1, "to", "100001", "Expected 0 to 100,000 per second");
        row(2, "peak", "10", "Expected more than the rate before and after it, 50 per second");
        row(2, "width", "11 s", "Expected 1ms up to the whole run, 10s");
        row(4, "since", "yesterday", "Expected 15 m for that long ago, or a time such as 2026-03-01T12:00:00Z");
        row(4, "speed", "0", "Expected 0.01 to 1,000");
        row(5, "closed", "10001", "Expected 1 to 10,000 callers");
        row(5, "think", "2 h", "Expected 0s to 1h");
    }

    void whatIsWrongIsToldInPlace()
    {
        QFETCH(int, shape);
        QFETCH(QString, id);
        QFETCH(QString, typed);
        QFETCH(QString, problem);
        combo("shape")->setCurrentIndex(shape);
        auto *wrong = m_dialog->findChild<ValueField *>(id);
        QVERIFY(wrong->isVisible());
        const QString before = wrong->text();
        retype(wrong, typed);
        bool told = false;
        for (const QLabel *label : wrong->findChildren<QLabel *>())
            told = told || (label->isVisible() && label->text() == problem);
        QVERIFY2(told, qPrintable(note()));
        QVERIFY(note().endsWith(problem));
        QVERIFY(!start()->isEnabled());
        QTest::keyClick(wrong->edit(), Qt::Key_Return);
        QVERIFY(!m_plan);
        retype(wrong, before);
        QVERIFY2(start()->isEnabled(), qPrintable(note()));
        QVERIFY(!m_dialog->findChild<QLabel *>(s("note"))->isVisible());
    }

    void eachPatternHasItsFields_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<QString>("word");
        int number = 0;
        for (const char *word : {"constant", "ramp", "spike", "poisson", "replay", "closed"})
            QTest::newRow(word) << number++ << s(word);
    }

    void eachPatternHasItsFields()
    {
        QFETCH(int, shape);
        QFETCH(QString, word);
        combo("shape")->setFocus();
        for (int i = 0; i < shape; ++i)
            QTest::keyClick(combo("shape"), Qt::Key_Down);
        QCOMPARE(field("rate")->isVisible(), shape < 4);
        QCOMPARE(field("to")->isVisible(), shape == 1);
        QCOMPARE(field("peak")->isVisible() && field("width")->isVisible(), shape == 2);
        QCOMPARE(field("since")->isVisible() && field("speed")->isVisible(), shape == 4);
        QCOMPARE(field("closed")->isVisible() && field("think")->isVisible(), shape == 5);
        QCOMPARE(m_dialog->findChild<QCheckBox *>(s("all"))->isVisible(), shape == 4);
        QCOMPARE(list()->isEnabled(), shape != 4);
        QVERIFY2(start()->isEnabled(), qPrintable(note()));
        test::takePictures(*m_dialog, s("load-dialog-") + word, {QSize(784, 460)});
        for (const ValueField *each : m_dialog->findChildren<ValueField *>()) {
            const int room = each->isVisible() ? each->edit()->visibleRegion().boundingRect().height() : 20;
            QVERIFY2(room >= 20, qPrintable(s("%1 has %2 pixels").arg(each->objectName()).arg(room)));
        }
        QTest::mouseClick(start(), Qt::LeftButton);
        QVERIFY(m_plan);
        QCOMPARE(QString::fromStdString(std::string(load::wordOf(m_plan->shape))), word);
        QVERIFY(!problemOf(*m_plan));
        QCOMPARE(m_plan->events.empty(), shape == 4);
    }

    void aReplayIsOfOneFunctionOrAll()
    {
        combo("shape")->setCurrentIndex(4);
        combo("function")->setCurrentIndex(1);
        QTest::mouseClick(start(), Qt::LeftButton);
        QCOMPARE(std::get<load::Replay>(m_plan->shape).function, std::string("refund"));
        const auto since = std::get<load::Replay>(m_plan->shape).since;
        QVERIFY(since && SystemClock().wall() - *since >= 15min && SystemClock().wall() - *since < 16min);
        m_dialog->showProblem({});
        auto *all = m_dialog->findChild<QCheckBox *>(s("all"));
        all->setFocus();
        QTest::keyClick(all, Qt::Key_Space);
        QTest::mouseClick(start(), Qt::LeftButton);
        QCOMPARE(std::get<load::Replay>(m_plan->shape).function, std::string());
    }

    void aMixIsTickedAndWeighed()
    {
        list()->setFocus();
        QTest::keyClick(list(), Qt::Key_Home);
        QTest::keyClick(list(), Qt::Key_Down); // big, which is ticked
        QTest::keyClick(list(), Qt::Key_Down); // small
        QTest::keyClick(list(), Qt::Key_Return);
        auto *editor = list()->viewport()->findChild<QWidget *>(s("qt_spinbox_lineedit"));
        QVERIFY(editor);
        QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(editor, s("3"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(rowOf("small.json")->checkState(0), Qt::Checked); // by its weight
        auto *others = m_dialog->findChild<QCheckBox *>(s("others"));
        QTest::mouseClick(others, Qt::LeftButton, {}, QPoint(8, others->height() / 2));
        rowOf("refund / big.json")->setCheckState(0, Qt::Unchecked);
        rowOf("refund / small.json")->setCheckState(0, Qt::Checked);
        QTest::mouseClick(start(), Qt::LeftButton);
        QVERIFY(m_plan);
        QStringList mix;
        for (const LoadEvent &event : m_plan->events)
            mix << QStringLiteral("%1 %2").arg(QString::fromStdString(*event.data)).arg(event.weight);
        QCOMPARE(mix.join(QLatin1Char(',')),
                 s("\"checkout big.json\" 1,\"checkout small.json\" 3,\"refund small.json\" 1"));
    }

    void withoutAnEventThereIsNothingToStart()
    {
        rowOf("big.json")->setCheckState(0, Qt::Unchecked);
        QVERIFY(!start()->isEnabled());
        QCOMPARE(note(), s("Expected 1 to 100 events"));
        rowOf("{} (empty)")->setCheckState(0, Qt::Checked);
        QTest::mouseClick(start(), Qt::LeftButton);
        QCOMPARE(*m_plan->events.at(0).data, std::string("{}"));
    }

    void anEventThatCannotBeReadIsTold()
    {
        fs::remove(m_workspace->functions[0].folder / "events/big.json");
        QTest::mouseClick(start(), Qt::LeftButton);
        QVERIFY(!m_plan);
        QVERIFY2(note().contains(s("big.json")), qPrintable(note()));
    }

    void whatWasTypedAndTickedStays()
    {
        retype(field("rate"), s("75"));
        rowOf("small.json")->setCheckState(0, Qt::Checked);
        m_dialog->close();
        auto changed = std::make_shared<WorkspaceView>(*m_workspace);
        changed->functions[0].testEvents.push_back("third.json");
        m_dialog->setWorkspace(changed);
        m_dialog->setFunction(s("checkout"));
        m_dialog->show();
        QCOMPARE(field("rate")->text(), s("75"));
        QCOMPARE(rowOf("small.json")->checkState(0), Qt::Checked);
        QCOMPARE(rowOf("third.json")->checkState(0), Qt::Unchecked);
    }

    void anEmptyWorkspaceSaysWhatIsMissing()
    {
        m_dialog->setWorkspace(std::make_shared<const WorkspaceView>());
        QVERIFY(!start()->isEnabled());
        QCOMPARE(note(), s("There is no function yet. Ctrl+N makes one."));
    }

private:
    static QString s(const char *text) { return QString::fromUtf8(text); }
    ValueField *field(const char *id) const { return m_dialog->findChild<ValueField *>(s(id)); }
    QComboBox *combo(const char *id) const { return m_dialog->findChild<QComboBox *>(s(id)); }
    QPushButton *start() const { return m_dialog->findChild<QPushButton *>(s("start")); }
    QTreeWidget *list() const { return m_dialog->findChild<QTreeWidget *>(s("events")); }
    QString note() const { return m_dialog->findChild<QLabel *>(s("note"))->text(); }
    QTreeWidgetItem *rowOf(const char *shown) const
    {
        for (int i = 0; i < list()->topLevelItemCount(); ++i) {
            if (!list()->topLevelItem(i)->isHidden() && list()->topLevelItem(i)->text(0) == s(shown))
                return list()->topLevelItem(i);
        }
        qFatal("there is no such row");
    }
    static void retype(ValueField *field, const QString &text)
    {
        field->edit()->setFocus();
        field->edit()->selectAll();
        QTest::keyClicks(field->edit(), text.isEmpty() ? s("\b") : text);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<const WorkspaceView> m_workspace;
    std::unique_ptr<LoadDialog> m_dialog;
    std::optional<LoadPlan> m_plan;
};

QTEST_MAIN(tst_LoadDialog)
#include "tst_load_dialog.moc"

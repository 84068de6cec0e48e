// SPDX-License-Identifier: GPL-3.0-or-later
// A load run in the window, by keys and mouse: the real engine over real sandboxes.
#include "tests/e2e/workbench.h"
#include "ui/panes/explorer_pane.h"
#include "ui/panes/load_dialog.h"
#include "ui/panes/load_pane.h"
#include "ui/panes/value_field.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QFileDialog>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <QTreeView>

using namespace kiln;

static constexpr int bound = 30'000; // ms

class tst_LoadWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ui::ThemeSwitch::instance().apply(ui::ThemeSwitch::Choice::Dark);
    }
    void init()
    {
        m_bench = std::make_unique<test::Workbench>();
        m_bench->workspace().addPython("quick", "def handler(event, context):\n    return event\n");
        m_bench->workspace().addPython("slow", "import time\ndef handler(event, context):\n    time.sleep(0.1)\n");
        m_bench->workspace().write("functions/quick/events/one.json", "{\"n\": 1}");
        QCOMPARE(m_bench->open(), QString());
        QTRY_VERIFY_WITH_TIMEOUT(ready(), bound);
    }
    void cleanup()
    {
        m_bench.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void aRunIsAskedForSeenAndSaved()
    {
        m_bench->press(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(isOpen());
        QCOMPARE(dialog()->findChild<QComboBox *>(s("function"))->currentText(), s("quick"));
        retype("rate", "80");
        retype("duration", "2 s");
        m_bench->press(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(isClosed(), bound);
        QTRY_VERIFY_WITH_TIMEOUT(pane() && pane()->isVisible() && pane()->report(), bound);
        QTRY_COMPARE_WITH_TIMEOUT(pane()->report()->state, LoadReport::State::Ended, bound);
        QCOMPARE(pane()->report()->answered, 160u);
        QCOMPARE(label("outcomes"), s("OK 160"));
        QVERIFY(!label("corrected-p99").isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(
            m_bench->window().findChild<QLabel *>(s("statusNote"))->text().contains(s("160 answered, 0 failed")),
            bound);
        m_bench->picture("load-run");

        // The result stays, and is saved.
        QTest::mouseClick(button("save"), Qt::LeftButton);
        auto *chooser = m_bench->window().findChild<QFileDialog *>();
        QVERIFY(chooser);
        const QString file = QString::fromStdString(m_bench->workspace().folder()) + s("/report.json");
        Q_EMIT chooser->fileSelected(file);
        QFile saved(file);
        QVERIFY(saved.open(QIODevice::ReadOnly));
        QCOMPARE(QJsonDocument::fromJson(saved.readAll())[s("answered")].toInt(), 160);
        chooser->reject();

        QTest::mouseClick(button("again"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(pane()->report()->run, 2u, bound);
        QTRY_COMPARE_WITH_TIMEOUT(pane()->report()->state, LoadReport::State::Ended, bound);
        QCOMPARE(pane()->report()->answered, 160u);
    }

    void aRunIsStoppedAndAnotherRefusedMeanwhile()
    {
        begin("slow", "20", "10 m");
        QTRY_VERIFY_WITH_TIMEOUT(pane() && pane()->report() && pane()->report()->answered > 3, bound);
        m_bench->press(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(isOpen());
        m_bench->press(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(
            dialog()->findChild<QLabel *>(s("note"))->text().contains(s("A load run is going on already")), bound);
        m_bench->press(Qt::Key_Escape);
        QTRY_VERIFY(isClosed());

        QTest::mouseClick(button("stop"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(pane()->report()->state, LoadReport::State::Ended, bound);
        QCOMPARE(pane()->report()->end, LoadReport::End::Stopped);
        QCOMPARE(pane()->report()->answered, pane()->report()->sent);
        QVERIFY(label("state").startsWith(s("stopped after")));

        QTest::mouseClick(button("invocations"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->table("invocations") &&
                                     m_bench->table("invocations")->rowCount() == int(pane()->report()->answered),
                                 bound);
    }

    void theWindowMayCloseWhileOneGoesOn()
    {
        begin("slow", "50", "10 m");
        QTRY_VERIFY_WITH_TIMEOUT(pane() && pane()->report() && pane()->report()->sent > 10, bound);
        QCOMPARE(m_bench->close(), QString());
    }

    void theMenuOfAFunctionOffersIt()
    {
        auto *explorer = m_bench->window().findChild<ui::ExplorerPane *>();
        auto *tree = explorer->findChild<QTreeView *>(s("explorer"));
        QModelIndex row;
        QTRY_VERIFY_WITH_TIMEOUT((row = find(*tree->model(), {}, s("slow"))).isValid(), bound);
        bool chosen = false;
        QTimer::singleShot(0, this, [&] {
            auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
            for (QAction *action : menu ? menu->actions() : QList<QAction *>()) {
                if (action->text() == s("Load…")) {
                    chosen = true;
                    action->trigger();
                }
            }
            if (menu)
                menu->close();
        });
        Q_EMIT tree->customContextMenuRequested(tree->visualRect(row).center());
        QVERIFY(chosen);
        QTRY_VERIFY(dialog() && dialog()->isVisible());
        QCOMPARE(dialog()->findChild<QComboBox *>(s("function"))->currentText(), s("slow"));
    }

private:
    static QString s(const char *text) { return QString::fromUtf8(text); }
    bool ready() const
    {
        const auto *quick = m_bench->viewOf(s("quick")), *slow = m_bench->viewOf(s("slow"));
        return quick && slow && quick->revision && slow->revision && m_bench->window().function() == s("quick");
    }
    ui::LoadDialog *dialog() const { return m_bench->window().findChild<ui::LoadDialog *>(); }
    bool isOpen() const { return dialog() && QApplication::activeWindow() == dialog(); }
    bool isClosed() const
    {
        if (dialog()->isVisible())
            return false;
        m_bench->window().activateWindow(); // what a window manager does
        return true;
    }
    ui::LoadPane *pane() const { return m_bench->window().findChild<ui::LoadPane *>(); }
    QPushButton *button(const char *name) const { return pane()->findChild<QPushButton *>(s(name)); }
    QString label(const char *name) const { return pane()->findChild<QLabel *>(s(name))->text(); }
    void retype(const char *id, const char *text) const
    {
        QLineEdit *edit = dialog()->findChild<ui::ValueField *>(s(id))->edit();
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, s(text));
    }
    void begin(const char *function, const char *rate, const char *duration) const
    {
        m_bench->press(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(isOpen());
        dialog()->findChild<QComboBox *>(s("function"))->setCurrentText(s(function));
        retype("rate", rate);
        retype("duration", duration);
        m_bench->press(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(isClosed(), bound);
        QTRY_COMPARE_WITH_TIMEOUT(QApplication::activeWindow(), static_cast<QWidget *>(&m_bench->window()), bound);
    }
    static QModelIndex find(const QAbstractItemModel &model, const QModelIndex &parent, const QString &text)
    {
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const QModelIndex at = model.index(row, 0, parent);
            if (at.data().toString() == text)
                return at;
            if (const QModelIndex below = find(model, at, text); below.isValid())
                return below;
        }
        return {};
    }

    std::unique_ptr<test::Workbench> m_bench;
};

QTEST_MAIN(tst_LoadWindow)
#include "tst_load_window.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// From an empty workspace to a function that runs, as a hand does it: the real window over a real engine and sandbox.
#include "tests/e2e/workbench.h"
#include "ui/charts/throughput_chart.h"
#include "ui/models/invocation_model.h"
#include "ui/models/log_model.h"
#include "ui/panes/error_card.h"
#include "ui/panes/inspector_pane.h"
#include "ui/panes/result_pane.h"
#include "ui/shell/documents.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QScrollArea>
#include <QTest>
#include <QTreeView>

using namespace kiln;

static constexpr int bound = 20'000; // ms

class tst_FirstFunction : public QObject
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
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }
    void cleanup()
    {
        m_bench.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void aNewFunctionIsWrittenFiredAndSeen()
    {
        QCOMPARE(m_bench->open(), QString());
        makeGreeter();
        if (QTest::currentTestFailed())
            return;
        QCOMPARE(m_bench->newTestEvent(s("greeter"), s("twenty-one"), s("{\"x\": 21}")), QString());
        m_bench->picture("e2e-3-event");

        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        const auto *tree = resultPane()->findChild<QTreeView *>();
        QVERIFY(tree->isVisible());
        QCOMPARE(tree->model()->index(0, 0).data().toString(), s("doubled"));
        QCOMPARE(tree->model()->index(0, 1).data().toString(), s("42"));
        m_bench->picture("e2e-4-result");

        QCOMPARE(m_bench->showPane("logs", Qt::Key_6), QString());
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->hasCell("logs", ui::LogModel::TextColumn, s("hello from kiln")), bound);
        m_bench->picture("e2e-5-logs");

        QCOMPARE(m_bench->showPane("invocations", Qt::Key_5), QString());
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->hasCell("invocations", ui::InvocationModel::FunctionColumn, s("greeter")),
                                 bound);
        QCOMPARE(m_bench->table("invocations")->rowCount(), 1);
        QVERIFY(m_bench->hasCell("invocations", ui::InvocationModel::OutcomeColumn, s("OK")));
        m_bench->picture("e2e-6-invocations");

        QCOMPARE(m_bench->showPane("metrics", Qt::Key_4), QString());
        const auto *chart = m_bench->window().findChild<ui::ThroughputChart *>();
        QTRY_VERIFY2_WITH_TIMEOUT(chart->figures().contains(s("1 cold")), qPrintable(chart->figures()), bound);
        m_bench->picture("e2e-7-metrics");
    }

    void anErrorIsShownAtItsLineAndMended()
    {
        m_bench->workspace().addPython("first", "def handler(event, context):\n    return 1\n");
        QCOMPARE(m_bench->open(), QString());
        QCOMPARE(m_bench->newPythonFunction(s("counter")),
                 QString()); // not the first: its code comes to the front all the same
        m_bench->retype(s("def handler(event, context):\nitems = event[\"nothing\"]\nreturn {\"count\": len(items)}"));
        QCOMPARE(m_bench->saveAndWait(s("counter")), QString());

        QCOMPARE(m_bench->fire(), QString());
        QVERIFY2(m_bench->outcome() != s("OK"), qPrintable(m_bench->outcome()));
        const auto *card = resultPane()->findChild<ui::ErrorCard *>();
        QVERIFY(!card->visibleRegion().isEmpty());
        QCOMPARE(card->accessibleName(), s("KeyError"));
        const QString stack = labelOf(*card, s("Stack"))->text();
        QVERIFY2(stack.contains(s("handler.py")) && stack.contains(s("line 2")), qPrintable(stack));
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->editor()->markedLines(), std::vector<int>{2}, bound);
        m_bench->picture("e2e-8-error");

        m_bench->press(Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(m_bench->documents()->currentKey(), s("map"));
        m_bench->press(Qt::Key_F8);
        QTRY_VERIFY(m_bench->editor());
        QVERIFY(m_bench->documents()->currentKey().endsWith(s("counter/handler.py")));
        QCOMPARE(m_bench->editor()->cursorLine(), 2);

        m_bench->retype(s("def handler(event, context):\nitems = [1, 2, 3]\nreturn {\"count\": len(items)}"));
        QCOMPARE(m_bench->saveAndWait(s("counter")), QString());
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->editor()->markedLines().empty(), bound);
        QVERIFY(card->visibleRegion().isEmpty());
        QVERIFY(resultPane()->findChild<QTreeView *>()->isVisible()); // the error had nothing but raw text
        const auto *scroll = m_bench->window().findChild<ui::InspectorPane *>()->findChild<QScrollArea *>();
        QVERIFY2(scroll->widget()->width() <= scroll->viewport()->width(), "the inspector is cut at its right");
        m_bench->picture("e2e-9-mended");
    }

    void whatRanIsThereAfterReopening()
    {
        QCOMPARE(m_bench->open(), QString());
        makeGreeter();
        if (QTest::currentTestFailed())
            return;
        QCOMPARE(m_bench->newTestEvent(s("greeter"), s("twenty-one"), s("{\"x\": 21}")), QString());
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        QCOMPARE(m_bench->close(), QString());
        QCOMPARE(test::EngineHarness::descendants(), 0);

        QCOMPARE(m_bench->open(), QString());
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->documents()->currentKey().endsWith(s("events/twenty-one.json")), bound);
        QCOMPARE(m_bench->showPane("invocations", Qt::Key_5), QString());
        // It was recorded before this engine began, and is there by itself.
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->hasCell("invocations", ui::InvocationModel::FunctionColumn, s("greeter")),
                                 bound);
        QCOMPARE(m_bench->table("invocations")->rowCount(), 1);
        m_bench->picture("e2e-10-older");

        QCOMPARE(m_bench->showPane("logs", Qt::Key_6), QString());
        auto *field = dock("logs")->findChild<QLineEdit *>();
        QTest::mouseClick(field, Qt::LeftButton);
        QTest::keyClicks(field, s("hello from"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->hasCell("logs", ui::LogModel::TextColumn, s("hello from kiln")), bound);
        m_bench->picture("e2e-11-found");
        QCOMPARE(m_bench->close(), QString());
    }

private:
    static QString s(const char *text) { return QString::fromLatin1(text); }

    /// The keys of a hand that leaves indentation, closing brackets and quotes to the editor, or types over them.
    void makeGreeter()
    {
        QCOMPARE(m_bench->newPythonFunction(s("greeter")), QString());
        m_bench->retype(
            s("def handler(event, context):\nprint('hello from kiln')\nreturn {\"doubled\": event[\"x\"] * 2}"));
        QCOMPARE(m_bench->editor()->text(), s("def handler(event, context):\n    print('hello from kiln')\n"
                                              "    return {\"doubled\": event[\"x\"] * 2}"));
        QCOMPARE(m_bench->saveAndWait(s("greeter")), QString());
        QVERIFY(!m_bench->editor()->isModified());
        m_bench->picture("e2e-2-code");
    }

    ui::ResultPane *resultPane() const { return m_bench->window().findChild<ui::ResultPane *>(); }
    QWidget *dock(const char *pane) const { return m_bench->window().findChild<QWidget *>(s(pane)); }
    static QLabel *labelOf(const QWidget &parent, const QString &name)
    {
        for (auto *each : parent.findChildren<QLabel *>()) {
            if (each->accessibleName() == name)
                return each;
        }
        return nullptr;
    }

    std::unique_ptr<test::Workbench> m_bench;
};

QTEST_MAIN(tst_FirstFunction)
#include "tst_first_function.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong, seen by the one who sits before the window: the outcome or the error with its place and what to do
// about it, and that the next invocation works once it is mended. The real window over a real engine and sandbox.
#include "tests/e2e/workbench.h"
#include "ui/editor/json_editor.h"
#include "ui/models/explorer_model.h"
#include "ui/models/log_model.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/error_card.h"
#include "ui/panes/inspector_pane.h"
#include "ui/panes/log_table.h"
#include "ui/panes/result_pane.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/documents.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QTreeView>

#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

using namespace kiln;

static constexpr int bound = 30'000; // ms

class tst_BadInput : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ui::ThemeSwitch::instance().apply(ui::ThemeSwitch::Choice::Dark);
    }
    void init() { m_bench = std::make_unique<test::Workbench>(); }
    void cleanup()
    {
        m_bench.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void whatCodeDoesWrongIsShownAndMended_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("settings");
        QTest::addColumn<QString>("outcome");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("says"); // parts, apart by |
        QTest::addColumn<int>("line");     // marked in the code; 0: none
        const auto row = [](const char *name, const char *code, const char *settings, const char *outcome,
                            const char *type, const char *says, int line) {
            QTest::newRow(name) << s(code) << s(settings) << s(outcome) << s(type) << s(says) << line;
        };
        row("syntax error", "def handler(event, context:\n    return 1\n", "", "Init error",
            "Runtime.UserCodeSyntaxError", "handler.py|line 1", 1);
        row("handler missing", "def other(event, context):\n    return 1\n", "", "Init error",
            "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'handler'|settings", 0);
        row("module missing", "import xlsx_is_not_here\ndef handler(event, context):\n    return 1\n", "", "Init error",
            "Runtime.ImportModuleError", "No module named 'xlsx_is_not_here'|function's folder", 1);
        row("infinite loop", "def handler(event, context):\n    while True:\n        pass\n", "timeout: 300ms\n",
            "Timed out", "Sandbox.Timedout", "timeout of 300 ms|settings", 0);
        row("memory bomb",
            "def handler(event, context):\n    hog = []\n    while True:\n        hog.append(bytearray(8 << 20))\n",
            "timeout: 20s\n", "Out of memory", "Runtime.OutOfMemory", "memory limit of 128 MB|settings", 0);
        row("fork bomb",
            "import os\ndef handler(event, context):\n    while True:\n        if os.fork() == 0:\n"
            "            import time; time.sleep(60)\n",
            "timeout: 20s\nmemory: 512MB\n", "Handler error", "BlockingIOError", "handler.py", 4);
        row("exit", "import sys\ndef handler(event, context):\n    exit(0)\n", "", "Crashed", "Runtime.ExitError",
            "exit status 0|ended before it answered", 0);
        row("exit at once", "import os\ndef handler(event, context):\n    os._exit(0)\n", "", "Crashed",
            "Runtime.ExitError", "exit status 0|ended before it answered", 0);
        row("100 MB result", "def handler(event, context):\n    return 'x' * (100 << 20)\n",
            "memory: 512MB\ntimeout: 20s\n", "Blocked", "Function.ResponseSizeTooLarge", "maximum allowed payload size",
            0);
    }

    void whatCodeDoesWrongIsShownAndMended()
    {
        QFETCH(QString, code);
        QFETCH(QString, settings);
        QFETCH(QString, outcome);
        QFETCH(QString, type);
        QFETCH(QString, says);
        QFETCH(int, line);
        m_bench->workspace().addPython("bad", code.toStdString(), settings.toStdString());
        QCOMPARE(open(), QString());

        QCOMPARE(m_bench->fire(), QString());
        if (outcome == s("Out of memory") && m_bench->outcome() == s("Handler error"))
            QSKIP("tier A is missing: with a soft limit the interpreter itself may refuse the memory (MemoryError)");
        QCOMPARE(m_bench->outcome(), outcome);
        QVERIFY(!card()->visibleRegion().isEmpty());
        QCOMPARE(card()->accessibleName(), type);
        for (const QString &part : says.split(QLatin1Char('|')))
            QVERIFY2(textOf(*card()).contains(part), qPrintable(part + s(" is not in: ") + textOf(*card())));
        if (line > 0)
            QTRY_COMPARE_WITH_TIMEOUT(m_bench->editor()->markedLines(), std::vector<int>{line}, bound);
        m_bench->picture(("bad-" + QByteArray(QTest::currentDataTag()).replace(' ', '-')).constData());

        m_bench->retype(s("def handler(event, context):\nreturn 'mended'"));
        QCOMPARE(m_bench->saveAndWait(s("bad")), QString());
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        QVERIFY(card()->visibleRegion().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->editor()->markedLines().empty(), bound);
    }

    void aFloodOfOutputIsCutAndSaidToBe()
    {
        m_bench->workspace().addPython("floods",
                                       "import os\ndef handler(event, context):\n    for i in range(500 * 16):\n"
                                       "        os.write(1, b'y' * 65535 + b'\\n')\n    return 'done'\n",
                                       "timeout: 60s\n");
        QCOMPARE(open(), QString());
        QCOMPARE(m_bench->fire(60'000), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        const QString note = textOf(*result()->findChild<ui::LogList *>());
        QVERIFY2(note.contains(s("went over the log limit")), qPrintable(note));
        m_bench->picture("bad-output-500-MB");
        QCOMPARE(m_bench->fire(60'000), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
    }

    void outputThatIsNoTextIsShownAsFarAsItIs()
    {
        m_bench->workspace().addPython("bytes", "import os\ndef handler(event, context):\n"
                                                "    os.write(1, b'caf\\xc3\\xa9 \\xff\\xfe bar\\n')\n    return 1\n");
        QCOMPARE(open(), QString());
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        const auto *lines = result()->findChild<ui::LogTable *>()->model();
        QStringList texts;
        for (int row = 0; row < lines->rowCount(); ++row)
            texts << lines->index(row, ui::LogModel::TextColumn).data().toString();
        const QString all = texts.join(QLatin1Char('\n'));
        QVERIFY2(all.contains(QString::fromUtf8("café")) && all.contains(s("bar")), qPrintable(all));
    }

    void anEventThatIsNoJsonIsMarkedAndRefusedByTheFunction()
    {
        m_bench->workspace().addPython("echo", "def handler(event, context):\n    return event\n");
        m_bench->workspace().write("functions/echo/events/broken.json", "{\n  \"x\": 1,\n  \"y\" 2\n}\n");
        QCOMPARE(open(), QString());
        QCOMPARE(m_bench->quickOpen(s("broken.json")), QString());
        auto *editor = qobject_cast<ui::JsonEditor *>(m_bench->editor());
        QVERIFY(editor);
        auto *line = editor->findChild<QToolButton *>(s("jsonLine"));
        QVERIFY2(line->text().contains(s("line 3, column 7")) && line->text().contains(s("colon")),
                 qPrintable(line->text()));
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(card()->accessibleName(), s("Runtime.UnmarshalError"));
        QVERIFY2(textOf(*card()).contains(s("not JSON")), qPrintable(textOf(*card())));
        m_bench->picture("bad-event");

        m_bench->retype(s("{\"x\": 1}"));
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
    }

    void brokenSettingsAreShownAtTheirPlaceAndComeBackByThemselves()
    {
        m_bench->workspace().addPython("shop", "def handler(event, context):\n    return 1\n");
        QCOMPARE(open(), QString());
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));

        const std::string good = "runtime: python\nhandler: handler.handler\n";
        m_bench->workspace().write("functions/shop/function.yaml", good + "timeout: fast\nmemory: [\n");
        QTRY_COMPARE_WITH_TIMEOUT(int(m_bench->viewOf(s("shop"))->state), int(FunctionView::State::Invalid), bound);
        const auto *inspector = m_bench->window().findChild<ui::InspectorPane *>();
        QTRY_VERIFY2_WITH_TIMEOUT(textOf(*inspector).contains(s("functions/shop/function.yaml:")),
                                  qPrintable(textOf(*inspector)), bound);
        QVERIFY(hasExplorerRow(ui::ExplorerModel::Kind::Problem));
        m_bench->picture("bad-yaml");
        QCOMPARE(m_bench->fire(), QString()); // the last good revision goes on
        QCOMPARE(m_bench->outcome(), s("OK"));
        m_bench->press(Qt::Key_F8);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->documents()->currentKey().endsWith(s("shop/function.yaml")), bound);
        QVERIFY(m_bench->editor()->cursorLine() >= 4);

        m_bench->workspace().write("functions/shop/function.yaml", good + "timeout: fast\n");
        QTRY_VERIFY2_WITH_TIMEOUT(textOf(*inspector).contains(s("functions/shop/function.yaml:3")),
                                  qPrintable(textOf(*inspector)), bound);
        QVERIFY2(textOf(*inspector).contains(s("timeout")) && textOf(*inspector).contains(s("such as")),
                 qPrintable(textOf(*inspector)));

        m_bench->workspace().write("functions/shop/function.yaml", good + "timeout: 5s\n");
        QTRY_COMPARE_WITH_TIMEOUT(int(m_bench->viewOf(s("shop"))->state), int(FunctionView::State::Ready), bound);
        QTRY_VERIFY_WITH_TIMEOUT(!hasExplorerRow(ui::ExplorerModel::Kind::Problem), bound);
        QVERIFY(!textOf(*inspector).contains(s("function.yaml:")));
    }

    void aBrokenWorkspaceFileIsShownAndMended()
    {
        m_bench->workspace().addPython("shop", "def handler(event, context):\n    return 1\n");
        m_bench->workspace().write("kiln.yaml", "name: shop\nlisten: [\n");
        QCOMPARE(open(), QString());
        QTRY_VERIFY_WITH_TIMEOUT(hasExplorerRow(ui::ExplorerModel::Kind::Problem), bound);
        m_bench->picture("bad-kiln-yaml");
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        m_bench->workspace().write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:0\n");
        QTRY_VERIFY_WITH_TIMEOUT(!hasExplorerRow(ui::ExplorerModel::Kind::Problem), bound);
    }

    void aPortInUseIsSaidAndMended()
    {
        const int taken = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        QVERIFY(::bind(taken, reinterpret_cast<sockaddr *>(&address), length) == 0 && ::listen(taken, 1) == 0 &&
                ::getsockname(taken, reinterpret_cast<sockaddr *>(&address), &length) == 0);
        const std::string place = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));

        m_bench->workspace().addPython("web", "def handler(event, context):\n    return 1\n",
                                       "triggers:\n  - http: GET /web\n");
        m_bench->workspace().write("kiln.yaml", "name: shop\nlisten: " + place + "\n");
        QCOMPARE(open(), QString());
        QTRY_VERIFY_WITH_TIMEOUT(!banner("address").isEmpty(), bound);
        const QString said = banner("address");
        QVERIFY2(said.contains(QString::fromStdString(place)) && said.contains(s("in use")) &&
                     said.contains(s("kiln.yaml")),
                 qPrintable(said));
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
        m_bench->picture("bad-port");

        m_bench->workspace().write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:0\n");
        QTRY_VERIFY_WITH_TIMEOUT(banner("address").isEmpty(), bound);
        const auto *status = m_bench->window().findChild<QToolButton *>(s("address"));
        QTRY_VERIFY_WITH_TIMEOUT(status->text().startsWith(s("http://127.0.0.1:")), bound);
        ::close(taken);
    }

    void aWorkspaceThatCannotBeWrittenIsReadOnly()
    {
        if (::geteuid() == 0)
            QSKIP("an ordinary user is missing: root writes everywhere");
        m_bench->workspace().addPython("shop", "def handler(event, context):\n    return 1\n");
        QCOMPARE(::chmod(m_bench->workspace().folder().c_str(), 0555), 0);
        QCOMPARE(open(), QString());
        expectReadOnly(s("writable"));
        QCOMPARE(::chmod(m_bench->workspace().folder().c_str(), 0755), 0);
    }

    void aSecondKilnIsReadOnlyAndSaysWhoHasTheWorkspace()
    {
        m_bench->workspace().addPython("shop", "def handler(event, context):\n    return 1\n");
        const std::string problem = m_bench->workspace().open();
        QVERIFY2(problem.empty(), problem.c_str());
        QCOMPARE(open(), QString());
        expectReadOnly(s("process %1").arg(::getpid()));
        if (QTest::currentTestFailed())
            return;
        // Once the other one is gone, a click takes over.
        QSignalSpy reopened(&m_bench->window(), &ui::MainWindow::openWorkspaceRequested);
        m_bench->workspace().close();
        QTest::mouseClick(m_bench->window().findChild<QWidget *>(s("banner-readOnly"))->findChild<QPushButton *>(),
                          Qt::LeftButton);
        QCOMPARE(reopened.count(), 1);
        QCOMPARE(reopened[0][0].toString(), QString::fromStdString(m_bench->workspace().folder()));
        QCOMPARE(m_bench->close(), QString());
        QCOMPARE(open(), QString());
        QVERIFY(banner("readOnly").isEmpty());
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
    }

    void anInterpreterThatIsAbsentIsNamed()
    {
        m_bench->workspace().write("functions/old/handler.py", "def handler(event, context):\n    return 1\n");
        m_bench->workspace().write("functions/old/function.yaml", "runtime: python@3.1\nhandler: handler.handler\n");
        QCOMPARE(open(), QString());
        const auto *inspector = m_bench->window().findChild<ui::InspectorPane *>();
        QTRY_VERIFY2_WITH_TIMEOUT(textOf(*inspector).contains(s("No Python 3.1 that can be used was found")),
                                  qPrintable(textOf(*inspector)), bound);
        QVERIFY2(textOf(*inspector).contains(s("one of those found: ")), qPrintable(textOf(*inspector)));
        m_bench->press(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(hint().contains(s("No Python 3.1 that can be used was found")), bound);
        m_bench->picture("bad-interpreter");
        m_bench->workspace().write("functions/old/function.yaml", "runtime: python\nhandler: handler.handler\n");
        QTRY_COMPARE_WITH_TIMEOUT(int(m_bench->viewOf(s("old"))->state), int(FunctionView::State::Ready), bound);
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
    }

    void aKilledWorkerIsACrashAndTheNextOneServes()
    {
        m_bench->workspace().addPython("slow", "import time\ndef handler(event, context):\n    time.sleep(60)\n",
                                       "timeout: 120s\n");
        QCOMPARE(open(), QString());
        QSignalSpy finished(m_bench->window().findChild<ui::FireControl *>(), &ui::FireControl::finished);
        m_bench->press(Qt::Key_Return, Qt::ControlModifier);
        const auto busy = [this] {
            for (const WorkerView &worker : m_bench->snapshot()->workers) {
                if (worker.state == WorkerState::Busy)
                    return worker.pid;
            }
            return 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(busy() > 0, bound);
        QCOMPARE(::kill(busy(), SIGKILL), 0);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, bound);
        QCOMPARE(m_bench->outcome(), s("Crashed"));
        QVERIFY2(textOf(*card()).contains(s("killed")) || textOf(*card()).contains(s("SIGKILL")),
                 qPrintable(textOf(*card())));
        m_bench->picture("bad-killed");
        m_bench->retype(s("def handler(event, context):\nreturn 1"));
        QCOMPARE(m_bench->saveAndWait(s("slow")), QString());
        QCOMPARE(m_bench->fire(), QString());
        QCOMPARE(m_bench->outcome(), s("OK"));
    }

private:
    static QString s(const char *text) { return QString::fromUtf8(text); }

    /// Until a function is in hand and its code can be read.
    QString open()
    {
        if (const QString flaw = m_bench->open(); !flaw.isEmpty())
            return flaw;
        return QTest::qWaitFor([this] { return m_bench->editor() != nullptr; }, bound) ? QString()
                                                                                       : s("no code came to the front");
    }

    ui::ResultPane *result() const { return m_bench->window().findChild<ui::ResultPane *>(); }
    ui::ErrorCard *card() const { return result()->findChild<ui::ErrorCard *>(); }
    QString banner(const char *id) const { return m_bench->window().findChild<ui::BannerBar *>()->textOf(s(id)); }
    /// What the result pane says instead of a result.
    QString hint() const
    {
        const auto *pane = result() ? result()->findChild<ui::EmptyHint *>() : nullptr;
        return pane && pane->isVisible() ? textOf(*pane) : QString();
    }

    /// All words that can be seen in it.
    static QString textOf(const QWidget &widget)
    {
        QStringList texts;
        for (const QLabel *label : widget.findChildren<QLabel *>()) {
            if (label->isVisible())
                texts << label->text();
        }
        return texts.join(QLatin1Char('\n'));
    }

    bool hasExplorerRow(ui::ExplorerModel::Kind kind) const
    {
        const auto *model = m_bench->window().findChild<ui::ExplorerModel *>();
        return !model
                    ->match(model->index(0, 0), ui::ExplorerModel::KindRole, QVariant::fromValue(kind), 1,
                            Qt::MatchExactly | Qt::MatchRecursive)
                    .isEmpty();
    }

    void expectReadOnly(const QString &reason)
    {
        QTRY_VERIFY_WITH_TIMEOUT(!banner("readOnly").isEmpty(), bound);
        QVERIFY2(banner("readOnly").contains(reason), qPrintable(banner("readOnly")));
        m_bench->picture("bad-read-only");
        m_bench->press(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY2_WITH_TIMEOUT(hint().contains(reason), qPrintable(hint()), bound);
        for (const char *name : {"addTrigger", "beginGrant", "beginVariable"})
            QVERIFY(!m_bench->window().findChild<QToolButton *>(s(name))->isEnabled());
    }

    std::unique_ptr<test::Workbench> m_bench;
};

QTEST_MAIN(tst_BadInput)
#include "tst_bad_input.moc"

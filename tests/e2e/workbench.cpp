// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/workbench.h"

#include "core/project/templates.h"
#include "core/project/trust.h"
#include "ui/editor/code_surface.h"
#include "ui/panes/new_function_dialog.h"
#include "ui/panes/result_pane.h"
#include "ui/panes/summary_strip.h"
#include "ui/shell/code_document.h"
#include "ui/shell/documents.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pane_dock.h"

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

namespace kiln::test {

namespace {

constexpr int bound = 20'000; // ms; interpreters start in parallel with other tests

QString q(const char *text) { return QString::fromLatin1(text); }

std::vector<ui::TemplateChoice> templates()
{
    std::vector<ui::TemplateChoice> choices;
    for (const FunctionTemplate &each : listTemplates(KILN_SOURCE_DIR "/resources"))
        choices.push_back({.runtime = QString::fromStdString(each.language),
                           .name = QString::fromStdString(each.name),
                           .title = QString::fromStdString(each.title),
                           .description = QString::fromStdString(each.description)});
    return choices;
}

/// Empty when it holds in time, else the words for that it did not.
QString wait(const char *otherwise, const std::function<bool()> &holds, int milliseconds = bound)
{
    return QTest::qWaitFor(holds, milliseconds) ? QString() : q(otherwise);
}

QString focusText()
{
    const QWidget *focus = QApplication::focusWidget();
    return focus ? q("the focus is in %1 %2").arg(q(focus->metaObject()->className()), focus->objectName())
                 : q("nothing has the focus");
}

} // namespace

Workbench::Workbench() = default;
Workbench::~Workbench() = default;

QString Workbench::open()
{
    const std::string folder = m_workspace.folder();
    if (const Result<> trusted = TrustStore(TrustStore::defaultFile()).trust(folder); !trusted)
        return QString::fromStdString(trusted.error().text());
    m_bridge = std::make_unique<ui::EngineBridge>();
    ui::MainWindow::Options options;
    options.workspace = QString::fromStdString(folder);
    options.settingsFile = m_own.filePath(q("window.ini"));
    options.backupFolder = m_own.filePath(q("unsaved"));
    options.templates = templates();
    m_window = std::make_unique<ui::MainWindow>(*m_bridge, options);
    QObject::connect(m_window.get(), &ui::MainWindow::firstPainted, m_bridge.get(), [this, folder] {
        m_bridge->start([folder] {
            return Engine::open({.workspace = folder,
                                 .resources = KILN_SOURCE_DIR "/resources",
                                 .launcher = KILN_LAUNCHER_PATH,
                                 .triggers = Engine::Triggers::On,
                                 .listen = {},
                                 .clock = nullptr});
        });
    });
    m_window->resize(1280, 800);
    m_window->show();
    m_window->activateWindow();
    if (!QTest::qWaitForWindowActive(m_window.get()))
        return q("the window did not become active");
    return wait("the workspace was not read", [&] { return !m_bridge->snapshot()->workspace->interpreters.empty(); });
}

QString Workbench::close()
{
    press(Qt::Key_Q, Qt::ControlModifier);
    if (const QString flaw = wait("the window did not close", [&] { return !m_window->isVisible(); }); !flaw.isEmpty())
        return flaw;
    m_window.reset();
    m_bridge.reset(); // waits for the engine
    return {};
}

void Workbench::press(Qt::Key key, Qt::KeyboardModifiers modifiers)
{
    QWidget *focus = QApplication::focusWidget();
    QTest::keyClick(focus ? focus : m_window.get(), key, modifiers);
}

void Workbench::type(const QString &text)
{
    for (const QChar c : text) {
        if (c == QLatin1Char('\n'))
            press(Qt::Key_Return);
        else
            QTest::keyClicks(QApplication::focusWidget(), QString(c));
    }
}

void Workbench::retype(const QString &text)
{
    press(Qt::Key_A, Qt::ControlModifier);
    press(Qt::Key_Delete);
    type(text);
}

std::string Workbench::revisionOf(const QString &function) const
{
    const FunctionView *view = viewOf(function);
    return view && view->state == FunctionView::State::Ready && view->revision ? view->revision->hash : std::string();
}

QString Workbench::saveAndWait(const QString &function)
{
    const std::string before = revisionOf(function);
    press(Qt::Key_S, Qt::ControlModifier);
    return wait("no new revision became ready", [&] {
        const std::string now = revisionOf(function);
        return !now.empty() && now != before;
    });
}

QString Workbench::newPythonFunction(const QString &name)
{
    press(Qt::Key_N, Qt::ControlModifier);
    auto *dialog = qobject_cast<ui::NewFunctionDialog *>(QApplication::activeModalWidget());
    // Not qWaitForWindowActive: a dialog counts as active while its parent is.
    if (!dialog || !QTest::qWaitFor([&] { return QApplication::activeWindow() == dialog; }, bound))
        return q("there is no dialog");
    type(name); // its field has the focus
    if (dialog->findChild<QLineEdit *>()->text() != name)
        return q("the name was typed elsewhere: ") + focusText();
    auto *runtime = dialog->findChild<QComboBox *>(q("runtime"));
    QTest::keyClicks(runtime, q("Py"));
    if (!runtime->currentText().startsWith(q("Python")))
        return q("Python cannot be chosen");
    picture("e2e-1-new-function");
    press(Qt::Key_Return);
    if (QApplication::activeModalWidget())
        return q("Return did not end the dialog");
    m_window->activateWindow(); // what a window manager does
    const QString flaw = wait("its code did not open", [&] {
        return editor() && documents()->currentKey().contains(q("/functions/%1/").arg(name));
    });
    if (!flaw.isEmpty())
        return flaw;
    if (!QTest::qWaitFor([&] { return editor()->surface()->hasFocus(); }, bound))
        return q("the code does not have the focus: ") + focusText();
    return wait("its first revision did not become ready", [&] { return !revisionOf(name).empty(); });
}

QString Workbench::newTestEvent(const QString &function, const QString &name, const QString &json)
{
    press(Qt::Key_N, Qt::ControlModifier | Qt::ShiftModifier);
    if (QApplication::focusWidget() != m_window->findChild<QLineEdit *>(q("paletteField")))
        return q("the name is not asked for: ") + focusText();
    type(name);
    press(Qt::Key_Return);
    const QString key = q("/functions/%1/events/%2.json").arg(function, name);
    if (const QString flaw = wait("it did not open", [&] { return documents()->currentKey().endsWith(key); });
        !flaw.isEmpty())
        return flaw;
    retype(json);
    if (editor()->text() != json)
        return q("typed, but there is: ") + editor()->text();
    press(Qt::Key_S, Qt::ControlModifier);
    if (editor()->isModified())
        return q("it was not saved");
    auto *chosen = m_window->findChild<QComboBox *>(q("event"));
    return wait("Fire does not send it", [&] { return chosen->currentText().startsWith(name); });
}

QString Workbench::fire(int milliseconds)
{
    // The window shows the result in the same signal, before this sees it.
    auto *control = m_window->findChild<ui::FireControl *>();
    QSignalSpy finished(control, &ui::FireControl::finished), failed(control, &ui::FireControl::failed);
    press(Qt::Key_Return, Qt::ControlModifier);
    const QString flaw = wait(
        "nothing came back", [&] { return !finished.isEmpty() || !failed.isEmpty(); }, milliseconds);
    return failed.isEmpty() ? flaw : QString::fromStdString(failed[0][0].value<Error>().text());
}

QString Workbench::quickOpen(const QString &name)
{
    press(Qt::Key_P, Qt::ControlModifier);
    type(name);
    press(Qt::Key_Return);
    const QString flaw = wait("it did not open", [&] { return documents()->currentKey().endsWith(name); });
    if (!flaw.isEmpty())
        return flaw;
    return wait("it does not have the focus", [&] { return editor() && editor()->surface()->hasFocus(); });
}

QString Workbench::showPane(const char *id, Qt::Key key)
{
    auto *dock = m_window->findChild<ui::PaneDock *>(q(id));
    if (dock->visibleRegion().isEmpty())
        press(key, Qt::ControlModifier);
    return wait("the pane is not seen", [&] { return !dock->visibleRegion().isEmpty(); });
}

void Workbench::picture(const char *name)
{
    const QDir folder(q(KILN_BUILD_DIR "/tests/ui/pictures"));
    QWidget *shown = QApplication::activeModalWidget();
    if (!folder.mkpath(q(".")) || !QFileInfo(folder.path()).isWritable())
        return;                 // an ordinary user in a build of root's
    for (int i = 0; i < 4; ++i) // layouts settle over several rounds
        QCoreApplication::processEvents();
    QVERIFY((shown ? shown : m_window.get())->grab().save(folder.filePath(q(name) + q(".png"))));
}

ui::Documents *Workbench::documents() const { return m_window->findChild<ui::Documents *>(); }

ui::CodeEditor *Workbench::editor() const
{
    const auto *document = qobject_cast<ui::CodeDocument *>(documents()->currentWidget());
    return document ? document->editor() : nullptr;
}

SnapshotPtr Workbench::snapshot() const { return m_bridge->snapshot(); }

const FunctionView *Workbench::viewOf(const QString &function) const
{
    for (const FunctionView &view : m_bridge->snapshot()->workspace->functions) {
        if (view.name == function.toStdString())
            return &view;
    }
    return nullptr;
}

QString Workbench::outcome() const
{
    const auto *result = m_window->findChild<ui::ResultPane *>();
    const auto *summary = result ? result->findChild<ui::SummaryStrip *>() : nullptr;
    return summary && summary->isVisible() && !summary->cells().empty() ? summary->cells().front().value : QString();
}

QAbstractItemModel *Workbench::table(const char *pane) const
{
    for (const QTableView *view : m_window->findChild<ui::PaneDock *>(q(pane))->findChildren<QTableView *>()) {
        if (view->isVisible())
            return view->model();
    }
    return nullptr;
}

bool Workbench::hasCell(const char *pane, int column, const QString &text) const
{
    const QAbstractItemModel *model = table(pane);
    for (int row = 0; model && row < model->rowCount(); ++row) {
        if (model->index(row, column).data().toString() == text)
            return true;
    }
    return false;
}

} // namespace kiln::test

// SPDX-License-Identifier: GPL-3.0-or-later
// Files, test events and invocations as documents of the window.
#include "ui/editor/code_editor.h"
#include "ui/panes/explorer_pane.h"
#include "ui/panes/inspector_pane.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/document_desk.h"
#include "ui/shell/documents.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/error_places.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"
#include "ui/shell/status_bar.h"
#include "ui/shell/unsaved_backup.h"
#include "ui/theme/format.h"

#include <QDir>
#include <QLocale>

namespace kiln::ui {

namespace {

QString pathOf(const std::filesystem::path &path) { return QString::fromStdString(path.lexically_normal().string()); }

/// The file that a handler names, among those there are: "handler.handler" is handler.py.
QString handlerFile(const FunctionView &view)
{
    for (const std::string &file : handlerFiles(view.settings.runtime.language, view.settings.handler)) {
        if (std::find(view.files.begin(), view.files.end(), file) != view.files.end())
            return QString::fromStdString(file);
    }
    return view.files.empty() ? QString() : QString::fromStdString(view.files.front());
}

} // namespace

void MainWindow::buildDesk()
{
    const QString folder =
        m_options.backupFolder.isEmpty() ? UnsavedBackup::folderOf(m_options.workspace) : m_options.backupFolder;
    m_desk = new DocumentDesk(*m_documents, folder, this);
    m_desk->setMarks([this](const QString &path) {
        const auto [function, file] = whereIs(path);
        std::vector<CodeMark> marks;
        for (const CodePlace &place : m_errors->problemsIn(QDir(m_options.workspace).relativeFilePath(path)))
            marks.push_back({place.line, place.message, {}});
        for (const CodePlace &place : m_errors->inFile(function, file))
            marks.push_back(
                {place.line, place.message,
                 tr("last %1 · open invocation").arg(clockText(m_errors->invocationOf(function)->accepted))});
        return marks;
    });
    connect(m_desk, &DocumentDesk::markActivated, this, [this](const QString &path) {
        if (const InvocationPtr failed = m_errors->invocationOf(whereIs(path).first))
            openInvocation(failed);
    });
    m_fire->setUnsavedText([this](const QString &path) { return m_desk->unsavedText(path); });
    connect(m_errors, &ErrorPlaces::changed, m_desk, &DocumentDesk::refreshMarks);
    connect(m_desk, &DocumentDesk::sourceRequested, this, &MainWindow::openSource);
    connect(m_desk, &DocumentDesk::fireAgainRequested, m_fire,
            qOverload<const InvocationPtr &>(&FireControl::fireAgain));
    connect(m_desk, &DocumentDesk::grantRequested, this, &MainWindow::grant);
    connect(m_desk, &DocumentDesk::saved, this, [this](const QString &path) {
        m_status->setNote(tr("Saved %1").arg(QDir(m_options.workspace).relativeFilePath(path)));
    });
    connect(m_documents, &Documents::activated, this, [this](const QString &key) {
        // What is looked at is what Fire fires.
        if (key.startsWith(QStringLiteral("file:")))
            select(whereIs(key.mid(5)).first);
        m_desk->showInfo([this](const QString &path) { return infoOf(path); });
    });

    connect(m_explorer, &ExplorerPane::functionOpened, this, &MainWindow::openFunction);
    connect(m_explorer, &ExplorerPane::fileOpened, this, &MainWindow::openSource);
    connect(m_explorer, &ExplorerPane::problemOpened, this, &MainWindow::openWorkspaceFile);
    connect(m_explorer, &ExplorerPane::testEventOpened, this, &MainWindow::openTestEvent);
    connect(m_inspector, &InspectorPane::problemOpened, this, &MainWindow::openWorkspaceFile);
    connect(m_inspector, &InspectorPane::invocationOpened, this, &MainWindow::openInvocation);
}

/// How the function does whose code is looked at: "42/s · p50 1.80 ms · p99 31.0 ms · cold 0.4 %".
QString MainWindow::infoOf(const QString &path) const
{
    const auto [name, file] = whereIs(path);
    if (file.startsWith(QStringLiteral("events/")))
        return {};
    for (const FunctionLive &live : m_snapshot->functions) {
        if (QString::fromStdString(live.name) != name || live.p50 <= 0)
            continue;
        QStringList parts{rateText(live.rate), tr("p50 %1").arg(millisecondsText(live.p50)),
                          tr("p99 %1").arg(millisecondsText(live.p99)),
                          tr("cold %1 %").arg(QLocale().toString(live.coldShare * 100, 'f', 1))};
        if (live.errors > 0)
            parts << (live.errors == 1 ? tr("1 error in the last minute")
                                       : tr("%1 errors in the last minute").arg(countText(double(live.errors))));
        return parts.join(QStringLiteral(" · "));
    }
    return {};
}

/// The function that a file belongs to and its place in that function's folder; both empty for others.
std::pair<QString, QString> MainWindow::whereIs(const QString &path) const
{
    for (const FunctionView &view : m_snapshot->workspace->functions) {
        const QString folder = pathOf(view.folder) + QLatin1Char('/');
        if (path.startsWith(folder))
            return {QString::fromStdString(view.name), path.mid(folder.size())};
    }
    return {};
}

QString MainWindow::titleOf(const QString &path) const
{
    const auto [function, file] = whereIs(path);
    return function.isEmpty() ? QDir(m_options.workspace).relativeFilePath(path) : function + QLatin1Char('/') + file;
}

void MainWindow::openPath(const QString &path, int line)
{
    if (path.isEmpty())
        return;
    m_desk->openFile(path, titleOf(path), line);
}

void MainWindow::openFunction(const QString &function)
{
    const FunctionView *view = viewOf(function);
    if (!view)
        return;
    select(function);
    if (const QString file = handlerFile(*view); !file.isEmpty())
        openSource(function, file, 0);
}

void MainWindow::openSource(const QString &function, const QString &file, int line)
{
    if (const FunctionView *view = viewOf(function))
        openPath(pathOf(view->folder / file.toStdString()), line);
}

void MainWindow::openWorkspaceFile(const QString &file, int line)
{
    openPath(pathOf(m_snapshot->workspace->folder / file.toStdString()), line);
}

void MainWindow::openTestEvent(const QString &function, const QString &name)
{
    openSource(function, QStringLiteral("events/") + name, 0);
    m_settings.setEventOf(function, name);
    select(function);
    showTarget();
}

/// Snapshots carry large invocations, and history lists all, without their payloads: the whole is asked for.
void MainWindow::openInvocation(const InvocationPtr &invocation)
{
    if (!invocation)
        return;
    m_bridge.loadInvocation(invocation->id, this, [this, invocation](const Result<InvocationPtr> &whole) {
        m_desk->openInvocation(whole && *whole ? *whole : invocation);
    });
}

void MainWindow::withEvent(const InvocationPtr &invocation, std::function<void(const InvocationPtr &)> then)
{
    if (!invocation->event.data->empty()) {
        then(invocation);
        return;
    }
    m_bridge.loadInvocation(invocation->id, this, [this, then = std::move(then)](const Result<InvocationPtr> &whole) {
        if (whole && *whole)
            then(*whole);
        else if (!whole)
            tellError(whole.error());
    });
}

void MainWindow::nextError()
{
    const std::vector<CodePlace> places = m_errors->all();
    if (places.empty()) {
        m_status->setNote(tr("No error is known"));
        return;
    }
    const CodePlace &place = places[m_nextError++ % places.size()];
    if (place.function.isEmpty())
        openWorkspaceFile(place.file, place.line);
    else
        openSource(place.function, place.file, place.line);
    m_status->setNote(place.message);
}

/// The tabs of last time; at the very first start the code of the function in hand, so that Ctrl+Return does something.
void MainWindow::restoreTabs()
{
    m_tabsRestored = true;
    const QStringList tabs = m_settings.openTabs();
    for (const QString &key : tabs) {
        if (key.startsWith(QStringLiteral("file:")) && QFile::exists(key.mid(5)))
            openPath(key.mid(5), 0);
    }
    if (tabs.isEmpty())
        openFunction(m_function);
    else
        m_documents->activate(m_settings.currentTab());
    if (const int left = m_desk->leftBehind(); left > 0)
        m_banners->setBanner(QStringLiteral("left"),
                             {BannerBar::Tone::Warning,
                              tr("%n files were not saved when Kiln ended last time.", nullptr, left),
                              {tr("Restore"), tr("Discard")},
                              false});
}

} // namespace kiln::ui

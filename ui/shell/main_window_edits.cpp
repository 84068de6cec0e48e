// SPDX-License-Identifier: GPL-3.0-or-later
// What is made and deleted in the workspace, and taken back.
#include "ui/panes/error_card.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"
#include "ui/shell/status_bar.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

#include <utility>

namespace kiln::ui {

namespace {

/// The newest folder in the trash that was this one goes back to its place. Returns what went wrong.
QString takeBackFromTrash(const std::filesystem::path &workspace, const std::filesystem::path &folder)
{
    const QString name = QString::fromStdString(folder.filename().string());
    QDir trash(QString::fromStdString((workspace / ".kiln" / "trash").string()));
    // Names are NAME-20260301T120000.000; a function's name may hold a dash itself.
    const QRegularExpression form(
        QStringLiteral("^%1-\\d{8}T\\d{6}\\.\\d{3}(-\\d+)?$").arg(QRegularExpression::escape(name)));
    const QStringList found =
        trash.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed).filter(form);
    if (found.isEmpty())
        return MainWindow::tr("%1 is not in .kiln/trash any more").arg(name);
    if (!QDir().rename(trash.filePath(found.first()), QString::fromStdString(folder.string())))
        return MainWindow::tr("%1 could not be taken back from .kiln/trash").arg(name);
    return {};
}

} // namespace

void MainWindow::askNewFunction()
{
    QStringList taken;
    for (const FunctionView &view : m_snapshot->workspace->functions)
        taken << QString::fromStdString(view.name);
    auto *dialog = new NewFunctionDialog(m_options.templates, m_snapshot->workspace->interpreters, taken, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &NewFunctionDialog::requested, this, [this](const NewFunction &function) {
        m_bridge.edit(function, this, [this, name = QString::fromStdString(function.name)](const Result<> &result) {
            if (!result)
                return;
            m_newFunction = name;
            openNewFunction();
        });
    });
    dialog->open();
}

/// The code of a function just made comes to the front once the workspace with it has been read.
void MainWindow::openNewFunction()
{
    const FunctionView *view = viewOf(m_newFunction);
    if (!view || view->files.empty())
        return;
    openFunction(std::exchange(m_newFunction, QString()));
}

/// Asks for a name in place and opens the new test event. With `like` it has that invocation's event as it was.
void MainWindow::addTestEvent(const QString &wanted, const InvocationPtr &like)
{
    const FunctionView *view = viewOf(wanted.isEmpty() ? m_function : wanted);
    if (!view)
        return;
    const QString function = QString::fromStdString(view->name);
    QStringList taken;
    for (const std::string &name : view->testEvents)
        taken << QString::fromStdString(name);
    int number = 1;
    while (taken.contains(QStringLiteral("event-%1.json").arg(number)))
        ++number;
    const auto check = [taken](const QString &name) {
        static const QRegularExpression form(QStringLiteral("^[^./\\x00-\\x1f][^/\\x00-\\x1f]{0,99}$"));
        if (!form.match(name).hasMatch())
            return tr("Expected a file name");
        return taken.contains(name) || taken.contains(name + QStringLiteral(".json")) ? tr("There is one of this name")
                                                                                      : QString();
    };
    const std::string bytes = like ? *like->event.data : "{\n}\n";
    m_palette->ask(like ? tr("Name of the new test event of %1, from its last request").arg(function)
                        : tr("Name of the new test event of %1").arg(function),
                   QStringLiteral("event-%1.json").arg(number), check, [this, function, bytes](const QString &typed) {
                       const QString name =
                           QFileInfo(typed).suffix().isEmpty() ? typed + QStringLiteral(".json") : typed;
                       m_bridge.edit(SaveTestEvent{function.toStdString(), name.toStdString(), bytes}, this,
                                     [this, function, name](const Result<> &result) {
                                         if (result)
                                             openTestEvent(function, name);
                                     });
                   });
}

void MainWindow::addTestEventFromLast(const QString &function)
{
    const QString name = function.isEmpty() ? m_function : function;
    for (const FunctionLive &live : m_snapshot->functions) {
        if (QString::fromStdString(live.name) != name)
            continue;
        if (live.last)
            addTestEvent(name, live.last);
        else
            m_status->setNote(tr("%1 has had no request yet").arg(name));
    }
}

void MainWindow::deleteFunction(const QString &function)
{
    const FunctionView *view = viewOf(function);
    if (!view)
        return;
    const std::filesystem::path folder = view->folder, workspace = m_snapshot->workspace->folder;
    m_bridge.edit(DeleteFunction{view->name}, this, [this, function, folder, workspace](const Result<> &result) {
        if (!result)
            return;
        m_undoDelete = [this, folder, workspace] {
            if (const QString problem = takeBackFromTrash(workspace, folder); !problem.isEmpty())
                tellError({Error::Code::Io, problem.toStdString(), {}, {}, 0});
        };
        m_banners->setBanner(QStringLiteral("deleted"),
                             {BannerBar::Tone::Note, tr("%1 was moved to .kiln/trash").arg(function), {tr("Undo")}});
    });
}

/// Permissions that a refusal named, into the function's file.
void MainWindow::grant(const InvocationPtr &invocation, const QStringList &grants, AfterGrant then)
{
    if (!invocation || !invocation->revision)
        return;
    Permit edit{.function = invocation->revision->settings.name, .grants = {}};
    for (const QString &text : grants) {
        Result<Grant> grant = parseGrant(text.toStdString());
        if (!grant) {
            tellError(grant.error());
            return;
        }
        edit.grants.push_back(*std::move(grant));
    }
    const QString function = QString::fromStdString(edit.function);
    m_bridge.edit(std::move(edit), this, [this, function, grants, invocation, then](const Result<> &result) {
        if (!result)
            return;
        m_status->setNote(tr("%1 has %2 now").arg(function, grants.join(QStringLiteral(", "))));
        if (then == AfterGrant::FireAgain)
            withEvent(invocation, [this](const InvocationPtr &whole) { m_fire->fireAgain(whole); });
    });
}

/// What the function in hand was refused last.
void MainWindow::grantLastRefused()
{
    for (const FunctionLive &live : m_snapshot->functions) {
        if (QString::fromStdString(live.name) != m_function || !live.last)
            continue;
        QStringList grants;
        for (const Refusal &refusal : live.last->denied) {
            const QString text = QString::fromStdString(refusal.grant);
            if (!text.isEmpty() && !grants.contains(text))
                grants << text;
        }
        if (!grants.isEmpty())
            return grant(live.last, grants, AfterGrant::FireAgain);
    }
    m_status->setNote(tr("%1 was refused nothing that can be granted").arg(m_function));
}

void MainWindow::deleteTestEvent(const QString &function, const QString &name)
{
    const FunctionView *view = viewOf(function);
    if (!view)
        return;
    QFile file(QString::fromStdString((view->folder / "events").string()) + QLatin1Char('/') + name);
    const QByteArray bytes = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    const SaveTestEvent back{function.toStdString(), name.toStdString(), bytes.toStdString()};
    m_bridge.edit(DeleteTestEvent{back.function, back.name}, this, [this, back, name](const Result<> &result) {
        if (!result)
            return;
        m_undoDelete = [this, back] { m_bridge.edit(back); };
        m_banners->setBanner(QStringLiteral("deleted"),
                             {BannerBar::Tone::Note, tr("%1 was deleted").arg(name), {tr("Undo")}});
    });
}

} // namespace kiln::ui

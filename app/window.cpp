// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"

#include "app/cli/command_line.h"
#include "app/cli/places.h"
#include "app/control/control_server.h"
#include "core/project/init.h"
#include "core/project/routes.h"
#include "core/project/templates.h"
#include "core/project/trust.h"
#include "core/trigger/schedule.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/main_window.h"
#include "ui/shell/window_settings.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDir>
#include <QTimer>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace kiln {

namespace fs = std::filesystem;

namespace {

constexpr int previewedRuns = 5;

ui::TriggerChecks triggerChecks()
{
    return {.schedule =
                [](const ScheduleTrigger &trigger) {
                    const Result<Schedule> schedule = Schedule::parse(trigger);
                    if (!schedule)
                        return ui::SchedulePreview{schedule.error().message, {}};
                    return ui::SchedulePreview{{}, schedule->nextRuns(SystemClock().wall(), previewedRuns)};
                },
            .route =
                [](const HttpTrigger &trigger) {
                    HttpTrigger parsed;
                    return parseRoute(trigger.method + " " + trigger.path, parsed);
                }};
}

std::vector<ui::TemplateChoice> templateChoices(const fs::path &resources)
{
    std::vector<ui::TemplateChoice> choices;
    for (const FunctionTemplate &each : listTemplates(resources)) {
        choices.push_back({.runtime = QString::fromStdString(each.language),
                           .name = QString::fromStdString(each.name),
                           .title = QString::fromStdString(each.title),
                           .description = QString::fromStdString(each.description)});
    }
    return choices;
}

/// ~/Kiln/shop, made when it is not there yet: what a first start shows.
Result<fs::path> sampleWorkspace(const Places &places)
{
    const fs::path folder = fs::path(QDir::homePath().toStdString()) / "Kiln" / "shop";
    std::error_code failed;
    if (fs::exists(folder / "kiln.yaml", failed))
        return folder;
    TrustStore trust(TrustStore::defaultFile());
    return initWorkspace(folder, "shop", places.resources, trust).map([&] { return folder; });
}

Result<fs::path> workspaceFor(const std::optional<fs::path> &folder, const Places &places)
{
    if (folder)
        return findWorkspace(folder);
    if (Result<fs::path> here = findWorkspace(std::nullopt))
        return here;
    const ui::WindowSettings settings(ui::WindowSettings::defaultFile(), QString());
    for (const QString &recent : settings.recentWorkspaces()) {
        if (Result<fs::path> last = findWorkspace(fs::path(recent.toStdString())))
            return last;
    }
    return sampleWorkspace(places);
}

/// One workspace in one window, with its engine. Opening another takes this one's place.
class Session
{
public:
    Session(fs::path workspace, Places places)
        : m_places(std::move(places))
    {
        const QString folder = QString::fromStdString(workspace.string());
        m_window = std::make_unique<ui::MainWindow>(
            m_bridge, ui::MainWindow::Options{.workspace = folder,
                                              .settingsFile = {},
                                              .backupFolder = {},
                                              .checks = triggerChecks(),
                                              .templates = templateChoices(m_places.resources)});
        ui::WindowSettings(ui::WindowSettings::defaultFile(), folder).addRecentWorkspace(folder);
        // The engine comes after the first paint: nobody waits for it to see the window.
        QObject::connect(m_window.get(), &ui::MainWindow::firstPainted, &m_bridge,
                         [this, workspace = std::move(workspace)] {
                             m_bridge.start([workspace, places = m_places] { return openEngine(workspace, places); });
                         });
        m_window->show();
    }

    [[nodiscard]] ui::MainWindow &window() { return *m_window; }

private:
    static Result<std::unique_ptr<Engine>> openEngine(const fs::path &workspace, const Places &places)
    {
        Result<std::unique_ptr<Engine>> engine = Engine::open({.workspace = workspace,
                                                               .resources = places.resources,
                                                               .launcher = places.launcher,
                                                               .adapter = places.adapter,
                                                               .triggers = Engine::Triggers::On,
                                                               .listen = {},
                                                               .parkedMemory = Engine::usualParkedMemory,
                                                               .clock = nullptr});
        // A second window on the workspace is read-only: commands go to the first.
        if (engine && !(*engine)->isReadOnly()) {
            if (Result<std::unique_ptr<ControlServer>> control = ControlServer::start(workspace, **engine))
                (*engine)->keepUntilEnd(std::shared_ptr<ControlServer>(std::move(*control)));
            else
                return tl::make_unexpected(control.error());
        }
        return engine;
    }

    const Places m_places;
    ui::EngineBridge m_bridge;
    std::unique_ptr<ui::MainWindow> m_window; ///< Goes before the bridge.
};

int failed(const Error &error)
{
    std::fprintf(stderr, "kiln: %s\n", error.text().c_str());
    return CommandLine::Unusable;
}

} // namespace

int runWindow(int argc, char **argv, const std::optional<fs::path> &folder)
{
    if (!std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY") && !std::getenv("QT_QPA_PLATFORM"))
        return failed({Error::Code::Io,
                       "There is no display to open a window on",
                       {},
                       "use the commands (kiln --help), or \"kiln serve\" to run the triggers",
                       0});
    const Result<Places> places = Places::find();
    if (!places)
        return failed(places.error());
    const Result<fs::path> workspace = workspaceFor(folder, *places);
    if (!workspace)
        return failed(workspace.error());

    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("kiln"));
    QApplication::setApplicationDisplayName(QStringLiteral("Kiln"));
    QApplication::setDesktopFileName(QStringLiteral("kiln"));
    ui::ThemeSwitch::instance().apply(ui::WindowSettings(ui::WindowSettings::defaultFile(), QString()).theme());

    std::unique_ptr<Session> session;
    std::function<void(fs::path)> open = [&](fs::path opened) {
        session.reset(); // the old engine ends before the new one begins
        session = std::make_unique<Session>(std::move(opened), *places);
        QObject::connect(
            &session->window(), &ui::MainWindow::openWorkspaceRequested, &application,
            [&](const QString &next) {
                Result<fs::path> found = findWorkspace(fs::path(next.toStdString()));
                if (found)
                    open(std::move(*found));
                else
                    session->window().tellError(found.error());
            },
            Qt::QueuedConnection); // not while the old window is emitting
    };
    open(*workspace);
    const int code = QApplication::exec();
    session.reset();
    return code;
}

} // namespace kiln

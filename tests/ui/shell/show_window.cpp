// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the window on a recorded snapshot, for looking at it: show_window [dark|light] [failing] [sizes]
#include "core/base/clock.h"
#include "tests/ui/shell/recorded.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pane_dock.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTextStream>
#include <QTimer>

#include <ctime>

using namespace kiln;

int main(int argc, char **argv)
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    QApplication application(argc, argv);
    QApplication::setApplicationVersion(QStringLiteral("0.1.0"));
    const QStringList arguments = QApplication::arguments();
    ui::ThemeSwitch::instance().apply(arguments.contains(QStringLiteral("light")) ? ui::ThemeSwitch::Choice::Light
                                                                                  : ui::ThemeSwitch::Choice::Dark);
    QTemporaryDir folder;
    const std::filesystem::path shop = std::filesystem::path(folder.path().toStdString()) / "shop";
    test::writeRecordedWorkspace(shop);

    ui::EngineBridge bridge;
    ui::MainWindow::Options options;
    options.workspace = QString::fromStdString(shop.string());
    options.settingsFile = folder.filePath(QStringLiteral("window.ini"));
    options.backupFolder = folder.filePath(QStringLiteral("unsaved"));
    options.templates = {{QStringLiteral("python"), QStringLiteral("basic"), QStringLiteral("Basic"),
                          QStringLiteral("Answers with the event it was given.")}};
    options.checks.schedule = [](const ScheduleTrigger &trigger) {
        ui::SchedulePreview preview;
        if (trigger.expression.find('*') == std::string::npos)
            preview.error = "expected five fields, as in 0 2 * * *";
        for (int i = 1; i <= 5 && preview.error.empty(); ++i)
            preview.next.push_back(SystemClock().wall() + std::chrono::hours(24 * i));
        return preview;
    };
    ui::MainWindow window(bridge, options);
    QObject::connect(&window, &ui::MainWindow::firstPainted, &window, [&] {
        QTextStream(stderr) << "first paint after " << sinceStart.elapsed() << " ms, "
                            << double(std::clock()) * 1000 / CLOCKS_PER_SEC << " ms of CPU\n";
    });
    window.showMaximized();
    const auto snapshot = test::recordedSnapshot(shop);
    auto engine = std::make_unique<test::RecordedEngine>(snapshot);
    engine->fireAnswer =
        arguments.contains(QStringLiteral("failing")) ? snapshot->functions[0].lastError : snapshot->functions[0].last;
    bridge.attach(std::move(engine));
    if (arguments.contains(QStringLiteral("sizes"))) {
        QTimer::singleShot(1500, &window, [&] {
            for (const char *pane : {"metrics", "invocations", "logs", "workers", "events"})
                window.allActions().get(QStringLiteral("view.") + QString::fromLatin1(pane))->trigger();
            for (const ui::PaneDock *dock : window.findChildren<ui::PaneDock *>())
                QTextStream(stderr) << dock->objectName() << " needs " << dock->widget()->minimumSizeHint().width()
                                    << " x " << dock->widget()->minimumSizeHint().height() << "\n";
            QTextStream(stderr) << "all of it " << window.minimumSizeHint().width() << " x "
                                << window.minimumSizeHint().height() << "\n";
            QApplication::quit();
        });
    }
    return QApplication::exec();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// How soon the window can be seen, beside a bare window of Qt in the same run, taking turns; and how long its thread is
// ever blocked while 500 invocations a second come in. Prints; fails only when something does not work.
#include "core/project/templates.h"
#include "core/project/trust.h"
#include "tests/bench/series.h"
#include "tests/support/engine_harness.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/gui_watchdog.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

using namespace kiln;
using namespace kiln::test;
using namespace std::chrono_literals;

namespace {

constexpr int starts = 11;
constexpr int perSecond = 500;
constexpr auto eachPane = 2s;

std::int64_t monotonic() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

[[noreturn]] void fail(const std::string &what)
{
    std::fprintf(stderr, "FAILED: %s\n", what.c_str());
    std::exit(1);
}

ui::MainWindow::Options optionsFor(const QString &workspace, const QString &folder)
{
    ui::MainWindow::Options options{.workspace = workspace,
                                    .settingsFile = folder + QStringLiteral("/window.ini"),
                                    .backupFolder = folder + QStringLiteral("/unsaved"),
                                    .checks = {},
                                    .templates = {}};
    for (const FunctionTemplate &each : listTemplates(KILN_SOURCE_DIR "/resources"))
        options.templates.push_back({QString::fromStdString(each.language), QString::fromStdString(each.name),
                                     QString::fromStdString(each.title), QString::fromStdString(each.description)});
    return options;
}

/// Turns the loop until `there`, or fails.
void waitUntil(const std::function<bool()> &there, const char *what)
{
    QElapsedTimer since;
    since.start();
    while (!there()) {
        if (since.hasExpired(30'000))
            fail(what);
        QApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 10);
    }
}

void turnFor(std::chrono::milliseconds time)
{
    QTimer::singleShot(time, qApp, [] { QApplication::exit(); });
    QApplication::exec();
}

// --- the first paint, in a process of its own ----------------------------------------------------------------------

/// Tells when main() began and when it was painted, on the monotonic clock.
int paintBare(std::int64_t mainBegan)
{
    class Window : public QLabel
    {
    public:
        using QLabel::QLabel;
        bool painted = false;

    private:
        void paintEvent(QPaintEvent *event) override
        {
            QLabel::paintEvent(event);
            if (!std::exchange(painted, true))
                QTimer::singleShot(0, qApp, [] { QApplication::exit(); });
        }
    };
    Window window(QStringLiteral("Kiln"));
    window.resize(1280, 800);
    window.show();
    QApplication::exec();
    std::printf("%lld %lld\n", static_cast<long long>(mainBegan), static_cast<long long>(monotonic()));
    return 0;
}

int paintWindow(std::int64_t mainBegan, const QString &workspace, const QString &folder)
{
    ui::ThemeSwitch::instance().apply(ui::ThemeSwitch::Choice::Dark);
    ui::EngineBridge bridge;
    ui::MainWindow window(bridge, optionsFor(workspace, folder));
    std::int64_t painted = 0;
    QObject::connect(&window, &ui::MainWindow::firstPainted, &window, [&] {
        painted = monotonic();
        QApplication::exit();
    });
    window.show();
    QApplication::exec();
    std::printf("%lld %lld\n", static_cast<long long>(mainBegan), static_cast<long long>(painted));
    return 0;
}

void startOnce(const QStringList &arguments, Series &whole, Series &fromMain)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    const std::int64_t began = monotonic();
    process.start(QApplication::applicationFilePath(), arguments);
    if (!process.waitForFinished(30'000) || process.exitCode() != 0)
        fail("the window does not start");
    const QList<QByteArray> moments = process.readAllStandardOutput().simplified().split(' ');
    if (moments.size() != 2 || moments[1].toLongLong() <= began)
        fail("the window was not painted");
    whole.add(std::chrono::nanoseconds(moments[1].toLongLong() - began));
    fromMain.add(std::chrono::nanoseconds(moments[1].toLongLong() - moments[0].toLongLong()));
}

void measureStarts(const QString &workspace, const QString &folder)
{
    Series bare("a bare window of Qt, from the start of its process"), bareMain("  of that, from main()"),
        window("Kiln's window, from the start of its process"), windowMain("  of that, from main()");
    for (int i = 0; i <= starts; ++i) {
        for (Series *series : {&bare, &bareMain, &window, &windowMain}) {
            if (i == 1)
                series->forget(); // the first start read the files
            series->begin();
        }
        startOnce({QStringLiteral("--paint-bare")}, bare, bareMain);
        startOnce({QStringLiteral("--paint-window"), workspace, folder}, window, windowMain);
    }
    std::printf("first paint, %d starts in turns (goal: 150 ms, then 110 ms)\n", starts);
    for (const Series *series : {&bare, &bareMain})
        series->print();
    window.print(&bare, 3.0);
    windowMain.print();
}

// --- the GUI thread under load -------------------------------------------------------------------------------------

void print(const char *title, const ui::GuiWatchdog::Figures &figures)
{
    const auto ms = [](std::chrono::nanoseconds time) {
        return std::chrono::duration<double, std::milli>(time).count();
    };
    std::printf("  %-28s worst %6.1f ms (own work %6.1f ms)   p99 %6.1f ms   over 16 ms %3d   over 50 ms %3d   of %d\n",
                title, ms(figures.worst), ms(figures.worstWork), ms(figures.p99), figures.over16ms, figures.over50ms,
                figures.events);
}

/// Fires at a steady rate from a thread of its own, as a listener does.
class Load
{
public:
    Load(Engine &engine, std::string function)
        : m_thread([this, &engine, function = std::move(function)] { run(engine, function); })
    {}
    void stop()
    {
        m_stopping = true;
        m_thread.join();
    }
    [[nodiscard]] int fired() const { return m_fired; }
    [[nodiscard]] int answered() const { return m_ok + m_failed; }
    [[nodiscard]] int failed() const { return m_failed; }

private:
    void run(Engine &engine, const std::string &function)
    {
        auto next = std::chrono::steady_clock::now();
        while (!m_stopping) {
            std::this_thread::sleep_until(next += std::chrono::microseconds(1'000'000 / perSecond));
            ++m_fired;
            engine.fire({.function = function, .data = R"({"order":42,"items":["tea","cup"]})"},
                        [this](const Result<InvocationPtr> &answer) {
                            const bool ok = answer && (*answer)->outcome == Outcome::Ok;
                            ++(ok ? m_ok : m_failed);
                        });
        }
    }

    std::atomic<bool> m_stopping = false;
    std::atomic<int> m_fired = 0, m_ok = 0, m_failed = 0;
    std::thread m_thread;
};

void measureLoad(const std::string &workspace, const QString &folder)
{
    ui::EngineBridge bridge;
    std::atomic<Engine *> engine = nullptr;
    ui::MainWindow window(bridge, optionsFor(QString::fromStdString(workspace), folder));
    std::optional<ui::GuiWatchdog> watchdog;
    QObject::connect(&window, &ui::MainWindow::firstPainted, &window, [&] {
        watchdog.emplace();
        bridge.start([&] {
            auto opened = Engine::open({.workspace = workspace,
                                        .resources = KILN_SOURCE_DIR "/resources",
                                        .launcher = KILN_LAUNCHER_PATH,
                                        .triggers = Engine::Triggers::On,
                                        .listen = {},
                                        .parkedMemory = Engine::usualParkedMemory,
                                        .clock = nullptr});
            if (opened)
                engine = opened->get();
            return opened;
        });
    });
    QObject::connect(&bridge, &ui::EngineBridge::startFailed, &window, [](const Error &error) { fail(error.text()); });
    window.show();
    waitUntil(
        [&] {
            const auto &functions = bridge.snapshot()->workspace->functions;
            return !functions.empty() && functions[0].state == FunctionView::State::Ready &&
                   !bridge.snapshot()->functions.empty();
        },
        "the workspace does not get ready");
    turnFor(500ms);
    std::printf("\nthe GUI thread (goal: never over 50 ms, then 16 ms); an event every %d ms measures it\n",
                int(ui::GuiWatchdog::interval.count()));
    print("start, after the first paint", watchdog->take());

    Load load(*engine, "shop");
    turnFor(eachPane);
    print("load, result", watchdog->take());
    for (const char *pane : {"metrics", "invocations", "logs", "workers"}) {
        window.allActions().get(QStringLiteral("view.") + QString::fromLatin1(pane))->trigger();
        turnFor(eachPane);
        print((std::string("load, ") + pane).c_str(), watchdog->take());
    }
    load.stop();
    waitUntil([&] { return load.answered() == load.fired(); }, "invocations are not answered");
    if (load.failed() > 0)
        fail(std::to_string(load.failed()) + " invocations failed");
    std::printf("  %d invocations at %d a second, each printing a line; memory 128 MB, CPU unlimited, never frozen\n",
                load.fired(), perSecond);
}

/// The offscreen platform has no window manager to tell sizes to, and says so each time.
void tell(QtMsgType, const QMessageLogContext &, const QString &message)
{
    if (!message.contains(QStringLiteral("propagateSizeHints")) && !message.contains(QStringLiteral("XDG_RUNTIME_DIR")))
        std::fprintf(stderr, "%s\n", qPrintable(message));
}

} // namespace

int main(int argc, char **argv)
{
    const std::int64_t began = monotonic();
    qInstallMessageHandler(tell);
    if (!std::getenv("DISPLAY") && !std::getenv("QT_QPA_PLATFORM"))
        ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    QApplication application(argc, argv);
    const QStringList arguments = QApplication::arguments();
    if (arguments.value(1) == QStringLiteral("--paint-bare"))
        return paintBare(began);
    if (arguments.value(1) == QStringLiteral("--paint-window") && arguments.size() == 4)
        return paintWindow(began, arguments[2], arguments[3]);

    EngineHarness harness; // for its folders only: the engine is the window's
    harness.addPython("shop", "def handler(event, context):\n    print('order', event['order'])\n    return event\n",
                      "cpu: unlimited\n");
    for (const char *name : {"invoice", "thumbnail", "report"})
        harness.addPython(name, "def handler(event, context):\n    return event\n");
    if (const Result<> trusted = TrustStore(TrustStore::defaultFile()).trust(harness.folder()); !trusted)
        fail(trusted.error().text());
    const QTemporaryDir folder;
    double load[1] = {0};
    if (::getloadavg(load, 1) != 1)
        fail("the load is not known");
    std::printf("platform %s, load average %.1f\n", qPrintable(QApplication::platformName()), load[0]);
    measureStarts(QString::fromStdString(harness.folder()), folder.path());
    ui::ThemeSwitch::instance().apply(ui::ThemeSwitch::Choice::Dark);
    measureLoad(harness.folder(), folder.path());
    if (EngineHarness::descendants() != 0)
        fail("processes are left behind");
    return 0;
}

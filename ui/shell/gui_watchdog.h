// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>

namespace kiln::ui {

/// Measures how long the GUI thread lets others wait: a thread of its own posts an event to it every few milliseconds
/// and notes how late it is taken. Made, read and destroyed on the GUI thread, while its event loop runs.
///
/// One event at most is under way, so each block counts once; it is measured from the first event that it held up,
/// which is up to one interval after it began.
class GuiWatchdog : public QObject
{
public:
    static constexpr std::chrono::milliseconds interval{5};

    struct Figures
    {
        int events = 0;
        std::chrono::nanoseconds worst{};
        std::chrono::nanoseconds p99{};       ///< In steps of 0.1 ms; 200 ms stands for all above.
        std::chrono::nanoseconds worstWork{}; ///< The most that the thread itself computed while one waited.
        int over16ms = 0;                     ///< A frame at 60 Hz was missed.
        int over50ms = 0;
    };

    explicit GuiWatchdog(QObject *parent = nullptr);
    ~GuiWatchdog() override;

    /// Since the start, or the last call.
    [[nodiscard]] Figures take();

private:
    void run();
    void answered(std::chrono::steady_clock::time_point posted, std::chrono::nanoseconds workBefore);
    [[nodiscard]] std::chrono::nanoseconds work() const;

    Figures m_figures;
    std::array<int, 2'001> m_counts{}; ///< By tenths of a millisecond.
    clockid_t m_cpu{};                 ///< The GUI thread's.
    std::atomic<bool> m_underWay = false;
    std::atomic<bool> m_stopping = false;
    std::thread m_thread;
};

} // namespace kiln::ui

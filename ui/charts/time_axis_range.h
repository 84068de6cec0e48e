// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <optional>

namespace kiln::ui {

/// A stretch of time, Unix seconds.
struct TimeSpan
{
    double from = 0;
    double to = 0;
    [[nodiscard]] double length() const { return to - from; }
    bool operator==(const TimeSpan &) const = default;
};

/// The time axis and the crosshair that all charts of a pane share. Follows now until the user touches it. GUI thread.
class TimeAxisRange : public QObject
{
    Q_OBJECT

public:
    enum class Mode { Live, Held };

    static constexpr double shortest = 10; ///< Seconds.
    static constexpr double longest = 3600;

    using QObject::QObject;

    [[nodiscard]] TimeSpan span() const { return m_span; }
    [[nodiscard]] Mode mode() const { return m_mode; }
    [[nodiscard]] double liveLength() const { return m_liveLength; }
    [[nodiscard]] std::optional<double> crosshair() const { return m_crosshair; }

    void setNow(double now);            ///< The newest second there are figures of.
    void setLiveLength(double seconds); ///< And follows.
    void follow();
    /// Stops following and shows this; lengths and places out of bounds are brought into them.
    void hold(TimeSpan span);
    void zoom(double factor, double around); ///< Below 1 shows less.
    void pan(double seconds);
    void setCrosshair(std::optional<double> time);

Q_SIGNALS:
    void changed(); ///< Span or mode.
    void crosshairChanged();

private:
    void set(TimeSpan span, Mode mode);

    double m_now = 0;
    double m_liveLength = 300;
    TimeSpan m_span{-300, 0};
    Mode m_mode = Mode::Live;
    std::optional<double> m_crosshair;
};

} // namespace kiln::ui

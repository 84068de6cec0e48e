// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/scaling.h"
#include "core/pool/load_window.h"

#include <optional>

namespace kiln {

/// How many workers a target wants: the decision of Knative's autoscaler, with its defaults.
///
/// The mean load of a stable window (60 s) decides. When the mean of a panic window (a tenth of it) wants twice the
/// workers that are there, that one decides as well, and nothing is taken away until the stable window has passed
/// without such need. At most half of the workers are taken away at once.
class TargetScaler
{
public:
    static constexpr std::chrono::seconds stableWindow{60};
    static constexpr std::chrono::seconds panicWindow{6};
    static constexpr double panicThreshold = 2;
    static constexpr double fastestDown = 2;
    static constexpr std::chrono::seconds interval{1}; ///< Between two decisions.

    explicit TargetScaler(ScaleTarget target)
        : m_target(target)
    {}

    void level(Instant now, int inFlight) { m_load.level(now, inFlight); }
    void arrived(Instant now) { m_load.arrived(now); }

    struct Decision
    {
        int workers = 0;
        double load = 0; ///< The mean that decided.
        bool panic = false;
    };
    /// `ready`: workers that can serve now.
    [[nodiscard]] Decision decide(Instant now, int ready);
    [[nodiscard]] const ScaleTarget &target() const { return m_target; }

private:
    [[nodiscard]] double meanOver(Instant now, std::chrono::seconds window);

    ScaleTarget m_target;
    LoadWindow m_load;
    std::optional<Instant> m_panic; ///< When the need was last that great.
    int m_mostInPanic = 0;
};

} // namespace kiln

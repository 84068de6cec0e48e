// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/scaling.h"

#include <optional>

namespace kiln {

/// How many more workers a function may start just now: a bucket that holds BurstLimit::workers and fills evenly over
/// BurstLimit::per. What is not used is not saved up beyond that, as on AWS Lambda.
class BurstRamp
{
public:
    explicit BurstRamp(BurstLimit limit);

    [[nodiscard]] int available(Instant now);
    void take(Instant now);                    ///< One was started.
    [[nodiscard]] Instant nextAt(Instant now); ///< When one may beyond those that are available; later than now.
    [[nodiscard]] const BurstLimit &limit() const { return m_limit; }

private:
    void refill(Instant now);
    [[nodiscard]] double perNanosecond() const;

    BurstLimit m_limit;
    double m_tokens;
    std::optional<Instant> m_filled;
};

} // namespace kiln

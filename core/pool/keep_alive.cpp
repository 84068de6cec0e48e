// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/keep_alive.h"

#include <algorithm>

namespace kiln {

using std::chrono::milliseconds;

namespace {

/// A gap at the very end of a bin is outlasted too, and a little more, since the next one may be later.
constexpr double margin = 1.1;

double seconds(std::chrono::nanoseconds span) { return std::chrono::duration<double>(span).count(); }

} // namespace

milliseconds keepAliveOf(const KeepWarm &keep, const ArrivalHistogram &gaps, const WorkerCost &cost)
{
    if (keep.policy == KeepWarm::Policy::Fixed || gaps.gaps() < keep_alive::fewestGaps ||
        2 * gaps.beyond() > gaps.gaps())
        return keep.time;

    // In seconds of holding this worker's memory.
    const double held = std::max<double>(1, double(cost.memory.count));
    const double startCost = seconds(cost.start) * double(keep_alive::worth.count) / held;

    milliseconds best = keep_alive::shortest;
    double least = 0;
    double outlasted = 0; // by gaps of the bins so far: seconds waited through
    std::uint32_t longer = gaps.gaps();
    for (std::size_t bin = 0; bin < ArrivalHistogram::binCount; ++bin) {
        const double edge = seconds(ArrivalHistogram::upTo(bin));
        outlasted += gaps.count(bin) * edge;
        longer -= gaps.count(bin);
        const double whole = outlasted + longer * (edge * margin + startCost);
        if (bin == 0 || whole < least) {
            least = whole;
            best = std::max(keep_alive::shortest,
                            milliseconds(std::int64_t(double(ArrivalHistogram::upTo(bin).count()) * margin)));
        }
    }
    return best;
}

} // namespace kiln

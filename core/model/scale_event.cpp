// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/scale_event.h"

namespace kiln {

std::string_view toWord(ScaleEvent::What what) { return what == ScaleEvent::What::Started ? "started" : "stopped"; }

std::string_view toWord(ScaleCause cause)
{
    switch (cause) {
    case ScaleCause::Waiting: return "waiting";
    case ScaleCause::Provisioned: return "provisioned";
    case ScaleCause::Target: return "target";
    case ScaleCause::Idle: return "idle";
    case ScaleCause::NewRevision: return "new-revision";
    case ScaleCause::MadeWay: return "made-way";
    case ScaleCause::SingleUse: return "single-use";
    case ScaleCause::ByHand: return "by-hand";
    case ScaleCause::Failed: return "failed";
    case ScaleCause::Ended: return "ended";
    }
    return "?";
}

WorkerCounts fuller(const WorkerCounts &a, const WorkerCounts &b)
{
    if (a.alive() != b.alive())
        return a.alive() > b.alive() ? a : b;
    return a.busy >= b.busy ? a : b;
}

} // namespace kiln

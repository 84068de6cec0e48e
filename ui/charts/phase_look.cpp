// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/phase_look.h"

#include "ui/theme/theme.h"

#include <QCoreApplication>

namespace kiln::ui {

static QString tr(const char *text) { return QCoreApplication::translate("phase", text); }

QString phaseText(std::size_t phase)
{
    switch (phase) {
    case 0: return tr("queue");
    case 1: return tr("sandbox");
    case 2: return tr("runtime");
    case 3: return tr("init");
    case 4: return tr("handler");
    default: return tr("respond");
    }
}

QString phaseExplanation(std::size_t phase)
{
    switch (phase) {
    case 0: return tr("Waiting for a worker");
    case 1: return tr("Making the sandbox");
    case 2: return tr("Starting the language runtime");
    case 3: return tr("Loading your module");
    case 4: return tr("Running your handler");
    default: return tr("Reading the answer and the logs");
    }
}

QColor phaseColour(std::size_t phase)
{
    const Theme &t = theme();
    const QColor colours[phaseCount] = {t.muted, t.cold, t.parked, t.warm, t.ok, t.zygote};
    return colours[phase < phaseCount ? phase : phaseCount - 1];
}

} // namespace kiln::ui

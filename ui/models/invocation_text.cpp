// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/invocation_text.h"

#include "ui/models/plain_text.h"
#include "ui/theme/format.h"

#include <QCoreApplication>

namespace kiln::ui {

static QString tr(const char *text) { return QCoreApplication::translate("invocation", text); }

QString functionNameOf(const Invocation &invocation)
{
    return invocation.revision ? toQString(invocation.revision->settings.name) : QString();
}

QString triggerText(const std::string &kind)
{
    if (kind == "manual")
        return tr("By hand");
    if (kind == "http")
        return tr("HTTP");
    if (kind == "url")
        return tr("URL");
    if (kind == "schedule")
        return tr("Schedule");
    if (kind == "load")
        return tr("Load");
    return toQString(kind);
}

QString shortId(Uuid id) { return idText(id).right(8); }

QString idText(Uuid id) { return toQString(id.text()); }

QString levelText(LogLevel level)
{
    switch (level) {
    case LogLevel::Trace: return tr("Trace");
    case LogLevel::Debug: return tr("Debug");
    case LogLevel::Info: return tr("Info");
    case LogLevel::Warn: return tr("Warn");
    case LogLevel::Error: return tr("Error");
    case LogLevel::Fatal: return tr("Fatal");
    case LogLevel::System: return tr("System");
    }
    Q_UNREACHABLE();
}

WallTime endOf(const Invocation &invocation)
{
    return invocation.accepted + std::chrono::floor<std::chrono::microseconds>(invocation.phases.total());
}

QString sentenceOf(const Invocation &invocation)
{
    const QString start = invocation.worker == 0 ? tr("no worker") : startText(invocation.start).toLower();
    return tr("%1: %2, %3, %4")
        .arg(functionNameOf(invocation), outcomeText(invocation.outcome), start,
             durationText(invocation.phases.total()));
}

} // namespace kiln::ui

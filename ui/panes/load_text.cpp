// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/load_text.h"

#include "ui/theme/format.h"

#include <QCoreApplication>
#include <QStringList>

namespace kiln::ui {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("load", text); }

struct ShapeText
{
    QString operator()(const load::Constant &shape) const { return tr("constant, %1").arg(rateText(shape.rate)); }
    QString operator()(const load::Poisson &shape) const { return tr("Poisson, %1").arg(rateText(shape.rate)); }
    QString operator()(const load::Ramp &shape) const
    {
        return tr("ramp from %1 to %2").arg(rateText(shape.from), rateText(shape.to));
    }
    QString operator()(const load::Spike &shape) const
    {
        return tr("spike of %1 for %2 over %3")
            .arg(rateText(shape.peak), durationText(shape.width), rateText(shape.base));
    }
    QString operator()(const load::Replay &shape) const
    {
        return shape.speed == 1 ? tr("replay") : tr("replay, %L1 times as fast").arg(shape.speed);
    }
    QString operator()(const load::Callers &shape) const
    {
        const QString callers =
            shape.count == 1 ? tr("1 caller that waits") : tr("%L1 callers that wait").arg(shape.count);
        return shape.think.count() == 0 ? callers : tr("%1 and think for %2").arg(callers, durationText(shape.think));
    }
};

} // namespace

QString loadFunctionsText(const LoadPlan &plan)
{
    QStringList names;
    for (const LoadEvent &event : plan.events) {
        if (const QString name = QString::fromStdString(event.function); !names.contains(name))
            names << name;
    }
    if (const auto *replay = std::get_if<load::Replay>(&plan.shape))
        return replay->function.empty() ? tr("all functions") : QString::fromStdString(replay->function);
    return names.join(QStringLiteral(", "));
}

QString loadShapeText(const LoadPlan &plan) { return std::visit(ShapeText(), plan.shape); }

QString loadStateText(const LoadReport &report)
{
    const QString elapsed = durationText(report.elapsed);
    if (report.state == LoadReport::State::Sending)
        return tr("sending, %1 of %2").arg(elapsed, durationText(report.planned));
    if (report.state == LoadReport::State::Draining)
        return report.inFlight == 1 ? tr("waiting for 1 answer")
                                    : tr("waiting for %1 answers").arg(countText(double(report.inFlight)));
    switch (report.end) {
    case LoadReport::End::Whole: return tr("done, %1").arg(elapsed);
    case LoadReport::End::Stopped: return tr("stopped after %1").arg(elapsed);
    case LoadReport::End::Abandoned: return tr("ended after %1: whoever began it is gone").arg(elapsed);
    case LoadReport::End::Engine: return tr("ended after %1 with the engine").arg(elapsed);
    }
    return {};
}

QString loadSummaryText(const LoadReport &report)
{
    const QString counts =
        tr("%1 answered, %2 failed").arg(countText(double(report.answered)), countText(double(report.failed())));
    return report.corrected.count == 0 ? counts : tr("%1, p99 %2").arg(counts, durationText(report.corrected.p99));
}

} // namespace kiln::ui

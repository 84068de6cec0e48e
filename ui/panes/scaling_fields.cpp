// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/scaling_fields.h"

#include "core/base/duration.h"
#include "ui/panes/value_checks.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace kiln::ui {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("scaling", text); }

const QString none = QStringLiteral("none");
const QString lambda = QStringLiteral("lambda");
const QString adaptive = QStringLiteral("adaptive");

std::optional<BurstLimit> parseBurst(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^(\\d{1,6}) *per *(.+)$"));
    const auto match = form.match(text);
    const auto per = match.hasMatch() ? parseDuration(compact(match.captured(2))) : std::nullopt;
    if (!per)
        return std::nullopt;
    return BurstLimit{match.captured(1).toInt(), *per};
}

std::optional<ScaleTarget> parseTarget(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^(concurrency|rate) *(\\d{1,9}(?:\\.\\d{1,6})?)$"));
    const auto match = form.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    return ScaleTarget{match.captured(1) == QLatin1String("rate") ? ScaleTarget::Measure::Rate
                                                                  : ScaleTarget::Measure::Concurrency,
                       match.captured(2).toDouble()};
}

QString wordOf(ScaleTarget::Measure measure)
{
    return measure == ScaleTarget::Measure::Rate ? QStringLiteral("rate") : QStringLiteral("concurrency");
}

} // namespace

QString queueAgeText(const Concurrency &concurrency)
{
    return concurrency.queueAge ? spaced(toText(*concurrency.queueAge)) : none;
}

ValueField::Check queueAgeForm()
{
    return [duration = durationIn(bounds::queueAge)](const QString &text) {
        return text == none ? QString() : duration(text);
    };
}

QString burstText(const Concurrency &concurrency)
{
    if (!concurrency.burst)
        return none;
    if (*concurrency.burst == BurstLimit{})
        return lambda;
    return QStringLiteral("%1 per %2").arg(concurrency.burst->workers).arg(spaced(toText(concurrency.burst->per)));
}

ValueField::Check burstForm()
{
    return [](const QString &text) {
        if (text == none || text == lambda)
            return QString();
        const auto burst = parseBurst(text);
        if (!burst)
            return tr("Expected none, lambda, or such as 50 per 10 s");
        if (!bounds::burstWorkers.holds(burst->workers))
            return tr("Expected 1 to 1,000 workers");
        return bounds::burstPer.holds(burst->per) ? QString() : tr("Expected a time from 100 ms to 1 h");
    };
}

std::string burstYaml(const QString &text)
{
    const auto burst = parseBurst(text);
    if (!burst)
        return text.toStdString();
    return "{workers: " + std::to_string(burst->workers) + ", per: " + toText(burst->per) + "}";
}

QString targetText(const Concurrency &concurrency)
{
    if (!concurrency.target)
        return none;
    return wordOf(concurrency.target->measure) + QLatin1Char(' ') + QString::number(concurrency.target->value);
}

ValueField::Check targetForm(std::function<int()> perWorker)
{
    return [perWorker = std::move(perWorker)](const QString &text) {
        if (text == none)
            return QString();
        const auto target = parseTarget(text);
        if (!target)
            return tr("Expected none, or such as concurrency 0.7 or rate 50");
        if (target->measure == ScaleTarget::Measure::Rate)
            return bounds::targetRate.holds(target->value) ? QString() : tr("Expected a rate from 0.01 to 10,000");
        const int most = perWorker();
        if (bounds::targetConcurrency(most).holds(target->value))
            return QString();
        return most == 1 ? tr("Expected 0.01 to 1: a worker has one invocation at a time")
                         : tr("Expected 0.01 to %1, as many as a worker may have at once").arg(most);
    };
}

std::string targetYaml(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^(concurrency|rate) *(.+)$"));
    const auto match = form.match(text);
    if (!match.hasMatch())
        return text.toStdString();
    return "{" + match.captured(1).toStdString() + ": " + match.captured(2).toStdString() + "}";
}

ValueField::Check perWorkerForm(std::function<const FunctionSettings &()> settings)
{
    return [number = numberIn(bounds::perWorker), settings = std::move(settings)](const QString &text) {
        if (const QString problem = number(text); !problem.isEmpty())
            return problem;
        const int typed = text.toInt();
        const auto &target = settings().concurrency.target;
        if (typed > 1 && settings().reuse == Reuse::Never)
            return tr("Reuse is Never: each invocation gets a worker of its own");
        if (target && target->measure == ScaleTarget::Measure::Concurrency && target->value > typed)
            return tr("The target wants more than that of each worker");
        return QString();
    };
}

QString keepWarmText(const KeepWarm &keep)
{
    return keep.policy == KeepWarm::Policy::Adaptive ? adaptive : spaced(toText(keep.time));
}

ValueField::Check keepWarmForm()
{
    return [duration = durationIn(bounds::keepWarm)](const QString &text) {
        if (text == adaptive)
            return QString();
        const QString problem = duration(text);
        return parseDuration(compact(text)) || problem.isEmpty() ? problem
                                                                 : tr("Expected a duration such as 5 m, or adaptive");
    };
}

} // namespace kiln::ui

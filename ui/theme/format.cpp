// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <cmath>

namespace kiln::ui {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("format", text); }

/// Three significant digits: 1.70, 31.2, 840.
QString significant(double value)
{
    const double magnitude = std::abs(value);
    const int decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
    return QLocale().toString(value, 'f', decimals);
}

QDateTime local(WallTime time)
{
    return QDateTime::fromMSecsSinceEpoch(
        std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
}

} // namespace

QString durationText(std::chrono::nanoseconds duration) { return millisecondsText(double(duration.count()) / 1e6); }

QString millisecondsText(double milliseconds)
{
    if (milliseconds < 0.9995)
        return tr("%1 µs").arg(QLocale().toString(std::round(milliseconds * 1000), 'f', 0));
    if (milliseconds < 999.5)
        return tr("%1 ms").arg(significant(milliseconds));
    if (milliseconds < 119'950)
        return tr("%1 s").arg(significant(milliseconds / 1000));
    const auto seconds = std::llround(milliseconds / 1000);
    if (seconds < 7200)
        return tr("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
    const auto minutes = seconds / 60;
    if (minutes < 48 * 60)
        return tr("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
    return tr("%1 d %2 h").arg(minutes / 1440).arg(minutes / 60 % 24);
}

QString countText(double count)
{
    if (count < 9'999.5)
        return QLocale().toString(count, 'f', count == std::floor(count) || count >= 99.95 ? 0 : 1);
    if (count < 999'500)
        return tr("%1 k").arg(significant(count / 1e3));
    if (count < 999.5e6)
        return tr("%1 M").arg(significant(count / 1e6));
    return tr("%1 G").arg(significant(count / 1e9));
}

QString rateText(double perSecond) { return tr("%1/s").arg(countText(perSecond)); }

QString sizeText(ByteSize size)
{
    const double bytes = double(size.count);
    if (bytes < 1024)
        return tr("%1 B").arg(size.count);
    if (bytes < 1023.5 * 1024)
        return tr("%1 KB").arg(significant(bytes / 1024));
    if (bytes < 1023.5 * 1024 * 1024)
        return tr("%1 MB").arg(significant(bytes / (1024 * 1024)));
    return tr("%1 GB").arg(significant(bytes / (1024.0 * 1024 * 1024)));
}

QString clockText(WallTime time) { return local(time).toString(QStringLiteral("HH:mm:ss.zzz")); }

QString momentText(WallTime time)
{
    const QDateTime moment = local(time);
    if (moment.date() == QDate::currentDate())
        return clockText(time);
    return QLocale().toString(moment, moment.date().year() == QDate::currentDate().year()
                                          ? QStringLiteral("d MMM HH:mm:ss")
                                          : QStringLiteral("d MMM yyyy HH:mm"));
}

QString dateTimeText(WallTime time) { return QLocale().toString(local(time), QLocale::ShortFormat); }

QString untilText(WallTime then, WallTime now)
{
    using namespace std::chrono;
    const auto seconds = ceil<std::chrono::seconds>(then - now).count();
    if (seconds <= 0)
        return tr("now");
    if (seconds < 120)
        return tr("in %1 s").arg(seconds);
    if (seconds < 7'200)
        return tr("in %1 min").arg(seconds / 60);
    if (seconds < 172'800)
        return tr("in %1 h").arg(seconds / 3'600);
    return tr("in %1 d").arg(seconds / 86'400);
}

QString outcomeText(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Ok: return tr("OK");
    case Outcome::HandlerError: return tr("Handler error");
    case Outcome::InitError: return tr("Init error");
    case Outcome::TimedOut: return tr("Timed out");
    case Outcome::OutOfMemory: return tr("Out of memory");
    case Outcome::Crashed: return tr("Crashed");
    case Outcome::Blocked: return tr("Blocked");
    case Outcome::Throttled: return tr("Throttled");
    case Outcome::Cancelled: return tr("Cancelled");
    }
    Q_UNREACHABLE();
}

QString startText(Start start)
{
    switch (start) {
    case Start::Cold: return tr("Cold");
    case Start::Parked: return tr("Parked");
    case Start::Zygote: return tr("Zygote");
    case Start::Warm: return tr("Warm");
    }
    Q_UNREACHABLE();
}

QString tierText(Tier tier)
{
    switch (tier) {
    case Tier::Full: return tr("full");
    case Tier::SoftMemory: return tr("soft memory limit");
    case Tier::Reduced: return tr("reduced");
    case Tier::None: return tr("none");
    }
    Q_UNREACHABLE();
}

} // namespace kiln::ui

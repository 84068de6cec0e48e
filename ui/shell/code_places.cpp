// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/code_places.h"

#include <QRegularExpression>

#include <algorithm>

namespace kiln::ui {

namespace {

constexpr std::size_t mostFrames = 200;

std::optional<std::pair<QString, int>> placeIn(const QString &frame)
{
    static const QRegularExpression python(QStringLiteral("File \"/var/task/([^\"]+)\", line (\\d+)"));
    static const QRegularExpression node(QStringLiteral("/var/task/([^\\s():]+):(\\d+)"));
    for (const QRegularExpression &form : {python, node}) {
        if (const auto match = form.match(frame); match.hasMatch())
            return std::pair(match.captured(1), match.captured(2).toInt());
    }
    return std::nullopt;
}

} // namespace

std::vector<CodePlace> placesOf(const Invocation &invocation)
{
    std::vector<CodePlace> places;
    if (!invocation.error || !invocation.revision)
        return places;
    const QString message = QString::fromStdString(invocation.error.type + ": " + invocation.error.message);
    const QString function = QString::fromStdString(invocation.revision->settings.name);
    const auto &stack = invocation.error.stack;
    for (std::size_t i = 0; i < std::min(stack.size(), mostFrames); ++i) {
        if (const auto place = placeIn(QString::fromStdString(stack[i])))
            places.push_back({function, place->first, place->second, message});
    }
    std::reverse(places.begin(), places.end());
    std::vector<CodePlace> unique;
    for (CodePlace &place : places) {
        if (std::find(unique.begin(), unique.end(), place) == unique.end())
            unique.push_back(std::move(place));
    }
    return unique;
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/stack_frame.h"

#include "ui/models/plain_text.h"

#include <QRegularExpression>
#include <QUrl>

namespace kiln::ui {

static std::optional<CodePlace> inTask(const QString &file, const QString &line)
{
    const QString clean = QUrl::fromPercentEncoding(file.toUtf8());
    // Names come from a function's output: nothing above the folder may be asked for.
    if (clean.isEmpty() || clean.startsWith(QLatin1Char('/')) || clean.contains(QStringLiteral("..")))
        return std::nullopt;
    return CodePlace{clean, line.toInt()};
}

std::optional<CodePlace> placeInFrame(std::string_view frame)
{
    static const QRegularExpression python(QStringLiteral("File \"/var/task/([^\"]+)\", line (\\d+)"));
    static const QRegularExpression node(QStringLiteral("(?:^|[\\s(])(?:file://)?/var/task/([^\\s():]+):(\\d+)"));
    const QString text = toQString(frame.substr(0, 2000));
    for (const QRegularExpression *form : {&python, &node}) {
        const auto match = form->match(text);
        if (match.hasMatch())
            return inTask(match.captured(1), match.captured(2));
    }
    return std::nullopt;
}

std::optional<CodePlace> placeOf(std::string_view place)
{
    static const QRegularExpression form(QStringLiteral("^(?:/var/task/)?([^:]+):(\\d+)$"));
    const auto match = form.match(toQString(place.substr(0, 2000)));
    return match.hasMatch() ? inTask(match.captured(1), match.captured(2)) : std::nullopt;
}

} // namespace kiln::ui

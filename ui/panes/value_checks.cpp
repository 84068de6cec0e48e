// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/value_checks.h"

#include "core/base/duration.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace kiln::ui {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("checks", text); }

} // namespace

std::string compact(const QString &text)
{
    QString packed = text;
    return packed.remove(QLatin1Char(' ')).toStdString();
}

QString spaced(const std::string &text)
{
    QString shown = QString::fromStdString(text);
    static const QRegularExpression border(QStringLiteral("(\\d)([A-Za-z])"));
    return shown.replace(border, QStringLiteral("\\1 \\2"));
}

ValueField::Check sizeIn(Bounds<ByteSize> bounds)
{
    return [=](const QString &text) {
        const auto size = parseByteSize(compact(text));
        if (!size)
            return tr("Expected a size such as 256 MB");
        if (!bounds.holds(*size))
            return tr("Expected %1 to %2").arg(spaced(toText(bounds.least)), spaced(toText(bounds.most)));
        return QString();
    };
}

ValueField::Check durationOrNever(Bounds<std::chrono::milliseconds> bounds)
{
    return [check = durationIn(bounds)](const QString &text) {
        return text.trimmed() == QLatin1String("never") ? QString() : check(text);
    };
}

ValueField::Check durationIn(Bounds<std::chrono::milliseconds> bounds)
{
    return [=](const QString &text) {
        const auto duration = parseDuration(compact(text));
        if (!duration)
            return tr("Expected a duration such as 3 s or 5 m");
        if (!bounds.holds(*duration))
            return tr("Expected %1 to %2").arg(spaced(toText(bounds.least)), spaced(toText(bounds.most)));
        return QString();
    };
}

ValueField::Check numberIn(Bounds<int> bounds)
{
    return [=](const QString &text) {
        bool number = false;
        const int value = text.toInt(&number);
        const bool good = number && bounds.holds(value);
        return good ? QString() : tr("Expected a whole number, %L1 to %L2").arg(bounds.least).arg(bounds.most);
    };
}

ValueField::Check handlerForm(std::function<Language()> language)
{
    return [language = std::move(language)](const QString &text) {
        if (isHandlerOf(language(), text.toStdString()))
            return QString();
        switch (language()) {
        case Language::Custom: return tr("Expected a word without blanks, such as function.handler");
        case Language::Exec: return tr("Expected a file in the function's folder, such as ./main.sh");
        default: return tr("Expected file.function, such as handler.handler");
        }
    };
}

ValueField::Check variableName()
{
    return [](const QString &text) {
        if (!isVariableName(text.toStdString()))
            return tr("Expected letters, digits and _");
        return isReservedVariable(text.toStdString()) ? tr("This name is set by the runtime") : QString();
    };
}

ValueField::Check functionName()
{
    return [](const QString &text) {
        return isFunctionName(text.toStdString()) ? QString()
                                                  : tr("Expected a letter, then up to 63 letters, digits, _ and -");
    };
}

} // namespace kiln::ui

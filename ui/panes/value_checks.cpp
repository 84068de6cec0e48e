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

ValueField::Check sizeBetween(ByteSize least, ByteSize most)
{
    return [=](const QString &text) {
        const auto size = parseByteSize(compact(text));
        if (!size)
            return tr("Expected a size such as 256 MB");
        if (*size < least || *size > most)
            return tr("Expected %1 to %2").arg(spaced(toText(least)), spaced(toText(most)));
        return QString();
    };
}

ValueField::Check durationBetween(std::chrono::milliseconds least, std::chrono::milliseconds most)
{
    return [=](const QString &text) {
        const auto duration = parseDuration(compact(text));
        if (!duration)
            return tr("Expected a duration such as 3 s or 5 m");
        if (*duration < least || *duration > most)
            return tr("Expected %1 to %2").arg(spaced(toText(least)), spaced(toText(most)));
        return QString();
    };
}

ValueField::Check numberBetween(int least, int most)
{
    return [=](const QString &text) {
        bool number = false;
        const int value = text.toInt(&number);
        const bool good = number && value >= least && value <= most;
        return good ? QString() : tr("Expected a whole number, %L1 to %L2").arg(least).arg(most);
    };
}

ValueField::Check handlerForm()
{
    return [](const QString &text) {
        static const QRegularExpression form(
            QStringLiteral("^(?!/)(?!.*(//|\\.\\.))([\\w$./-]+/)?[\\w$-]+(\\.[\\w$-]+)+$"));
        return form.match(text).hasMatch() ? QString() : tr("Expected file.function, such as handler.handler");
    };
}

ValueField::Check variableName()
{
    return [](const QString &text) {
        static const QRegularExpression form(QStringLiteral("^[A-Za-z_][A-Za-z0-9_]*$"));
        static const QRegularExpression reserved(
            QStringLiteral("^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_ACCESS_KEY(_ID)?|"
                           "AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_.*|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|KILN_"
                           ".*)$"));
        if (!form.match(text).hasMatch())
            return tr("Expected letters, digits and _");
        return reserved.match(text).hasMatch() ? tr("This name is set by the runtime") : QString();
    };
}

ValueField::Check functionName()
{
    return [](const QString &text) {
        static const QRegularExpression form(QStringLiteral("^[A-Za-z][A-Za-z0-9_-]{0,63}$"));
        return form.match(text).hasMatch() ? QString()
                                           : tr("Expected a letter, then up to 63 letters, digits, _ and -");
    };
}

} // namespace kiln::ui

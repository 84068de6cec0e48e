// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/event_file.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace kiln::ui {

namespace {

constexpr qint64 mostBytes = 32LL << 20;

QString tr(const char *text) { return QCoreApplication::translate("TestEvents", text); }

} // namespace

Result<QByteArray> readTestEvent(const std::filesystem::path &functionFolder, const QString &name)
{
    const std::string place = "events/" + name.toStdString();
    if (const QString problem = eventNameProblem(name); !problem.isEmpty())
        return fail(Error::Code::InvalidArgument, problem.toStdString(), place);
    const QString path = QString::fromStdString((functionFolder / place).string());
    if (!QFileInfo(path).isFile())
        return fail(Error::Code::NotFound, tr("there is no such file").toStdString(), place);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::Code::Io, file.errorString().toStdString(), place);
    const QByteArray bytes = file.read(mostBytes + 1); // the size may change meanwhile
    if (bytes.size() > mostBytes)
        return fail(Error::Code::LimitExceeded, tr("a test event has at most 32 MB").toStdString(), place);
    return bytes;
}

QString eventNameProblem(const QString &name)
{
    if (name.isEmpty())
        return tr("a name is missing");
    if (name.startsWith(QLatin1Char('.')))
        return tr("a name does not begin with a dot");
    if (name.contains(QLatin1Char('/')))
        return tr("a name has no / in it");
    if (name.toUtf8().size() > 200)
        return tr("a name has at most 200 bytes");
    const bool printable =
        std::all_of(name.begin(), name.end(), [](QChar c) { return c.isPrint() || c.isSurrogate(); });
    return printable ? QString() : tr("a name has only printable characters");
}

QString freeEventName(const QString &wanted, const QStringList &taken)
{
    const qsizetype dot = wanted.lastIndexOf(QLatin1Char('.'));
    const QString base = dot > 0 ? wanted.left(dot) : wanted;
    const QString ending = dot > 0 ? wanted.mid(dot) : QStringLiteral(".json");
    QString name = base + ending;
    for (int n = 2; taken.contains(name); ++n)
        name = QStringLiteral("%1-%2%3").arg(base).arg(n).arg(ending);
    return name;
}

} // namespace kiln::ui

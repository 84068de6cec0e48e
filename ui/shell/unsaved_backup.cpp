// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/unsaved_backup.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QSaveFile>

namespace kiln::ui {

namespace {

constexpr int delayMilliseconds = 1'500;

QString hashOf(const QString &text)
{
    return QString::fromLatin1(QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha1).toHex());
}

} // namespace

UnsavedBackup::UnsavedBackup(const QString &folder, QObject *parent)
    : QObject(parent)
    , m_folder(folder)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(delayMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &UnsavedBackup::flush);
}

QString UnsavedBackup::folderOf(const QString &workspace)
{
    QString state = qEnvironmentVariable("XDG_STATE_HOME");
    if (state.isEmpty())
        state = QDir::homePath() + QStringLiteral("/.local/state");
    return state + QStringLiteral("/kiln/unsaved/") + hashOf(workspace).left(16);
}

QString UnsavedBackup::fileOf(const QString &path) const { return m_folder + QLatin1Char('/') + hashOf(path); }

void UnsavedBackup::touch(const QString &path, std::function<QString()> text)
{
    m_due.insert(path, std::move(text));
    if (!m_timer.isActive()) // the first change counts, or steady typing would never be written
        m_timer.start();
}

void UnsavedBackup::flush()
{
    if (m_due.isEmpty())
        return;
    QDir().mkpath(m_folder);
    QFile::setPermissions(m_folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    for (auto it = m_due.cbegin(); it != m_due.cend(); ++it) {
        QSaveFile file(fileOf(it.key()));
        if (!file.open(QIODevice::WriteOnly))
            continue; // the next change tries again
        // The path on the first line, the text after it.
        file.write(it.key().toUtf8() + '\n' + it.value()().toUtf8());
        file.commit();
    }
    m_due.clear();
}

void UnsavedBackup::forget(const QString &path)
{
    m_due.remove(path);
    QFile::remove(fileOf(path));
}

std::vector<UnsavedBackup::Entry> UnsavedBackup::left() const
{
    std::vector<Entry> entries;
    for (const QString &name : QDir(m_folder).entryList(QDir::Files)) {
        QFile file(m_folder + QLatin1Char('/') + name);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QByteArray bytes = file.readAll();
        const qsizetype end = bytes.indexOf('\n');
        const QString path = QString::fromUtf8(bytes.left(std::max<qsizetype>(end, 0)));
        if (end > 0 && fileOf(path).endsWith(name)) // half a file names no path
            entries.push_back({path, QString::fromUtf8(bytes.mid(end + 1))});
    }
    return entries;
}

} // namespace kiln::ui

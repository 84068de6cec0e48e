// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/document_file.h"

#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QTimer>

namespace kiln::ui {

namespace {

/// Editors write in several steps; looking a moment later sees the whole.
constexpr int settleMilliseconds = 50;

} // namespace

DocumentFile::DocumentFile(const QString &path, QObject *parent)
    : QObject(parent)
    , m_path(path)
{
    const auto lookSoon = [this] { QTimer::singleShot(settleMilliseconds, this, &DocumentFile::look); };
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, lookSoon);
    // A file that is replaced by renaming another one over it is gone for the watcher; its folder tells.
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, lookSoon);
}

DocumentFile::Loaded DocumentFile::load()
{
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly))
        return {{}, tr("%1 cannot be read: %2").arg(m_path, file.errorString())};
    if (file.size() > largest)
        return {{}, tr("%1 is larger than 20 MB and is not opened for editing").arg(m_path)};
    const QByteArray bytes = file.read(largest + 1);
    if (bytes.contains('\0'))
        return {{}, tr("%1 is not text and is not opened for editing").arg(m_path)};
    m_known = bytes;
    m_there = true;
    m_watcher.addPaths({m_path, QFileInfo(m_path).absolutePath()});
    return {bytes, {}};
}

QString DocumentFile::save(const QByteArray &bytes)
{
    QSaveFile file(m_path);
    file.setDirectWriteFallback(true); // a writable file in a folder that is not
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return tr("%1 was not saved: %2").arg(m_path, file.errorString());
    m_known = bytes;
    m_there = true;
    m_watcher.addPaths({m_path, QFileInfo(m_path).absolutePath()});
    return {};
}

void DocumentFile::look()
{
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly)) {
        if (m_there && !QFileInfo::exists(m_path)) {
            m_there = false;
            Q_EMIT removed();
        }
        return;
    }
    if (!m_watcher.files().contains(m_path))
        m_watcher.addPath(m_path);
    m_there = true;
    if (file.size() != m_known.size() || file.readAll() != m_known)
        Q_EMIT changedOutside();
}

} // namespace kiln::ui

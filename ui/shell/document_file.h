// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFileSystemWatcher>
#include <QObject>
#include <QString>

namespace kiln::ui {

/// One text file on disk behind an open document. The disk is the truth: a change by another program is told. GUI
/// thread.
class DocumentFile : public QObject
{
    Q_OBJECT

public:
    /// Larger files are not opened for editing.
    static constexpr qint64 largest = 20 * 1024 * 1024;

    explicit DocumentFile(const QString &path, QObject *parent = nullptr);

    struct Loaded
    {
        QByteArray bytes;
        QString problem; ///< Why it cannot be edited; empty when it can.
    };
    [[nodiscard]] Loaded load();
    /// Replaces the file as a whole. Returns what went wrong, as a sentence; empty when it was saved.
    [[nodiscard]] QString save(const QByteArray &bytes);

    [[nodiscard]] QString path() const { return m_path; }

Q_SIGNALS:
    void changedOutside();
    void removed();

private:
    void look();

    QString m_path;
    QByteArray m_known; ///< Its bytes as last read or written here.
    bool m_there = false;
    QFileSystemWatcher m_watcher;
};

} // namespace kiln::ui

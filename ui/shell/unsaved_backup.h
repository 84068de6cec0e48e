// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QTimer>

#include <functional>
#include <vector>

namespace kiln::ui {

/// Keeps what is typed and not saved in the XDG state folder, at most two seconds behind, so that it survives a killed
/// process. GUI thread.
class UnsavedBackup : public QObject
{
    Q_OBJECT

public:
    struct Entry
    {
        QString path;
        QString text;
    };

    /// `folder` holds the backups of one workspace; folderOf() except in tests.
    explicit UnsavedBackup(const QString &folder, QObject *parent = nullptr);
    [[nodiscard]] static QString folderOf(const QString &workspace);

    /// The document at `path` has unsaved changes; `text` is asked when it is time to write them.
    void touch(const QString &path, std::function<QString()> text);
    /// Saved, closed or given up: nothing of it needs to be kept.
    void forget(const QString &path);

    /// What an earlier process left behind.
    [[nodiscard]] std::vector<Entry> left() const;
    void flush(); ///< Writes what is due now.

private:
    [[nodiscard]] QString fileOf(const QString &path) const;

    QString m_folder;
    QTimer m_timer;
    QHash<QString, std::function<QString()>> m_due;
};

} // namespace kiln::ui

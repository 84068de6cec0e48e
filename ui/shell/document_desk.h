// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "ui/editor/code_mark.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <vector>

namespace kiln::ui {

class CodeDocument;
class CodeEditor;
class Documents;
class UnsavedBackup;

enum class AfterGrant;

/// Opens files and invocations as tabs, and minds what is not saved. GUI thread.
class DocumentDesk : public QObject
{
    Q_OBJECT

public:
    /// `backupFolder` is where unsaved text is kept against a killed process.
    DocumentDesk(Documents &documents, const QString &backupFolder, QObject *parent = nullptr);
    ~DocumentDesk() override;

    [[nodiscard]] static QString keyOf(const QString &path) { return QStringLiteral("file:") + path; }

    void openFile(const QString &path, const QString &title, int line = 0);
    void openInvocation(const InvocationPtr &invocation);
    /// What is typed and not saved at that path; nullopt when there is nothing.
    [[nodiscard]] std::optional<QString> unsavedText(const QString &path) const;

    [[nodiscard]] CodeEditor *currentEditor() const; ///< Null when the current document is none.
    void saveCurrent();
    void saveAll();
    void discardAll();              ///< Gives up what is not saved; the documents stay open.
    void close(const QString &key); ///< Asks in the document when something is not saved.
    void closeCurrent();
    [[nodiscard]] QStringList unsaved() const; ///< Names of the documents.

    /// Where a file's code is wrong, as marks of its lines; asked for each file that is opened.
    void setMarks(std::function<std::vector<CodeMark>(const QString &path)> marks) { m_marks = std::move(marks); }
    /// Facts above the text of the current document.
    void showInfo(const std::function<QString(const QString &path)> &infoOf);
    void refreshMarks(); ///< Of all open files.

    /// Unsaved text of an earlier process, offered back.
    [[nodiscard]] int leftBehind() const;
    void restoreLeftBehind(const std::function<QString(const QString &path)> &titleOf);
    void discardLeftBehind();

Q_SIGNALS:
    void saved(const QString &path);
    void markActivated(const QString &path);
    /// From an open invocation: a line of its function's code.
    void sourceRequested(const QString &function, const QString &file, int line);
    void fireAgainRequested(const kiln::InvocationPtr &invocation);
    void grantRequested(const kiln::InvocationPtr &invocation, const QStringList &grants, kiln::ui::AfterGrant then);

private:
    [[nodiscard]] CodeDocument *codeAt(const QString &key) const;
    [[nodiscard]] QList<CodeDocument *> allCode() const;
    void markErrors(CodeDocument &document);

    Documents &m_documents;
    UnsavedBackup *const m_backup;
    std::function<std::vector<CodeMark>(const QString &)> m_marks;
};

} // namespace kiln::ui

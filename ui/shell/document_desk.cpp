// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/document_desk.h"

#include "ui/editor/code_editor.h"
#include "ui/panes/invocation_view.h"
#include "ui/shell/code_document.h"
#include "ui/shell/documents.h"
#include "ui/shell/unsaved_backup.h"
#include "ui/theme/format.h"

#include <QFileInfo>

namespace kiln::ui {

DocumentDesk::DocumentDesk(Documents &documents, const QString &backupFolder, QObject *parent)
    : QObject(parent)
    , m_documents(documents)
    , m_backup(new UnsavedBackup(backupFolder, this))
{
    connect(&m_documents, &Documents::closeRequested, this, &DocumentDesk::close);
}

DocumentDesk::~DocumentDesk() = default;

CodeDocument *DocumentDesk::codeAt(const QString &key) const
{
    return qobject_cast<CodeDocument *>(m_documents.document(key));
}

QList<CodeDocument *> DocumentDesk::allCode() const
{
    QList<CodeDocument *> all;
    for (const QString &key : m_documents.keys()) {
        if (CodeDocument *document = codeAt(key))
            all << document;
    }
    return all;
}

void DocumentDesk::openFile(const QString &path, const QString &title, int line)
{
    const QString key = keyOf(path);
    CodeDocument *document = codeAt(key);
    if (!document) {
        document = new CodeDocument(path);
        connect(document, &CodeDocument::modifiedChanged, this, [this, key, path](bool modified) {
            m_documents.setModified(key, modified);
            if (!modified)
                m_backup->forget(path);
        });
        connect(document, &CodeDocument::contentChanged, this, [this, document, path] {
            if (document->isModified())
                m_backup->touch(path, [document] { return document->text(); });
        });
        connect(document->editor(), &CodeEditor::markActivated, this, [this, path] { Q_EMIT markActivated(path); });
        connect(document, &CodeDocument::saved, this, [this, path] { Q_EMIT saved(path); });
        connect(document, &CodeDocument::closing, this, [this, key, path] {
            m_backup->forget(path);
            m_documents.close(key);
        });
        const bool event = path.endsWith(QStringLiteral(".json"));
        m_documents.add(key, document, title, event ? QStringLiteral("event") : QStringLiteral("code"),
                        Documents::Closing::Allowed);
        m_documents.setTip(key, path);
        markErrors(*document);
    }
    m_documents.activate(key);
    if (line > 0)
        document->editor()->goToLine(line);
    document->setFocus();
}

void DocumentDesk::openInvocation(const InvocationPtr &invocation)
{
    if (!invocation)
        return;
    const QString id = QString::fromStdString(invocation->id.text());
    const QString key = QStringLiteral("invocation:") + id;
    if (!m_documents.has(key)) {
        auto *view = new InvocationView;
        view->setInvocation(invocation);
        const QString function =
            invocation->revision ? QString::fromStdString(invocation->revision->settings.name) : QString();
        connect(view, &InvocationView::sourceRequested, this,
                [this, function](const QString &file, int line) { Q_EMIT sourceRequested(function, file, line); });
        connect(view, &InvocationView::fireAgainRequested, this, &DocumentDesk::fireAgainRequested);
        connect(view, &InvocationView::grantRequested, this, &DocumentDesk::grantRequested);
        // The last digits tell invocations of one moment apart; the first are their time.
        m_documents.add(key, view, tr("%1 %2").arg(function, id.right(6)), QStringLiteral("invocations"),
                        Documents::Closing::Allowed);
        m_documents.setTip(key, tr("Invocation %1, %2").arg(id, dateTimeText(invocation->accepted)));
    }
    m_documents.activate(key);
}

std::optional<QString> DocumentDesk::unsavedText(const QString &path) const
{
    const CodeDocument *document = codeAt(keyOf(path));
    return document && document->isModified() ? std::optional(document->text()) : std::nullopt;
}

CodeEditor *DocumentDesk::currentEditor() const
{
    const CodeDocument *document = codeAt(m_documents.currentKey());
    return document ? document->editor() : nullptr;
}

void DocumentDesk::saveCurrent()
{
    if (CodeDocument *document = codeAt(m_documents.currentKey()))
        document->save();
}

void DocumentDesk::saveAll()
{
    for (CodeDocument *document : allCode()) {
        if (document->isModified())
            document->save();
    }
}

void DocumentDesk::discardAll()
{
    for (CodeDocument *document : allCode()) {
        if (document->isModified())
            document->editor()->setModified(false);
    }
}

void DocumentDesk::close(const QString &key)
{
    if (CodeDocument *document = codeAt(key)) {
        m_documents.activate(key);
        document->askBeforeClosing();
    } else if (key.startsWith(QStringLiteral("invocation:"))) {
        m_documents.close(key);
    }
}

void DocumentDesk::closeCurrent() { close(m_documents.currentKey()); }

QStringList DocumentDesk::unsaved() const
{
    QStringList names;
    for (const CodeDocument *document : allCode()) {
        if (document->isModified())
            names << QFileInfo(document->path()).fileName();
    }
    return names;
}

void DocumentDesk::markErrors(CodeDocument &document)
{
    if (m_marks)
        document.editor()->markErrors(m_marks(document.path()));
}

void DocumentDesk::showInfo(const std::function<QString(const QString &)> &infoOf)
{
    if (const CodeDocument *document = codeAt(m_documents.currentKey()))
        document->editor()->setInfo(infoOf(document->path()));
}

void DocumentDesk::refreshMarks()
{
    for (CodeDocument *document : allCode())
        markErrors(*document);
}

int DocumentDesk::leftBehind() const { return int(m_backup->left().size()); }

void DocumentDesk::restoreLeftBehind(const std::function<QString(const QString &)> &titleOf)
{
    for (const UnsavedBackup::Entry &entry : m_backup->left()) {
        openFile(entry.path, titleOf(entry.path));
        codeAt(keyOf(entry.path))->restoreText(entry.text);
    }
}

void DocumentDesk::discardLeftBehind()
{
    for (const UnsavedBackup::Entry &entry : m_backup->left())
        m_backup->forget(entry.path);
}

} // namespace kiln::ui

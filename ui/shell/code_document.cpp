// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/code_document.h"

#include "ui/editor/code_editor.h"
#include "ui/editor/json_editor.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/document_file.h"

#include <QAction>
#include <QFileInfo>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

CodeEditor *editorFor(const QString &path, QWidget *parent)
{
    if (path.endsWith(QStringLiteral(".json"), Qt::CaseInsensitive))
        return new JsonEditor(parent);
    return new CodeEditor(parent);
}

const QString outside = QStringLiteral("outside");
const QString problem = QStringLiteral("problem");
const QString unsaved = QStringLiteral("unsaved");

} // namespace

CodeDocument::CodeDocument(const QString &path, QWidget *parent)
    : QWidget(parent)
    , m_file(new DocumentFile(path, this))
    , m_banners(new BannerBar(this))
    , m_editor(editorFor(path, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(m_banners);
    layout->addWidget(m_editor, 1);
    setFocusProxy(m_editor);
    // These are the window's too, for whichever document is current; one key must not mean two actions.
    for (QAction *action : m_editor->actions()) {
        if (QStringList{QStringLiteral("editor.save"), QStringLiteral("editor.find"), QStringLiteral("editor.replace"),
                        QStringLiteral("editor.goToLine")}
                .contains(action->objectName()))
            action->setShortcuts(QList<QKeySequence>());
    }

    connect(m_editor, &CodeEditor::modifiedChanged, this, &CodeDocument::modifiedChanged);
    connect(m_editor, &CodeEditor::contentChanged, this, &CodeDocument::contentChanged);
    connect(m_editor, &CodeEditor::saveRequested, this, &CodeDocument::save);
    connect(m_file, &DocumentFile::changedOutside, this, &CodeDocument::changedOutside);
    connect(m_file, &DocumentFile::removed, this, [this] {
        m_banners->setBanner(outside,
                             {BannerBar::Tone::Warning, tr("This file was deleted. Save writes it again."), {}});
    });
    connect(m_banners, &BannerBar::actionTriggered, this, &CodeDocument::runBanner);
    load();
}

void CodeDocument::load()
{
    const DocumentFile::Loaded loaded = m_file->load();
    m_editor->setBytes(loaded.bytes, QFileInfo(path()).fileName());
    if (loaded.problem.isEmpty())
        return;
    m_editor->setReadOnly(true);
    m_banners->setBanner(problem, {BannerBar::Tone::Error, loaded.problem, {}, false});
}

QString CodeDocument::path() const { return m_file->path(); }

bool CodeDocument::isModified() const { return m_editor->isModified(); }

QString CodeDocument::text() const { return m_editor->text(); }

void CodeDocument::restoreText(const QString &text) { m_editor->setText(text); }

bool CodeDocument::save()
{
    if (m_editor->isReadOnly())
        return false;
    const QString wrong = m_file->save(m_editor->bytes());
    if (!wrong.isEmpty()) {
        m_banners->setBanner(problem, {BannerBar::Tone::Error, wrong, {}});
        return false;
    }
    m_banners->clearBanner(problem);
    m_banners->clearBanner(outside);
    m_banners->clearBanner(unsaved);
    m_editor->setModified(false);
    Q_EMIT saved();
    return true;
}

void CodeDocument::changedOutside()
{
    if (isModified()) {
        m_banners->setBanner(outside, {BannerBar::Tone::Warning,
                                       tr("This file was changed by another program, and here as well."),
                                       {tr("Reload"), tr("Keep Mine")},
                                       false});
        return;
    }
    const DocumentFile::Loaded loaded = m_file->load();
    if (!loaded.problem.isEmpty()) {
        m_banners->setBanner(problem, {BannerBar::Tone::Error, loaded.problem, {}});
        return;
    }
    m_banners->clearBanner(outside);
    m_editor->setText(QString::fromUtf8(loaded.bytes));
    if (m_editor->bytes() != loaded.bytes) // bytes that are no UTF-8 cannot be a step to undo
        m_editor->setBytes(loaded.bytes, QFileInfo(path()).fileName());
    m_editor->setModified(false);
}

void CodeDocument::askBeforeClosing()
{
    if (!isModified()) {
        Q_EMIT closing();
        return;
    }
    m_banners->clearBanner(unsaved); // asked again, even if it was waved aside before
    m_banners->setBanner(unsaved, {BannerBar::Tone::Warning,
                                   tr("%1 has changes that are not saved.").arg(QFileInfo(path()).fileName()),
                                   {tr("Save"), tr("Discard")},
                                   true});
    m_banners->focusBanner(unsaved);
}

void CodeDocument::runBanner(const QString &id, int action)
{
    m_banners->clearBanner(id);
    if (id == unsaved) {
        if (action == 1 || save())
            Q_EMIT closing();
    } else if (id == outside && action == 0) {
        m_editor->setModified(false);
        changedOutside();
    }
}

} // namespace kiln::ui

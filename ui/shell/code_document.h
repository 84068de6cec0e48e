// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

namespace kiln::ui {

class BannerBar;
class CodeEditor;
class DocumentFile;

/// An open file: the editor, the file behind it, and lines above it for what happens to that file meanwhile.
class CodeDocument : public QWidget
{
    Q_OBJECT

public:
    explicit CodeDocument(const QString &path, QWidget *parent = nullptr);

    [[nodiscard]] QString path() const;
    [[nodiscard]] CodeEditor *editor() const { return m_editor; }
    [[nodiscard]] bool isModified() const;
    [[nodiscard]] QString text() const;
    /// Unsaved text of an earlier process: shown as a change that is not saved.
    void restoreText(const QString &text);
    /// Returns whether it is on disk now; when not, a line says why.
    bool save();
    /// Asks in a line above the text what to do with the changes; closing() follows when it may go.
    void askBeforeClosing();

Q_SIGNALS:
    void modifiedChanged(bool modified);
    void contentChanged();
    void saved();
    void closing(); ///< It may be closed: nothing is unsaved, or the user gave it up.

private:
    void load();
    void changedOutside();
    void runBanner(const QString &id, int action);

    DocumentFile *const m_file;
    BannerBar *const m_banners;
    CodeEditor *m_editor = nullptr;
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/edit.h"

#include <QByteArray>
#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace kiln::ui {

class JsonEditor;

/// One test event as a document: its name, its data as JSON, save and fire. What is not JSON is said, and may still be
/// saved and fired: a function may take any bytes. Knows no files and no engine. GUI thread.
class EventEditor : public QWidget
{
    Q_OBJECT

public:
    explicit EventEditor(QWidget *parent = nullptr);

    /// An event that is on disk: unmodified, its name fixed.
    void setEvent(const QString &function, const QString &name, const QByteArray &data);
    /// A new one: unsaved, its name still to be chosen.
    void setDraft(const QString &function, const QString &name, const QByteArray &data);
    /// What saveRequested asked for is on disk.
    void setSaved();
    /// The file was changed outside; one step to undo. Keeps what is unsaved when there is something.
    void setDataFromDisk(const QByteArray &data);

    [[nodiscard]] QString function() const { return m_function; }
    [[nodiscard]] QString name() const;
    [[nodiscard]] QByteArray data() const;
    [[nodiscard]] bool isDraft() const { return m_draft; }
    [[nodiscard]] bool isModified() const; ///< A draft always is.
    void setReadOnly(bool readOnly);       ///< It can still be fired.
    [[nodiscard]] JsonEditor *editor() const { return m_editor; }

    void save(); ///< Asks for it, if the name is good.
    void fire();

Q_SIGNALS:
    void saveRequested(const kiln::SaveTestEvent &edit);
    void fireRequested(const QString &function, const QByteArray &data);
    void modifiedChanged(bool modified);

private:
    QWidget *makeHead();
    QPushButton *makeButton(const QString &text, const QString &name, const QString &tip);
    void load(const QString &function, const QString &name, const QByteArray &data);
    void checkName();
    void showState();

    QString m_function;
    bool m_draft = false;
    bool m_readOnly = false;
    QLabel *m_title = nullptr;
    QLineEdit *m_name = nullptr;
    QLabel *m_nameProblem = nullptr;
    QLabel *m_warning = nullptr;
    QPushButton *m_save = nullptr;
    JsonEditor *m_editor = nullptr;
};

} // namespace kiln::ui

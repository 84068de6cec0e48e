// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/model/invocation.h"
#include "core/project/edit.h"

#include <QByteArray>
#include <QSet>
#include <QString>
#include <QWidget>

#include <optional>

class QAction;
class QLabel;
class QListWidget;
class QListWidgetItem;
class QToolButton;

namespace kiln::ui {

/// The test events of one function: opened, fired, made from nothing or from what was received last, doubled, renamed,
/// deleted (and taken back). Shows what a snapshot says, emits wishes; reads an event's file when it is needed.
/// GUI thread.
class TestEventsPane : public QWidget
{
    Q_OBJECT

public:
    explicit TestEventsPane(QWidget *parent = nullptr);

    void setFunction(const FunctionView &function); ///< Cheap when its events are the same as before.
    void clearFunction();
    void setLastEvent(InvocationPtr last);       ///< What "from the last request" takes; null when there was none.
    void setUnsaved(const QSet<QString> &names); ///< Marks events that are open with changes.
    void setReadOnly(bool readOnly);

    [[nodiscard]] QString function() const { return m_function; }
    [[nodiscard]] QString currentEvent() const; ///< Empty when none.

Q_SIGNALS:
    void openRequested(const QString &function, const QString &name, const QByteArray &data);
    void draftRequested(const QString &function, const QString &name, const QByteArray &data); ///< A new one.
    void newFromLastRequested(const QString &function); ///< The pane knows of no last event; history may.
    void saveRequested(const kiln::SaveTestEvent &edit);
    void deleteRequested(const kiln::DeleteTestEvent &edit);
    void fireRequested(const QString &function, const QByteArray &data);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    enum class Offer { Nothing, Undo };
    struct Renaming
    {
        QString from;
        QString to;
    };

    QWidget *makeHead();
    QWidget *makeLine();
    void makeActions();
    QAction *makeAction(const QString &text, const QString &iconName, const QString &name, const QKeySequence &key);
    void fill(const QStringList &names);
    void enableActions();
    void tintIcons();
    void showMenu(const QPoint &position);

    void openCurrent();
    void fireCurrent();
    void newEmpty();
    void newFromLast();
    void duplicateCurrent();
    void renameCurrent();
    void rename(QListWidgetItem *item);
    void deleteCurrent();
    void takeBack();
    /// The current event's bytes; says what is wrong in the line below and gives nothing when it cannot be read.
    [[nodiscard]] std::optional<QByteArray> readCurrent();
    void say(const QString &text, Offer offer);

    QString m_function;
    std::filesystem::path m_folder;
    QStringList m_names;
    QSet<QString> m_unsaved;
    InvocationPtr m_last;
    bool m_readOnly = false;
    std::optional<SaveTestEvent> m_deleted; ///< Can be taken back.
    std::optional<Renaming> m_renaming;     ///< The old one goes when the new one is there.

    QLabel *m_heading = nullptr;
    QListWidget *m_list = nullptr;
    QLabel *m_empty = nullptr;
    QWidget *m_line = nullptr;
    QLabel *m_lineText = nullptr;
    QToolButton *m_undo = nullptr;
    QAction *m_open = nullptr, *m_fire = nullptr, *m_new = nullptr, *m_fromLast = nullptr, *m_duplicate = nullptr,
            *m_rename = nullptr, *m_delete = nullptr;
};

} // namespace kiln::ui

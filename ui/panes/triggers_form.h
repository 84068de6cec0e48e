// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/project/edit.h"
#include "ui/panes/trigger_editor.h"

#include <QWidget>

#include <vector>

class QLabel;
class QMenu;
class QVBoxLayout;

namespace kiln::ui {

/// The triggers of a function with what each is doing; adds, edits and removes them in place.
class TriggersForm : public QWidget
{
    Q_OBJECT

public:
    explicit TriggersForm(QWidget *parent = nullptr);

    void setChecks(TriggerChecks checks) { m_checks = std::move(checks); }
    void setTriggers(const std::string &function, const std::vector<Trigger> &triggers);
    void setLive(const std::vector<TriggerLive> &live, WallTime now, const QString &address);
    void setReadOnly(bool readOnly);
    void editTrigger(int index); ///< Opens its editor.
    void beginAdd(const Trigger &trigger);
    /// The kinds that can be added.
    void fillAddMenu(QMenu &menu);

Q_SIGNALS:
    void editRequested(const kiln::WorkspaceEdit &edit);
    void runRequested(const QString &function, int trigger);
    void editorOpened(QWidget *editor); ///< To be scrolled into view.
    void copyRequested(const QString &text);

private:
    struct Row
    {
        QWidget *line;
        QLabel *state;
    };

    void rebuild();
    QWidget *makeLine(std::size_t index);
    void openEditor(TriggerEditor *editor, QWidget *in, std::function<void(const Trigger &)> save);
    void closeEditor();
    [[nodiscard]] QString urlOf(std::size_t index) const;

    std::string m_function;
    std::vector<Trigger> m_triggers;
    TriggerChecks m_checks;
    QString m_address;
    bool m_readOnly = false;
    std::vector<Row> m_rows;
    QVBoxLayout *const m_layout;
    QWidget *m_editor = nullptr;
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/base/result.h"
#include "core/model/load_plan.h"

#include <QDialog>
#include <QHash>

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace kiln::ui {

class LoadEvents;
class ValueField;

/// Asks what a load run is to be: how events lie in time, for how long, and which they are. Each value is checked while
/// it is typed. Not modal; what was typed stays for the next time. GUI thread.
class LoadDialog : public QDialog
{
    Q_OBJECT

public:
    explicit LoadDialog(QWidget *parent = nullptr);

    /// The functions to choose from, with their test events. Keeps what is chosen, as far as it is still there.
    void setWorkspace(const std::shared_ptr<const WorkspaceView> &workspace);
    void setFunction(const QString &function);
    /// Why a run could not begin; the dialog is still open.
    void showProblem(const QString &problem);

Q_SIGNALS:
    /// The user wants it to begin; events are read. Close the dialog once it has.
    void startRequested(const kiln::LoadPlan &plan);

private:
    enum Shape { Constant, Ramp, Spike, Poisson, Replay, Callers };

    QWidget *makeForm();
    QLabel *addRow(const QString &name, QWidget *field);
    void addField(const char *id, const QString &name, const QString &value, const QString &unit = {});
    void showRows();
    void check();
    void start();
    [[nodiscard]] QString problemIn(const QString &id, const QString &text) const;
    /// As far as the fields can be read; without the events' bytes.
    [[nodiscard]] LoadPlan plan() const;
    [[nodiscard]] load::Shape shape() const;
    [[nodiscard]] double number(const char *id) const;   ///< None where the text is none …
    [[nodiscard]] int wholeNumber(const char *id) const; ///< … and here 0.
    [[nodiscard]] std::chrono::milliseconds span(const char *id) const;
    [[nodiscard]] bool isShown(const QString &id) const;

    std::shared_ptr<const WorkspaceView> m_workspace;
    QComboBox *m_function = nullptr;
    QComboBox *m_shape = nullptr;
    QGridLayout *m_form = nullptr;
    QHash<QString, ValueField *> m_fields;
    QHash<QString, QLabel *> m_names; ///< Beside the fields.
    QCheckBox *m_all = nullptr;
    LoadEvents *m_events = nullptr;
    QLabel *m_explanation = nullptr;
    QLabel *m_expected = nullptr;
    QLabel *m_note = nullptr;
    QPushButton *m_start = nullptr;
};

} // namespace kiln::ui

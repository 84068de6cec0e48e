// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/edit.h"

#include <QWidget>

#include <string>
#include <vector>

class QLabel;
class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace kiln::ui {

class ValueField;

/// The secrets that a function is given, and their values: which have one, to set one, to forget one. A value goes out
/// of here as it was typed and never comes back.
class SecretsForm : public QWidget
{
    Q_OBJECT

public:
    explicit SecretsForm(QWidget *parent = nullptr);

    /// `valued` are the names that have a value in the workspace, sorted.
    void setSecrets(const std::string &function, const std::vector<std::string> &names,
                    const std::vector<std::string> &valued);
    void setReadOnly(bool readOnly);
    void beginAdd(); ///< Shows an empty row for a name.

Q_SIGNALS:
    void editRequested(const kiln::WorkspaceEdit &edit);
    void valueGiven(const QString &name, const QString &value);
    void valueForgotten(const QString &name);

private:
    void rebuild();
    QWidget *makeRow(const std::string &name);
    void beginValue(const QString &name);
    void endValue();
    void add();
    [[nodiscard]] bool hasValue(const std::string &name) const;

    std::string m_function;
    std::vector<std::string> m_names;
    std::vector<std::string> m_valued;
    QString m_edited; ///< The one whose value is being typed.
    bool m_readOnly = false;
    QVBoxLayout *const m_rows;
    QLabel *const m_hint;
    QWidget *const m_adder;
    ValueField *const m_newName;
    QWidget *const m_valuer;
    QLineEdit *const m_value;
    QToolButton *m_forget = nullptr;
};

} // namespace kiln::ui

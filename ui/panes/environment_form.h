// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"
#include "core/project/edit.h"

#include <QWidget>

#include <map>
#include <string>

class QVBoxLayout;
class QLabel;

namespace kiln::ui {

class ValueField;

/// The environment variables of a function: change a value, add one, remove one.
class EnvironmentForm : public QWidget
{
    Q_OBJECT

public:
    explicit EnvironmentForm(QWidget *parent = nullptr);

    void setEnvironment(const std::string &function, const std::map<std::string, std::string> &environment);
    void setReadOnly(bool readOnly);
    /// Shows an empty row to type a new variable into.
    void beginAdd();

Q_SIGNALS:
    void editRequested(const kiln::WorkspaceEdit &edit);

private:
    void rebuild();
    QWidget *makeRow(const std::string &name, const std::string &value);
    void add();
    void wish(const std::string &name, std::string yaml);

    std::string m_function;
    std::map<std::string, std::string> m_environment;
    bool m_readOnly = false;
    QVBoxLayout *const m_rows;
    QLabel *const m_hint;
    QWidget *const m_adder;
    ValueField *const m_newName;
    ValueField *const m_newValue;
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/interpreter.h"
#include "core/project/edit.h"

#include <QDialog>

#include <vector>

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace kiln::ui {

class ValueField;

/// A folder of resources/templates/RUNTIME/, as it describes itself.
struct TemplateChoice
{
    QString runtime; ///< "python", "node"
    QString name;
    QString title;
    QString description;
};

/// Asks for name, runtime and template of a new function; each is checked as it is typed.
class NewFunctionDialog : public QDialog
{
    Q_OBJECT

public:
    NewFunctionDialog(std::vector<TemplateChoice> templates, const std::vector<Interpreter> &interpreters,
                      QStringList taken, QWidget *parent = nullptr);

Q_SIGNALS:
    void requested(const kiln::NewFunction &function);

private:
    void build();
    void fillRuntimes(const std::vector<Interpreter> &interpreters);
    void fillMissing();
    void fillTemplates();
    void check();
    void finish();

    std::vector<TemplateChoice> m_templates;
    QStringList m_taken;
    ValueField *m_name = nullptr;
    QComboBox *m_runtime = nullptr;
    QListWidget *m_list = nullptr;
    QLabel *m_description = nullptr;
    QLabel *m_note = nullptr;
    QPushButton *m_make = nullptr;
};

} // namespace kiln::ui

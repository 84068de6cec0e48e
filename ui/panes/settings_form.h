// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"
#include "core/model/interpreter.h"
#include "core/project/edit.h"
#include "ui/panes/value_field.h"

#include <QWidget>

#include <functional>
#include <string>
#include <vector>

class QComboBox;
class QGridLayout;

namespace kiln::ui {

/// Handler, limits and scaling of a function, each checked in its place. A change is told as one SetValue, which the
/// engine splices into function.yaml.
class SettingsForm : public QWidget
{
    Q_OBJECT

public:
    explicit SettingsForm(QWidget *parent = nullptr);

    void setSettings(const FunctionSettings &settings, const std::vector<Interpreter> &interpreters);
    void setReadOnly(bool readOnly);
    void restore(); ///< Shows the settings again, whatever was chosen.

Q_SIGNALS:
    void editRequested(const kiln::WorkspaceEdit &edit);

private:
    using Read = std::function<QString(const FunctionSettings &)>;
    struct FieldRow
    {
        ValueField *field;
        Read read;
    };
    struct ChoiceRow
    {
        QComboBox *box;
        Read read;
    };

    ValueField *addField(const QString &label, std::vector<std::string> key, ValueField::Check check, Read read);
    QComboBox *addChoice(const QString &label, std::vector<std::string> key, Read read);
    void addRow(const QString &label, QWidget *widget, QWidget *buddy);
    void addLimits();
    void addScaling();
    void showPerWorker();
    void fillInterpreters(const std::vector<Interpreter> &interpreters);
    void wish(std::vector<std::string> key, std::string yaml);

    FunctionSettings m_settings;
    QGridLayout *const m_grid;
    QComboBox *m_runtime = nullptr;
    ValueField *m_perWorker = nullptr;
    bool m_readOnly = false;
    std::vector<FieldRow> m_fields;
    std::vector<ChoiceRow> m_choices;
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/environment_form.h"

#include "ui/panes/section.h"
#include "ui/panes/value_checks.h"
#include "ui/panes/yaml_value.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace kiln::ui {

EnvironmentForm::EnvironmentForm(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout)
    , m_hint(hintLabel(tr("No variables. + adds one; the handler reads it from its environment."), this))
    , m_adder(new QWidget(this))
    , m_newName(new ValueField(tr("Name of the new variable"), m_adder))
    , m_newValue(new ValueField(tr("Value of the new variable"), m_adder))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addWidget(m_hint);
    layout->addLayout(m_rows);
    m_rows->setSpacing(4);
    layout->addWidget(m_adder);

    m_newName->setObjectName(QStringLiteral("newName"));
    m_newName->setPlaceholder(tr("NAME"));
    m_newName->setCheck([this](const QString &text) {
        if (m_environment.contains(text.toStdString()))
            return tr("There is one of this name");
        return variableName()(text);
    });
    m_newName->useCodeFont();
    m_newValue->setObjectName(QStringLiteral("newValue"));
    m_newValue->setPlaceholder(tr("value"));
    m_newValue->useCodeFont();
    auto *button = new QToolButton(m_adder);
    button->setObjectName(QStringLiteral("addVariable"));
    button->setIcon(icon(QStringLiteral("ok")));
    button->setToolTip(tr("Add this variable"));
    button->setAccessibleName(button->toolTip());
    auto *row = new QHBoxLayout(m_adder);
    row->setContentsMargins({});
    row->setSpacing(4);
    row->addWidget(m_newName, 2, Qt::AlignTop);
    row->addWidget(m_newValue, 3, Qt::AlignTop);
    row->addWidget(button, 0, Qt::AlignTop);
    m_adder->hide();

    connect(button, &QToolButton::clicked, this, &EnvironmentForm::add);
    connect(m_newValue->edit(), &QLineEdit::returnPressed, this, &EnvironmentForm::add);
    connect(m_newName->edit(), &QLineEdit::returnPressed, m_newValue, [this] { m_newValue->setFocus(); });
}

void EnvironmentForm::setEnvironment(const std::string &function, const std::map<std::string, std::string> &environment)
{
    if (function == m_function && environment == m_environment)
        return;
    if (function != m_function)
        m_adder->hide();
    m_function = function;
    m_environment = environment;
    rebuild();
}

void EnvironmentForm::setReadOnly(bool readOnly)
{
    if (m_readOnly == readOnly)
        return;
    m_readOnly = readOnly;
    rebuild();
}

void EnvironmentForm::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const auto &[name, value] : m_environment)
        m_rows->addWidget(makeRow(name, value));
    m_hint->setVisible(m_environment.empty() && m_adder->isHidden());
}

QWidget *EnvironmentForm::makeRow(const std::string &name, const std::string &value)
{
    const QString shown = QString::fromStdString(name);
    auto *row = new QWidget(this);
    auto *label = new QLabel(row);
    label->setFont(codeFont());
    label->setText(label->fontMetrics().elidedText(shown, Qt::ElideRight, 110));
    label->setToolTip(shown);
    label->setFixedWidth(112);
    auto *field = new ValueField(tr("Value of %1").arg(shown), row);
    field->setObjectName(QStringLiteral("env-") + shown);
    field->useCodeFont();
    field->keepSpaces();
    field->setValue(QString::fromStdString(value));
    field->setReadOnly(m_readOnly);
    auto *remove = new QToolButton(row);
    remove->setObjectName(QStringLiteral("remove-") + shown);
    remove->setIcon(icon(QStringLiteral("close"), theme().muted));
    remove->setToolTip(tr("Remove %1").arg(shown));
    remove->setAccessibleName(remove->toolTip());
    remove->setEnabled(!m_readOnly);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addWidget(label);
    layout->addWidget(field, 1);
    layout->addWidget(remove);
    connect(field, &ValueField::committed, this,
            [this, name](const QString &text) { wish(name, yamlText(text.toStdString())); });
    connect(remove, &QToolButton::clicked, this, [this, name] { wish(name, {}); });
    return row;
}

void EnvironmentForm::beginAdd()
{
    m_newName->setValue({});
    m_newName->restore();
    m_newValue->setValue({});
    m_newValue->restore();
    m_adder->show();
    m_hint->hide();
    m_newName->setFocus();
}

void EnvironmentForm::add()
{
    if (!m_newName->isGood()) {
        m_newName->setFocus();
        return;
    }
    m_adder->hide();
    wish(m_newName->text().toStdString(), yamlText(m_newValue->edit()->text().toStdString()));
}

void EnvironmentForm::wish(const std::string &name, std::string yaml)
{
    Q_EMIT editRequested(SetValue{m_function, {"environment", name}, std::move(yaml)});
}

} // namespace kiln::ui

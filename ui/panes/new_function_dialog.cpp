// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/new_function_dialog.h"

#include "ui/panes/section.h"
#include "ui/panes/value_checks.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

QString latin(std::string_view text) { return QString::fromLatin1(text.data(), qsizetype(text.size())); }

} // namespace

NewFunctionDialog::NewFunctionDialog(std::vector<TemplateChoice> templates,
                                     const std::vector<Interpreter> &interpreters, QStringList taken, QWidget *parent)
    : QDialog(parent)
    , m_templates(std::move(templates))
    , m_taken(std::move(taken))
{
    setWindowTitle(tr("New function"));
    build();
    fillRuntimes(interpreters);
    fillTemplates();
    check();
}

void NewFunctionDialog::build()
{
    m_name = new ValueField(tr("Name"), this);
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setPlaceholder(tr("thumbnail"));
    m_name->setCheck([this](const QString &text) {
        if (text.isEmpty())
            return QString();
        return m_taken.contains(text) ? tr("There is a function of this name") : functionName()(text);
    });
    m_runtime = new QComboBox(this);
    m_runtime->setObjectName(QStringLiteral("runtime"));
    m_runtime->setAccessibleName(tr("Runtime"));
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("templates"));
    m_list->setAccessibleName(tr("Template"));
    m_list->setMinimumHeight(120);
    m_description = hintLabel({}, this);
    m_description->setMinimumHeight(40);
    m_description->setAlignment(Qt::AlignTop);
    m_note = hintLabel({}, this);

    auto *form = new QFormLayout;
    form->setSpacing(8);
    form->addRow(tr("Name"), m_name);
    form->addRow(tr("Runtime"), m_runtime);
    form->addRow(tr("Template"), m_list);
    form->addRow(QString(), m_description);

    auto *cancel = new QPushButton(tr("Cancel"), this);
    m_make = new QPushButton(tr("Create"), this);
    m_make->setObjectName(QStringLiteral("create"));
    m_make->setProperty("primary", true);
    m_make->setDefault(true);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_note, 1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_make);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addLayout(form);
    layout->addLayout(buttons);
    setMinimumWidth(460);

    connect(m_name, &ValueField::edited, this, &NewFunctionDialog::check);
    connect(m_runtime, &QComboBox::currentIndexChanged, this, &NewFunctionDialog::fillTemplates);
    connect(m_list, &QListWidget::currentRowChanged, this, &NewFunctionDialog::check);
    connect(m_list, &QListWidget::itemActivated, this, &NewFunctionDialog::finish);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_make, &QPushButton::clicked, this, &NewFunctionDialog::finish);
}

void NewFunctionDialog::fillRuntimes(const std::vector<Interpreter> &interpreters)
{
    for (const Interpreter &interpreter : interpreters) {
        const QString runtime = latin(toWord(interpreter.language));
        if (!interpreter.usable() || m_runtime->findData(runtime) >= 0)
            continue;
        const QString name = latin(factsOf(interpreter.language).name);
        const QString version = QString::fromStdString(interpreter.version);
        m_runtime->addItem(interpreter.language == Language::Typescript ? tr("%1 (esbuild %2)").arg(name, version)
                           : version.isEmpty()                          ? name
                                                                        : tr("%1 %2").arg(name, version),
                           runtime);
    }
    fillMissing();
}

/// What is not there can be seen, with the way to it, but not be chosen.
void NewFunctionDialog::fillMissing()
{
    for (const LanguageFacts &facts : languages()) {
        if (facts.install.empty() || m_runtime->findData(latin(facts.word)) >= 0)
            continue;
        m_runtime->addItem(tr("%1: %2").arg(latin(facts.name), latin(facts.install)));
        auto *model = qobject_cast<QStandardItemModel *>(m_runtime->model());
        QStandardItem *item = model->item(m_runtime->count() - 1);
        item->setEnabled(false);
        item->setToolTip(tr("No usable %1 was found; to have it: %2").arg(latin(facts.name), latin(facts.install)));
    }
    if (!m_runtime->itemData(0).isValid()) // nothing can be chosen
        m_runtime->setCurrentIndex(-1);
}

void NewFunctionDialog::fillTemplates()
{
    m_list->clear();
    const QString runtime = m_runtime->currentData().toString();
    for (std::size_t i = 0; i < m_templates.size(); ++i) {
        if (m_templates[i].runtime != runtime)
            continue;
        auto *item = new QListWidgetItem(m_templates[i].title, m_list);
        item->setData(Qt::UserRole, int(i));
        if (m_templates[i].name == QStringLiteral("basic"))
            m_list->setCurrentItem(item);
    }
    if (!m_list->currentItem() && m_list->count() > 0)
        m_list->setCurrentRow(0);
}

void NewFunctionDialog::check()
{
    const QListWidgetItem *item = m_list->currentItem();
    m_description->setText(item ? m_templates[std::size_t(item->data(Qt::UserRole).toInt())].description : QString());
    const bool noRuntime = m_runtime->currentData().toString().isEmpty();
    m_note->setText(noRuntime ? tr("No usable interpreter was found. kiln doctor says what is missing.") : QString());
    m_make->setEnabled(!noRuntime && item && !m_name->text().isEmpty() && m_name->isGood());
}

void NewFunctionDialog::finish()
{
    if (!m_make->isEnabled())
        return;
    const int chosen = m_list->currentItem()->data(Qt::UserRole).toInt();
    Q_EMIT requested(NewFunction{m_name->text().toStdString(), m_runtime->currentData().toString().toStdString(),
                                 m_templates[std::size_t(chosen)].name.toStdString()});
    accept();
}

} // namespace kiln::ui

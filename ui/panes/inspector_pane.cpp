// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/inspector_pane.h"

#include "ui/panes/environment_form.h"
#include "ui/panes/last_result.h"
#include "ui/panes/permissions_form.h"
#include "ui/panes/secrets_form.h"
#include "ui/panes/section.h"
#include "ui/panes/settings_form.h"
#include "ui/panes/triggers_form.h"
#include "ui/panes/worker_squares.h"
#include "ui/theme/format.h"

#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace kiln::ui {

namespace {

/// Puts a form into a section of its own.
Section *sectionOf(const QString &heading, QWidget *form, QVBoxLayout *into)
{
    auto *section = new Section(heading, into->parentWidget());
    section->body()->addWidget(form);
    into->addWidget(section);
    return section;
}

QString tagOf(const FunctionView &view)
{
    const QString language = QString::fromStdString(std::string(factsOf(view.settings.runtime.language).name));
    if (!view.interpreter || view.interpreter->version.empty())
        return language;
    if (view.interpreter->language != view.settings.runtime.language) // compiled for it
        return InspectorPane::tr("%1 on %2 %3")
            .arg(language, QString::fromStdString(std::string(factsOf(view.interpreter->language).name)),
                 QString::fromStdString(view.interpreter->version));
    return language + QLatin1Char(' ') + QString::fromStdString(view.interpreter->version);
}

} // namespace

InspectorPane::InspectorPane(QWidget *parent)
    : QWidget(parent)
{
    build();
    showFunction();
}

void InspectorPane::build()
{
    m_scroll = new QScrollArea(this);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *page = new QWidget;
    auto *sections = new QVBoxLayout(page);
    sections->setContentsMargins(16, 12, 16, 16);
    sections->setSpacing(16);
    m_scroll->setWidget(page);

    m_empty =
        hintLabel(tr("Select a function on the left or in the map to see its settings, triggers and workers."), this);
    m_empty->setContentsMargins(16, 12, 16, 12);
    m_empty->setAlignment(Qt::AlignTop | Qt::AlignLeft);

    m_settings = new SettingsForm(page);
    m_settingsSection = sectionOf({}, m_settings, sections);
    m_problemsSection = new Section(tr("Problems"), page);
    sections->insertWidget(0, m_problemsSection);
    m_triggers = new TriggersForm(page);
    m_triggersSection = sectionOf(tr("Triggers"), m_triggers, sections);
    m_permissions = new PermissionsForm(page);
    m_permissionsSection = sectionOf(tr("Permissions"), m_permissions, sections);
    m_secrets = new SecretsForm(page);
    Section *secrets = sectionOf(tr("Secrets"), m_secrets, sections);
    m_environment = new EnvironmentForm(page);
    Section *environment = sectionOf(tr("Environment"), m_environment, sections);
    m_workers = new WorkerSquares(page);
    m_workersSection = sectionOf(tr("Workers"), m_workers, sections);
    m_noWorkers = hintLabel(tr("None: the next event starts one."), page);
    m_workersSection->body()->addWidget(m_noWorkers);
    m_result = new LastResult(page);
    m_resultSection = sectionOf(tr("Last result"), m_result, sections);
    sections->addStretch(1);

    auto *menu = new QMenu(this);
    m_triggers->fillAddMenu(*menu);
    QToolButton *addTrigger = m_triggersSection->addButton(tr("Add a trigger"));
    addTrigger->setObjectName(QStringLiteral("addTrigger"));
    addTrigger->setMenu(menu);
    addTrigger->setPopupMode(QToolButton::InstantPopup);
    QToolButton *addGrant = m_permissionsSection->addButton(tr("Grant access to a file, a folder or a host"));
    addGrant->setObjectName(QStringLiteral("beginGrant"));
    QToolButton *addSecret = secrets->addButton(tr("Give the function a secret"));
    addSecret->setObjectName(QStringLiteral("beginSecret"));
    QToolButton *addVariable = environment->addButton(tr("Add a variable"));
    addVariable->setObjectName(QStringLiteral("beginVariable"));

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(m_empty);
    layout->addWidget(m_scroll, 1);

    connect(addGrant, &QToolButton::clicked, m_permissions, &PermissionsForm::beginAdd);
    connect(addSecret, &QToolButton::clicked, m_secrets, &SecretsForm::beginAdd);
    connect(addVariable, &QToolButton::clicked, m_environment, &EnvironmentForm::beginAdd);
    connect(m_settings, &SettingsForm::editRequested, this, &InspectorPane::editRequested);
    connect(m_triggers, &TriggersForm::editRequested, this, &InspectorPane::editRequested);
    connect(m_triggers, &TriggersForm::runRequested, this, &InspectorPane::runTriggerRequested);
    connect(m_triggers, &TriggersForm::editorOpened, this, [this](QWidget *editor) {
        // Once the layout has given it its place.
        QTimer::singleShot(0, editor, [this, editor] { m_scroll->ensureWidgetVisible(editor, 0, 16); });
    });
    connect(m_triggers, &TriggersForm::copyRequested, this, &InspectorPane::copyRequested);
    connect(m_permissions, &PermissionsForm::editRequested, this, &InspectorPane::editRequested);
    connect(m_secrets, &SecretsForm::editRequested, this, &InspectorPane::editRequested);
    connect(m_secrets, &SecretsForm::valueGiven, this, &InspectorPane::secretGiven);
    connect(m_secrets, &SecretsForm::valueForgotten, this, &InspectorPane::secretForgotten);
    connect(m_environment, &EnvironmentForm::editRequested, this, &InspectorPane::editRequested);
    connect(m_result, &LastResult::openRequested, this, &InspectorPane::invocationOpened);
}

void InspectorPane::setChecks(TriggerChecks checks) { m_triggers->setChecks(std::move(checks)); }

void InspectorPane::setSnapshot(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    // The forms only follow the disk: what is being edited is not touched thirty times a second.
    if (m_shown != m_snapshot->workspace)
        showFunction();
    showLive();
}

void InspectorPane::setFunction(const QString &function)
{
    if (function == m_function)
        return;
    m_function = function;
    showFunction();
    showLive();
    m_scroll->ensureVisible(0, 0);
}

void InspectorPane::editTrigger(const QString &function, int trigger)
{
    setFunction(function);
    m_triggers->editTrigger(trigger);
    m_scroll->ensureWidgetVisible(m_triggersSection);
}

void InspectorPane::showPermissions()
{
    m_scroll->ensureWidgetVisible(m_permissionsSection);
    m_permissionsSection->setFocus();
}

void InspectorPane::restore()
{
    m_settings->restore();
    m_permissions->restore();
    showFunction();
}

const FunctionView *InspectorPane::view() const
{
    if (!m_snapshot)
        return nullptr;
    const std::string name = m_function.toStdString();
    const auto &all = m_snapshot->workspace->functions;
    const auto at = std::find_if(all.begin(), all.end(), [&](const FunctionView &f) { return f.name == name; });
    return at == all.end() ? nullptr : &*at;
}

const FunctionLive *InspectorPane::live() const
{
    if (!m_snapshot)
        return nullptr;
    const std::string name = m_function.toStdString();
    const auto &all = m_snapshot->functions;
    const auto at = std::find_if(all.begin(), all.end(), [&](const FunctionLive &f) { return f.name == name; });
    return at == all.end() ? nullptr : &*at;
}

void InspectorPane::showFunction()
{
    const FunctionView *function = view();
    m_shown = m_snapshot ? m_snapshot->workspace : nullptr;
    m_empty->setVisible(!function);
    m_scroll->setVisible(function);
    if (!function)
        return;
    const bool readOnly = m_snapshot->workspace->readOnly;
    m_settingsSection->setHeading(m_function);
    m_settingsSection->setNote(tagOf(*function));
    m_settingsSection->setToolTip(function->interpreter ? QString::fromStdString(function->interpreter->path.string())
                                                        : QString());
    m_settings->setSettings(function->settings, m_snapshot->workspace->interpreters);
    m_settings->setReadOnly(readOnly);
    m_triggers->setTriggers(function->name, function->settings.triggers);
    m_triggers->setReadOnly(readOnly);
    m_permissions->setPermissions(function->name, function->settings.permissions);
    m_permissions->setAsked(function->asksMore);
    m_permissions->setReadOnly(readOnly);
    m_secrets->setSecrets(function->name, function->settings.secrets, m_snapshot->workspace->secrets);
    m_secrets->setReadOnly(readOnly);
    m_environment->setEnvironment(function->name, function->settings.environment);
    m_environment->setReadOnly(readOnly);
    for (const char *name : {"addTrigger", "beginGrant", "beginSecret", "beginVariable"})
        findChild<QToolButton *>(QString::fromLatin1(name))->setEnabled(!readOnly);
    showProblems(*function);
}

void InspectorPane::showProblems(const FunctionView &function)
{
    QVBoxLayout *rows = m_problemsSection->body();
    while (QLayoutItem *item = rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    m_problemsSection->setVisible(!function.problems.empty());
    for (const Problem &problem : function.problems) {
        const QString file = QString::fromStdString(problem.file);
        const QString place = problem.line > 0 ? QStringLiteral("%1:%2").arg(file).arg(problem.line) : file;
        const QString key =
            problem.key.empty() ? QString() : QString::fromStdString(problem.key) + QStringLiteral(": ");
        auto *label =
            new QLabel(QStringLiteral("%1 <a href=\"open\">%2</a>")
                           .arg((key + QString::fromStdString(problem.message)).toHtmlEscaped(), place.toHtmlEscaped()),
                       m_problemsSection);
        label->setTextFormat(Qt::RichText);
        label->setWordWrap(true);
        label->setProperty("role", problem.severity == Problem::Severity::Error ? QStringLiteral("error")
                                                                                : QStringLiteral("muted"));
        rows->addWidget(label);
        connect(label, &QLabel::linkActivated, this,
                [this, file, line = problem.line] { Q_EMIT problemOpened(file, line); });
    }
}

void InspectorPane::showLive()
{
    if (!view())
        return;
    std::vector<WorkerView> workers;
    for (const WorkerView &worker : m_snapshot->workers) {
        if (worker.function == m_function.toStdString())
            workers.push_back(worker);
    }
    m_noWorkers->setVisible(workers.empty());
    m_workers->setVisible(!workers.empty());
    m_workers->setWorkers(std::move(workers));
    m_workersSection->setNote(m_workers->summary());

    const FunctionLive *now = live();
    m_result->setInvocation(now ? now->last : nullptr);
    m_resultSection->setNote(m_result->summary());
    if (now) {
        m_triggers->setLive(now->triggers, m_snapshot->time, QString::fromStdString(m_snapshot->engine.address));
        m_permissions->setUses(now->grants);
        m_permissions->setDenied(now->last ? now->last->denied : std::vector<Refusal>{});
    }
}

} // namespace kiln::ui

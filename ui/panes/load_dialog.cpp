// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/load_dialog.h"

#include "core/base/duration.h"
#include "core/base/wall_time.h"
#include "ui/models/plain_text.h"
#include "ui/panes/load_events.h"
#include "ui/panes/section.h"
#include "ui/panes/value_checks.h"
#include "ui/panes/value_field.h"
#include "ui/theme/format.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

namespace kiln::ui {

namespace {

/// Which fields belong to which shape, by Shape.
const QStringList &fieldsOf(int shape)
{
    const auto list = [](const char *names) { return QString::fromLatin1(names).split(QLatin1Char(' ')); };
    static const QStringList fields[] = {
        list("rate duration seed max-in-flight patience"),
        list("rate to duration seed max-in-flight patience"),
        list("rate peak width duration seed max-in-flight patience"),
        list("rate duration seed max-in-flight patience"),
        list("since until speed max-in-flight patience"),
        list("closed think duration seed patience"),
    };
    return fields[std::size_t(shape)];
}

bool isDuration(const QString &id)
{
    static const QStringList durations{QStringLiteral("duration"), QStringLiteral("width"), QStringLiteral("think"),
                                       QStringLiteral("patience")};
    return durations.contains(id);
}

bool isTime(const QString &id) { return id == QStringLiteral("since") || id == QStringLiteral("until"); }

std::optional<WallTime> timeOf(const QString &text)
{
    if (const auto back = parseDuration(compact(text)))
        return SystemClock().wall() - *back;
    return parseIso8601(text.toStdString());
}

} // namespace

LoadDialog::LoadDialog(QWidget *parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("loadDialog"));
    setWindowTitle(tr("Load"));
    m_events = new LoadEvents(this);
    auto *events = new QVBoxLayout;
    events->setSpacing(8);
    events->addWidget(new QLabel(tr("Events, and how often each comes"), this));
    events->addWidget(m_events, 1);
    auto *columns = new QHBoxLayout;
    columns->setSpacing(16);
    columns->addWidget(makeForm());
    columns->addLayout(events, 1);

    m_expected = hintLabel({}, this);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("note"));
    m_note->setProperty("role", QStringLiteral("error"));
    m_note->setWordWrap(true);
    auto *cancel = new QPushButton(tr("Cancel"), this);
    m_start = new QPushButton(tr("Start"), this);
    m_start->setObjectName(QStringLiteral("start"));
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_expected, 1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_start);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addLayout(columns, 1);
    layout->addWidget(m_note);
    layout->addLayout(buttons);
    resize(784, 440);

    connect(m_function, &QComboBox::currentTextChanged, this, [this](const QString &function) {
        m_events->setFunction(function);
        check();
    });
    connect(m_shape, &QComboBox::currentIndexChanged, this, [this] {
        showRows();
        check();
    });
    connect(m_all, &QCheckBox::toggled, this, &LoadDialog::check);
    connect(m_events, &LoadEvents::changed, this, &LoadDialog::check);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_start, &QPushButton::clicked, this, &LoadDialog::start);
    showRows();
    check();
}

QWidget *LoadDialog::makeForm()
{
    auto *page = new QWidget(this);
    page->setFixedWidth(384);
    m_function = new QComboBox(page);
    m_function->setObjectName(QStringLiteral("function"));
    m_function->setAccessibleName(tr("Function"));
    m_shape = new QComboBox(page);
    m_shape->setObjectName(QStringLiteral("shape"));
    m_shape->setAccessibleName(tr("Pattern"));
    m_shape->addItems({tr("Constant rate"), tr("Ramp"), tr("Spike"), tr("Poisson (many users)"),
                       tr("Replay of history"), tr("Callers that wait")});
    m_explanation = hintLabel({}, page);
    m_explanation->setMinimumHeight(36);
    m_explanation->setAlignment(Qt::AlignTop);
    m_all = new QCheckBox(tr("Events of all functions"), page);
    m_all->setObjectName(QStringLiteral("all"));
    m_form = new QGridLayout; // QFormLayout of Qt 6.4 gives rows that are shown again a height of nothing
    m_form->setSpacing(8);
    m_form->setColumnStretch(1, 1);
    auto *column = new QVBoxLayout(page);
    column->setContentsMargins({});
    column->addLayout(m_form);
    column->addStretch(1);
    addRow(tr("Function"), m_function);
    addRow(tr("Pattern"), m_shape);
    addRow({}, m_explanation);
    addField("rate", tr("Rate"), QStringLiteral("50"), tr("events a second"));
    addField("to", tr("To"), QStringLiteral("200"), tr("events a second"));
    addField("peak", tr("Peak"), QStringLiteral("500"), tr("events a second"));
    addField("width", tr("Peak lasts"), QStringLiteral("1 s"));
    addField("closed", tr("Callers"), QStringLiteral("10"));
    addField("think", tr("They think for"), QStringLiteral("0 s"));
    addField("since", tr("Since"), QStringLiteral("15 m"), tr("back from now, or a time"));
    addField("until", tr("Until"), {}, tr("now"));
    addField("speed", tr("Speed"), QStringLiteral("1"), tr("times"));
    addRow({}, m_all);
    addField("duration", tr("Duration"), QStringLiteral("10 s"));
    addField("seed", tr("Seed"), QStringLiteral("1"));
    addField("max-in-flight", tr("In flight"), QStringLiteral("2000"), tr("at most"));
    addField("patience", tr("Patience"), QStringLiteral("30 s"), tr("for the last answers"));
    m_fields[QStringLiteral("seed")]->setToolTip(tr("The same seed sends the same events at the same times"));
    m_fields[QStringLiteral("max-in-flight")]->setToolTip(
        tr("So many at most wait for an answer; what is due then is sent late, which the corrected latency tells"));
    return page;
}

/// The label of the row, beside the first line of what may grow.
QLabel *LoadDialog::addRow(const QString &name, QWidget *field)
{
    const int row = m_form->rowCount();
    m_form->addWidget(field, row, 1);
    if (name.isEmpty())
        return nullptr;
    auto *label = new QLabel(name, field->parentWidget());
    label->setBuddy(field);
    label->setFixedHeight(field->sizeHint().height());
    m_form->addWidget(label, row, 0, Qt::AlignTop);
    return label;
}

void LoadDialog::addField(const char *id, const QString &name, const QString &value, const QString &unit)
{
    const QString key = QString::fromLatin1(id);
    auto *field = new ValueField(name, this);
    field->setObjectName(key);
    field->setCheck([this, key](const QString &text) { return problemIn(key, text); });
    if (!unit.isEmpty())
        field->setRemark([unit](const QString &) { return unit; });
    m_fields.insert(key, field);
    m_names.insert(key, addRow(name, field));
    field->setValue(value);
    connect(field, &ValueField::edited, this, &LoadDialog::check);
}

bool LoadDialog::isShown(const QString &id) const { return fieldsOf(m_shape->currentIndex()).contains(id); }

void LoadDialog::showRows()
{
    for (auto field = m_fields.constBegin(); field != m_fields.constEnd(); ++field) {
        const bool shown = isShown(field.key());
        (*field)->setVisible(shown);
        m_names[field.key()]->setVisible(shown);
    }
    const int shape = m_shape->currentIndex();
    m_all->setVisible(shape == Replay);
    m_events->setEnabled(shape != Replay);
    m_names[QStringLiteral("rate")]->setText(shape == Ramp    ? tr("From")
                                             : shape == Spike ? tr("Before and after")
                                                              : tr("Rate"));
    const QString explanations[] = {
        tr("The same gap between all events."),
        tr("The rate rises or falls steadily over the run."),
        tr("A higher rate in the middle of the run."),
        tr("Gaps as between the calls of many users, on average at this rate."),
        tr("What history holds, at its own times."),
        tr("Each waits for its answer, thinks, and calls again. Few see a stall then: a rate shows more."),
    };
    m_explanation->setText(explanations[std::size_t(shape)]);
}

double LoadDialog::number(const char *id) const
{
    bool good = false;
    const double value = m_fields[QString::fromLatin1(id)]->text().toDouble(&good);
    return good ? value : std::numeric_limits<double>::quiet_NaN();
}

int LoadDialog::wholeNumber(const char *id) const { return m_fields[QString::fromLatin1(id)]->text().toInt(); }

std::chrono::milliseconds LoadDialog::span(const char *id) const
{
    return parseDuration(compact(m_fields[QString::fromLatin1(id)]->text())).value_or(std::chrono::milliseconds(-1));
}

load::Shape LoadDialog::shape() const
{
    switch (m_shape->currentIndex()) {
    case Ramp: return load::Ramp{number("rate"), number("to")};
    case Spike: return load::Spike{number("rate"), number("peak"), span("width")};
    case Poisson: return load::Poisson{number("rate")};
    case Callers: return load::Callers{wholeNumber("closed"), span("think")};
    case Replay:
        return load::Replay{m_all->isChecked() ? std::string() : m_function->currentText().toStdString(),
                            timeOf(m_fields[QStringLiteral("since")]->text()),
                            timeOf(m_fields[QStringLiteral("until")]->text()), number("speed")};
    default: return load::Constant{number("rate")};
    }
}

LoadPlan LoadDialog::plan() const
{
    LoadPlan plan;
    plan.shape = shape();
    const bool replay = m_shape->currentIndex() == Replay;
    plan.duration = replay ? std::chrono::milliseconds(bounds::loadDuration.most) : span("duration");
    plan.patience = span("patience");
    plan.seed = m_fields[QStringLiteral("seed")]->text().toULongLong();
    if (isShown(QStringLiteral("max-in-flight")))
        plan.maxInFlight = wholeNumber("max-in-flight");
    if (!replay)
        plan.events = m_events->chosen();
    return plan;
}

/// What a field says under itself: first whether it can be read, then what the plan's rules say of it.
QString LoadDialog::problemIn(const QString &id, const QString &text) const
{
    if (!isShown(id))
        return {};
    if (isTime(id)) {
        if (!text.isEmpty() && !timeOf(text))
            return tr("Expected 15 m for that long ago, or a time such as 2026-03-01T12:00:00Z");
    } else if (isDuration(id)) {
        if (!parseDuration(compact(text)))
            return tr("Expected a duration such as 500 ms, 30 s or 5 m");
    } else {
        bool good = false;
        const double value = text.toDouble(&good);
        const bool whole = id == QStringLiteral("closed") || id == QStringLiteral("max-in-flight");
        if (id == QStringLiteral("seed"))
            static_cast<void>(text.toULongLong(&good));
        else if (whole)
            static_cast<void>(text.toInt(&good));
        else
            good = good && std::isfinite(value);
        if (!good)
            return whole || id == QStringLiteral("seed") ? tr("Expected a whole number") : tr("Expected a number");
    }
    const auto problem = problemOf(plan());
    return problem && toQString(problem->field) == id ? toQString(problem->message) : QString();
}

void LoadDialog::check()
{
    QString problem;
    for (const QString &id : fieldsOf(m_shape->currentIndex())) {
        const ValueField *field = m_fields[id];
        const QString wrong = problemIn(id, field->text());
        if (problem.isEmpty() && !wrong.isEmpty())
            problem = QStringLiteral("%1: %2").arg(m_names[id]->text(), wrong);
    }
    if (problem.isEmpty() && m_function->count() == 0)
        problem = tr("There is no function yet. Ctrl+N makes one.");
    if (const auto rest = problemOf(plan()); problem.isEmpty() && rest)
        problem = toQString(rest->message);
    m_note->setText(problem);
    m_note->setVisible(!problem.isEmpty());
    m_start->setEnabled(problem.isEmpty());
    const double expected = problem.isEmpty() ? expectedSendings(plan()) : 0;
    m_expected->setText(expected > 0 ? tr("About %1 events").arg(countText(std::round(expected))) : QString());
}

void LoadDialog::start()
{
    check();
    if (!m_start->isEnabled())
        return;
    LoadPlan wanted = plan();
    if (m_shape->currentIndex() != Replay) {
        Result<std::vector<LoadEvent>> events = m_events->read();
        if (!events) {
            showProblem(toQString(events.error().text()));
            return;
        }
        wanted.events = std::move(*events);
        if (const auto problem = problemOf(wanted)) { // by now they have a size
            showProblem(toQString(problem->message));
            return;
        }
    }
    m_start->setEnabled(false); // until it is known whether it has begun
    Q_EMIT startRequested(wanted);
}

void LoadDialog::showProblem(const QString &problem)
{
    check();
    m_note->setText(problem);
    m_note->show();
}

void LoadDialog::setWorkspace(const std::shared_ptr<const WorkspaceView> &workspace)
{
    if (workspace == m_workspace)
        return;
    m_workspace = workspace;
    const QString before = m_function->currentText();
    {
        const QSignalBlocker quiet(m_function);
        m_function->clear();
        for (const FunctionView &function : workspace->functions)
            m_function->addItem(toQString(function.name));
        m_function->setCurrentIndex(std::max(0, m_function->findText(before)));
    }
    m_events->setFunctions(workspace->functions);
    m_events->setFunction(m_function->currentText());
    check();
}

void LoadDialog::setFunction(const QString &function)
{
    if (const int at = m_function->findText(function); at >= 0)
        m_function->setCurrentIndex(at);
    check();
    m_fields[isShown(QStringLiteral("rate")) ? QStringLiteral("rate") : QStringLiteral("patience")]->setFocus();
}

} // namespace kiln::ui

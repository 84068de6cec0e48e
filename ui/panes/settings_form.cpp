// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/settings_form.h"

#include "core/base/duration.h"
#include "core/model/cpu_share.h"
#include "ui/panes/calm_combo_box.h"
#include "ui/panes/scaling_fields.h"
#include "ui/panes/value_checks.h"
#include "ui/panes/yaml_value.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>

namespace kiln::ui {

namespace {

/// Fields of sizes, durations and numbers are written without the space that they are shown with.
std::string yamlOf(const std::vector<std::string> &key, const QString &text)
{
    if (key.front() == "handler")
        return yamlText(text.toStdString());
    if (key.back() == "burst")
        return burstYaml(text);
    return key.back() == "target" ? targetYaml(text) : compact(text);
}

QString versionOf(const Interpreter &interpreter)
{
    return QString::fromStdString(shortVersion(interpreter.language, interpreter.version));
}

QString word(Language language)
{
    const std::string_view text = toWord(language);
    return QString::fromLatin1(text.data(), qsizetype(text.size()));
}

QString runtimeOf(const FunctionSettings &settings)
{
    const QString name = word(settings.runtime.language);
    return settings.runtime.version.empty()
               ? name
               : name + QLatin1Char('@') + QString::fromStdString(settings.runtime.version);
}

} // namespace

SettingsForm::SettingsForm(QWidget *parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins({});
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(1, 1);
    m_grid->setColumnMinimumWidth(0, 92);

    ValueField *handler =
        addField(tr("Handler"), {"handler"}, handlerForm([this] { return m_settings.runtime.language; }),
                 [](const FunctionSettings &s) { return QString::fromStdString(s.handler); });
    handler->useCodeFont();
    m_runtime = addChoice(tr("Runtime"), {"runtime"}, runtimeOf);
    addLimits();
    addScaling();
}

void SettingsForm::addLimits()
{
    ValueField *memory = addField(tr("Memory"), {"memory"}, sizeIn(bounds::memory),
                                  [](const FunctionSettings &s) { return spaced(toText(s.limits.memory)); });
    memory->setRemark([](const QString &text) {
        const auto size = parseByteSize(compact(text));
        return size ? tr("%1 vCPU").arg(QLocale().toString(cpuShare(*size), 'f', 2)) : QString();
    });
    memory->setToolTip(tr("1,769 MB are one whole vCPU, as on AWS Lambda"));
    QComboBox *cpu = addChoice(tr("CPU"), {"cpu"}, [](const FunctionSettings &s) {
        return s.limits.cpu == Limits::Cpu::Unlimited ? QStringLiteral("unlimited") : QStringLiteral("proportional");
    });
    cpu->setToolTip(tr("By memory: 1,769 MB are one whole CPU, as on AWS Lambda"));
    cpu->addItem(tr("By memory"), QStringLiteral("proportional"));
    cpu->addItem(tr("Unlimited"), QStringLiteral("unlimited"));
    addField(tr("Timeout"), {"timeout"}, durationIn(bounds::timeout),
             [](const FunctionSettings &s) { return spaced(toText(s.limits.timeout)); });
    addField(tr("Scratch /tmp"), {"tmp"}, sizeIn(bounds::tmp),
             [](const FunctionSettings &s) { return spaced(toText(s.limits.tmp)); });
}

void SettingsForm::addScaling()
{
    addField(tr("Max workers"), {"concurrency", "max"}, numberIn(bounds::workers),
             [](const FunctionSettings &s) { return QString::number(s.concurrency.max); });
    ValueField *min = addField(tr("Min workers"), {"concurrency", "min"}, numberIn(bounds::minWorkers),
                               [](const FunctionSettings &s) { return QString::number(s.concurrency.min); });
    min->setRemark([](const QString &) { return tr("kept ready"); });
    min->setToolTip(tr("Started before any event comes and replaced when they end, while triggers are on. Other "
                       "functions cannot take them up."));
    m_perWorker = addField(tr("Per worker"), {"concurrency", "per_worker"},
                           perWorkerForm([this]() -> const FunctionSettings & { return m_settings; }),
                           [](const FunctionSettings &s) { return QString::number(s.concurrency.perWorker); });
    ValueField *target = addField(tr("Target"), {"concurrency", "target"},
                                  targetForm([this] { return m_settings.concurrency.perWorker; }),
                                  [](const FunctionSettings &s) { return targetText(s.concurrency); });
    target->setToolTip(tr("How much each worker should have to do on average, as Knative scales: concurrency 0.7 "
                          "(events in flight per worker), rate 50 (events a second per worker). None: one start for "
                          "each event that waits."));
    ValueField *burst = addField(tr("Burst"), {"concurrency", "burst"}, burstForm(),
                                 [](const FunctionSettings &s) { return burstText(s.concurrency); });
    burst->setToolTip(tr("How fast workers may grow in number: 50 per 10 s; lambda is 1,000 per 10 s, as on AWS. None: "
                         "as fast as they can be made."));
    QComboBox *balance = addChoice(tr("Balance"), {"concurrency", "balance"}, [](const FunctionSettings &s) {
        return s.concurrency.balance == Balance::RoundRobin    ? QStringLiteral("round_robin")
               : s.concurrency.balance == Balance::LeastLoaded ? QStringLiteral("least_loaded")
                                                               : QStringLiteral("most_recent");
    });
    balance->setToolTip(tr("Which of several workers with room takes the next event"));
    balance->addItem(tr("Most recently used"), QStringLiteral("most_recent"));
    balance->addItem(tr("Each in turn"), QStringLiteral("round_robin"));
    balance->addItem(tr("Least to do"), QStringLiteral("least_loaded"));
    ValueField *queue = addField(tr("Queue"), {"concurrency", "queue"}, numberIn(bounds::queue),
                                 [](const FunctionSettings &s) { return QString::number(s.concurrency.queue); });
    queue->setRemark([](const QString &) { return tr("then throttled"); });
    ValueField *age = addField(tr("Longest wait"), {"concurrency", "queue_age"}, queueAgeForm(),
                               [](const FunctionSettings &s) { return queueAgeText(s.concurrency); });
    age->setRemark(
        [](const QString &text) { return text == QLatin1String("none") ? QString() : tr("then throttled"); });
    age->setToolTip(tr("How long a caller may wait for a worker; none: as long as it takes"));
    ValueField *keep = addField(tr("Keep warm"), {"keep_warm"}, keepWarmForm(),
                                [](const FunctionSettings &s) { return keepWarmText(s.keepWarm); });
    keep->setToolTip(tr("How long an idle worker waits for its next invocation; adaptive: by when events came so far, "
                        "what a start costs and the memory that is held"));
    ValueField *freeze = addField(tr("Freeze after"), {"freeze_after"}, durationOrNever(bounds::freezeAfter),
                                  [](const FunctionSettings &s) {
                                      return s.freezeAfter ? spaced(toText(*s.freezeAfter)) : QStringLiteral("never");
                                  });
    freeze->setToolTip(
        tr("An idle worker's processes are stopped after so long; 0: at once, as on AWS Lambda; or never"));
    QComboBox *reuse = addChoice(tr("Reuse"), {"reuse"}, [](const FunctionSettings &s) {
        return s.reuse == Reuse::Never ? QStringLiteral("never") : QStringLiteral("always");
    });
    reuse->setToolTip(tr("Never: every invocation gets a new worker"));
    reuse->addItem(tr("Always"), QStringLiteral("always"));
    reuse->addItem(tr("Never"), QStringLiteral("never"));
    QComboBox *isolation = addChoice(tr("Isolation"), {"isolation"}, [](const FunctionSettings &s) {
        return s.isolation == Isolation::Strict ? QStringLiteral("strict") : QStringLiteral("standard");
    });
    isolation->setToolTip(
        tr("Standard: further workers may be copies of one that has loaded the function, which is quick.\n"
           "Strict: each worker loads it in an interpreter of its own."));
    isolation->addItem(tr("Standard"), QStringLiteral("standard"));
    isolation->addItem(tr("Strict"), QStringLiteral("strict"));
    ValueField *retries = addField(tr("Retries"), {"retries"}, numberIn(bounds::retries),
                                   [](const FunctionSettings &s) { return QString::number(s.retry.retries); });
    retries->setToolTip(tr("Further attempts at an asynchronous event whose invocation failed"));
    addField(tr("Max event age"), {"max_age"}, durationIn(bounds::maxAge),
             [](const FunctionSettings &s) { return spaced(toText(s.retry.maxAge)); });
}

void SettingsForm::addRow(const QString &label, QWidget *widget, QWidget *buddy)
{
    const int row = m_grid->rowCount();
    auto *text = new QLabel(label, this);
    text->setProperty("role", QStringLiteral("muted"));
    text->setBuddy(buddy);
    m_grid->addWidget(text, row, 0, Qt::AlignLeft | Qt::AlignTop);
    text->setMinimumHeight(26);
    m_grid->addWidget(widget, row, 1);
}

ValueField *SettingsForm::addField(const QString &label, std::vector<std::string> key, ValueField::Check check,
                                   Read read)
{
    auto *field = new ValueField(label, this);
    field->setObjectName(QString::fromStdString(key.back()));
    field->setCheck(std::move(check));
    addRow(label, field, field->edit());
    m_fields.push_back({field, std::move(read)});
    connect(field, &ValueField::committed, this, [this, key](const QString &text) { wish(key, yamlOf(key, text)); });
    return field;
}

QComboBox *SettingsForm::addChoice(const QString &label, std::vector<std::string> key, Read read)
{
    auto *box = new CalmComboBox(this);
    box->setObjectName(QString::fromStdString(key.back()));
    box->setAccessibleName(label);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    addRow(label, box, box);
    m_choices.push_back({box, std::move(read)});
    connect(box, &QComboBox::activated, this,
            [this, box, key] { wish(key, box->currentData().toString().toStdString()); });
    return box;
}

void SettingsForm::fillInterpreters(const std::vector<Interpreter> &interpreters)
{
    m_runtime->clear();
    const Language language = m_settings.runtime.language;
    const Language runsOn = language == Language::Typescript ? Language::Node : language;
    const QString name = word(language);
    QStringList values{name};
    const bool versions = !factsOf(language).versionExample.empty();
    m_runtime->addItem(versions ? tr("%1, newest").arg(name) : name, name);
    for (const Interpreter &interpreter : interpreters) {
        const QString value = name + QLatin1Char('@') + versionOf(interpreter);
        if (!versions || interpreter.language != runsOn || !interpreter.usable() || values.contains(value))
            continue;
        values << value;
        m_runtime->addItem(tr("%1 %2").arg(name, versionOf(interpreter)), value);
    }
    // What the file says is shown even if no such interpreter is there; the problem says so.
    if (const QString current = runtimeOf(m_settings); !values.contains(current))
        m_runtime->addItem(current, current);
}

/// Not all languages can: then the field says so, and takes nothing.
void SettingsForm::showPerWorker()
{
    const Language language = m_settings.runtime.language;
    const std::string why = whyOneAtATime(language);
    m_perWorker->setReadOnly(m_readOnly || !why.empty());
    m_perWorker->setEnabled(why.empty());
    m_perWorker->setRemark([why](const QString &) {
        return why.empty() ? tr("at once") : tr("one at a time"); // short: the field's width is the form's
    });
    m_perWorker->setToolTip(why.empty() ? tr("How many events a worker may have under way at once. They share its "
                                             "process, so nothing isolates them from each other.")
                                        : QString::fromStdString(why));
}

void SettingsForm::setSettings(const FunctionSettings &settings, const std::vector<Interpreter> &interpreters)
{
    const bool other = settings.name != m_settings.name;
    m_settings = settings;
    fillInterpreters(interpreters);
    for (const FieldRow &row : m_fields) {
        row.field->setValue(row.read(settings));
        if (other)
            row.field->restore();
    }
    for (const ChoiceRow &row : m_choices)
        row.box->setCurrentIndex(row.box->findData(row.read(settings)));
    showPerWorker();
}

void SettingsForm::restore()
{
    for (const FieldRow &row : m_fields) {
        row.field->setValue(row.read(m_settings));
        row.field->restore();
    }
    for (const ChoiceRow &row : m_choices)
        row.box->setCurrentIndex(row.box->findData(row.read(m_settings)));
}

void SettingsForm::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    for (const FieldRow &row : m_fields)
        row.field->setReadOnly(readOnly);
    for (const ChoiceRow &row : m_choices)
        row.box->setEnabled(!readOnly);
    showPerWorker();
}

void SettingsForm::wish(std::vector<std::string> key, std::string yaml)
{
    Q_EMIT editRequested(SetValue{m_settings.name, std::move(key), std::move(yaml)});
}

} // namespace kiln::ui

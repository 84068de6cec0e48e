// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/logs_pane.h"

#include "ui/models/invocation_text.h"
#include "ui/models/log_model.h"
#include "ui/models/plain_text.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/function_picker.h"
#include "ui/panes/log_table.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyle>
#include <QToolButton>

#include <algorithm>

namespace kiln::ui {

using namespace std::chrono_literals;

static constexpr int searchLimit = 5'000;

LogsPane::LogsPane(QWidget *parent)
    : QWidget(parent)
    , m_live(new LogModel(this))
    , m_found(new LogModel(this))
{
    m_pages = new QStackedWidget(this);
    m_hint = new EmptyHint(QStringLiteral("logs"), this);
    connect(m_hint, &EmptyHint::actionRequested, this, [this] { model()->total() == 0 ? search() : clearFilter(); });
    m_liveTable = new LogTable(m_live, this);
    m_foundTable = new LogTable(m_found, this);
    m_pages->addWidget(m_hint);
    m_pages->addWidget(m_liveTable);
    m_pages->addWidget(m_foundTable);
    for (LogTable *table : {m_liveTable, m_foundTable}) {
        auto *jump = new QAction(tr("Open invocation"), table);
        connect(jump, &QAction::triggered, m_liveTable, [this] {
            if (const LogEntry *entry = current())
                Q_EMIT invocationRequested(entry->invocation);
        });
        table->insertAction(table->actions().value(0), jump);
        connect(table, &QTableView::activated, jump, &QAction::trigger);
        const auto chosen = [this, table] {
            // With the focus a table gets a current line that nobody chose.
            if (!m_moving && table->selectionModel()->hasSelection())
                setFollowing(false); // a line that is read must not run away
            showCurrent();
        };
        // A click tells the one first, a key the other.
        connect(table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, chosen);
        connect(table->selectionModel(), &QItemSelectionModel::selectionChanged, this, chosen);
    }
    m_liveTable->installEventFilter(this);
    connect(m_liveTable->verticalScrollBar(), &QScrollBar::valueChanged, this, &LogsPane::scrolled);

    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(m_pages);
    split->addWidget(makeDetail());
    split->setStretchFactor(0, 1);
    split->setCollapsible(0, false);
    split->setSizes({400, 72});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeFilterRow());
    m_flaw = new QLabel(this);
    m_flaw->setProperty("role", QStringLiteral("error"));
    m_flaw->setContentsMargins(12, 0, 8, 4);
    m_flaw->hide();
    layout->addWidget(m_flaw);
    layout->addWidget(makeFoundBanner());
    layout->addWidget(split, 1);
    m_typing.setSingleShot(true);
    m_typing.setInterval(120ms);
    connect(&m_typing, &QTimer::timeout, this, &LogsPane::applyFilter);
    updateState();
}

QWidget *LogsPane::makeFilterRow()
{
    auto *bar = new QWidget(this);
    const auto toggle = [bar](const QString &text, const QString &tip) {
        auto *button = new QToolButton(bar);
        button->setText(text);
        button->setToolTip(tip);
        button->setAccessibleName(tip);
        button->setCheckable(true);
        button->setProperty("bordered", true);
        return button;
    };
    m_function = new FunctionPicker(bar);
    m_text = new QLineEdit(bar);
    m_text->setPlaceholderText(tr("Filter lines; Enter searches history"));
    m_text->setAccessibleName(tr("Filter text"));
    m_text->setClearButtonEnabled(true);
    m_text->setMinimumWidth(136);
    m_text->setMaximumWidth(360);
    m_regex = toggle(QStringLiteral(".*"), tr("Regular expression"));
    m_level = new QComboBox(bar);
    m_level->setAccessibleName(tr("Level"));
    m_level->addItem(tr("All levels"), int(LogLevel::Trace));
    m_level->addItem(tr("Info and above"), int(LogLevel::Info));
    m_level->addItem(tr("Warnings and above"), int(LogLevel::Warn));
    m_level->addItem(tr("Errors"), int(LogLevel::Error));
    // In a narrow window the choices give way first; their lists stay as wide as their words.
    m_level->setMinimumWidth(92);
    m_system = toggle(tr("System"), tr("Show START, END and REPORT lines"));
    m_system->setChecked(true);
    m_count = new QLabel(bar);
    m_count->setProperty("role", QStringLiteral("muted"));
    m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_count->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // has what the others leave
    m_search = new QPushButton(tr("History"), bar);
    m_search->setToolTip(tr("Look for the text in all recorded lines"));
    m_search->setAccessibleName(tr("Search history"));
    m_follow = toggle(tr("Follow"), tr("Stay at the newest line (End)"));
    m_follow->setChecked(true);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(8);
    layout->addWidget(m_function);
    layout->addWidget(m_text, 2);
    layout->addWidget(m_regex);
    layout->addWidget(m_level);
    layout->addWidget(m_system);
    layout->addWidget(m_count, 1);
    layout->addWidget(m_search);
    layout->addWidget(m_follow);

    connect(m_function, &FunctionPicker::functionChanged, this, &LogsPane::applyFilter);
    connect(m_text, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(m_text, &QLineEdit::returnPressed, this, &LogsPane::search);
    connect(m_regex, &QToolButton::toggled, this, &LogsPane::applyFilter);
    connect(m_level, &QComboBox::currentIndexChanged, this, &LogsPane::applyFilter);
    connect(m_system, &QToolButton::toggled, this, &LogsPane::applyFilter);
    connect(m_search, &QPushButton::clicked, this, &LogsPane::search);
    connect(m_follow, &QToolButton::clicked, this, &LogsPane::setFollowing);
    return bar;
}

QWidget *LogsPane::makeFoundBanner()
{
    m_banner = new QFrame(this);
    m_banner->setProperty("role", QStringLiteral("banner"));
    m_bannerText = new QLabel(m_banner);
    m_bannerText->setTextFormat(Qt::PlainText);
    auto *back = new QPushButton(tr("Back to live"), m_banner);
    auto *layout = new QHBoxLayout(m_banner);
    layout->setContentsMargins(12, 4, 8, 4);
    layout->addWidget(m_bannerText, 1);
    layout->addWidget(back);
    connect(back, &QPushButton::clicked, this, &LogsPane::backToLive);
    m_banner->hide();
    return m_banner;
}

QWidget *LogsPane::makeDetail()
{
    m_detail = new QWidget(this);
    m_detailText = new QPlainTextEdit(m_detail);
    m_detailText->setReadOnly(true);
    m_detailText->setFont(codeFont());
    m_detailText->setFrameShape(QFrame::NoFrame);
    m_detailText->setAccessibleName(tr("Whole line"));
    m_detailText->setTabChangesFocus(true);
    m_open = new QPushButton(tr("Open invocation"), m_detail);
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (const LogEntry *entry = current())
            Q_EMIT invocationRequested(entry->invocation);
    });
    auto *layout = new QHBoxLayout(m_detail);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->addWidget(m_detailText, 1);
    layout->addWidget(m_open, 0, Qt::AlignTop);
    m_detail->hide();
    return m_detail;
}

LogTable *LogsPane::table() const { return m_source == Source::Live ? m_liveTable : m_foundTable; }
LogModel *LogsPane::model() const { return m_source == Source::Live ? m_live : m_found; }

void LogsPane::setSnapshot(const SnapshotPtr &snapshot)
{
    m_snapshot = snapshot;
    if (isVisible())
        take();
}

void LogsPane::showEvent(QShowEvent *)
{
    if (!m_snapshot)
        return;
    take();
    updateState();
}

void LogsPane::take()
{
    m_function->setWorkspace(m_snapshot->workspace);
    QScrollBar *bar = m_liveTable->verticalScrollBar();
    m_moving = true;
    const int place = bar->value();
    const LogModel::Change change = m_live->append(m_snapshot->logs);
    if (m_following)
        m_liveTable->scrollToBottom();
    else if (change.removed > 0)
        bar->setValue(place - change.removed); // what is looked at stays
    m_moving = false;
    if (change.added > 0 || change.removed > 0)
        updateState();
}

void LogsPane::scrolled()
{
    if (!m_moving)
        setFollowing(m_liveTable->atEnd());
}

void LogsPane::setFollowing(bool following)
{
    m_following = following;
    m_follow->setChecked(following);
    if (following && m_source == Source::Found)
        backToLive();
    if (following)
        m_liveTable->scrollToBottom();
}

bool LogsPane::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_liveTable && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_End) {
            setFollowing(true);
            return true;
        }
        if (key->key() == Qt::Key_Up || key->key() == Qt::Key_PageUp || key->key() == Qt::Key_Home)
            setFollowing(false);
    }
    return QWidget::eventFilter(watched, event);
}

void LogsPane::setFunctionFilter(const QString &function) { m_function->setFunction(function); }

void LogsPane::applyFilter()
{
    m_typing.stop();
    LogModel::Filter filter;
    filter.function = m_function->function().toStdString();
    filter.least = LogLevel(m_level->currentData().toInt());
    filter.system = m_system->isChecked();
    QString flaw;
    if (m_regex->isChecked()) {
        auto match = TextMatch::regex(m_text->text());
        if (match)
            filter.text = *std::move(match);
        else
            flaw =
                tr("Regular expression, %1: %2").arg(toQString(match.error().place), toQString(match.error().message));
        if (!match)
            filter.text = m_live->filter().text; // the last good one stays in force
    } else {
        filter.text = TextMatch::plain(m_text->text());
    }
    m_flaw->setText(flaw);
    m_flaw->setVisible(!flaw.isEmpty());
    m_text->setProperty("invalid", !flaw.isEmpty());
    m_text->style()->polish(m_text);
    m_live->setFilter(filter);
    m_found->setFilter(filter);
    if (m_following)
        m_liveTable->scrollToBottom();
    showCurrent();
    updateState();
}

void LogsPane::clearFilter()
{
    m_text->clear();
    m_level->setCurrentIndex(0);
    m_system->setChecked(true);
    m_function->setFunction({});
    applyFilter();
}

void LogsPane::search()
{
    applyFilter();
    LogQuery query;
    query.function = m_function->function().toStdString();
    if (!m_regex->isChecked()) // history knows plain text only; an expression filters what it answers
        query.grep = m_text->text().toStdString();
    query.limit = searchLimit;
    m_searching = true;
    updateState();
    Q_EMIT searchRequested(query);
}

void LogsPane::showFound(const std::vector<LogEntry> &found)
{
    m_searching = false;
    m_source = Source::Found;
    std::vector<LogEntry> entries = found;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const LogEntry &a, const LogEntry &b) { return a.line.time < b.line.time; });
    m_found->setEntries(std::move(entries));
    m_bannerText->setText(int(found.size()) < searchLimit
                              ? tr("Found in history: %L1").arg(found.size())
                              : tr("Found in history: the last %L1; there are more").arg(found.size()));
    m_banner->show();
    m_foundTable->scrollToBottom();
    setFollowing(false);
    showCurrent();
    updateState();
}

void LogsPane::backToLive()
{
    m_source = Source::Live;
    m_found->setEntries({});
    m_banner->hide();
    showCurrent();
    updateState();
    setFollowing(true);
}

const LogEntry *LogsPane::current() const
{
    const QModelIndex index = table()->currentIndex();
    return index.isValid() && table()->selectionModel()->hasSelection() ? &model()->at(index.row()) : nullptr;
}

void LogsPane::showCurrent()
{
    const LogEntry *entry = current();
    m_detail->setVisible(entry != nullptr);
    if (!entry)
        return;
    m_detailText->setPlainText(toQString(std::string_view(entry->line.text).substr(0, 64 * 1024)));
    m_open->setToolTip(idText(entry->invocation));
    m_open->setEnabled(entry->invocation != Uuid());
}

void LogsPane::updateState()
{
    const int shown = model()->rowCount(), total = model()->total();
    m_count->setText(shown == total ? (total == 1 ? tr("1 line") : tr("%L1 lines").arg(total))
                                    : tr("%L1 of %L2 lines").arg(shown).arg(total));
    m_count->setToolTip(m_count->text());
    m_search->setText(m_searching ? tr("Searching…") : tr("History"));
    m_search->setEnabled(!m_searching);
    if (total == 0 && m_source == Source::Live && m_snapshot && m_snapshot->engine.historyInvocations > 0)
        m_hint->setText(tr("Nothing printed since Kiln started"),
                        tr("What functions print appears here line by line. Earlier lines are in history."),
                        tr("Show the last of history"));
    else if (total == 0 && m_source == Source::Live)
        m_hint->setText(tr("Nothing printed yet"),
                        tr("What functions print appears here line by line. Fire an event (Ctrl+Enter)."));
    else if (total == 0)
        m_hint->setText(tr("History has no such line"), tr("Try another text or function."));
    else if (shown == 0)
        m_hint->setText(tr("No line passes the filter"), tr("%L1 lines are hidden by it.").arg(total),
                        tr("Clear the filter"));
    m_pages->setCurrentIndex(shown == 0 ? 0 : m_source == Source::Live ? 1 : 2);
}

} // namespace kiln::ui

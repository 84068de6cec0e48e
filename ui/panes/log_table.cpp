// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/log_table.h"

#include "ui/models/invocation_text.h"
#include "ui/panes/mark_delegate.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace kiln::ui {

LogTable::LogTable(LogModel *model, QWidget *parent)
    : QTableView(parent)
{
    setModel(model);
    setAccessibleName(tr("Log lines"));
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setFont(codeFont());
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(18);
    verticalHeader()->setDefaultSectionSize(QFontMetrics(codeFont()).height() + 4);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setHighlightSections(false);
    setItemDelegate(new CellDelegate(this));
    const QFontMetrics metrics(codeFont());
    setColumnWidth(LogModel::TimeColumn, metrics.horizontalAdvance(QStringLiteral("00:00:00.000")) + 20);
    setColumnWidth(LogModel::LevelColumn, metrics.horizontalAdvance(QStringLiteral("System")) + 20);
    setColumnWidth(LogModel::FunctionColumn, 140);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *copy = new QAction(tr("Copy lines"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &LogTable::copySelection);
    addAction(copy);
}

bool LogTable::atEnd() const { return verticalScrollBar()->value() >= verticalScrollBar()->maximum(); }

void LogTable::copySelection()
{
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    for (const QModelIndex &row : rows)
        lines.append(row.data(LogModel::ExactRole).toString());
    if (!lines.isEmpty())
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

LogList::LogList(QWidget *parent)
    : QWidget(parent)
    , m_model(new LogModel(this))
    , m_table(new LogTable(m_model, this))
    , m_note(new QLabel(this))
{
    m_table->hideColumn(LogModel::FunctionColumn);
    m_table->horizontalHeader()->hide();
    m_note->setProperty("role", QStringLiteral("muted"));
    m_note->setContentsMargins(8, 4, 8, 4);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(m_note);
    layout->addWidget(m_table, 1);
    setFocusProxy(m_table);
}

void LogList::setInvocation(const InvocationPtr &invocation)
{
    std::vector<LogEntry> entries;
    if (invocation) {
        const std::string function = functionNameOf(*invocation).toStdString();
        entries.reserve(invocation->logs.size());
        for (const LogLine &line : invocation->logs)
            entries.push_back({line, function, invocation->id});
    }
    const bool none = entries.empty();
    m_model->setEntries(std::move(entries));
    m_note->setText(none                                ? tr("It printed nothing.")
                    : invocation && invocation->logsCut ? tr("The output went over the log limit and is not all here.")
                    : invocation->logs.size() > LogModel::bound ? tr("The last 20,000 lines.")
                                                                : QString());
    m_note->setVisible(!m_note->text().isEmpty());
    m_table->setVisible(!none);
}

} // namespace kiln::ui

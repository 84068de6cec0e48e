// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/explorer_pane.h"

#include "ui/panes/explorer_delegate.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScopedValueRollback>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

namespace kiln::ui {

using Kind = ExplorerModel::Kind;

static Kind kindAt(const QModelIndex &index) { return index.data(ExplorerModel::KindRole).value<Kind>(); }
static QString functionAt(const QModelIndex &index) { return index.data(ExplorerModel::FunctionRole).toString(); }

ExplorerPane::ExplorerPane(QWidget *parent)
    : QWidget(parent)
    , m_model(new ExplorerModel(this))
    , m_view(new QTreeView(this))
{
    m_view->setObjectName(QStringLiteral("explorer"));
    m_view->setProperty("panel", true);
    m_view->setAccessibleName(tr("Functions and test events"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new ExplorerDelegate(m_view));
    m_view->setHeaderHidden(true);
    m_view->setIndentation(12);
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(false);
    m_view->setExpandsOnDoubleClick(false);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(m_view);

    connect(m_model, &QAbstractItemModel::rowsInserted, this, &ExplorerPane::expandNew);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &ExplorerPane::tellCurrent);
    connect(m_view, &QTreeView::activated, this, &ExplorerPane::openIndex);
    connect(m_view, &QTreeView::customContextMenuRequested, this, &ExplorerPane::showMenu);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &ExplorerPane::dressSections);
}

void ExplorerPane::setSnapshot(SnapshotPtr snapshot)
{
    // What else is selected when a row goes away is not the user's choice.
    const QScopedValueRollback<bool> guard(m_selecting, true);
    m_model->setSnapshot(std::move(snapshot));
}

void ExplorerPane::select(const QString &function, int trigger)
{
    const QScopedValueRollback<bool> guard(m_selecting, true);
    const QModelIndex at =
        trigger >= 0 ? m_model->indexOfTrigger(function, trigger) : m_model->indexOfFunction(function);
    const QModelIndex current = m_view->currentIndex();
    const bool within = trigger < 0 && current.isValid() && functionAt(current) == function;
    if (at.isValid() && !within)
        m_view->setCurrentIndex(at);
}

void ExplorerPane::expandNew(const QModelIndex &parent, int first, int last)
{
    if (!parent.isValid())
        dressSections();
    for (int row = first; row <= last; ++row) {
        const QModelIndex at = m_model->index(row, 0, parent);
        // The row's own children come after it; expanding now holds for them as well.
        if (kindAt(at) == Kind::Section || kindAt(at) == Kind::Function)
            m_view->expand(at);
    }
    if (parent.isValid() && (kindAt(parent) == Kind::Section || kindAt(parent) == Kind::Function) && first == 0)
        m_view->expand(parent);
}

/// Section rows are small widgets, so that "+" is a real button for keyboard and screen reader.
void ExplorerPane::dressSections()
{
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex at = m_model->index(row, 0);
        const QString section = at.data(ExplorerModel::SectionRole).toString();
        auto *bar = new QWidget;
        bar->setProperty("panel", true);
        auto *layout = new QHBoxLayout(bar);
        layout->setContentsMargins(12, 8, 8, 0);
        auto *heading = new QLabel(at.data().toString().toUpper(), bar);
        heading->setProperty("role", QStringLiteral("heading"));
        layout->addWidget(heading, 1);
        if (section != QStringLiteral("problems")) {
            auto *add = new QToolButton(bar);
            add->setObjectName(QStringLiteral("add-") + section);
            add->setIcon(icon(QStringLiteral("add"), theme().muted));
            const bool functions = section == QStringLiteral("functions");
            add->setToolTip(functions ? tr("New function…") : tr("New test event…"));
            add->setAccessibleName(add->toolTip());
            layout->addWidget(add);
            connect(add, &QToolButton::clicked, this, [this, functions] {
                functions ? Q_EMIT newFunctionRequested()
                          : Q_EMIT newTestEventRequested(functionAt(m_view->currentIndex()));
            });
        }
        m_view->setIndexWidget(at, bar);
    }
}

void ExplorerPane::tellCurrent(const QModelIndex &index)
{
    if (m_selecting || !index.isValid())
        return;
    if (kindAt(index) == Kind::Trigger)
        Q_EMIT triggerSelected(functionAt(index), index.data(ExplorerModel::TriggerRole).toInt());
    else if (!functionAt(index).isEmpty())
        Q_EMIT functionSelected(functionAt(index));
}

void ExplorerPane::openIndex(const QModelIndex &index)
{
    const QString function = functionAt(index);
    const QString file = index.data(ExplorerModel::FileRole).toString();
    switch (kindAt(index)) {
    case Kind::Function: Q_EMIT functionOpened(function); break;
    case Kind::File: Q_EMIT fileOpened(function, file, 0); break;
    case Kind::Problem: Q_EMIT problemOpened(file, index.data(ExplorerModel::LineRole).toInt()); break;
    case Kind::TestEvent: Q_EMIT testEventOpened(function, index.data().toString()); break;
    case Kind::Trigger: Q_EMIT triggerSelected(function, index.data(ExplorerModel::TriggerRole).toInt()); break;
    case Kind::Folder: m_view->setExpanded(index, !m_view->isExpanded(index)); break;
    case Kind::Section:
    case Kind::Hint: break;
    }
}

void ExplorerPane::showMenu(const QPoint &at)
{
    const QModelIndex index = m_view->indexAt(at);
    QMenu menu(this);
    const QString function = functionAt(index);
    if (index.isValid() && kindAt(index) == Kind::TestEvent) {
        fillEventMenu(menu, index);
    } else if (index.isValid() && kindAt(index) == Kind::Trigger) {
        const int trigger = index.data(ExplorerModel::TriggerRole).toInt();
        if (index.data(ExplorerModel::IconNameRole).toString() == QStringLiteral("schedule"))
            menu.addAction(icon(QStringLiteral("fire")), tr("Run now"), this,
                           [=, this] { Q_EMIT runTriggerRequested(function, trigger); });
        menu.addAction(icon(QStringLiteral("edit")), tr("Edit"), this,
                       [=, this] { Q_EMIT triggerSelected(function, trigger); });
    } else if (!function.isEmpty()) {
        if (kindAt(index) == Kind::File || kindAt(index) == Kind::Problem)
            menu.addAction(icon(QStringLiteral("code")), tr("Open"), this, [=, this] { openIndex(index); });
        fillFunctionMenu(menu, function);
    } else {
        menu.addAction(icon(QStringLiteral("add")), tr("New function…"), this, &ExplorerPane::newFunctionRequested);
    }
    menu.exec(m_view->viewport()->mapToGlobal(at));
}

void ExplorerPane::fillFunctionMenu(QMenu &menu, const QString &function)
{
    menu.addAction(icon(QStringLiteral("fire")), tr("Fire"), this, [=, this] { Q_EMIT fireRequested(function); });
    menu.addAction(icon(QStringLiteral("cold")), tr("Fire cold"), this,
                   [=, this] { Q_EMIT fireColdRequested(function); });
    menu.addAction(icon(QStringLiteral("load")), tr("Load…"), this, [=, this] { Q_EMIT loadRequested(function); });
    menu.addSeparator();
    menu.addAction(icon(QStringLiteral("code")), tr("Open code"), this, [=, this] { Q_EMIT functionOpened(function); });
    menu.addAction(icon(QStringLiteral("event")), tr("New test event…"), this,
                   [=, this] { Q_EMIT newTestEventRequested(function); });
    menu.addAction(icon(QStringLiteral("event")), tr("New test event from the last request…"), this,
                   [=, this] { Q_EMIT newTestEventFromLastRequested(function); });
    menu.addAction(icon(QStringLiteral("folder")), tr("Show in file manager"), this,
                   [=, this] { Q_EMIT openFolderRequested(function); });
    menu.addSeparator();
    menu.addAction(icon(QStringLiteral("add")), tr("New function…"), this, &ExplorerPane::newFunctionRequested);
    menu.addAction(icon(QStringLiteral("trash")), tr("Delete function"), this,
                   [=, this] { Q_EMIT deleteFunctionRequested(function); });
}

void ExplorerPane::fillEventMenu(QMenu &menu, const QModelIndex &index)
{
    const QString function = functionAt(index), name = index.data().toString();
    menu.addAction(icon(QStringLiteral("fire")), tr("Fire this event"), this,
                   [=, this] { Q_EMIT fireEventRequested(function, name); });
    menu.addAction(icon(QStringLiteral("edit")), tr("Open"), this,
                   [=, this] { Q_EMIT testEventOpened(function, name); });
    menu.addAction(icon(QStringLiteral("event")), tr("New test event…"), this,
                   [=, this] { Q_EMIT newTestEventRequested(function); });
    menu.addSeparator();
    menu.addAction(icon(QStringLiteral("trash")), tr("Delete test event"), this,
                   [=, this] { Q_EMIT deleteTestEventRequested(function, name); });
}

} // namespace kiln::ui

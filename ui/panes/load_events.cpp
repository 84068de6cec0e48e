// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/load_events.h"

#include "ui/models/plain_text.h"
#include "ui/panes/event_file.h"

#include <QCheckBox>
#include <QHeaderView>
#include <QLabel>
#include <QScopedValueRollback>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <map>

namespace kiln::ui {

namespace {

enum Column { EventColumn, WeightColumn };
enum Role { FunctionRole = Qt::UserRole, NameRole }; ///< An empty name is the empty event.

} // namespace

LoadEvents::LoadEvents(QWidget *parent)
    : QWidget(parent)
    , m_list(new QTreeWidget(this))
    , m_others(new QCheckBox(tr("Events of other functions too"), this))
{
    m_list->setObjectName(QStringLiteral("events"));
    m_list->setAccessibleName(tr("Events of the load run, with their weights"));
    m_list->setHeaderLabels({tr("Event"), tr("Weight")});
    m_list->headerItem()->setToolTip(WeightColumn,
                                     tr("How often beside the others: 3 comes three times as often as 1"));
    m_list->setRootIsDecorated(false);
    m_list->setAllColumnsShowFocus(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers); // but for the weight, below
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(EventColumn, QHeaderView::Stretch);
    m_list->header()->resizeSection(WeightColumn, 90);
    m_list->setMinimumSize(260, 120);
    m_others->setObjectName(QStringLiteral("others"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(8);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_others);

    connect(m_others, &QCheckBox::toggled, this, [this] {
        showRows();
        Q_EMIT changed();
    });
    const auto editWeight = [this](QTreeWidgetItem *item, int column) {
        if (item && column == WeightColumn)
            m_list->editItem(item, WeightColumn);
    };
    connect(m_list, &QTreeWidget::itemClicked, this, editWeight);
    connect(m_list, &QTreeWidget::itemActivated, this,
            [this](QTreeWidgetItem *item) { m_list->editItem(item, WeightColumn); });
    connect(m_list, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem *item, int column) {
        if (m_filling)
            return;
        if (column == WeightColumn) // who weighs an event wants it
            item->setCheckState(EventColumn, Qt::Checked);
        Q_EMIT changed();
    });
}

void LoadEvents::setFunctions(const std::vector<FunctionView> &functions)
{
    m_functions = functions;
    fill();
}

void LoadEvents::setFunction(const QString &function)
{
    if (function == m_function)
        return;
    m_function = function;
    showRows();
    Q_EMIT changed();
}

void LoadEvents::fill()
{
    const QScopedValueRollback<bool> guard(m_filling, true);
    struct Kept
    {
        Qt::CheckState ticked;
        double weight;
    };
    std::map<std::pair<QString, QString>, Kept> kept;
    for (int i = 0; i < m_list->topLevelItemCount(); ++i) {
        const QTreeWidgetItem *item = m_list->topLevelItem(i);
        kept[{item->data(0, FunctionRole).toString(), item->data(0, NameRole).toString()}] = {
            item->checkState(EventColumn), item->data(WeightColumn, Qt::EditRole).toDouble()};
    }
    m_list->clear();
    for (const FunctionView &function : m_functions) {
        std::vector<std::string> names{""};
        names.insert(names.end(), function.testEvents.begin(), function.testEvents.end());
        for (const std::string &name : names) {
            auto *item = new QTreeWidgetItem(m_list);
            const auto key = std::make_pair(toQString(function.name), toQString(name));
            // The first test event is what Fire fires; where there is none, the empty one.
            const bool first = name == (names.size() > 1 ? names[1] : names[0]);
            const auto known = kept.find(key);
            item->setData(0, FunctionRole, key.first);
            item->setData(0, NameRole, key.second);
            item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemIsEditable);
            item->setCheckState(EventColumn, known != kept.end() ? known->second.ticked
                                             : first             ? Qt::Checked
                                                                 : Qt::Unchecked);
            item->setData(WeightColumn, Qt::EditRole, known != kept.end() ? known->second.weight : 1.0);
            item->setTextAlignment(WeightColumn, Qt::AlignRight | Qt::AlignVCenter);
        }
    }
    showRows();
}

void LoadEvents::showRows()
{
    const QScopedValueRollback<bool> guard(m_filling, true);
    for (int i = 0; i < m_list->topLevelItemCount(); ++i) {
        QTreeWidgetItem *item = m_list->topLevelItem(i);
        const QString function = item->data(0, FunctionRole).toString(), name = item->data(0, NameRole).toString();
        const QString shown = name.isEmpty() ? tr("{} (empty)") : name;
        const bool own = function == m_function;
        item->setText(EventColumn, own ? shown : QStringLiteral("%1 / %2").arg(function, shown));
        item->setHidden(!own && !m_others->isChecked());
    }
}

LoadEvent LoadEvents::eventOf(const QTreeWidgetItem &item) const
{
    const QString name = item.data(0, NameRole).toString();
    LoadEvent event{.function = item.data(0, FunctionRole).toString().toStdString()};
    if (!name.isEmpty())
        event.name = name.toStdString();
    event.weight = item.data(WeightColumn, Qt::EditRole).toDouble();
    return event;
}

std::vector<LoadEvent> LoadEvents::chosen() const
{
    std::vector<LoadEvent> events;
    for (int i = 0; i < m_list->topLevelItemCount(); ++i) {
        const QTreeWidgetItem *item = m_list->topLevelItem(i);
        if (!item->isHidden() && item->checkState(EventColumn) == Qt::Checked)
            events.push_back(eventOf(*item));
    }
    return events;
}

Result<std::vector<LoadEvent>> LoadEvents::read() const
{
    std::vector<LoadEvent> events;
    for (int i = 0; i < m_list->topLevelItemCount(); ++i) {
        const QTreeWidgetItem *item = m_list->topLevelItem(i);
        if (item->isHidden() || item->checkState(EventColumn) != Qt::Checked)
            continue;
        LoadEvent event = eventOf(*item);
        const QString name = item->data(0, NameRole).toString();
        for (const FunctionView &function : m_functions) {
            if (name.isEmpty() || function.name != event.function)
                continue;
            const Result<QByteArray> bytes = readTestEvent(function.folder, name);
            if (!bytes)
                return tl::make_unexpected(bytes.error());
            event.data = payload(bytes->toStdString());
        }
        events.push_back(std::move(event));
    }
    return events;
}

} // namespace kiln::ui

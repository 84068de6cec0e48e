// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/explorer_model.h"

#include "ui/models/explorer_node.h"

#include <algorithm>

namespace kiln::ui {

ExplorerModel::ExplorerModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{}

ExplorerModel::~ExplorerModel() = default;

void ExplorerModel::setSnapshot(SnapshotPtr snapshot)
{
    const bool sameDisk = m_snapshot && m_snapshot->workspace == snapshot->workspace;
    m_snapshot = std::move(snapshot);
    if (!sameDisk)
        sync(m_root.get(), wantedRows());
    tellLive(m_root.get());
}

/// Brings the children of `parent` to `wanted` by removing and inserting single rows; both are in the same order, so
/// what stays never moves.
void ExplorerModel::sync(Node *parent, std::vector<Wanted> wanted)
{
    const QModelIndex at = indexOf(parent);
    for (int row = int(parent->children.size()) - 1; row >= 0; --row) {
        const QString &key = parent->children[std::size_t(row)]->key;
        if (std::none_of(wanted.begin(), wanted.end(), [&](const Wanted &w) { return w.row.key == key; })) {
            beginRemoveRows(at, row, row);
            parent->children.erase(parent->children.begin() + row);
            endRemoveRows();
        }
    }
    for (std::size_t row = 0; row < wanted.size(); ++row) {
        Wanted &want = wanted[row];
        if (row >= parent->children.size() || parent->children[row]->key != want.row.key) {
            beginInsertRows(at, int(row), int(row));
            auto made = std::make_unique<Node>();
            static_cast<ExplorerRow &>(*made) = want.row;
            made->parent = parent;
            parent->children.insert(parent->children.begin() + std::ptrdiff_t(row), std::move(made));
            endInsertRows();
        } else {
            static_cast<ExplorerRow &>(*parent->children[row]) = want.row;
        }
        sync(parent->children[row].get(), std::move(want.children));
    }
}

void ExplorerModel::tellLive(const Node *parent)
{
    if (parent->children.empty())
        return;
    const QModelIndex at = indexOf(parent);
    Q_EMIT dataChanged(index(0, 0, at), index(int(parent->children.size()) - 1, 0, at));
    for (const auto &child : parent->children)
        tellLive(child.get());
}

QModelIndex ExplorerModel::indexOfFunction(const QString &function) const
{
    for (const auto &section : m_root->children)
        for (const auto &child : section->children)
            if (child->kind == Kind::Function && child->function == function)
                return indexOf(child.get());
    return {};
}

QModelIndex ExplorerModel::indexOfTrigger(const QString &function, int trigger) const
{
    const QModelIndex at = indexOfFunction(function);
    if (!at.isValid())
        return {};
    for (const auto &child : nodeOf(at)->children)
        if (child->kind == Kind::Trigger && child->trigger == trigger)
            return indexOf(child.get());
    return {};
}

const ExplorerModel::Node *ExplorerModel::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<const Node *>(index.internalPointer()) : m_root.get();
}

QModelIndex ExplorerModel::indexOf(const Node *node) const
{
    return node->parent ? createIndex(node->row(), 0, node) : QModelIndex();
}

QModelIndex ExplorerModel::index(int row, int column, const QModelIndex &parent) const
{
    const Node *node = nodeOf(parent);
    if (column != 0 || row < 0 || std::size_t(row) >= node->children.size())
        return {};
    return createIndex(row, 0, node->children[std::size_t(row)].get());
}

QModelIndex ExplorerModel::parent(const QModelIndex &child) const
{
    const Node *node = nodeOf(child);
    return node->parent ? indexOf(node->parent) : QModelIndex();
}

int ExplorerModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : int(nodeOf(parent)->children.size());
}

int ExplorerModel::columnCount(const QModelIndex &) const { return 1; }

Qt::ItemFlags ExplorerModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    const Kind kind = nodeOf(index)->kind;
    if (kind == Kind::Section || kind == Kind::Hint)
        return Qt::ItemIsEnabled;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

QVariant ExplorerModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Node &node = *nodeOf(index);
    switch (role) {
    case Qt::DisplayRole: return node.text;
    case Qt::ToolTipRole: return toolTipOf(node);
    case Qt::AccessibleTextRole: return spokenOf(node);
    case KindRole: return QVariant::fromValue(node.kind);
    case FunctionRole: return node.function;
    case TagRole: return node.tag;
    case DetailRole: return detailOf(node);
    case StateRole: return QVariant::fromValue(stateOf(node));
    case IconNameRole: return node.icon;
    case TriggerRole: return node.trigger;
    case FileRole: return node.file;
    case LineRole: return node.line;
    case SectionRole: return node.section;
    case WarningRole: {
        const FunctionLive *live = node.kind == Kind::Trigger ? liveOf(node) : nullptr;
        return live && std::size_t(node.trigger) < live->triggers.size() &&
               !live->triggers[std::size_t(node.trigger)].problem.empty();
    }
    default: return {};
    }
}

} // namespace kiln::ui

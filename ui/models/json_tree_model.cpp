// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/json_tree_model.h"

#include "ui/models/json_text.h"
#include "ui/theme/theme.h"

#include <vector>

namespace kiln::ui {

namespace {

constexpr int batch = 500;           // members read at once
constexpr std::size_t preview = 160; // bytes of a container shown beside its key

bool isContainer(std::string_view value) { return !value.empty() && (value.front() == '{' || value.front() == '['); }

QString previewOf(std::string_view value)
{
    const QString text = QString::fromUtf8(value.data(), qsizetype(std::min(value.size(), preview))).simplified();
    return value.size() > preview ? text + QChar(0x2026) : text;
}

QColor colourOf(JsonKind kind)
{
    switch (kind) {
    case JsonKind::String: return theme().string;
    case JsonKind::Number: return theme().number;
    case JsonKind::Bool:
    case JsonKind::Null: return theme().keyword;
    case JsonKind::Array:
    case JsonKind::Object: return theme().muted;
    }
    Q_UNREACHABLE();
}

} // namespace

struct JsonTreeModel::Node
{
    Node(Node *owner, int at, JsonMember what)
        : parent(owner)
        , row(at)
        , member(what)
        , cursor(what.value)
    {}

    Node *const parent;
    const int row;
    const JsonMember member;
    JsonCursor cursor; ///< Stands after the last child read.
    bool complete = false;
    std::vector<std::unique_ptr<Node>> children;
};

JsonTreeModel::JsonTreeModel(QObject *parent)
    : QAbstractItemModel(parent)
{}

JsonTreeModel::~JsonTreeModel() = default;

void JsonTreeModel::setPayload(Payload json)
{
    beginResetModel();
    m_root.reset();
    m_payload = std::move(json);
    const std::string_view text = m_payload ? jsonTrimmed(*m_payload) : std::string_view();
    if (!text.empty()) {
        m_root = std::make_unique<Node>(nullptr, 0, JsonMember{{}, text});
        if (!isContainer(text)) { // a lone value is shown as one row
            m_root->children.push_back(std::make_unique<Node>(m_root.get(), 0, JsonMember{{}, text}));
            m_root->complete = true;
        } else {
            m_root->children = readMore(*m_root);
        }
    }
    endResetModel();
}

JsonTreeModel::Node *JsonTreeModel::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QModelIndex JsonTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, nodeOf(parent)->children[std::size_t(row)].get());
}

QModelIndex JsonTreeModel::parent(const QModelIndex &index) const
{
    const Node *node = index.isValid() ? nodeOf(index)->parent : nullptr;
    return node && node->parent ? createIndex(node->row, 0, node) : QModelIndex();
}

int JsonTreeModel::rowCount(const QModelIndex &parent) const
{
    const Node *node = parent.column() > 0 ? nullptr : nodeOf(parent);
    return node ? int(node->children.size()) : 0;
}

int JsonTreeModel::columnCount(const QModelIndex &) const { return ColumnCount; }

bool JsonTreeModel::hasChildren(const QModelIndex &parent) const
{
    return rowCount(parent) > 0 || canFetchMore(parent);
}

bool JsonTreeModel::canFetchMore(const QModelIndex &parent) const
{
    const Node *node = parent.column() > 0 ? nullptr : nodeOf(parent);
    if (!node || node->complete || !isContainer(node->member.value))
        return false;
    return JsonCursor(node->cursor).next().has_value();
}

std::vector<std::unique_ptr<JsonTreeModel::Node>> JsonTreeModel::readMore(Node &node)
{
    const int first = int(node.children.size());
    std::vector<std::unique_ptr<Node>> more;
    while (int(more.size()) < batch) {
        const auto member = node.cursor.next();
        if (!member) {
            node.complete = true;
            break;
        }
        more.push_back(std::make_unique<Node>(&node, first + int(more.size()), *member));
    }
    return more;
}

void JsonTreeModel::fetchMore(const QModelIndex &parent)
{
    Node *node = parent.column() > 0 ? nullptr : nodeOf(parent);
    if (!node || node->complete || !isContainer(node->member.value))
        return;
    const int first = int(node->children.size());
    auto more = readMore(*node);
    if (more.empty())
        return;
    beginInsertRows(parent, first, first + int(more.size()) - 1);
    for (auto &child : more)
        node->children.push_back(std::move(child));
    endInsertRows();
}

QVariant JsonTreeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Node *node = nodeOf(index);
    const auto [key, value] = node->member;
    const QString name = !key.empty()                                ? jsonString(key)
                         : node->parent->member.value.front() == '[' ? QString::number(node->row)
                                                                     : QString();
    switch (role) {
    case KindRole: return int(jsonKind(value));
    case ExactRole: return QString::fromUtf8(value.data(), qsizetype(value.size()));
    case PathRole: {
        QString path;
        for (; node->parent; node = node->parent) {
            if (!node->member.key.empty())
                path.prepend(QLatin1Char('.') + jsonString(node->member.key));
            else if (node->parent->member.value.front() == '[')
                path.prepend(QStringLiteral("[%1]").arg(node->row));
        }
        return QString(QLatin1Char('$') + path);
    }
    case Qt::DisplayRole: return index.column() == KeyColumn ? name : previewOf(value);
    case Qt::ToolTipRole: return index.column() == ValueColumn ? previewOf(value) : name;
    case Qt::FontRole: return codeFont();
    case Qt::ForegroundRole: return index.column() == KeyColumn ? theme().text : colourOf(jsonKind(value));
    default: return {};
    }
}

QVariant JsonTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == KeyColumn ? tr("Key") : tr("Value");
}

} // namespace kiln::ui

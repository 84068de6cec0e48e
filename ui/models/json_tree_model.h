// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/payload.h"

#include <QAbstractItemModel>

#include <memory>
#include <vector>

namespace kiln::ui {

/// A JSON payload as a tree of keys and values. Members are read when their parent is opened, five hundred at a time,
/// so that a payload of megabytes costs no more than what is looked at. Values are shown as they are spelled.
class JsonTreeModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { KeyColumn, ValueColumn, ColumnCount };
    enum Role {
        KindRole = Qt::UserRole, ///< int(JsonKind)
        ExactRole,               ///< The value's own text, as in the payload.
        PathRole,                ///< "$.items[3].sku"
    };

    explicit JsonTreeModel(QObject *parent = nullptr);
    ~JsonTreeModel() override;

    /// `json` must be valid (see jsonFlaw); null empties the tree.
    void setPayload(Payload json);

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    bool hasChildren(const QModelIndex &parent = {}) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    Node *nodeOf(const QModelIndex &index) const;
    static std::vector<std::unique_ptr<Node>> readMore(Node &node); ///< The next children, not yet put in.

    Payload m_payload;
    std::unique_ptr<Node> m_root; ///< Invisible; its one child is the whole value, or its members.
};

} // namespace kiln::ui

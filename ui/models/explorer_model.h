// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <QAbstractItemModel>

#include <memory>
#include <vector>

namespace kiln::ui {

/// The workspace as a tree: problems of kiln.yaml, functions with their problems, triggers and files, and test events.
/// Holds the last snapshot. A change on disk inserts and removes single rows, so that a view keeps what is open and
/// selected; what is live (rates, states, next runs) only changes data. GUI thread.
class ExplorerModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum class Kind { Section, Function, Problem, Trigger, Folder, File, TestEvent, Hint };
    Q_ENUM(Kind)
    /// How a function stands; drawn as a shape of its own each, and told in words by the tooltip.
    enum class State { None, Idle, Active, Preparing, Building, Failed, Invalid };
    Q_ENUM(State)

    enum Role {
        KindRole = Qt::UserRole, ///< Kind
        FunctionRole,            ///< Name of the function a row belongs to; empty for sections.
        TagRole,                 ///< "PY", "JS"
        DetailRole,              ///< What stands at the right: a rate, the next run.
        StateRole,               ///< State
        IconNameRole,            ///< Of ui/theme/icons.h; empty for none.
        TriggerRole,             ///< Index of the trigger; -1 for other rows.
        FileRole,                ///< Relative to the function's folder (a problem's: to the workspace).
        LineRole,                ///< Of a problem, 1-based; 0 when none.
        SectionRole,             ///< "problems", "functions", "events" for the sections.
        WarningRole,             ///< True when the detail is something that does not work.
    };

    explicit ExplorerModel(QObject *parent = nullptr);
    ~ExplorerModel() override;

    void setSnapshot(SnapshotPtr snapshot);
    [[nodiscard]] QModelIndex indexOfFunction(const QString &function) const;
    [[nodiscard]] QModelIndex indexOfTrigger(const QString &function, int trigger) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Node;
    struct Wanted;

    [[nodiscard]] const Node *nodeOf(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(const Node *node) const;
    [[nodiscard]] std::vector<Wanted> wantedRows() const;
    [[nodiscard]] Wanted wantedFunction(const FunctionView &function) const;
    void sync(Node *parent, std::vector<Wanted> wanted);
    void tellLive(const Node *parent);

    [[nodiscard]] const FunctionLive *liveOf(const Node &node) const;
    [[nodiscard]] const FunctionView *viewOf(const Node &node) const;
    [[nodiscard]] State stateOf(const Node &node) const;
    [[nodiscard]] QString detailOf(const Node &node) const;
    [[nodiscard]] QString toolTipOf(const Node &node) const;
    [[nodiscard]] QString spokenOf(const Node &node) const;

    SnapshotPtr m_snapshot;
    std::unique_ptr<Node> m_root;
};

} // namespace kiln::ui

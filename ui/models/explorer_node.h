// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/explorer_model.h"

#include <QString>

#include <algorithm>

namespace kiln::ui {

/// What a row of the explorer is, as the workspace on disk states it. What is live comes from the snapshot.
struct ExplorerRow
{
    QString key; ///< Names the row among its siblings.
    ExplorerModel::Kind kind = ExplorerModel::Kind::Section;
    QString text;
    QString function;
    QString tag;
    QString icon;
    QString file;
    QString section;
    QString toolTip;
    int trigger = -1;
    int line = 0;
    std::size_t view = 0; ///< Index into the snapshot's functions.
};

struct ExplorerModel::Node : ExplorerRow
{
    Node *parent = nullptr;
    std::vector<std::unique_ptr<Node>> children;

    [[nodiscard]] int row() const
    {
        const auto &siblings = parent->children;
        const auto at =
            std::find_if(siblings.begin(), siblings.end(), [this](const auto &child) { return child.get() == this; });
        return int(at - siblings.begin());
    }
};

struct ExplorerModel::Wanted
{
    ExplorerRow row;
    std::vector<Wanted> children;
};

} // namespace kiln::ui

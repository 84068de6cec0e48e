// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <QComboBox>

namespace kiln::ui {

/// Chooses one function, or all of them.
class FunctionPicker : public QComboBox
{
    Q_OBJECT

public:
    explicit FunctionPicker(QWidget *parent = nullptr);

    /// Cheap when the workspace is the one of the last call.
    void setWorkspace(const std::shared_ptr<const WorkspaceView> &workspace);
    void setFunction(const QString &function); ///< Empty: all. One that does not exist yet is kept in the list.
    [[nodiscard]] QString function() const;    ///< Empty: all.

Q_SIGNALS:
    void functionChanged(const QString &function);

private:
    std::shared_ptr<const WorkspaceView> m_workspace;
};

} // namespace kiln::ui

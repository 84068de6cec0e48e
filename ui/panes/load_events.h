// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/base/result.h"
#include "core/model/load_plan.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QTreeWidget;
class QTreeWidgetItem;

namespace kiln::ui {

/// Chooses the events of a load run, and how often each comes: the empty one and the test events of a function, or of
/// all functions.
class LoadEvents : public QWidget
{
    Q_OBJECT

public:
    explicit LoadEvents(QWidget *parent = nullptr);

    void setFunctions(const std::vector<FunctionView> &functions);
    void setFunction(const QString &function); ///< Whose events are shown, if not all are.

    /// Those that are ticked; without their bytes.
    [[nodiscard]] std::vector<LoadEvent> chosen() const;
    /// The same with their bytes, which are read now.
    [[nodiscard]] Result<std::vector<LoadEvent>> read() const;

Q_SIGNALS:
    void changed();

private:
    void fill();
    void showRows();
    [[nodiscard]] LoadEvent eventOf(const QTreeWidgetItem &item) const;

    std::vector<FunctionView> m_functions;
    QString m_function;
    QTreeWidget *m_list = nullptr;
    QCheckBox *m_others = nullptr;
    bool m_filling = false;
};

} // namespace kiln::ui

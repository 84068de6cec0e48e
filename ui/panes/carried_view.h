// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_inspection.h"

#include <QWidget>

class QLabel;
class QTreeWidget;
class QTreeWidgetItem;

namespace kiln::ui {

/// What a worker keeps from one invocation to the next, by kind. Values in; GUI thread.
class CarriedView : public QWidget
{
    Q_OBJECT

public:
    explicit CarriedView(QWidget *parent = nullptr);

    void setState(const CarriedState &state);
    [[nodiscard]] QString text() const; ///< All that is shown, a line each, for the clipboard.
    [[nodiscard]] static int countOf(const CarriedState &state);

private:
    QTreeWidgetItem *addGroup(const QString &title, std::size_t count, const QString &meaning);

    QLabel *m_nothing;
    QTreeWidget *m_tree;
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/function_picker.h"

#include "ui/models/plain_text.h"

#include <QSignalBlocker>

namespace kiln::ui {

FunctionPicker::FunctionPicker(QWidget *parent)
    : QComboBox(parent)
{
    addItem(tr("All functions"), QString());
    setAccessibleName(tr("Function"));
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
    setMinimumContentsLength(12);
    setMinimumWidth(112); // in a narrow window it gives way; its list stays as wide as its words
    setMaximumWidth(240);
    connect(this, &QComboBox::currentIndexChanged, this, [this] { Q_EMIT functionChanged(function()); });
}

void FunctionPicker::setWorkspace(const std::shared_ptr<const WorkspaceView> &workspace)
{
    if (!workspace || workspace == m_workspace)
        return;
    m_workspace = workspace;
    const QString chosen = function();
    {
        const QSignalBlocker quiet(this);
        while (count() > 1)
            removeItem(count() - 1);
        for (const FunctionView &view : workspace->functions)
            addItem(toQString(view.name), toQString(view.name));
        setFunction(chosen);
    }
}

void FunctionPicker::setFunction(const QString &function)
{
    int found = function.isEmpty() ? 0 : findData(function);
    if (found < 0) {
        addItem(function, function);
        found = count() - 1;
    }
    setCurrentIndex(found);
}

QString FunctionPicker::function() const { return currentData().toString(); }

} // namespace kiln::ui

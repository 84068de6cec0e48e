// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/carried_view.h"

#include "ui/models/plain_text.h"
#include "ui/panes/section.h"
#include "ui/theme/format.h"

#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace kiln::ui {

CarriedView::CarriedView(QWidget *parent)
    : QWidget(parent)
    , m_nothing(hintLabel(
          tr("Nothing that can be named: no variable of its modules, no file in /tmp, no socket, no open file, no "
             "further process."),
          this))
    , m_tree(new QTreeWidget(this))
{
    m_tree->setObjectName(QStringLiteral("carried"));
    m_tree->setAccessibleName(tr("What the worker keeps"));
    m_tree->setColumnCount(2);
    m_tree->setHeaderHidden(true);
    m_tree->header()->setSectionResizeMode(0, QHeaderView::Interactive);
    m_tree->header()->setStretchLastSection(true);
    m_tree->header()->resizeSection(0, 300);
    m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(m_nothing);
    layout->addWidget(m_tree, 1);
    setState({});
}

int CarriedView::countOf(const CarriedState &state)
{
    return int(state.variables.size() + state.moreVariables + state.files.size() + state.moreFiles +
               state.sockets.size() + state.openFiles.size() + state.processes.size());
}

QTreeWidgetItem *CarriedView::addGroup(const QString &title, std::size_t count, const QString &meaning)
{
    auto *group = new QTreeWidgetItem(m_tree, {tr("%1 (%L2)").arg(title).arg(count), meaning});
    QFont bold = m_tree->font();
    bold.setWeight(QFont::DemiBold);
    group->setFont(0, bold);
    group->setExpanded(true);
    return group;
}

void CarriedView::setState(const CarriedState &state)
{
    m_tree->clear();
    const auto add = [](QTreeWidgetItem *group, const QString &what, const QString &detail = {}) {
        auto *item = new QTreeWidgetItem(group, {what, detail});
        item->setToolTip(0, plainToolTip(what));
    };
    const auto texts = [&](const QString &title, const std::vector<std::string> &lines, const QString &meaning) {
        if (lines.empty())
            return;
        QTreeWidgetItem *group = addGroup(title, lines.size(), meaning);
        for (const std::string &line : lines)
            add(group, toQString(line));
    };
    if (!state.variables.empty()) {
        QTreeWidgetItem *group = addGroup(tr("Variables of its modules"), state.variables.size() + state.moreVariables,
                                          tr("as its own process tells them; loading is not done again"));
        for (const CarriedState::Variable &variable : state.variables)
            add(group, toQString(variable.name), toQString(variable.value));
        if (state.moreVariables > 0)
            add(group, tr("and %L1 more").arg(state.moreVariables));
    }
    if (!state.files.empty()) {
        QTreeWidgetItem *group = addGroup(tr("Files in /tmp"), state.files.size() + state.moreFiles,
                                          tr("until the worker ends; they count as its memory"));
        for (const CarriedState::File &file : state.files)
            add(group, toQString(file.path), sizeText(file.size));
        if (state.moreFiles > 0)
            add(group, tr("and %L1 more").arg(state.moreFiles));
    }
    texts(tr("Sockets"), state.sockets, tr("open; the other end may have closed meanwhile"));
    texts(tr("Open files"), state.openFiles, tr("each takes one of its descriptors"));
    if (!state.processes.empty()) {
        QTreeWidgetItem *group =
            addGroup(tr("Further processes"), state.processes.size(), tr("frozen with the worker while it is idle"));
        for (const CarriedState::Process &process : state.processes)
            add(group, toQString(process.command), tr("pid %1 inside").arg(process.pid));
    }
    texts(tr("Not looked at"), state.problems, {});
    const bool nothing = m_tree->topLevelItemCount() == 0;
    m_nothing->setVisible(nothing);
    m_tree->setVisible(!nothing);
}

QString CarriedView::text() const
{
    if (m_tree->topLevelItemCount() == 0)
        return m_nothing->text();
    QStringList lines;
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        const QTreeWidgetItem *group = m_tree->topLevelItem(i);
        lines << group->text(0);
        for (int k = 0; k < group->childCount(); ++k)
            lines << QStringLiteral("  %1\t%2").arg(group->child(k)->text(0), group->child(k)->text(1)).trimmed();
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace kiln::ui

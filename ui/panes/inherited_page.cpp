// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/inherited_page.h"

#include "ui/panes/carried_view.h"
#include "ui/panes/section.h"
#include "ui/theme/format.h"

#include <QLabel>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

QString runText(const Invocation &run)
{
    return InheritedPage::tr("%1 %2").arg(startText(run.start).toLower(), durationText(run.phases.total()));
}

/// Short: the pane is low on a small screen, and the list below it counts.
QString meaningOf(const Invocation &first, const Invocation &second, const std::optional<WorkerInspection> &between)
{
    const QString runs = InheritedPage::tr("%1, then %2.").arg(runText(first), runText(second));
    if (!between)
        return InheritedPage::tr("%1 Nothing: the worker of the first run ended with it (%2).")
            .arg(runs, outcomeText(first.outcome));
    if (first.worker != second.worker)
        return InheritedPage::tr("%1 Nothing: another worker served the second run. The first one still keeps this:")
            .arg(runs);
    return InheritedPage::tr("%1 The same process: it still had this:").arg(runs);
}

} // namespace

InheritedPage::InheritedPage(QWidget *parent)
    : QWidget(parent)
    , m_meaning(hintLabel({}, this))
    , m_carried(new CarriedView(this))
{
    setObjectName(QStringLiteral("inherited"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 4, 8, 4);
    layout->setSpacing(4);
    layout->addWidget(m_meaning);
    layout->addWidget(m_carried, 1);
}

void InheritedPage::setRuns(const Invocation &first, const Invocation &second,
                            const std::optional<WorkerInspection> &between)
{
    m_meaning->setText(meaningOf(first, second, between));
    m_carried->setState(between ? between->carried : CarriedState());
    m_carried->setVisible(between.has_value());
}

} // namespace kiln::ui

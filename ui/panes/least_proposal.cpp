// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/least_proposal.h"

#include "ui/panes/section.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace kiln::ui {

namespace {

/// 214: 200; with one digit that counts. A number that moves with each invocation would be read as news.
std::uint64_t roundedDown(std::uint64_t number)
{
    std::uint64_t unit = 1;
    while (number / unit >= 10)
        unit *= 10;
    return number / unit * unit;
}

QString idleText(const std::vector<GrantUse> &uses)
{
    QStringList idle;
    std::uint64_t fewest = 0;
    for (const GrantUse &use : uses) {
        if (!use.isIdle())
            continue;
        fewest = idle.isEmpty() ? use.seen : std::min(fewest, use.seen);
        idle << breakable(use.grant);
    }
    if (idle.isEmpty())
        return {};
    const QString names = idle.join(QStringLiteral(", "));
    return fewest < 10
               ? LeastProposal::tr("Not seen in use yet: %1").arg(names)
               : LeastProposal::tr("Not seen in use in %L1 invocations: %2").arg(roundedDown(fewest)).arg(names);
}

QString changesText(const Narrowing &narrowing)
{
    QStringList lines;
    for (const Grant &grant : narrowing.remove)
        lines << QStringLiteral("\u2212 ") + breakable(toText(grant));
    for (const Grant &grant : narrowing.add)
        lines << QStringLiteral("+ ") + breakable(toText(grant));
    return lines.join(QLatin1Char('\n'));
}

QPushButton *makeButton(const QString &text, const char *name, QWidget *parent)
{
    auto *button = new QPushButton(text, parent);
    button->setObjectName(QString::fromLatin1(name));
    return button;
}

} // namespace

LeastProposal::LeastProposal(QWidget *parent)
    : QWidget(parent)
    , m_idle(hintLabel({}, this))
    , m_changes(new QLabel(this))
    , m_propose(makeButton(tr("Propose the least"), "proposeLeast", this))
    , m_apply(makeButton(tr("Apply"), "applyLeast", this))
    , m_cancel(makeButton(tr("Cancel"), "cancelLeast", this))
{
    m_idle->setObjectName(QStringLiteral("idleGrants"));
    m_idle->setTextFormat(Qt::PlainText);
    m_changes->setObjectName(QStringLiteral("leastChanges"));
    m_changes->setTextFormat(Qt::PlainText);
    m_changes->setWordWrap(true);
    m_changes->setFont(codeFont());
    m_propose->setToolTip(tr("The permissions that do for all that the function was seen to use"));
    m_apply->setToolTip(tr("Writes them into function.yaml"));

    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(4);
    buttons->addWidget(m_propose);
    buttons->addWidget(m_apply);
    buttons->addWidget(m_cancel);
    buttons->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addWidget(m_idle);
    layout->addWidget(m_changes);
    layout->addLayout(buttons);

    connect(m_propose, &QPushButton::clicked, this, [this] {
        m_shown = m_narrowing;
        m_open = true;
        refresh();
        m_apply->setFocus();
    });
    connect(m_apply, &QPushButton::clicked, this, [this] {
        dismiss();
        Q_EMIT wanted(m_shown);
    });
    connect(m_cancel, &QPushButton::clicked, this, &LeastProposal::dismiss);
    refresh();
}

void LeastProposal::setUses(const std::vector<GrantUse> &uses)
{
    const QString idle = idleText(uses);
    Narrowing narrowing = leastFor(uses);
    if (idle == m_idle->text() && narrowing == m_narrowing)
        return;
    m_idle->setText(idle);
    m_narrowing = std::move(narrowing);
    refresh();
}

void LeastProposal::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    refresh();
}

void LeastProposal::dismiss()
{
    m_open = false;
    refresh();
}

void LeastProposal::refresh()
{
    m_changes->setText(changesText(m_shown));
    m_changes->setVisible(m_open);
    m_apply->setVisible(m_open);
    m_cancel->setVisible(m_open);
    m_propose->setVisible(!m_open && !m_narrowing.empty());
    m_apply->setEnabled(!m_readOnly);
    m_idle->setVisible(!m_idle->text().isEmpty());
    setVisible(m_open || !m_narrowing.empty() || !m_idle->text().isEmpty());
}

} // namespace kiln::ui

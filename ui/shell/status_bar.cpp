// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/status_bar.h"

#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <QWidgetAction>

#include <algorithm>
#include <utility>

namespace kiln::ui {

namespace {

QString tierWords(Tier tier)
{
    switch (tier) {
    case Tier::Full: return StatusBar::tr("full (namespaces, seccomp, cgroup)");
    case Tier::SoftMemory: return StatusBar::tr("soft memory limit (no cgroup)");
    case Tier::Reduced: return StatusBar::tr("reduced (no user namespaces)");
    case Tier::None: return StatusBar::tr("none");
    }
    Q_UNREACHABLE();
}

QToolButton *flatButton(const QString &name, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setObjectName(name);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setProperty("status", true);
    return button;
}

/// A figure that changes many times a second: its room only grows, or the whole window would be laid out anew with it.
void showFigure(QLabel *label, const QString &text)
{
    label->setText(text);
    label->setMinimumWidth(std::max(label->minimumWidth(), label->sizeHint().width()));
}

/// A line of any length, cut where the bar ends: a long one must not widen the window. Its tip has the whole.
class NoteLabel : public QLabel
{
public:
    using QLabel::QLabel;
    [[nodiscard]] QSize minimumSizeHint() const override { return {0, QLabel::minimumSizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setPen(theme().muted);
        const QRect area = rect().adjusted(4, 0, -4, 0);
        painter.drawText(area, int(Qt::AlignRight | Qt::AlignVCenter),
                         fontMetrics().elidedText(text(), Qt::ElideRight, area.width()));
    }
};

} // namespace

StatusBar::StatusBar(QWidget *parent)
    : QStatusBar(parent)
    , m_dot(new QLabel(this))
    , m_engine(new QLabel(this))
    , m_workers(new QLabel(this))
    , m_tier(flatButton(QStringLiteral("tier"), this))
    , m_address(flatButton(QStringLiteral("address"), this))
    , m_note(new NoteLabel(this))
    , m_rate(new QLabel(this))
    , m_history(new QLabel(this))
{
    setSizeGripEnabled(false);
    m_engine->setObjectName(QStringLiteral("engineState"));
    m_note->setObjectName(QStringLiteral("statusNote"));
    m_tier->setToolTip(tr("Isolation in force; a click shows the evidence of each layer"));
    m_address->setToolTip(tr("A click copies the address"));
    addWidget(m_dot);
    addWidget(m_engine);
    addWidget(m_workers);
    addWidget(m_tier);
    addWidget(m_address);
    addPermanentWidget(m_note);
    addPermanentWidget(m_rate);
    addPermanentWidget(m_history);
    connect(m_tier, &QToolButton::clicked, this, &StatusBar::showEvidence);
    connect(m_address, &QToolButton::clicked, this, [this] {
        if (!m_live.address.empty())
            Q_EMIT copyRequested(QString::fromStdString(m_live.address));
    });
    showState();
}

void StatusBar::setNoEngine()
{
    m_dot->setPixmap(icon(QStringLiteral("dot"), theme().error).pixmap(12, 12));
    m_engine->setText(tr("engine not started"));
}

void StatusBar::setNote(const QString &note)
{
    m_note->setText(note);
    m_note->setToolTip(note);
}

void StatusBar::setSnapshot(const SnapshotPtr &snapshot)
{
    m_live = snapshot->engine;
    m_trusted = snapshot->workspace->trusted;
    showState();
    showFigure(m_workers, m_live.workers == 0 ? tr("no worker")
                                              : (m_live.workers == 1 ? tr("1 worker · %1")
                                                                     : tr("%n workers · %1", nullptr, m_live.workers))
                                                    .arg(sizeText(m_live.workerMemory)));
    showFigure(m_rate, m_live.rate > 0 ? rateText(m_live.rate) : QString());
    showFigure(m_history, tr("history %1 · %2")
                              .arg(m_live.historyInvocations == 1
                                       ? tr("1 invocation")
                                       : tr("%1 invocations").arg(countText(double(m_live.historyInvocations))),
                                   sizeText(m_live.historySize)));
}

/// Snapshots come thirty times a second and this changes hardly ever.
void StatusBar::showState()
{
    State state{m_live.state, m_live.address, !m_live.addressProblem.empty(), m_trusted, m_live.tier, theme().dark};
    if (m_state == state)
        return;
    m_state = std::move(state);
    showEngine(m_live);
    showTier(m_live);
}

void StatusBar::showEngine(const EngineLive &engine)
{
    const auto show = [this](const QColor &colour, const QString &word) {
        m_dot->setPixmap(icon(QStringLiteral("dot"), colour).pixmap(12, 12));
        m_engine->setText(word);
    };
    switch (engine.state) {
    case EngineLive::State::Starting: show(theme().cold, tr("engine starting")); break;
    case EngineLive::State::Running: show(theme().ok, tr("engine running")); break;
    case EngineLive::State::Stopping: show(theme().muted, tr("engine stopping")); break;
    }
    const bool listening = !engine.address.empty();
    m_address->setText(listening                        ? QString::fromStdString(engine.address)
                       : !engine.addressProblem.empty() ? tr("not listening")
                       : m_trusted                      ? tr("no address yet")
                                                        : tr("triggers off"));
    m_address->setEnabled(listening);
}

void StatusBar::showTier(const EngineLive &engine)
{
    const bool weak = engine.tier && *engine.tier != Tier::Full;
    m_tier->setIcon(weak ? icon(QStringLiteral("warning"), theme().warm) : icon(QStringLiteral("lock"), theme().muted));
    m_tier->setText(engine.tier ? tr("sandbox: %1").arg(tierWords(*engine.tier)) : tr("sandbox: being tested"));
}

void StatusBar::showEvidence()
{
    QMenu menu(this);
    QString lines = m_live.tier
                        ? tr("Tier %1: %2").arg(QString::fromUtf8(toWord(*m_live.tier).data()), tierWords(*m_live.tier))
                        : tr("The self-test is still running.");
    for (const std::string &line : m_live.tierEvidence)
        lines += QLatin1Char('\n') + QString::fromStdString(line);
    auto *label = new QLabel(lines, &menu);
    label->setObjectName(QStringLiteral("evidence"));
    label->setTextFormat(Qt::PlainText);
    label->setContentsMargins(12, 8, 12, 8);
    auto *action = new QWidgetAction(&menu);
    action->setDefaultWidget(label);
    menu.addAction(action);
    menu.addAction(icon(QStringLiteral("copy")), tr("Copy"), this, [this, lines] { Q_EMIT copyRequested(lines); });
    menu.exec(m_tier->mapToGlobal(QPoint(0, -menu.sizeHint().height())));
}

} // namespace kiln::ui

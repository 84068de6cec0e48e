// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/banner_bar.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace kiln::ui {

BannerBar::BannerBar(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins({});
    m_layout->setSpacing(0);
}

void BannerBar::setBanner(const QString &id, const Banner &banner)
{
    if (m_lines.contains(id) && m_lines[id].banner == banner)
        return;
    if (m_dismissed.value(id) == banner.text)
        return;
    removeLine(id);
    QWidget *widget = makeLine(id, banner);
    m_lines.insert(id, {banner, widget});
    m_layout->addWidget(widget);
    show();
}

void BannerBar::clearBanner(const QString &id)
{
    m_dismissed.remove(id);
    removeLine(id);
}

void BannerBar::focusBanner(const QString &id)
{
    const QWidget *widget = m_lines.value(id).widget;
    if (auto *first = widget ? widget->findChild<QPushButton *>(QStringLiteral("action-0")) : nullptr)
        first->setFocus(Qt::OtherFocusReason);
}

QString BannerBar::textOf(const QString &id) const { return m_lines.value(id).banner.text; }

void BannerBar::removeLine(const QString &id)
{
    const Line line = m_lines.take(id);
    if (!line.widget)
        return;
    m_layout->removeWidget(line.widget);
    line.widget->hide();
    line.widget->deleteLater();
}

QWidget *BannerBar::makeLine(const QString &id, const Banner &banner)
{
    auto *line = new QFrame(this);
    line->setObjectName(QStringLiteral("banner-") + id);
    line->setProperty("role", QStringLiteral("banner"));
    auto *layout = new QHBoxLayout(line);
    layout->setContentsMargins(12, 4, 8, 4);
    layout->setSpacing(8);

    const Theme &t = theme();
    auto *sign = new QLabel(line);
    const QString name = banner.tone == Tone::Error     ? QStringLiteral("error")
                         : banner.tone == Tone::Warning ? QStringLiteral("warning")
                                                        : QStringLiteral("ok");
    const QColor ink = banner.tone == Tone::Error ? t.error : banner.tone == Tone::Warning ? t.warm : t.ok;
    sign->setPixmap(icon(name, ink).pixmap(16, 16));
    auto *text = new QLabel(banner.text, line);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(sign);
    layout->addWidget(text, 1);
    for (int i = 0; i < banner.actions.size(); ++i) {
        auto *button = new QPushButton(banner.actions[i], line);
        button->setObjectName(QStringLiteral("action-%1").arg(i));
        button->setAutoDefault(true); // Return presses it as well
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [=, this] { Q_EMIT actionTriggered(id, i); });
    }
    if (banner.dismissible) {
        auto *close = new QToolButton(line);
        close->setObjectName(QStringLiteral("dismiss"));
        close->setIcon(icon(QStringLiteral("close"), t.muted));
        close->setToolTip(tr("Dismiss"));
        close->setAccessibleName(tr("Dismiss: %1").arg(banner.text));
        layout->addWidget(close);
        connect(close, &QToolButton::clicked, this, [=, this] {
            m_dismissed.insert(id, banner.text);
            removeLine(id);
        });
    }
    return line;
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/documents.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QTabBar>
#include <QToolButton>

namespace kiln::ui {

namespace {

constexpr const char *keyName = "documentKey";
constexpr const char *iconNameName = "documentIcon";
constexpr const char *modifiedName = "documentModified";

QIcon dot(const QColor &colour)
{
    QPixmap pixmap(32, 32);
    pixmap.setDevicePixelRatio(2);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawEllipse(QRectF(4, 4, 8, 8));
    return pixmap;
}

} // namespace

Documents::Documents(QWidget *parent)
    : QTabWidget(parent)
{
    setObjectName(QStringLiteral("documents"));
    setDocumentMode(true);
    setMovable(true);
    setElideMode(Qt::ElideMiddle);
    setUsesScrollButtons(true);
    tabBar()->setExpanding(false);
    tabBar()->setAccessibleName(tr("Open documents"));
    connect(this, &QTabWidget::currentChanged, this, [this](int index) { Q_EMIT activated(keyAt(index)); });
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, [this] {
        for (int i = 0; i < count(); ++i)
            dressTab(i);
    });
}

void Documents::add(const QString &key, QWidget *document, const QString &title, const QString &iconName,
                    Closing closing)
{
    document->setProperty(keyName, key);
    document->setProperty(iconNameName, iconName);
    const int index = addTab(document, title);
    if (closing == Closing::Allowed) {
        auto *button = new QToolButton(tabBar());
        button->setProperty("tabClose", true);
        button->setToolTip(tr("Close"));
        button->setAccessibleName(tr("Close %1").arg(title));
        button->setFocusPolicy(Qt::NoFocus);
        button->setIconSize({12, 12});
        tabBar()->setTabButton(index, QTabBar::RightSide, button);
        connect(button, &QToolButton::clicked, this, [this, key] { Q_EMIT closeRequested(key); });
    }
    dressTab(index);
    setCurrentIndex(index);
}

void Documents::replace(const QString &key, QWidget *document)
{
    const int index = indexOfKey(key);
    if (index < 0)
        return;
    QWidget *old = widget(index);
    const QString title = tabText(index);
    const bool current = index == currentIndex();
    document->setProperty(keyName, key);
    document->setProperty(iconNameName, old->property(iconNameName));
    const QSignalBlocker quiet(this);
    removeTab(index);
    insertTab(index, document, title);
    dressTab(index);
    if (current)
        setCurrentIndex(index);
    old->deleteLater();
}

void Documents::dressTab(int index)
{
    const QWidget *document = widget(index);
    const bool modified = document->property(modifiedName).toBool();
    setTabIcon(index,
               modified ? dot(theme().accent) : icon(document->property(iconNameName).toString(), theme().muted));
    if (auto *button = qobject_cast<QToolButton *>(tabBar()->tabButton(index, QTabBar::RightSide)))
        button->setIcon(icon(QStringLiteral("close"), theme().muted));
}

void Documents::setTip(const QString &key, const QString &tip)
{
    if (const int index = indexOfKey(key); index >= 0)
        setTabToolTip(index, tip);
}

QWidget *Documents::document(const QString &key) const
{
    const int index = indexOfKey(key);
    return index < 0 ? nullptr : widget(index);
}

void Documents::activate(const QString &key)
{
    if (const int index = indexOfKey(key); index >= 0)
        setCurrentIndex(index);
}

void Documents::step(int tabs)
{
    if (count() > 0)
        setCurrentIndex((currentIndex() + tabs % count() + count()) % count());
}

void Documents::close(const QString &key)
{
    const int index = indexOfKey(key);
    if (index < 0)
        return;
    QWidget *document = widget(index);
    removeTab(index);
    document->deleteLater();
}

void Documents::setModified(const QString &key, bool modified)
{
    const int index = indexOfKey(key);
    if (index < 0)
        return;
    widget(index)->setProperty(modifiedName, modified);
    dressTab(index);
}

QString Documents::currentKey() const { return keyAt(currentIndex()); }

QStringList Documents::keys() const
{
    QStringList keys;
    for (int i = 0; i < count(); ++i)
        keys << keyAt(i);
    return keys;
}

int Documents::indexOfKey(const QString &key) const
{
    for (int i = 0; i < count(); ++i) {
        if (keyAt(i) == key)
            return i;
    }
    return -1;
}

QString Documents::keyAt(int index) const
{
    const QWidget *document = widget(index);
    return document ? document->property(keyName).toString() : QString();
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/icons.h"

#include "ui/theme/theme.h"

#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

namespace kiln::ui {

namespace {

QHash<QString, QIcon> &cache()
{
    static QHash<QString, QIcon> icons;
    return icons;
}

/// Draws an SVG whose strokes say "currentColor" in one colour, at whatever size is asked.
class TintedSvg final : public QIconEngine
{
public:
    TintedSvg(QByteArray svg, QColor colour)
        : m_svg(std::move(svg))
        , m_colour(std::move(colour))
    {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        QColor colour = mode == QIcon::Disabled ? theme().muted : m_colour;
        QByteArray svg = m_svg;
        svg.replace("currentColor", colour.name().toLatin1());
        QSvgRenderer(svg).render(painter, QRectF(rect));
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new TintedSvg(*this); }

private:
    QByteArray m_svg;
    QColor m_colour;
};

} // namespace

QIcon icon(const QString &name) { return icon(name, theme().text); }

QIcon icon(const QString &name, const QColor &colour)
{
    const QString key = name + colour.name();
    const auto found = cache().constFind(key);
    if (found != cache().constEnd())
        return *found;
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    const bool there = file.open(QIODevice::ReadOnly);
    Q_ASSERT_X(there, "icon", qPrintable(name));
    const QIcon made(new TintedSvg(there ? file.readAll() : QByteArray(), colour));
    cache().insert(key, made);
    return made;
}

void clearIconCache() { cache().clear(); }

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_surface.h"

#include "ui/theme/theme.h"

#include <QChart>
#include <QGraphicsLayout>
#include <QLegend>
#include <QPainter>

namespace kiln::ui {

ChartSurface::ChartSurface(QWidget *parent)
    : QWidget(parent)
    , m_chart(new QChart)
{
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->setBackgroundVisible(false);
    m_chart->legend()->hide();
    m_chart->setMargins({});
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_scene.addItem(m_chart);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, [this] {
        m_themed = false;
        redraw();
    });
}

ChartSurface::~ChartSurface() = default;

QFont ChartSurface::labelFont() const
{
    QFont small = font();
    small.setPixelSize(11);
    return small;
}

QRectF ChartSurface::plotArea() const { return QRectF(rect()).marginsRemoved(gutters()); }

void ChartSurface::redraw()
{
    m_stale = true;
    update();
}

void ChartSurface::render()
{
    if (!m_themed) {
        applyTheme();
        m_themed = true;
    }
    const double ratio = devicePixelRatioF();
    m_picture = QPixmap(size() * ratio);
    m_picture.setDevicePixelRatio(ratio);
    m_picture.fill(Qt::transparent);
    QPainter painter(&m_picture);
    painter.setFont(labelFont());
    painter.setRenderHint(QPainter::Antialiasing);
    paintUnder(painter);
    if (emptyText().isEmpty()) {
        painter.setRenderHint(QPainter::Antialiasing, edges() == Edges::Smooth);
        m_scene.render(&painter, QRectF(rect()), QRectF(rect()), Qt::IgnoreAspectRatio);
        painter.setRenderHint(QPainter::Antialiasing);
        paintLabels(painter);
    } else {
        painter.setPen(theme().muted);
        painter.drawText(plotArea(), int(Qt::AlignCenter) | int(Qt::TextWordWrap), emptyText());
    }
    m_stale = false;
}

void ChartSurface::paintEvent(QPaintEvent *)
{
    if (m_stale || m_picture.devicePixelRatioF() != devicePixelRatioF())
        render();
    QPainter painter(this);
    painter.drawPixmap(0, 0, m_picture);
    if (emptyText().isEmpty())
        paintOver(painter);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(theme().accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void ChartSurface::resizeEvent(QResizeEvent *)
{
    m_scene.setSceneRect(QRectF(rect()));
    m_chart->resize(size());
    m_chart->setPlotArea(plotArea());
    resized();
    redraw();
}

void ChartSurface::showEvent(QShowEvent *) { redraw(); }
void ChartSurface::focusInEvent(QFocusEvent *) { update(); }
void ChartSurface::focusOutEvent(QFocusEvent *) { update(); }

} // namespace kiln::ui

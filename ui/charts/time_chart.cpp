// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/time_chart.h"

#include "ui/charts/decimate.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QChart>
#include <QDateTime>
#include <QMouseEvent>
#include <QPainter>
#include <QValueAxis>

#include <cmath>

namespace kiln::ui {

namespace {

constexpr double dragFrom = 5; // pixels; less is a click with an unsteady hand

QString timeText(double time, bool withSeconds)
{
    const auto local = QDateTime::fromSecsSinceEpoch(qint64(std::floor(time)));
    return local.toString(withSeconds ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
}

/// Seconds between labels, so that they are round and do not touch.
double timeStep(double length, double width)
{
    for (const double step : {1., 2., 5., 10., 15., 30., 60., 120., 300., 600., 900., 1800.}) {
        if (width * step / length >= 60)
            return step;
    }
    return 3600;
}

} // namespace

QList<double> roundTicks(double low, double high, int most)
{
    if (!(high > low) || most < 1)
        return {};
    const double rough = (high - low) / most;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    double step = power * 10;
    for (const double factor : {1., 2., 5.}) {
        if (factor * power >= rough * 0.999) {
            step = factor * power;
            break;
        }
    }
    QList<double> ticks;
    for (double tick = std::ceil(low / step) * step; tick <= high * 1.0001; tick += step)
        ticks.append(tick);
    return ticks;
}

TimeChart::TimeChart(TimeAxisRange *range, QWidget *parent)
    : ChartSurface(parent)
    , m_range(range)
    , m_timeAxis(new QValueAxis(this))
    , m_valueAxis(new QValueAxis(this))
{
    m_timeAxis->setVisible(false);
    m_valueAxis->setVisible(false);
    chart()->addAxis(m_timeAxis, Qt::AlignBottom);
    chart()->addAxis(m_valueAxis, Qt::AlignLeft);
    setMouseTracking(true);
    m_click.setSingleShot(true);
    connect(&m_click, &QTimer::timeout, this, [this] { activate(m_clickedTime); });
    connect(m_range, &TimeAxisRange::crosshairChanged, this, qOverload<>(&QWidget::update));
}

void TimeChart::setWindow(MetricWindow window)
{
    m_window = std::move(window);
    const TimeSpan span = m_range->span();
    m_timeAxis->setRange(span.from, span.to);
    refresh();
    redraw();
}

int TimeChart::pointBudget() const { return std::clamp(int(plotArea().width()), 100, chartPoints); }

void TimeChart::resized()
{
    if (m_budget == pointBudget())
        return;
    m_budget = pointBudget();
    refresh();
}

void TimeChart::setTicks(double low, double high, QList<Tick> ticks)
{
    m_ticks = std::move(ticks);
    m_valueAxis->setRange(low, high);
}

QString TimeChart::emptyText() const
{
    return nothingToShow() ? tr("Nothing ran in this time. Fire an event (Ctrl+Enter) to see it here.") : QString();
}

void TimeChart::paintUnder(QPainter &painter)
{
    const QRectF plot = plotArea();
    const QFontMetricsF metrics(painter.font());
    const double low = m_valueAxis->min(), high = m_valueAxis->max();
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const Tick &tick : nothingToShow() ? QList<Tick>() : m_ticks) {
        const double y = std::round(plot.bottom() - (tick.value - low) / (high - low) * plot.height());
        painter.setPen(theme().line);
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(theme().muted);
        painter.drawText(QRectF(0, y - 10, plot.left() - 6, 20), int(Qt::AlignRight | Qt::AlignVCenter), tick.text);
    }
    painter.setPen(theme().line);
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());

    const TimeSpan span = m_range->span();
    const double step = timeStep(span.length(), plot.width());
    painter.setPen(theme().muted);
    // Unix time modulo an hour is local time modulo an hour but for a few zones; minutes stay round in all.
    for (double time = std::ceil(span.from / step) * step; time <= span.to; time += step) {
        const double x = xOf(time);
        const QString text = timeText(time, step < 60);
        const double half = metrics.horizontalAdvance(text) / 2;
        if (x - half < 0 || x + half > width())
            continue;
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3));
        painter.drawText(QRectF(x - half, plot.bottom() + 4, 2 * half + 1, 16), int(Qt::AlignCenter), text);
    }
    painter.setRenderHint(QPainter::Antialiasing);
}

void TimeChart::paintOver(QPainter &painter)
{
    const QRectF plot = plotArea();
    if (m_pressed && m_dragged) {
        QColor band = theme().accent;
        band.setAlphaF(0.2F);
        painter.fillRect(QRectF(QPointF(*m_pressed, plot.top()), QPointF(*m_dragged, plot.bottom())).normalized(),
                         band);
    }
    const auto time = m_range->crosshair();
    if (!time || *time < m_range->span().from || *time > m_range->span().to)
        return;
    const double x = xOf(*time);
    painter.setPen(QPen(theme().text, 1, Qt::DotLine));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    const auto second = std::int64_t(std::floor(*time));
    paintReadout(painter, plot, x, timeText(double(second), true), valuesAt(second));
}

double TimeChart::timeAt(double x) const
{
    const QRectF plot = plotArea();
    const TimeSpan span = m_range->span();
    const double share = plot.width() > 0 ? (x - plot.left()) / plot.width() : 0;
    return span.from + std::clamp(share, 0.0, 1.0) * span.length();
}

double TimeChart::xOf(double time) const
{
    const TimeSpan span = m_range->span();
    return plotArea().left() + (time - span.from) / span.length() * plotArea().width();
}

void TimeChart::activate(double time)
{
    const double step = std::max(1.0, std::round(m_range->span().length() / 100));
    const double from = std::floor(time) - std::floor(step / 2);
    Q_EMIT pointActivated(from, from + step);
}

void TimeChart::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        m_pressed = event->position().x();
}

void TimeChart::mouseMoveEvent(QMouseEvent *event)
{
    const double x = event->position().x();
    m_range->setCrosshair(timeAt(x));
    if (m_pressed && (m_dragged || std::abs(x - *m_pressed) >= dragFrom)) {
        m_dragged = x;
        update();
    }
}

void TimeChart::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_pressed)
        return;
    if (m_dragged) {
        const double a = timeAt(*m_pressed), b = timeAt(*m_dragged);
        m_range->hold({std::min(a, b), std::max(a, b)});
    } else {
        m_clickedTime = timeAt(*m_pressed);
        m_click.start(QApplication::doubleClickInterval());
    }
    m_pressed.reset();
    m_dragged.reset();
    update();
}

void TimeChart::mouseDoubleClickEvent(QMouseEvent *)
{
    m_click.stop();
    m_pressed.reset();
    m_range->follow();
}

void TimeChart::leaveEvent(QEvent *) { m_range->setCrosshair(std::nullopt); }

void TimeChart::wheelEvent(QWheelEvent *event)
{
    const double steps = event->angleDelta().y() / 120.0;
    if (steps != 0)
        m_range->zoom(std::pow(0.8, steps), timeAt(event->position().x()));
    event->accept();
}

void TimeChart::keyPressEvent(QKeyEvent *event)
{
    const TimeSpan span = m_range->span();
    const double middle = m_range->crosshair().value_or((span.from + span.to) / 2);
    const double direction = event->key() == Qt::Key_Left ? -1 : 1;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (event->modifiers() & Qt::ShiftModifier) {
            m_range->pan(direction * span.length() / 10);
        } else {
            const double step = std::max(1.0, std::round(span.length() / 100));
            const double from = m_range->crosshair().value_or(span.to - step * direction);
            m_range->setCrosshair(std::clamp(from + direction * step, span.from, span.to));
        }
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: m_range->zoom(0.8, middle); return;
    case Qt::Key_Minus: m_range->zoom(1.25, middle); return;
    case Qt::Key_End: m_range->follow(); return;
    case Qt::Key_Escape: m_range->setCrosshair(std::nullopt); return;
    case Qt::Key_Return:
    case Qt::Key_Enter: activate(m_range->crosshair().value_or(span.to)); return;
    default: QWidget::keyPressEvent(event);
    }
}

} // namespace kiln::ui

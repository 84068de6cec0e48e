// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGraphicsScene>
#include <QPixmap>
#include <QWidget>

class QChart;

namespace kiln::ui {

/// A Qt chart drawn into a picture that is kept until data, size or theme change, so that a crosshair above it costs a
/// copy and not a new drawing. Grid and labels are drawn here, on round values, in the theme's colours.
class ChartSurface : public QWidget
{
    Q_OBJECT

public:
    explicit ChartSurface(QWidget *parent = nullptr);
    ~ChartSurface() override;

    QSize sizeHint() const override { return {320, 180}; }
    QSize minimumSizeHint() const override { return {160, 90}; }

    [[nodiscard]] QRectF plotArea() const; ///< In widget coordinates.

protected:
    [[nodiscard]] QChart *chart() const { return m_chart; }
    enum class Edges { Smooth, Hard };

    [[nodiscard]] QFont labelFont() const;
    void redraw(); ///< The chart changed.

    virtual QMarginsF gutters() const = 0;  ///< Room for labels around the plot area.
    virtual void applyTheme() = 0;          ///< Colours of the series. Also called before the first drawing.
    virtual void paintUnder(QPainter &) {}  ///< Grid; part of the kept picture.
    virtual void paintLabels(QPainter &) {} ///< Above the series; part of the kept picture.
    virtual void paintOver(QPainter &) {}   ///< Crosshair and the like: each time.
    virtual QString emptyText() const = 0;  ///< Shown instead when not empty.
    virtual void resized() {}
    [[nodiscard]] virtual Edges edges() const { return Edges::Smooth; } ///< Of the series.

    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void render();

    QGraphicsScene m_scene;
    QChart *const m_chart; ///< Owned by the scene.
    QPixmap m_picture;
    bool m_stale = true;
    bool m_themed = false;
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/phases.h"

#include <QWidget>

class QPainter;

namespace kiln::ui {

/// Draws the phases as one stacked bar; what took any time is at least one and a half pixels wide.
void paintPhases(QPainter *painter, const QRectF &bar, const Phases &phases);

/// Where the time of one invocation went: a stacked bar and below it the words with their times.
class PhaseBar : public QWidget
{
    Q_OBJECT

public:
    explicit PhaseBar(QWidget *parent = nullptr);

    void setPhases(const Phases &phases);

    QSize sizeHint() const override { return {400, heightForWidth(400)}; }
    QSize minimumSizeHint() const override { return {120, 36}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    struct Word
    {
        std::size_t phase = 0;
        QString text;
        QRect box;
    };
    std::vector<Word> words(int width) const; ///< Laid out in lines below the bar.

    Phases m_phases;
};

} // namespace kiln::ui

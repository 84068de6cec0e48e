// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QGlyphRun>
#include <QList>
#include <QString>

class QPainter;

namespace kiln::ui {

/// One line of text, shaped when it changes and only then: shaping costs ten times what painting does. (QStaticText
/// shapes again whenever the painter's font is not the very same.)
class ShapedText
{
public:
    void set(const QString &text, const QFont &font, double room); ///< Cut with an ellipsis where it is too long.
    void draw(QPainter &painter, QPointF topLeft) const;           ///< In the pen's colour.
    [[nodiscard]] double width() const { return m_width; }

private:
    QString m_text;
    QFont m_font;
    double m_room = -1;
    double m_width = 0;
    QList<QGlyphRun> m_runs;
};

} // namespace kiln::ui

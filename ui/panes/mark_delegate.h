// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/mark.h"

#include <QStyledItemDelegate>

#include <functional>

namespace kiln::ui {

/// Draws a cell's text in line with its header, cut with an ellipsis. Lighter than the style's own drawing, which a
/// table of thirty live rows feels.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    static constexpr int padding = 8; ///< As the header's sections have it.
    void paintGround(QPainter *painter, const QStyleOptionViewItem &option) const;
    void paintText(QPainter *painter, const QStyleOptionViewItem &option, const QRect &rect) const;
};

/// The same with a mark before the word.
class MarkDelegate : public CellDelegate
{
    Q_OBJECT

public:
    struct Sign
    {
        Mark mark = Mark::None;
        QColor colour;
    };
    using SignOf = std::function<Sign(const QModelIndex &)>;

    explicit MarkDelegate(SignOf signOf, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    const SignOf m_signOf;
};

/// Draws the phases of the InvocationPtr that `role` answers, as a small stacked bar.
class PhasesDelegate : public CellDelegate
{
    Q_OBJECT

public:
    explicit PhasesDelegate(int role, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    const int m_role;
};

} // namespace kiln::ui

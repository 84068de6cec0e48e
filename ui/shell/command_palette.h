// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QList>
#include <QPointer>
#include <QString>
#include <QStringList>

#include <functional>

class QLabel;
class QLineEdit;
class QListView;
class QStandardItemModel;

namespace kiln::ui {

/// One thing that the palette can do or open.
struct PaletteItem
{
    QString id;
    QString text;
    QString detail; ///< Muted, at the right: a shortcut, or where it belongs.
    QString icon = {};
    bool enabled = true;
};

/// A field and a list over the window: what is typed narrows the list, Return chooses, Escape closes. Before anything
/// is typed, what was chosen recently comes first.
class CommandPalette : public QFrame
{
    Q_OBJECT

public:
    explicit CommandPalette(QWidget *window);

    /// Shows the items; `recent` holds ids, the newest first.
    void open(const QString &placeholder, QList<PaletteItem> items, QStringList recent);

    /// Asks for one line instead, without a list. `check` says what is wrong with a text, empty when nothing is;
    /// `answer` gets it once it is good and Return was pressed.
    void ask(const QString &question, const QString &proposal, std::function<QString(const QString &)> check,
             std::function<void(const QString &)> answer);

Q_SIGNALS:
    void chosen(const QString &id);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void narrow();
    void choose();
    void showOver();
    void place();
    void moveBy(int rows);

    QList<PaletteItem> m_items;
    QStringList m_recent;
    QLineEdit *const m_field;
    QListView *const m_list;
    QStandardItemModel *const m_model;
    QLabel *const m_nothing;
    std::function<QString(const QString &)> m_check; ///< Set while it asks.
    std::function<void(const QString &)> m_answer;
    QPointer<QWidget> m_before; ///< Had the focus, and gets it back.
};

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_palette.h"

#include "ui/panes/widget_state.h"
#include "ui/shell/fuzzy_match.h"
#include "ui/shell/palette_delegate.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QGraphicsDropShadowEffect>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPointer>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace kiln::ui {

namespace {

constexpr int shownAtMost = 200;
constexpr int visibleRows = 12;

struct Ranked
{
    const PaletteItem *item;
    FuzzyMatch match;
};

} // namespace

CommandPalette::CommandPalette(QWidget *window)
    : QFrame(window)
    , m_field(new QLineEdit(this))
    , m_list(new QListView(this))
    , m_model(new QStandardItemModel(this))
    , m_nothing(new QLabel(tr("Nothing like that"), this))
{
    setObjectName(QStringLiteral("palette"));
    setProperty("role", QStringLiteral("popup"));
    m_field->setObjectName(QStringLiteral("paletteField"));
    m_field->setAccessibleName(tr("Search"));
    m_field->setClearButtonEnabled(true);
    m_field->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("paletteList"));
    m_list->setAccessibleName(tr("Matches"));
    m_list->setProperty("panel", true);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new PaletteDelegate(m_list));
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setUniformItemSizes(true);
    m_nothing->setProperty("role", QStringLiteral("muted"));
    m_nothing->setContentsMargins(12, 4, 12, 8);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(4);
    layout->addWidget(m_field);
    layout->addWidget(m_nothing);
    layout->addWidget(m_list);
    auto *shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(32);
    shadow->setOffset(0, 8);
    setGraphicsEffect(shadow);
    window->installEventFilter(this);
    hide();

    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::narrow);
    connect(m_list, &QListView::clicked, this, &CommandPalette::choose);
}

void CommandPalette::open(const QString &placeholder, QList<PaletteItem> items, QStringList recent)
{
    m_items = std::move(items);
    m_recent = std::move(recent);
    m_check = nullptr;
    m_answer = nullptr;
    m_nothing->setText(tr("Nothing like that"));
    setRole(*m_nothing, "muted");
    m_field->setPlaceholderText(placeholder);
    m_field->clear();
    showOver();
}

void CommandPalette::ask(const QString &question, const QString &proposal,
                         std::function<QString(const QString &)> check, std::function<void(const QString &)> answer)
{
    m_items.clear();
    m_check = std::move(check);
    m_answer = std::move(answer);
    m_field->setPlaceholderText(question);
    m_field->setText(proposal);
    m_field->setAccessibleDescription(question);
    showOver();
    m_field->selectAll();
}

void CommandPalette::showOver()
{
    if (!isVisible())
        m_before = QApplication::focusWidget();
    narrow();
    show();
    raise();
    m_field->setFocus(Qt::ShortcutFocusReason);
}

void CommandPalette::narrow()
{
    const QString pattern = m_field->text();
    std::vector<Ranked> ranked;
    for (const PaletteItem &item : m_items) {
        auto match = fuzzyMatch(pattern, item.text);
        if (!match)
            continue;
        const qsizetype age = m_recent.indexOf(item.id);
        if (age >= 0)
            match->score += pattern.trimmed().isEmpty() ? 1000 - int(age) : std::max(0, 6 - int(age));
        else if (pattern.trimmed().isEmpty())
            match->score = 0; // keeps the order of the menus
        ranked.push_back({&item, std::move(*match)});
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Ranked &a, const Ranked &b) { return a.match.score > b.match.score; });
    if (ranked.size() > shownAtMost)
        ranked.resize(shownAtMost);

    m_model->clear();
    for (const Ranked &entry : ranked) {
        auto *row = new QStandardItem(entry.item->text);
        row->setData(entry.item->id, PaletteDelegate::IdRole);
        row->setData(entry.item->detail, PaletteDelegate::DetailRole);
        row->setData(entry.item->icon, PaletteDelegate::IconRole);
        row->setData(QVariant::fromValue(entry.match.positions), PaletteDelegate::MatchRole);
        row->setData(QStringLiteral("%1, %2").arg(entry.item->text, entry.item->detail), Qt::AccessibleTextRole);
        row->setEnabled(entry.item->enabled);
        m_model->appendRow(row);
    }
    if (m_answer) {
        const QString problem = m_check(pattern.trimmed());
        m_nothing->setText(problem.isEmpty() ? m_field->placeholderText() : problem);
        setRole(*m_nothing, problem.isEmpty() ? "muted" : "error");
    }
    m_nothing->setVisible(ranked.empty());
    m_list->setVisible(!ranked.empty());
    m_list->setCurrentIndex(m_model->index(0, 0));
    place();
}

/// Below the window's top edge, in the middle, as high as its rows need.
void CommandPalette::place()
{
    const QWidget *window = parentWidget();
    const int rows = std::min(m_model->rowCount(), visibleRows);
    m_list->setFixedHeight(rows * PaletteDelegate::rowHeight);
    const int width = std::min(640, window->width() - 32);
    resize(width, layout()->sizeHint().height());
    move((window->width() - width) / 2, 44);
}

void CommandPalette::moveBy(int rows)
{
    const int count = m_model->rowCount();
    if (count == 0)
        return;
    const int row = (m_list->currentIndex().row() + rows % count + count) % count;
    m_list->setCurrentIndex(m_model->index(row, 0));
    m_list->scrollTo(m_list->currentIndex());
}

void CommandPalette::choose()
{
    if (m_answer) {
        const QString text = m_field->text().trimmed();
        if (!m_check(text).isEmpty())
            return;
        hide();
        std::exchange(m_answer, nullptr)(text);
        return;
    }
    const QModelIndex at = m_list->currentIndex();
    if (!at.isValid() || !at.flags().testFlag(Qt::ItemIsEnabled))
        return;
    const QString id = at.data(PaletteDelegate::IdRole).toString();
    hide();
    Q_EMIT chosen(id);
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
        place();
    if (watched != m_field)
        return QFrame::eventFilter(watched, event);
    if (event->type() == QEvent::FocusOut && isVisible()) {
        hide();
    } else if (event->type() == QEvent::ShortcutOverride) {
        // Arrow keys and Return belong to the palette while it is open, whatever actions are bound to them.
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Escape || key == Qt::Key_Up || key == Qt::Key_Down)
            event->accept();
    } else if (event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent *>(event)->key()) {
        case Qt::Key_Down: moveBy(1); return true;
        case Qt::Key_Up: moveBy(-1); return true;
        case Qt::Key_PageDown:
            moveBy(std::min(visibleRows, m_model->rowCount() - 1 - m_list->currentIndex().row()));
            return true;
        case Qt::Key_PageUp: moveBy(-std::min(visibleRows, m_list->currentIndex().row())); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: {
            if (m_before && !m_answer)
                m_before->setFocus(); // so that an action finds the focus where it was
            choose();
            return true;
        }
        case Qt::Key_Escape:
            hide();
            if (m_before)
                m_before->setFocus();
            return true;
        default: break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/test_events_pane.h"

#include "ui/panes/event_file.h"
#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

constexpr int nameRole = Qt::UserRole;

} // namespace

TestEventsPane::TestEventsPane(QWidget *parent)
    : QWidget(parent)
    , m_list(new QListWidget(this))
{
    setObjectName(QStringLiteral("testEventsPane"));
    makeActions();
    m_list->setObjectName(QStringLiteral("testEvents"));
    m_list->setAccessibleName(tr("Test events"));
    m_list->setProperty("panel", true);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers); // F2 is an action of the pane
    m_list->setIconSize(QSize(16, 16));
    m_list->setUniformItemSizes(true);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->installEventFilter(this);
    m_empty = new QLabel(this);
    m_empty->setObjectName(QStringLiteral("empty"));
    m_empty->setProperty("role", QStringLiteral("muted"));
    m_empty->setWordWrap(true);
    m_empty->setContentsMargins(12, 8, 12, 8);
    m_empty->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(0);
    column->addWidget(makeHead());
    column->addWidget(m_list, 1);
    column->addWidget(m_empty, 1);
    column->addWidget(makeLine());
    connect(m_list, &QListWidget::itemDoubleClicked, this, &TestEventsPane::openCurrent);
    connect(m_list, &QListWidget::currentItemChanged, this, &TestEventsPane::enableActions);
    connect(m_list, &QListWidget::itemChanged, this, &TestEventsPane::rename);
    connect(m_list, &QWidget::customContextMenuRequested, this, &TestEventsPane::showMenu);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &TestEventsPane::tintIcons);
    clearFunction();
}

QWidget *TestEventsPane::makeHead()
{
    auto *head = new QWidget(this);
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(12, 4, 8, 4);
    row->setSpacing(4);
    m_heading = new QLabel(tr("TEST EVENTS"), head);
    m_heading->setProperty("role", QStringLiteral("heading"));
    row->addWidget(m_heading, 1);
    for (QAction *action : {m_new, m_fromLast, m_duplicate, m_delete, m_fire}) {
        auto *button = new QToolButton(head);
        button->setDefaultAction(action);
        button->setAutoRaise(true);
        button->setAccessibleName(action->text());
        button->setObjectName(action->objectName());
        row->addWidget(button);
    }
    return head;
}

QWidget *TestEventsPane::makeLine()
{
    m_line = new QWidget(this);
    auto *row = new QHBoxLayout(m_line);
    row->setContentsMargins(12, 4, 8, 4);
    m_lineText = new QLabel(m_line);
    m_lineText->setObjectName(QStringLiteral("line"));
    m_lineText->setTextFormat(Qt::PlainText);
    m_lineText->setWordWrap(true);
    m_undo = new QToolButton(m_line);
    m_undo->setObjectName(QStringLiteral("undo"));
    m_undo->setText(tr("Undo"));
    m_undo->setProperty("bordered", true);
    auto *closer = new QToolButton(m_line);
    closer->setObjectName(QStringLiteral("closeLine"));
    closer->setAccessibleName(tr("Hide this line"));
    closer->setAutoRaise(true);
    row->addWidget(m_lineText, 1);
    row->addWidget(m_undo);
    row->addWidget(closer);
    connect(m_undo, &QToolButton::clicked, this, &TestEventsPane::takeBack);
    connect(closer, &QToolButton::clicked, m_line, &QWidget::hide);
    m_line->hide();
    return m_line;
}

QAction *TestEventsPane::makeAction(const QString &text, const QString &iconName, const QString &name,
                                    const QKeySequence &key)
{
    auto *action = new QAction(icon(iconName), text, this);
    action->setObjectName(name);
    action->setData(iconName);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(key.isEmpty() ? text
                                     : QStringLiteral("%1 (%2)").arg(text, key.toString(QKeySequence::NativeText)));
    addAction(action);
    return action;
}

void TestEventsPane::makeActions()
{
    m_open = makeAction(tr("Open the test event"), QStringLiteral("edit"), QStringLiteral("event.open"), {});
    m_fire = makeAction(tr("Fire the test event"), QStringLiteral("fire"), QStringLiteral("event.fire"), {});
    m_new = makeAction(tr("New test event"), QStringLiteral("add"), QStringLiteral("event.new"), {});
    m_fromLast = makeAction(tr("New test event from the last request"), QStringLiteral("event"),
                            QStringLiteral("event.fromLast"), {});
    m_duplicate =
        makeAction(tr("Duplicate the test event"), QStringLiteral("copy"), QStringLiteral("event.duplicate"), {});
    m_rename = makeAction(tr("Rename the test event"), QStringLiteral("edit"), QStringLiteral("event.rename"),
                          QKeySequence(Qt::Key_F2));
    m_delete = makeAction(tr("Delete the test event"), QStringLiteral("trash"), QStringLiteral("event.delete"),
                          QKeySequence(Qt::Key_Delete));
    connect(m_open, &QAction::triggered, this, &TestEventsPane::openCurrent);
    connect(m_fire, &QAction::triggered, this, &TestEventsPane::fireCurrent);
    connect(m_new, &QAction::triggered, this, &TestEventsPane::newEmpty);
    connect(m_fromLast, &QAction::triggered, this, &TestEventsPane::newFromLast);
    connect(m_duplicate, &QAction::triggered, this, &TestEventsPane::duplicateCurrent);
    connect(m_rename, &QAction::triggered, this, &TestEventsPane::renameCurrent);
    connect(m_delete, &QAction::triggered, this, &TestEventsPane::deleteCurrent);
}

void TestEventsPane::setFunction(const FunctionView &function)
{
    const QString name = QString::fromStdString(function.name);
    QStringList names;
    for (const std::string &event : function.testEvents)
        names << QString::fromStdString(event);
    m_folder = function.folder;
    if (name == m_function && names == m_names && !m_heading->text().isEmpty())
        return;
    if (name != m_function) {
        m_function = name;
        m_line->hide();
        m_deleted.reset();
        m_renaming.reset();
    }
    fill(names);
    // Only when the new name is there for certain may the old one go.
    if (m_renaming && names.contains(m_renaming->to)) {
        const QString from = std::exchange(m_renaming, std::nullopt)->from;
        if (names.contains(from))
            Q_EMIT deleteRequested({m_function.toStdString(), from.toStdString()});
    }
}

void TestEventsPane::clearFunction()
{
    m_function.clear();
    m_folder.clear();
    m_last.reset();
    m_line->hide();
    fill({});
}

void TestEventsPane::fill(const QStringList &names)
{
    const QString current = m_renaming && names.contains(m_renaming->to) ? m_renaming->to : currentEvent();
    m_names = names;
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const QString &name : names) {
        auto *item = new QListWidgetItem(m_unsaved.contains(name) ? tr("%1 (unsaved)").arg(name) : name, m_list);
        item->setData(nameRole, name);
        item->setIcon(icon(QStringLiteral("event"), theme().muted));
        item->setToolTip(QStringLiteral("events/") + name);
        if (name == current)
            m_list->setCurrentItem(item);
    }
    m_list->setVisible(!names.isEmpty());
    m_empty->setVisible(names.isEmpty());
    m_empty->setText(m_function.isEmpty()
                         ? tr("Test events of the selected function are listed here. Select a function.")
                         : tr("%1 has no test events yet. Make one with +, or from the last request, and fire it with "
                              "Ctrl+Enter.")
                               .arg(m_function));
    enableActions();
}

void TestEventsPane::enableActions()
{
    const bool some = !currentEvent().isEmpty(), writable = !m_readOnly && !m_function.isEmpty();
    m_open->setEnabled(some);
    m_fire->setEnabled(some);
    m_new->setEnabled(writable);
    m_fromLast->setEnabled(writable);
    m_duplicate->setEnabled(writable && some);
    m_rename->setEnabled(writable && some);
    m_delete->setEnabled(writable && some);
}

void TestEventsPane::tintIcons()
{
    for (QAction *action : actions())
        action->setIcon(icon(action->data().toString()));
    findChild<QToolButton *>(QStringLiteral("closeLine"))->setIcon(icon(QStringLiteral("close")));
    const QSignalBlocker quiet(m_list);
    for (int row = 0; row < m_list->count(); ++row)
        m_list->item(row)->setIcon(icon(QStringLiteral("event"), theme().muted));
}

void TestEventsPane::setLastEvent(InvocationPtr last) { m_last = std::move(last); }

void TestEventsPane::setUnsaved(const QSet<QString> &names)
{
    if (names == m_unsaved)
        return;
    m_unsaved = names;
    fill(m_names);
}

void TestEventsPane::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    enableActions();
}

QString TestEventsPane::currentEvent() const
{
    const QListWidgetItem *item = m_list->currentItem();
    return item ? item->data(nameRole).toString() : QString();
}

bool TestEventsPane::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_list && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && key->modifiers() == Qt::ControlModifier) {
            fireCurrent();
            return true;
        }
        if (enter && key->modifiers() == Qt::NoModifier) {
            openCurrent();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void TestEventsPane::showMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions({m_open, m_fire});
    menu->addSeparator();
    menu->addActions({m_new, m_fromLast, m_duplicate, m_rename});
    menu->addSeparator();
    menu->addAction(m_delete);
    menu->popup(m_list->viewport()->mapToGlobal(position));
}

std::optional<QByteArray> TestEventsPane::readCurrent()
{
    if (currentEvent().isEmpty())
        return std::nullopt;
    auto bytes = readTestEvent(m_folder, currentEvent());
    if (bytes)
        return *bytes;
    say(QString::fromStdString(bytes.error().text()), Offer::Nothing);
    return std::nullopt;
}

void TestEventsPane::openCurrent()
{
    if (const auto bytes = readCurrent())
        Q_EMIT openRequested(m_function, currentEvent(), *bytes);
}

void TestEventsPane::fireCurrent()
{
    if (const auto bytes = readCurrent())
        Q_EMIT fireRequested(m_function, *bytes);
}

void TestEventsPane::newEmpty()
{
    Q_EMIT draftRequested(m_function, freeEventName(QStringLiteral("event"), m_names), QByteArrayLiteral("{}\n"));
}

void TestEventsPane::newFromLast()
{
    if (!m_last) {
        Q_EMIT newFromLastRequested(m_function);
        return;
    }
    // "captured-021407.json": the hour tells requests apart, and a colon is no good in a file's name.
    const QString time = clockText(m_last->event.time).left(8).remove(QLatin1Char(':'));
    Q_EMIT draftRequested(m_function, freeEventName(QStringLiteral("captured-") + time, m_names),
                          QByteArray::fromStdString(*m_last->event.data));
}

void TestEventsPane::duplicateCurrent()
{
    if (const auto bytes = readCurrent())
        Q_EMIT draftRequested(m_function, freeEventName(currentEvent(), m_names), *bytes);
}

void TestEventsPane::renameCurrent()
{
    QListWidgetItem *item = m_list->currentItem();
    if (!item)
        return;
    {
        const QSignalBlocker quiet(m_list);
        item->setText(currentEvent());
        item->setFlags(item->flags() | Qt::ItemIsEditable);
    }
    m_list->editItem(item);
}

void TestEventsPane::rename(QListWidgetItem *item)
{
    const QString from = item->data(nameRole).toString();
    const QString to = item->text().trimmed();
    if (to == from)
        return;
    QString problem = eventNameProblem(to);
    if (problem.isEmpty() && m_names.contains(to))
        problem = tr("there is a test event %1 already").arg(to);
    const auto bytes = problem.isEmpty() ? readCurrent() : std::nullopt;
    if (!problem.isEmpty())
        say(tr("Not renamed: %1").arg(problem), Offer::Nothing);
    {
        const QSignalBlocker quiet(m_list);
        item->setText(from); // until the workspace says otherwise
        item->setFlags(item->flags() & ~Qt::ItemIsEditable);
    }
    if (!bytes)
        return;
    const QString target = freeEventName(to, {});
    m_renaming = Renaming{from, target};
    Q_EMIT saveRequested({m_function.toStdString(), target.toStdString(), bytes->toStdString()});
}

void TestEventsPane::deleteCurrent()
{
    const auto bytes = readCurrent();
    if (!bytes)
        return;
    m_deleted = SaveTestEvent{m_function.toStdString(), currentEvent().toStdString(), bytes->toStdString()};
    Q_EMIT deleteRequested({m_deleted->function, m_deleted->name});
    say(tr("%1 was deleted").arg(QString::fromStdString(m_deleted->name)), Offer::Undo);
}

void TestEventsPane::takeBack()
{
    if (!m_deleted)
        return;
    Q_EMIT saveRequested(*m_deleted);
    m_deleted.reset();
    m_line->hide();
}

void TestEventsPane::say(const QString &text, Offer offer)
{
    m_lineText->setText(text);
    m_undo->setVisible(offer == Offer::Undo);
    m_line->show();
    tintIcons();
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/payload_view.h"

#include "ui/models/json_text.h"
#include "ui/models/json_tree_model.h"
#include "ui/models/payload_text.h"
#include "ui/models/plain_text.h"
#include "ui/panes/mark_delegate.h"
#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QStyle>
#include <QToolButton>
#include <QTreeView>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

QPlainTextEdit *makeText(const QString &name)
{
    auto *text = new QPlainTextEdit;
    text->setReadOnly(true);
    text->setFont(codeFont());
    text->setFrameShape(QFrame::NoFrame);
    text->setAccessibleName(name);
    text->setTabChangesFocus(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return text;
}

QLabel *makeNote()
{
    auto *note = new QLabel;
    note->setProperty("role", QStringLiteral("muted"));
    note->setTextFormat(Qt::PlainText);
    note->setWordWrap(true);
    note->setContentsMargins(8, 4, 8, 4);
    note->hide();
    return note;
}

void setNote(QLabel *note, const QString &text)
{
    note->setText(text);
    note->setVisible(!text.isEmpty());
}

QString flawText(const JsonFlaw &flaw)
{
    return PayloadView::tr("Not JSON: %1 at byte %2. It is shown raw.").arg(flaw.message).arg(flaw.offset);
}

QVBoxLayout *column(QWidget *page)
{
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    return layout;
}

} // namespace

PayloadView::PayloadView(Reading reading, QWidget *parent)
    : QTabWidget(parent)
    , m_reading(reading)
    , m_tree(new JsonTreeModel(this))
{
    setDocumentMode(true);
    m_httpPage = makeHttpPage();
    m_treePage = makeTreePage();
    addTab(m_treePage, tr("Tree"));
    addTab(makeRawPage(), tr("Raw"));

    auto *corner = new QWidget(this);
    auto *buttons = new QHBoxLayout(corner);
    buttons->setContentsMargins(0, 0, 4, 0);
    buttons->setSpacing(4);
    m_exact = new QToolButton(corner);
    m_exact->setText(tr("Exact"));
    m_exact->setCheckable(true);
    m_exact->setToolTip(tr("Raw bytes as they are, without line breaks put in"));
    m_copy = new QToolButton(corner);
    m_copy->setIcon(icon(QStringLiteral("copy")));
    m_copy->setToolTip(tr("Copy all of it, exact"));
    m_copy->setAccessibleName(tr("Copy payload"));
    buttons->addWidget(m_exact);
    buttons->addWidget(m_copy);
    setCornerWidget(corner);
    connect(m_exact, &QToolButton::toggled, this, &PayloadView::showRaw);
    connect(m_copy, &QToolButton::clicked, this, &PayloadView::copyAll);
    connect(this, &QTabWidget::currentChanged, this, [this] { m_exact->setEnabled(currentIndex() == count() - 1); });
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this,
            [this] { m_copy->setIcon(icon(QStringLiteral("copy"))); });
    m_exact->setEnabled(false);
}

QWidget *PayloadView::makeHttpPage()
{
    auto *page = new QWidget(this);
    m_status = new QLabel(page);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_status->setContentsMargins(8, 4, 8, 4);
    m_headers = new QTreeWidget(page);
    m_headers->setAccessibleName(tr("Headers"));
    m_headers->setHeaderLabels({tr("Header"), tr("Value")});
    m_headers->setRootIsDecorated(false);
    m_headers->setUniformRowHeights(true);
    m_headers->setItemDelegate(new CellDelegate(m_headers));
    m_body = makeText(tr("Body"));
    m_bodyNote = makeNote();
    auto *below = new QWidget(page);
    auto *bodyColumn = column(below);
    bodyColumn->addWidget(m_bodyNote);
    bodyColumn->addWidget(m_body, 1);
    auto *split = new QSplitter(Qt::Horizontal, page);
    split->addWidget(m_headers);
    split->addWidget(below);
    split->setStretchFactor(1, 1);
    split->setSizes({240, 480});
    split->setChildrenCollapsible(false);
    auto *layout = column(page);
    layout->addWidget(m_status);
    layout->addWidget(split, 1);
    page->hide();
    return page;
}

QWidget *PayloadView::makeTreePage()
{
    auto *page = new QWidget(this);
    m_treeView = new QTreeView(page);
    m_treeView->setAccessibleName(tr("Payload as a tree"));
    m_treeView->setModel(m_tree);
    m_treeView->setUniformRowHeights(true);
    m_treeView->setAllColumnsShowFocus(true);
    m_treeView->setItemDelegate(new CellDelegate(m_treeView));
    m_treeView->header()->resizeSection(0, 200);
    m_treeView->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *copy = new QAction(tr("Copy value"), m_treeView);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &PayloadView::copyTreeValue);
    auto *path = new QAction(tr("Copy path"), m_treeView);
    connect(path, &QAction::triggered, this, [this] {
        QGuiApplication::clipboard()->setText(m_treeView->currentIndex().data(JsonTreeModel::PathRole).toString());
    });
    m_treeView->addActions({copy, path});
    m_treeNote = makeNote();
    connect(m_treeNote, &QLabel::linkActivated, this, &PayloadView::showLargeTree);
    auto *layout = column(page);
    layout->addWidget(m_treeNote);
    layout->addWidget(m_treeView, 1);
    return page;
}

QWidget *PayloadView::makeRawPage()
{
    auto *page = new QWidget(this);
    m_raw = makeText(tr("Raw payload"));
    m_rawNote = makeNote();
    auto *layout = column(page);
    layout->addWidget(m_rawNote);
    layout->addWidget(m_raw, 1);
    return page;
}

void PayloadView::setPayload(const Payload &payload)
{
    m_payload = payload;
    const QString before = m_unchosen ? m_chosen : tabText(currentIndex());
    const bool large = payload && payload->size() > treeBytes; // not read as JSON until asked
    const auto flaw = payload && !payload->empty() && !large ? jsonFlaw(*payload) : std::nullopt;
    const bool json = payload && !payload->empty() && !large && !flaw;
    showTree(flaw ? flawText(*flaw) : QString());
    showHttp(json);
    showRaw();
    m_copy->setEnabled(payload && !payload->empty());
    // Stay on the page last looked at, if it has something to show; else the most telling one.
    int page = 0;
    for (int i = 0; i < count(); ++i) {
        if (tabText(i) == before && m_payload)
            page = i;
    }
    if (indexOf(m_httpPage) == 0 && before != tr("Raw"))
        page = 0;
    setCurrentIndex(json ? page : count() - 1);
    m_unchosen = !json;
    m_chosen = before;
}

void PayloadView::showTree(const QString &problem)
{
    const bool large = problem.isEmpty() && m_payload && m_payload->size() > treeBytes;
    m_tree->setPayload(problem.isEmpty() && !large ? m_payload : nullptr);
    m_treeNote->setTextFormat(large ? Qt::RichText : Qt::PlainText);
    setNote(m_treeNote, large ? tr("%1 are a large tree. <a href=\"show\">Show it</a>")
                                    .arg(sizeText(ByteSize{std::int64_t(m_payload->size())}))
                              : problem);
    // One level stands open: of a list, its first items' keys would push each other out of sight.
    for (int row = 0; row < std::min(m_tree->rowCount(), 20); ++row) {
        if (m_tree->rowCount() <= 8)
            m_treeView->expand(m_tree->index(row, 0));
    }
}

void PayloadView::showLargeTree()
{
    const auto flaw = jsonFlaw(*m_payload);
    m_treeNote->setTextFormat(Qt::PlainText);
    setNote(m_treeNote, flaw ? flawText(*flaw) : QString());
    m_tree->setPayload(flaw ? nullptr : m_payload);
}

void PayloadView::showHttp(bool json)
{
    const auto answer = m_reading == Reading::HttpAnswer && json ? httpAnswer(*m_payload) : std::nullopt;
    const int at = indexOf(m_httpPage);
    if (!answer) {
        if (at >= 0)
            removeTab(at);
        m_httpPage->hide();
        return;
    }
    if (at < 0)
        insertTab(0, m_httpPage, tr("HTTP"));
    m_status->setText(httpStatusText(answer->status));
    m_status->setProperty("role", answer->status >= 400 ? QStringLiteral("error") : QStringLiteral("ok"));
    m_status->style()->polish(m_status); // the sheet looks at properties only then
    m_headers->clear();
    for (const auto &[name, value] : answer->headers)
        new QTreeWidgetItem(m_headers, {name, value});
    m_headers->resizeColumnToContents(0);
    const ShownText body = prettyText(answer->body);
    QStringList notes{answer->problem, body.note};
    notes.removeAll(QString());
    if (answer->body.empty())
        notes.append(tr("The body is empty"));
    setNote(m_bodyNote, notes.join(QStringLiteral(". ")));
    m_body->setPlainText(body.text);
}

void PayloadView::showRaw()
{
    const ShownText shown = !m_payload             ? ShownText()
                            : m_payload->empty()   ? ShownText{{}, tr("The payload is empty")}
                            : m_exact->isChecked() ? exactText(*m_payload)
                                                   : prettyText(*m_payload);
    m_raw->setLineWrapMode(m_exact->isChecked() ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
    m_raw->setPlainText(shown.text);
    setNote(m_rawNote, shown.note);
}

void PayloadView::copyAll()
{
    if (m_payload)
        QGuiApplication::clipboard()->setText(toQString(*m_payload));
}

void PayloadView::copyTreeValue()
{
    const QModelIndex index = m_treeView->currentIndex();
    if (!index.isValid())
        return;
    const auto exact = index.data(JsonTreeModel::ExactRole).toString();
    const bool text = index.data(JsonTreeModel::KindRole).toInt() == int(JsonKind::String);
    QGuiApplication::clipboard()->setText(text ? jsonString(exact.toStdString()) : exact);
}

} // namespace kiln::ui

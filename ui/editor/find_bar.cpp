// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/find_bar.h"

#include "ui/editor/code_surface.h"
#include "ui/editor/scintilla_colour.h"
#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace kiln::ui {

namespace {

using S = QsciScintillaBase;
constexpr std::size_t matchIndicator = 9;
constexpr std::size_t mostUnderlined = 2'000;

QToolButton *iconButton(const QString &name, const QString &tip, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(icon(name));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setAutoRaise(true);
    return button;
}

} // namespace

FindBar::FindBar(CodeSurface *surface, QWidget *parent)
    : QWidget(parent)
    , m_surface(surface)
{
    setObjectName(QStringLiteral("findBar"));
    setAccessibleName(tr("Find and replace"));
    setAutoFillBackground(true);
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(8, 4, 8, 4);
    rows->setSpacing(4);
    rows->addWidget(makeFindRow());
    m_replaceRow = makeReplaceRow();
    rows->addWidget(m_replaceRow);
    hide();

    m_later.setSingleShot(true);
    m_later.setInterval(120);
    connect(&m_later, &QTimer::timeout, this, [this] {
        if (!isVisible())
            return;
        refresh();
        showCount();
    });
    connect(m_surface, &QsciScintilla::textChanged, this, [this] {
        m_stale = true;
        if (isVisible())
            m_later.start();
    });
    connect(m_surface, &QsciScintilla::selectionChanged, this, [this] {
        if (isVisible() && !m_stale)
            showCount();
    });
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, [this] {
        for (auto *button : findChildren<QToolButton *>()) {
            if (const QString name = button->property("icon-name").toString(); !name.isEmpty())
                button->setIcon(icon(name));
        }
        underline();
    });
}

QWidget *FindBar::makeFindRow()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    m_find = new QLineEdit(row);
    m_find->setObjectName(QStringLiteral("find"));
    m_find->setPlaceholderText(tr("Find"));
    m_find->setAccessibleName(tr("Find"));
    m_find->setMinimumWidth(160);
    m_case = makeToggle(QStringLiteral("Aa"), QStringLiteral("case"), tr("Match upper and lower case (Alt+C)"));
    m_words = makeToggle(QStringLiteral("W"), QStringLiteral("words"), tr("Whole words only (Alt+W)"));
    m_pattern = makeToggle(QStringLiteral(".*"), QStringLiteral("pattern"), tr("Regular expression (Alt+R)"));
    m_case->setShortcut(QKeySequence(QStringLiteral("Alt+C")));
    m_words->setShortcut(QKeySequence(QStringLiteral("Alt+W")));
    m_pattern->setShortcut(QKeySequence(QStringLiteral("Alt+R")));
    m_count = new QLabel(row);
    m_count->setObjectName(QStringLiteral("matchCount"));
    m_count->setProperty("role", QStringLiteral("muted"));
    m_count->setMinimumWidth(104);
    auto *back = iconButton(QStringLiteral("up"), tr("Previous match (Shift+F3)"), row);
    back->setProperty("icon-name", QStringLiteral("up"));
    auto *forward = iconButton(QStringLiteral("down"), tr("Next match (F3)"), row);
    forward->setProperty("icon-name", QStringLiteral("down"));
    auto *closer = iconButton(QStringLiteral("close"), tr("Close (Esc)"), row);
    closer->setProperty("icon-name", QStringLiteral("close"));
    layout->addWidget(m_find, 1);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_case, m_words, m_pattern, m_count, back, forward, closer})
        layout->addWidget(widget);
    connect(m_find, &QLineEdit::textEdited, this, &FindBar::searchAsTyped);
    connect(back, &QToolButton::clicked, this, [this] { go(Way::Back); });
    connect(forward, &QToolButton::clicked, this, [this] { go(Way::Forward); });
    connect(closer, &QToolButton::clicked, this, &FindBar::close);
    return row;
}

QWidget *FindBar::makeReplaceRow()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    m_replace = new QLineEdit(row);
    m_replace->setObjectName(QStringLiteral("replace"));
    m_replace->setPlaceholderText(tr("Replace with"));
    m_replace->setAccessibleName(tr("Replace with"));
    m_replace->setMinimumWidth(160);
    auto *one = new QPushButton(tr("Replace"), row);
    one->setObjectName(QStringLiteral("replaceOne"));
    one->setToolTip(tr("Replace this match and go to the next (Enter)"));
    auto *all = new QPushButton(tr("Replace all"), row);
    all->setObjectName(QStringLiteral("replaceAll"));
    all->setToolTip(tr("Replace every match, as one step to undo (Ctrl+Alt+Enter)"));
    layout->addWidget(m_replace, 1);
    layout->addWidget(one);
    layout->addWidget(all);
    connect(one, &QPushButton::clicked, this, &FindBar::replaceOne);
    connect(all, &QPushButton::clicked, this, &FindBar::replaceEach);
    return row;
}

QToolButton *FindBar::makeToggle(const QString &text, const QString &name, const QString &tip)
{
    auto *button = new QToolButton(this);
    button->setObjectName(name);
    button->setText(text);
    button->setFont(codeFont());
    button->setCheckable(true);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    connect(button, &QToolButton::toggled, this, &FindBar::searchAsTyped);
    return button;
}

TextQuery FindBar::query() const
{
    return {.text = m_find->text(),
            .letterCase = m_case->isChecked() ? TextQuery::Case::Minded : TextQuery::Case::Ignored,
            .extent = m_words->isChecked() ? TextQuery::Extent::WholeWords : TextQuery::Extent::Anywhere,
            .kind = m_pattern->isChecked() ? TextQuery::Kind::Pattern : TextQuery::Kind::Plain};
}

void FindBar::open(Mode mode)
{
    m_replaceRow->setVisible(mode == Mode::Replace && !m_surface->isReadOnly());
    const QString selected = m_surface->selectedText();
    if (!selected.isEmpty() && selected.size() < 200 && !selected.contains(QLatin1Char('\n')))
        m_find->setText(selected);
    m_start = std::size_t(m_surface->send(S::SCI_GETSELECTIONSTART));
    show();
    m_find->setFocus();
    m_find->selectAll();
    refresh();
    showCount();
}

void FindBar::close()
{
    hide();
    underline(); // takes the underlines away
    m_surface->setFocus();
    Q_EMIT closed();
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        close();
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (event->modifiers() == (Qt::ControlModifier | Qt::AltModifier) && m_replaceRow->isVisible())
            replaceEach();
        else if (m_replace->hasFocus() && event->modifiers() == Qt::NoModifier)
            replaceOne();
        else if ((event->modifiers() & Qt::ControlModifier) == 0)
            go((event->modifiers() & Qt::ShiftModifier) != 0 ? Way::Back : Way::Forward);
        else
            event->ignore();
    } else {
        QWidget::keyPressEvent(event);
    }
}

void FindBar::searchAsTyped()
{
    refresh();
    const auto &matches = m_result.matches;
    const auto next = std::find_if(matches.begin(), matches.end(),
                                   [this](const TextMatchRange &range) { return range.from >= m_start; });
    if (!matches.empty())
        moveTo(next == matches.end() ? 0 : std::size_t(next - matches.begin()));
    showCount();
}

void FindBar::refresh()
{
    const TextQuery asked = query();
    if (!m_stale && asked == m_searched)
        return;
    m_result = searchText(m_surface->bytes(), asked);
    m_searched = asked;
    m_stale = false;
    underline();
}

void FindBar::go(Way way)
{
    if (m_find->text().isEmpty()) {
        open(Mode::Find);
        return;
    }
    refresh();
    const auto &matches = m_result.matches;
    if (!matches.empty()) {
        const auto from = std::size_t(m_surface->send(S::SCI_GETSELECTIONSTART));
        const auto to = std::size_t(m_surface->send(S::SCI_GETSELECTIONEND));
        std::size_t index = 0;
        if (way == Way::Forward) {
            const bool onMatch = std::find(matches.begin(), matches.end(), TextMatchRange{from, to}) != matches.end();
            const std::size_t past = onMatch ? to : from;
            const auto next = std::find_if(matches.begin(), matches.end(),
                                           [past](const TextMatchRange &range) { return range.from >= past; });
            index = next == matches.end() ? 0 : std::size_t(next - matches.begin());
        } else {
            const auto next = std::find_if(matches.rbegin(), matches.rend(),
                                           [from](const TextMatchRange &range) { return range.from < from; });
            index = next == matches.rend() ? matches.size() - 1 : std::size_t(matches.rend() - next) - 1;
        }
        moveTo(index);
    }
    showCount();
}

void FindBar::moveTo(std::size_t index)
{
    const TextMatchRange range = m_result.matches.at(index);
    m_surface->select(range.from, range.to);
    m_start = range.from;
}

void FindBar::replaceOne()
{
    if (m_surface->isReadOnly())
        return;
    refresh();
    const auto from = std::size_t(m_surface->send(S::SCI_GETSELECTIONSTART));
    const auto to = std::size_t(m_surface->send(S::SCI_GETSELECTIONEND));
    for (const TextReplacement &each : replacementsIn(m_surface->bytes(), query(), m_replace->text())) {
        if (each.range.from != from || each.range.to != to)
            continue;
        m_surface->replaceRange(from, to, {each.with.constData(), std::size_t(each.with.size())});
        m_surface->send(S::SCI_GOTOPOS, from + std::size_t(each.with.size()));
        break;
    }
    go(Way::Forward);
}

void FindBar::replaceEach()
{
    if (m_surface->isReadOnly())
        return;
    const auto all = replacementsIn(m_surface->bytes(), query(), m_replace->text());
    if (!all.empty()) {
        const std::string_view old = m_surface->bytes();
        std::string text;
        text.reserve(old.size());
        std::size_t done = 0;
        for (const TextReplacement &each : all) {
            text.append(old.substr(done, each.range.from - done));
            text.append(each.with.constData(), std::size_t(each.with.size()));
            done = each.range.to;
        }
        text.append(old.substr(done));
        m_surface->replaceAll(text);
    }
    refresh();
    m_count->setText(tr("%1 replaced").arg(countText(double(all.size()))));
}

void FindBar::showCount()
{
    const bool wrong = !m_result.problem.isEmpty() || (m_result.matches.empty() && !m_find->text().isEmpty());
    m_find->setProperty("invalid", wrong);
    m_find->style()->unpolish(m_find);
    m_find->style()->polish(m_find);
    m_count->setToolTip(m_result.problem);
    if (m_find->text().isEmpty()) {
        m_count->clear();
    } else if (!m_result.problem.isEmpty()) {
        m_count->setText(m_result.problem);
    } else if (m_result.matches.empty()) {
        m_count->setText(tr("Not found"));
    } else {
        const TextMatchRange selected{std::size_t(m_surface->send(S::SCI_GETSELECTIONSTART)),
                                      std::size_t(m_surface->send(S::SCI_GETSELECTIONEND))};
        const auto &matches = m_result.matches;
        const auto at = std::find(matches.begin(), matches.end(), selected);
        const QString all = countText(double(matches.size())) + (m_result.more ? QStringLiteral("+") : QString());
        m_count->setText(
            at == matches.end()
                ? tr("%n found", nullptr, int(matches.size())).replace(QString::number(matches.size()), all)
                : tr("%1 of %2").arg(countText(double(at - matches.begin() + 1)), all));
    }
}

void FindBar::underline()
{
    const QColor colour = theme().accent;
    m_surface->send(S::SCI_INDICSETSTYLE, matchIndicator, S::INDIC_ROUNDBOX);
    m_surface->send(S::SCI_INDICSETFORE, matchIndicator, scintillaColour(colour));
    m_surface->send(S::SCI_INDICSETALPHA, matchIndicator, 50);
    m_surface->send(S::SCI_INDICSETOUTLINEALPHA, matchIndicator, 140);
    m_surface->send(S::SCI_INDICSETUNDER, matchIndicator, 1);
    m_surface->send(S::SCI_SETINDICATORCURRENT, matchIndicator);
    m_surface->send(S::SCI_INDICATORCLEARRANGE, 0, m_surface->send(S::SCI_GETLENGTH));
    if (!isVisible())
        return;
    const std::size_t shown = std::min(m_result.matches.size(), mostUnderlined);
    for (std::size_t i = 0; i < shown; ++i) {
        const TextMatchRange &range = m_result.matches[i];
        m_surface->send(S::SCI_INDICATORFILLRANGE, range.from, long(range.to - range.from));
    }
}

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "ui/theme/icons.h"

#include <QApplication>
#include <QDir>
#include <QFontDatabase>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleHints>
#include <QTemporaryDir>

namespace kiln::ui {

namespace {

Theme &current()
{
    static Theme instance = Theme::darkTheme();
    return instance;
}

/// Qt 6.4 has no colour-scheme hint (that came with 6.5), so the desktop's own palette is asked.
bool systemIsDark()
{
    static const QPalette desktop = QApplication::palette();
    return desktop.color(QPalette::Window).lightness() < desktop.color(QPalette::WindowText).lightness();
}

QPalette paletteOf(const Theme &theme)
{
    QPalette palette;
    palette.setColor(QPalette::Window, theme.surface);
    palette.setColor(QPalette::WindowText, theme.text);
    palette.setColor(QPalette::Base, theme.background);
    palette.setColor(QPalette::AlternateBase, theme.surface);
    palette.setColor(QPalette::Text, theme.text);
    palette.setColor(QPalette::PlaceholderText, theme.muted);
    palette.setColor(QPalette::Button, theme.raised);
    palette.setColor(QPalette::ButtonText, theme.text);
    palette.setColor(QPalette::BrightText, theme.error);
    palette.setColor(QPalette::ToolTipBase, theme.raised);
    palette.setColor(QPalette::ToolTipText, theme.text);
    palette.setColor(QPalette::Highlight, theme.selection);
    palette.setColor(QPalette::HighlightedText, theme.text);
    palette.setColor(QPalette::Link, theme.cold);
    palette.setColor(QPalette::LinkVisited, theme.throttled);
    palette.setColor(QPalette::Light, theme.raised);
    palette.setColor(QPalette::Midlight, theme.raised);
    palette.setColor(QPalette::Mid, theme.line);
    palette.setColor(QPalette::Dark, theme.line);
    palette.setColor(QPalette::Shadow, theme.background);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, theme.muted);
    return palette;
}

/// Style sheets take images from files only, and theirs must have the theme's colour: small ones, gone at exit.
QString imageFolder(const Theme &theme)
{
    static const QTemporaryDir folder(QDir::tempPath() + QStringLiteral("/kiln-theme-XXXXXX"));
    // A name of its own for each theme: images are cached by name.
    const QString path = folder.filePath(theme.dark ? QStringLiteral("dark") : QStringLiteral("light"));
    QDir().mkpath(path);
    for (const auto &[name, colour] :
         {std::pair(QStringLiteral("down"), theme.muted), std::pair(QStringLiteral("tick"), theme.onAccent)}) {
        const QIcon image = icon(name, colour);
        image.pixmap(12, 12).save(QStringLiteral("%1/%2.png").arg(path, name));
        image.pixmap(24, 24).save(QStringLiteral("%1/%2@2x.png").arg(path, name));
    }
    return path;
}

QString styleSheetOf(const Theme &theme)
{
    // One sheet for the whole application; per-widget sheets are not used. Sizes stand on a 4 px grid.
    const QString sheet = QStringLiteral(R"(
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QMenuBar { background: @surface; border-bottom: 1px solid @line; }
QMenuBar::item { padding: 4px 8px; background: transparent; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @surface; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 4px 24px 4px 12px; border-radius: 4px; }
QMenu::item:selected { background: @selection; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @line; margin: 4px 0; }
QToolBar { background: @surface; border: 0; border-bottom: 1px solid @line; spacing: 8px; padding: 4px 8px; }
QStatusBar { background: @surface; border-top: 1px solid @line; color: @muted; }
QStatusBar::item { border: 0; }
QPushButton, QToolButton[bordered="true"] { background: @raised; border: 1px solid @line; border-radius: 4px;
    padding: 4px 12px; }
QPushButton:hover, QToolButton[bordered="true"]:hover { border-color: @muted; }
QPushButton:pressed { background: @background; }
QPushButton:disabled { color: @muted; }
QPushButton:focus, QToolButton:focus { border-color: @accent; }
QPushButton[primary="true"], QToolButton[primary="true"] { background: @accent; color: @onAccent;
    border: 1px solid @accent; border-radius: 4px; padding: 4px 12px; font-weight: 600; }
QPushButton[primary="true"]:disabled, QToolButton[primary="true"]:disabled { background: @raised; color: @muted;
    border-color: @line; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 4px; }
QToolButton:hover { background: @raised; }
QToolButton:checked { background: @selection; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: @background;
    border: 1px solid @line; border-radius: 4px; padding: 3px 8px; selection-background-color: @selection;
    selection-color: @text; }
QLineEdit:focus, QSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: @accent; }
QLineEdit[invalid="true"], QComboBox[invalid="true"] { border-color: @error; }
QLineEdit:read-only { color: @muted; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: url(@folder/down.png); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @line; selection-background-color: @selection; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator, QTreeView::indicator { width: 12px; height: 12px; background: @background;
    border: 1px solid @muted; border-radius: 3px; }
QCheckBox::indicator:checked, QTreeView::indicator:checked { background: @accent; border-color: @accent;
    image: url(@folder/tick.png); }
QCheckBox::indicator:focus, QCheckBox::indicator:hover, QTreeView::indicator:hover { border-color: @accent; }
QCheckBox::indicator:disabled, QTreeView::indicator:disabled { background: @surface; border-color: @line; }
QTabBar { background: @surface; }
QTabBar::tab { background: @surface; color: @muted; padding: 6px 12px; border: 0; border-top: 2px solid transparent;
    border-right: 1px solid @line; }
QTabBar::tab:selected { color: @text; background: @background; border-top-color: @accent; }
QTabBar::tab:hover { color: @text; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }
QHeaderView { background: @surface; }
QHeaderView::section { background: @surface; color: @muted; border: 0; border-right: 1px solid @line;
    border-bottom: 1px solid @line; padding: 4px 8px; }
QTableView, QTreeView, QListView { background: @background; border: 0; gridline-color: @line; outline: 0;
    selection-background-color: @selection; selection-color: @text; alternate-background-color: @surface; }
QTreeView[panel="true"], QListView[panel="true"] { background: @surface; }
QTreeView::item, QListView::item { padding: 2px 0; }
QTreeView::item:hover, QListView::item:hover { background: @raised; }
QTreeView::item:selected, QListView::item:selected { background: @selection; color: @text; }
QDockWidget { titlebar-close-icon: none; }
QDockWidget::title { background: @surface; padding: 6px 12px; border-bottom: 1px solid @line; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QGroupBox { border: 1px solid @line; border-radius: 4px; margin-top: 12px; padding-top: 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 8px; color: @muted; }
QProgressBar { background: @raised; border: 0; border-radius: 4px; text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: 4px; }
QLabel[role="heading"] { color: @muted; font-size: 11px; font-weight: 600; letter-spacing: 1px; }
QLabel[role="title"] { font-size: 16px; font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="error"] { color: @error; }
QLabel[role="ok"] { color: @ok; }
QFrame[role="card"] { background: @surface; border: 1px solid @line; border-radius: 8px; }
QFrame[role="popup"] { background: @surface; border: 1px solid @line; border-radius: 8px; }
QWidget[role="paneTitle"] { background: @surface; border-bottom: 1px solid @line; }
QLabel[role="mark"] { color: @accent; font-weight: 700; font-size: 14px; }
QToolButton[status="true"] { color: @muted; padding: 2px 6px; }
QToolButton[status="true"]:hover { color: @text; }
QPushButton[search="true"] { color: @muted; background: @background; text-align: left; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[bordered="true"][menu="true"] { padding-right: 24px; }
QToolButton[tabClose="true"] { padding: 0; }
QStatusBar QLabel { color: @muted; padding: 0 4px; }
QScrollArea { background: @surface; border: 0; }
QScrollArea > QWidget > QWidget { background: @surface; }
QFrame[role="banner"] { background: @raised; border-bottom: 1px solid @line; }
)");
    QString result = sheet;
    const std::pair<const char *, QColor> tokens[] = {// longer names first where one begins with another
                                                      {"@background", theme.background},
                                                      {"@surface", theme.surface},
                                                      {"@selection", theme.selection},
                                                      {"@raised", theme.raised},
                                                      {"@line", theme.line},
                                                      {"@text", theme.text},
                                                      {"@muted", theme.muted},
                                                      {"@accent", theme.accent},
                                                      {"@onAccent", theme.onAccent},
                                                      {"@error", theme.error},
                                                      {"@ok", theme.ok}};
    for (const auto &[name, colour] : tokens)
        result.replace(QLatin1String(name), colour.name());
    return result.replace(QStringLiteral("@folder"), imageFolder(theme));
}

} // namespace

Theme Theme::darkTheme()
{
    Theme t;
    t.dark = true;
    t.background = QColor(0x14171c);
    t.surface = QColor(0x1a1e25);
    t.raised = QColor(0x222832);
    t.line = QColor(0x2e3541);
    t.text = QColor(0xe4e8ee);
    t.muted = QColor(0x98a3b3);
    t.accent = QColor(0xf2a33c);
    t.onAccent = QColor(0x1c1206);
    t.selection = QColor(0x33405a);
    t.cold = QColor(0x4aa3ea);
    t.parked = QColor(0x8fcbf5);
    t.zygote = QColor(0x3fc1b0);
    t.warm = QColor(0xe0a03a);
    t.ok = QColor(0x5fc98d);
    t.error = QColor(0xf0736a);
    t.throttled = QColor(0xb48cf2);
    t.blocked = QColor(0xe870c8);
    t.keyword = QColor(0xc792ea);
    t.string = QColor(0xa5d6a7);
    t.number = QColor(0xf0a070);
    t.comment = QColor(0x8490a0);
    t.identifier = QColor(0x82aaff);
    t.decorator = QColor(0xffcb6b);
    return t;
}

Theme Theme::lightTheme()
{
    Theme t;
    t.dark = false;
    t.background = QColor(0xf6f7f9);
    t.surface = QColor(0xffffff);
    t.raised = QColor(0xeef0f4);
    t.line = QColor(0xd5dae2);
    t.text = QColor(0x1c222b);
    t.muted = QColor(0x5a6575);
    t.accent = QColor(0x9f5600);
    t.onAccent = QColor(0xffffff);
    t.selection = QColor(0xd6e4f7);
    t.cold = QColor(0x1668b8);
    t.parked = QColor(0x1c6d9e);
    t.zygote = QColor(0x0b7568);
    t.warm = QColor(0x925700);
    t.ok = QColor(0x1a7a44);
    t.error = QColor(0xc0302a);
    t.throttled = QColor(0x6f45c0);
    t.blocked = QColor(0xa82a8c);
    t.keyword = QColor(0x7c3aa8);
    t.string = QColor(0x2f6f34);
    t.number = QColor(0xa34a12);
    t.comment = QColor(0x616b7a);
    t.identifier = QColor(0x2456b0);
    t.decorator = QColor(0x8a5a00);
    return t;
}

QColor Theme::of(Outcome outcome) const
{
    switch (outcome) {
    case Outcome::Ok: return ok;
    case Outcome::Throttled: return throttled;
    case Outcome::Blocked: return blocked;
    case Outcome::Cancelled: return muted;
    case Outcome::HandlerError:
    case Outcome::InitError:
    case Outcome::TimedOut:
    case Outcome::OutOfMemory:
    case Outcome::Crashed: return error;
    }
    Q_UNREACHABLE();
}

QColor Theme::of(Start start) const
{
    switch (start) {
    case Start::Cold: return cold;
    case Start::Parked: return parked;
    case Start::Zygote: return zygote;
    case Start::Warm: return warm;
    }
    Q_UNREACHABLE();
}

QColor Theme::of(WorkerState state) const
{
    switch (state) {
    case WorkerState::Starting: return cold;
    case WorkerState::Idle: return warm;
    case WorkerState::Busy: return ok;
    case WorkerState::Stopping: return muted;
    }
    Q_UNREACHABLE();
}

const Theme &theme() { return current(); }

ThemeSwitch &ThemeSwitch::instance()
{
    static ThemeSwitch instance;
    return instance;
}

void ThemeSwitch::apply(Choice choice)
{
    m_choice = choice;
    const bool dark = choice == Choice::System ? systemIsDark() : choice == Choice::Dark;
    current() = dark ? Theme::darkTheme() : Theme::lightTheme();
    clearIconCache();

    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QFont font(QStringLiteral("Inter"));
    font.setStyleHint(QFont::SansSerif);
    font.setPixelSize(13);
    QApplication::setFont(font);
    QApplication::setPalette(paletteOf(current()));
    qApp->setStyleSheet(styleSheetOf(current()));
    Q_EMIT changed();
}

QFont codeFont()
{
    QFont font(QStringLiteral("JetBrains Mono"));
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    font.setPixelSize(13);
    return font;
}

} // namespace kiln::ui

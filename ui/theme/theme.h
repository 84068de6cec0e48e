// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/outcome.h"
#include "core/model/worker_view.h"

#include <QColor>
#include <QFont>
#include <QObject>

class QApplication;

namespace kiln::ui {

/// The named colours of the window: the only place with colour literals. Text colours keep a contrast of 4.5:1 or more
/// on background, surface and raised (tests/ui/theme checks it).
struct Theme
{
    bool dark = true;
    QColor background; ///< Behind documents and canvas.
    QColor surface;    ///< Docks, bars, cards.
    QColor raised;     ///< Buttons, fields, hovered rows.
    QColor line;       ///< Borders and grid lines.
    QColor text;
    QColor muted;     ///< Secondary text.
    QColor accent;    ///< Kiln's own: the Fire button, the current tab, selection.
    QColor onAccent;  ///< Text on accent.
    QColor selection; ///< Behind selected rows and text.
    // meanings
    QColor cold, parked, zygote, warm, ok, error, throttled, blocked;
    // code
    QColor keyword, string, number, comment, identifier, decorator;

    [[nodiscard]] QColor of(Outcome outcome) const;
    [[nodiscard]] QColor of(Start start) const;
    [[nodiscard]] QColor of(WorkerState state) const;

    [[nodiscard]] static Theme darkTheme();
    [[nodiscard]] static Theme lightTheme();
};

/// The theme in force. GUI thread.
[[nodiscard]] const Theme &theme();

/// Switches the theme and tells who drew with the old one.
class ThemeSwitch : public QObject
{
    Q_OBJECT

public:
    enum class Choice { System, Dark, Light };

    static ThemeSwitch &instance();

    /// Sets palette, style sheet and fonts of the application. Call once at start, and whenever the choice changes.
    void apply(Choice choice);
    [[nodiscard]] Choice choice() const { return m_choice; }

Q_SIGNALS:
    void changed();

private:
    Choice m_choice = Choice::System;
};

/// The monospace font for code and payloads.
[[nodiscard]] QFont codeFont();

} // namespace kiln::ui

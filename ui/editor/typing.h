// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

class QKeyEvent;

namespace kiln::ui {

class CodeSurface;

/// What typing does beyond inserting: brackets and quotes close themselves, a selection is wrapped, Enter keeps and
/// deepens the indentation. Leaves everything to Scintilla while there are several cursors.
class Typing
{
public:
    /// Marks closing characters that were put there by themselves: typing one of them steps over it.
    static constexpr std::size_t closerIndicator = 8;

    explicit Typing(CodeSurface &surface)
        : m_surface(surface)
    {}

    /// Whether the key was dealt with.
    bool handle(const QKeyEvent &event);

private:
    bool open(char opener, char closer);
    bool quote(char quote);
    bool close(char closer);
    bool backspace();
    bool lineBreak();

    void wrap(char opener, char closer);
    void insertPair(char opener, char closer);
    bool stepOver(char closer);
    [[nodiscard]] char before() const;
    [[nodiscard]] char after() const;
    [[nodiscard]] bool inQuotesOrComment() const;
    [[nodiscard]] bool closingFits() const; ///< Nothing follows that would have to stand inside.
    [[nodiscard]] bool quotePrefix() const; ///< As f in f"".

    CodeSurface &m_surface;
};

} // namespace kiln::ui

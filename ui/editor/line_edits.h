// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace kiln::ui {

class CodeSurface;

/// Edits of whole lines: those that the selection touches, or the cursor's. Each is one undoable step.
enum class Direction { Up, Down };

/// Comments the lines out, or in again when all of them are comments. Nothing in a language without comments.
void toggleComment(CodeSurface &surface);
void moveLines(CodeSurface &surface, Direction direction);
void duplicateLines(CodeSurface &surface, Direction direction); ///< The cursor goes to the copy below, or stays above.
void deleteLines(CodeSurface &surface);

} // namespace kiln::ui

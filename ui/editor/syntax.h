// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QString>

#include <memory>
#include <string_view>

class QsciLexer;

namespace kiln::ui {

/// The languages that the editor colours.
enum class Syntax {
    Plain,
    Python,
    JavaScript,
    TypeScript,
    Ruby,
    Cpp,
    CSharp,
    Json,
    Yaml,
    Html,
    Css,
    Markdown,
    Sql,
    Shell
};

/// By the file's ending, or of a file without one by a first line such as "#!/bin/sh"; Plain for what is not known.
[[nodiscard]] Syntax syntaxOf(const QString &fileName, std::string_view bytes = {});

/// How a language is typed. Empty texts: it has no such thing.
struct SyntaxHabits
{
    int indent = 4;               ///< Columns of one level.
    const char *lineComment = ""; ///< "#", "//", "--"
    const char *blockOpen = "";   ///< For languages without line comments.
    const char *blockClose = "";
    const char *quotes = "\"'";   ///< Characters that are closed as soon as they are typed.
    bool colonOpensBlock = false; ///< As in Python.
};
[[nodiscard]] const SyntaxHabits &habitsOf(Syntax syntax);

/// A new lexer in the theme's colours; null for Plain.
[[nodiscard]] std::unique_ptr<QsciLexer> makeLexer(Syntax syntax);

/// Gives all styles of a lexer that makeLexer made the colours of the theme in force.
void tint(QsciLexer &lexer, Syntax syntax);

/// codeFont() with its size in points: Scintilla knows no pixel sizes.
[[nodiscard]] QFont editorFont();

/// Whether a style number means text in quotes or a comment: nothing is closed by itself in there.
[[nodiscard]] bool isQuotedOrComment(Syntax syntax, int style);

} // namespace kiln::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/syntax.h"

#include "ui/theme/theme.h"

#include <QFileInfo>
#include <QFontInfo>
#include <QHash>
#include <Qsci/qscilexerbash.h>
#include <Qsci/qscilexercpp.h>
#include <Qsci/qscilexercsharp.h>
#include <Qsci/qscilexercss.h>
#include <Qsci/qscilexerhtml.h>
#include <Qsci/qscilexerjavascript.h>
#include <Qsci/qscilexerjson.h>
#include <Qsci/qscilexermarkdown.h>
#include <Qsci/qscilexerpython.h>
#include <Qsci/qscilexerruby.h>
#include <Qsci/qscilexersql.h>
#include <Qsci/qscilexeryaml.h>

#include <algorithm>
#include <span>
#include <vector>

namespace kiln::ui {

namespace {

/// QScintilla's own word lists stop before async and await.
class Python final : public QsciLexerPython
{
public:
    const char *keywords(int set) const override
    {
        switch (set) {
        case 1:
            return "False None True and as assert async await break case class continue def del elif else except "
                   "finally for from global if import in is lambda match nonlocal not or pass raise return try while "
                   "with yield";
        case 2:
            return "abs all any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex "
                   "delattr dict dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr "
                   "hash help hex id input int isinstance issubclass iter len list locals map max memoryview min next "
                   "object oct open ord pow print property range repr reversed round self set setattr slice sorted "
                   "staticmethod str sum super tuple type vars zip";
        default: return nullptr;
        }
    }
};

class JavaScript : public QsciLexerJavaScript
{
public:
    const char *keywords(int set) const override
    {
        switch (set) {
        case 1:
            return "as async await break case catch class const continue debugger default delete do else export "
                   "extends false finally for from function get if import in instanceof let new null of return set "
                   "static super switch this throw true try typeof undefined var void while with yield";
        case 2:
            return "Array BigInt Boolean Buffer Date Error Infinity Intl JSON Map Math NaN Number Object Promise Proxy "
                   "Reflect RegExp Set String Symbol URL WeakMap WeakSet clearInterval clearTimeout console exports "
                   "fetch globalThis isNaN module parseFloat parseInt process require setImmediate setInterval "
                   "setTimeout structuredClone";
        default: return nullptr;
        }
    }
};

class TypeScript final : public JavaScript
{
public:
    const char *keywords(int set) const override
    {
        static const QByteArray words = QByteArray(JavaScript::keywords(1)) +
                                        " abstract any asserts bigint boolean declare enum implements infer interface "
                                        "is keyof module namespace never number object override private protected "
                                        "public readonly satisfies string symbol type undefined unique unknown";
        return set == 1 ? words.constData() : JavaScript::keywords(set);
    }
};

/// QScintilla's own word list stops at C++98.
class Cpp final : public QsciLexerCPP
{
public:
    const char *keywords(int set) const override
    {
        static const QByteArray words = QByteArray(QsciLexerCPP::keywords(1)) +
                                        " alignas alignof char8_t char16_t char32_t co_await co_return "
                                        "co_yield concept consteval constexpr constinit decltype final "
                                        "noexcept nullptr override requires static_assert thread_local";
        return set == 1 ? words.constData() : QsciLexerCPP::keywords(set);
    }
};

class CSharp final : public QsciLexerCSharp
{
public:
    const char *keywords(int set) const override
    {
        static const QByteArray words = QByteArray(QsciLexerCSharp::keywords(1)) +
                                        " async await by dynamic from get into join let nameof orderby partial select "
                                        "set value var when where yield";
        return set == 1 ? words.constData() : QsciLexerCSharp::keywords(set);
    }
};

enum class Ink { Text, Muted, Keyword, String, Number, Comment, Name, Decorator, Error };

struct StyleInk
{
    int style;
    Ink ink;
};

// What is not listed is drawn as text.
std::span<const StyleInk> inksOf(Syntax syntax)
{
    using enum Ink;
    static const std::vector<StyleInk> python{
        {1, Comment}, {2, Number},  {3, String},  {4, String},   {5, Keyword},    {6, String},
        {7, String},  {8, Name},    {9, Name},    {12, Comment}, {13, String},    {14, Name},
        {16, String}, {17, String}, {18, String}, {19, String},  {15, Decorator},
    };
    static const std::vector<StyleInk> cpp{
        {1, Comment},  {2, Comment},   {3, Comment},  {4, Number},  {5, Keyword}, {6, String},   {7, String},
        {8, Number},   {9, Decorator}, {12, String},  {13, String}, {14, Number}, {15, Comment}, {16, Name},
        {17, Comment}, {18, Comment},  {19, Name},    {20, String}, {21, String}, {22, String},  {23, Comment},
        {24, Comment}, {25, Number},   {26, Comment}, {27, Number},
    };
    static const std::vector<StyleInk> ruby{
        {1, Error},      {2, Comment}, {3, Comment},  {4, Number},     {5, Keyword}, {6, String},  {7, String},
        {8, Name},       {9, Name},    {12, String},  {13, Decorator}, {14, Number}, {15, Name},   {16, Decorator},
        {17, Decorator}, {18, String}, {19, Comment}, {20, String},    {21, String}, {24, String}, {25, String},
        {26, String},    {27, String}, {28, String},  {29, Keyword},
    };
    static const std::vector<StyleInk> json{
        {1, Number},  {2, String}, {3, String}, {4, Name},     {5, Number},   {6, Comment},
        {7, Comment}, {9, String}, {10, Name},  {11, Keyword}, {12, Keyword}, {13, Error},
    };
    static const std::vector<StyleInk> yaml{
        {1, Comment}, {2, Name}, {3, Keyword}, {4, Number}, {5, Decorator}, {6, Muted}, {7, String}, {8, Error},
    };
    static const std::vector<StyleInk> html{
        {1, Keyword},   {2, Keyword},   {3, Name},     {4, Name},     {5, Number},   {6, String},    {7, String},
        {9, Comment},   {10, Number},   {11, Keyword}, {12, Keyword}, {13, Keyword}, {14, Keyword},  {19, String},
        {20, Comment},  {21, Muted},    {22, Keyword}, {24, String},  {25, String},  {29, Comment},  {42, Comment},
        {43, Comment},  {44, Comment},  {45, Number},  {47, Keyword}, {48, String},  {49, String},   {51, String},
        {52, Number},   {92, Comment},  {93, Number},  {94, String},  {95, String},  {96, Keyword},  {97, String},
        {98, String},   {99, Name},     {100, Name},   {119, String}, {120, String}, {121, Keyword}, {122, Number},
        {124, Comment}, {125, Comment},
    };
    static const std::vector<StyleInk> css{
        {1, Keyword}, {2, Decorator}, {3, Name},       {4, Name},    {6, Name},     {7, Name},
        {8, String},  {9, Comment},   {10, Decorator}, {11, Error},  {12, Keyword}, {13, String},
        {14, String}, {15, Name},     {16, Name},      {17, Name},   {18, Name},    {19, Name},
        {20, Name},   {21, Name},     {22, Keyword},   {23, Number},
    };
    static const std::vector<StyleInk> markdown{
        {2, Decorator}, {3, Decorator}, {4, Number},   {5, Number},  {6, Keyword}, {7, Keyword},  {8, Keyword},
        {9, Keyword},   {10, Keyword},  {11, Keyword}, {13, Name},   {14, Name},   {15, Comment}, {16, Muted},
        {17, Muted},    {18, Name},     {19, String},  {20, String}, {21, String},
    };
    static const std::vector<StyleInk> sql{
        {1, Comment}, {2, Comment},  {3, Comment},  {4, Number},   {5, Keyword}, {6, String},
        {7, String},  {13, Comment}, {15, Comment}, {17, Comment}, {19, Name},   {23, Name},
    };
    static const std::vector<StyleInk> shell{
        {1, Error}, {2, Comment}, {3, Number},  {4, Keyword},    {5, String},  {6, String},
        {9, Name},  {10, Name},   {11, String}, {12, Decorator}, {13, String},
    };
    switch (syntax) {
    case Syntax::Plain: return {};
    case Syntax::Python: return python;
    case Syntax::Ruby: return ruby;
    case Syntax::JavaScript:
    case Syntax::TypeScript:
    case Syntax::CSharp:
    case Syntax::Cpp: return cpp;
    case Syntax::Json: return json;
    case Syntax::Yaml: return yaml;
    case Syntax::Html: return html;
    case Syntax::Css: return css;
    case Syntax::Markdown: return markdown;
    case Syntax::Sql: return sql;
    case Syntax::Shell: return shell;
    }
    Q_UNREACHABLE();
}

QColor colourOf(Ink ink)
{
    const Theme &t = theme();
    switch (ink) {
    case Ink::Text: return t.text;
    case Ink::Muted: return t.muted;
    case Ink::Keyword: return t.keyword;
    case Ink::String: return t.string;
    case Ink::Number: return t.number;
    case Ink::Comment: return t.comment;
    case Ink::Name: return t.identifier;
    case Ink::Decorator: return t.decorator;
    case Ink::Error: return t.error;
    }
    Q_UNREACHABLE();
}

std::unique_ptr<QsciLexer> bareLexer(Syntax syntax)
{
    switch (syntax) {
    case Syntax::Plain: return nullptr;
    case Syntax::Python: return std::make_unique<Python>();
    case Syntax::JavaScript:
    case Syntax::TypeScript: {
        std::unique_ptr<JavaScript> lexer =
            syntax == Syntax::TypeScript ? std::make_unique<TypeScript>() : std::make_unique<JavaScript>();
        lexer->setHighlightBackQuotedStrings(true);
        return lexer;
    }
    case Syntax::Ruby: return std::make_unique<QsciLexerRuby>();
    case Syntax::Cpp: return std::make_unique<Cpp>();
    case Syntax::CSharp: {
        auto lexer = std::make_unique<CSharp>();
        lexer->setVerbatimStringEscapeSequencesAllowed(false);
        return lexer;
    }
    case Syntax::Json: return std::make_unique<QsciLexerJSON>();
    case Syntax::Yaml: return std::make_unique<QsciLexerYAML>();
    case Syntax::Html: return std::make_unique<QsciLexerHTML>();
    case Syntax::Css: return std::make_unique<QsciLexerCSS>();
    case Syntax::Markdown: return std::make_unique<QsciLexerMarkdown>();
    case Syntax::Sql: return std::make_unique<QsciLexerSQL>();
    case Syntax::Shell: return std::make_unique<QsciLexerBash>();
    }
    Q_UNREACHABLE();
}

/// By the interpreter that a first line such as "#!/usr/bin/env python3" names.
Syntax syntaxOfScript(std::string_view bytes)
{
    if (!bytes.starts_with("#!"))
        return Syntax::Plain;
    const std::string_view line = bytes.substr(0, std::min<std::size_t>(bytes.find('\n'), 256));
    const auto names = [&](const char *word) { return line.find(word) != std::string_view::npos; };
    if (names("python"))
        return Syntax::Python;
    if (names("node") || names("deno") || names("bun"))
        return Syntax::JavaScript;
    if (names("ruby"))
        return Syntax::Ruby;
    return names("sh") ? Syntax::Shell : Syntax::Plain;
}

} // namespace

Syntax syntaxOf(const QString &fileName, std::string_view bytes)
{
    static const QHash<QString, Syntax> endings{
        {QStringLiteral("py"), Syntax::Python},      {QStringLiteral("pyi"), Syntax::Python},
        {QStringLiteral("js"), Syntax::JavaScript},  {QStringLiteral("mjs"), Syntax::JavaScript},
        {QStringLiteral("cjs"), Syntax::JavaScript}, {QStringLiteral("ts"), Syntax::TypeScript},
        {QStringLiteral("mts"), Syntax::TypeScript}, {QStringLiteral("cts"), Syntax::TypeScript},
        {QStringLiteral("tsx"), Syntax::TypeScript}, {QStringLiteral("rb"), Syntax::Ruby},
        {QStringLiteral("rake"), Syntax::Ruby},      {QStringLiteral("gemspec"), Syntax::Ruby},
        {QStringLiteral("cs"), Syntax::CSharp},      {QStringLiteral("json"), Syntax::Json},
        {QStringLiteral("yaml"), Syntax::Yaml},      {QStringLiteral("yml"), Syntax::Yaml},
        {QStringLiteral("html"), Syntax::Html},      {QStringLiteral("htm"), Syntax::Html},
        {QStringLiteral("xml"), Syntax::Html},       {QStringLiteral("svg"), Syntax::Html},
        {QStringLiteral("css"), Syntax::Css},        {QStringLiteral("md"), Syntax::Markdown},
        {QStringLiteral("sql"), Syntax::Sql},        {QStringLiteral("c"), Syntax::Cpp},
        {QStringLiteral("h"), Syntax::Cpp},          {QStringLiteral("cc"), Syntax::Cpp},
        {QStringLiteral("cpp"), Syntax::Cpp},        {QStringLiteral("cxx"), Syntax::Cpp},
        {QStringLiteral("hpp"), Syntax::Cpp},        {QStringLiteral("sh"), Syntax::Shell},
        {QStringLiteral("bash"), Syntax::Shell},
    };
    const QString ending = QFileInfo(fileName).suffix().toLower();
    return ending.isEmpty() ? syntaxOfScript(bytes) : endings.value(ending, Syntax::Plain);
}

const SyntaxHabits &habitsOf(Syntax syntax)
{
    static const SyntaxHabits plain{.quotes = ""};
    static const SyntaxHabits python{.lineComment = "#", .colonOpensBlock = true};
    static const SyntaxHabits javaScript{.indent = 2, .lineComment = "//", .quotes = "\"'`"};
    static const SyntaxHabits ruby{.indent = 2, .lineComment = "#", .quotes = "\"'`"};
    static const SyntaxHabits json{.indent = 2, .quotes = "\""};
    static const SyntaxHabits yaml{.indent = 2, .lineComment = "#", .colonOpensBlock = true};
    static const SyntaxHabits html{.indent = 2, .blockOpen = "<!--", .blockClose = "-->"};
    static const SyntaxHabits css{.indent = 2, .blockOpen = "/*", .blockClose = "*/"};
    static const SyntaxHabits markdown{.indent = 2, .blockOpen = "<!--", .blockClose = "-->", .quotes = ""};
    static const SyntaxHabits sql{.lineComment = "--"};
    static const SyntaxHabits cpp{.lineComment = "//"};
    static const SyntaxHabits shell{.indent = 2, .lineComment = "#"};
    switch (syntax) {
    case Syntax::Plain: return plain;
    case Syntax::Python: return python;
    case Syntax::JavaScript:
    case Syntax::TypeScript: return javaScript;
    case Syntax::Ruby: return ruby;
    case Syntax::Json: return json;
    case Syntax::Yaml: return yaml;
    case Syntax::Html: return html;
    case Syntax::Css: return css;
    case Syntax::Markdown: return markdown;
    case Syntax::Sql: return sql;
    case Syntax::Cpp:
    case Syntax::CSharp: return cpp;
    case Syntax::Shell: return shell;
    }
    Q_UNREACHABLE();
}

std::unique_ptr<QsciLexer> makeLexer(Syntax syntax)
{
    auto lexer = bareLexer(syntax);
    if (lexer)
        tint(*lexer, syntax);
    return lexer;
}

QFont editorFont()
{
    QFont font = codeFont();
    font.setPointSizeF(QFontInfo(font).pointSizeF());
    return font;
}

void tint(QsciLexer &lexer, Syntax syntax)
{
    const QFont font = editorFont();
    lexer.setDefaultFont(font);
    lexer.setDefaultColor(theme().text);
    lexer.setDefaultPaper(theme().background);
    // -1 is every style that the lexer knows, so that none keeps the white paper it was born with.
    lexer.setFont(font, -1);
    lexer.setColor(theme().text, -1);
    lexer.setPaper(theme().background, -1);
    lexer.setEolFill(false, -1);
    QFont italic = font;
    italic.setItalic(true);
    for (const auto &[style, ink] : inksOf(syntax)) {
        lexer.setColor(colourOf(ink), style);
        if (ink == Ink::Comment)
            lexer.setFont(italic, style);
    }
}

bool isQuotedOrComment(Syntax syntax, int style)
{
    for (const auto &[number, ink] : inksOf(syntax)) {
        if (number == style)
            return ink == Ink::String || ink == Ink::Comment;
    }
    return false;
}

} // namespace kiln::ui

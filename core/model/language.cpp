// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/language.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace kiln {

namespace {

using Naming = LanguageFacts::Naming;

constexpr auto built = LanguageFacts::Status::Built;

constexpr std::array<LanguageFacts, 8> table{{
    {.language = Language::Python,
     .status = built,
     .word = "python",
     .name = "Python",
     .tag = "PY",
     .naming = Naming::Dotted,
     .endings = ".py /__init__.py",
     .oldest = "3.9",
     .versionExample = "3.11",
     .install = "apt install python3"},
    {.language = Language::Node,
     .status = built,
     .word = "node",
     .name = "Node.js",
     .tag = "JS",
     .endings = ".js .mjs .cjs",
     .oldest = "18",
     .versionExample = "20",
     .install = "apt install nodejs",
     .manyAtOnce = true},
    {.language = Language::Ruby,
     .status = built,
     .word = "ruby",
     .name = "Ruby",
     .tag = "RB",
     .endings = ".rb",
     .oldest = "2.7",
     .versionExample = "3.1",
     .install = "apt install ruby"},
    {.language = Language::Typescript,
     .status = built,
     .word = "typescript",
     .name = "TypeScript",
     .tag = "TS",
     .endings = ".ts .mts .cts .tsx",
     .oldest = "0.14", // esbuild's
     .versionExample = "20",
     .install = "apt install esbuild nodejs",
     .manyAtOnce = true},
    {.language = Language::Cpp,
     .status = built,
     .word = "cpp",
     .name = "C++",
     .tag = "C++",
     .endings = ".cpp .cc .cxx",
     .oldest = "11",
     .versionExample = "12",
     .install = "apt install g++"},
    {.language = Language::Csharp,
     .status = built,
     .word = "csharp",
     .name = "C#",
     .tag = "C#",
     .naming = Naming::Class,
     .endings = ".cs",
     .oldest = "6.0", // Mono's
     .versionExample = "6.8",
     .install = "apt install mono-mcs mono-runtime"},
    // Executables: what runs them comes with Kiln.
    {.language = Language::Custom,
     .status = built,
     .word = "custom",
     .name = "Custom runtime",
     .tag = "API",
     .manyAtOnce = true},
    {.language = Language::Exec, .status = built, .word = "exec", .name = "Executable", .tag = "EXE"},
}};

constexpr bool isInOrder()
{
    for (std::size_t i = 0; i < table.size(); ++i)
        if (std::size_t(table[i].language) != i)
            return false;
    return true;
}
static_assert(isInOrder(), "a row of each language, in the enumeration's order");

const LanguageFacts *rowOf(std::string_view word)
{
    const auto *row = std::find_if(table.begin(), table.end(), [&](const LanguageFacts &f) { return f.word == word; });
    return row == table.end() ? nullptr : row;
}

/// The handler's file without its ending.
std::string moduleOf(Naming naming, std::string_view handler)
{
    if (naming == Naming::Path) {
        const std::size_t slash = handler.rfind('/');
        return std::string(handler.substr(0, handler.find('.', slash == std::string_view::npos ? 0 : slash)));
    }
    std::string module(handler.substr(0, handler.rfind('.')));
    if (naming == Naming::Class)
        return module.substr(module.rfind('.') + 1);
    std::replace(module.begin(), module.end(), '.', '/');
    return module;
}

} // namespace

std::vector<LanguageFacts> languages()
{
    std::vector<LanguageFacts> usable;
    std::copy_if(table.begin(), table.end(), std::back_inserter(usable),
                 [](const LanguageFacts &facts) { return facts.status == built; });
    return usable;
}

const LanguageFacts &factsOf(Language language) { return table[std::size_t(language)]; }

std::optional<Language> languageFromWord(std::string_view word)
{
    const LanguageFacts *row = rowOf(word);
    return row && row->status == built ? std::optional(row->language) : std::nullopt;
}

bool isLanguageToCome(std::string_view word)
{
    const LanguageFacts *row = rowOf(word);
    return row && row->status != built;
}

std::string languageWords()
{
    std::string words;
    const std::vector<LanguageFacts> all = languages();
    for (std::size_t i = 0; i < all.size(); ++i)
        words.append(i == 0 ? "" : i + 1 == all.size() ? " or " : ", ").append(all[i].word);
    return words;
}

std::vector<std::string> handlerFiles(Language language, std::string_view handler)
{
    const LanguageFacts &facts = factsOf(language);
    if (language == Language::Custom)
        return {"bootstrap"};
    if (language == Language::Exec)
        return {std::string(handler.substr(handler.starts_with("./") ? 2 : 0))};
    const std::string module = moduleOf(facts.naming, handler);
    std::vector<std::string> files;
    for (std::string_view rest = facts.endings; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        files.push_back(module + std::string(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return files;
}

std::string shortVersion(Language language, std::string_view version)
{
    const std::string_view example = factsOf(language).versionExample;
    auto dots = std::count(example.begin(), example.end(), '.');
    const auto end = std::find_if(version.begin(), version.end(), [&](char c) { return c == '.' && dots-- == 0; });
    return {version.begin(), end};
}

} // namespace kiln

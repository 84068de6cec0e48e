// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// In the order in which they are listed.
enum class Language : std::uint8_t { Python, Node, Ruby, Typescript, Cpp, Csharp, Custom, Exec };

/// What is known of a language before anything of it is found on the machine: one row for each, in their order.
struct LanguageFacts
{
    enum class Status {
        Built,
        NotBuilt, ///< Known by its word only.
    };
    /// How a handler names its file.
    enum class Naming {
        Dotted, ///< "package.module.function": the last part is the function.
        Path,   ///< "folder/file.name.name": the file ends at the first dot.
        Class,  ///< "Namespace.Class.Method": the file is most often named as its class.
    };

    Language language{};
    Status status = Status::NotBuilt;
    std::string_view word{}; ///< As in function.yaml: "python".
    std::string_view name{}; ///< "Node.js"
    std::string_view tag{};  ///< "PY": a few letters beside a function's name.
    Naming naming = Naming::Path;
    std::string_view endings{};        ///< Of a handler's file, in the order in which they are tried, parted by spaces.
    std::string_view oldest{};         ///< The oldest version that can be used.
    std::string_view versionExample{}; ///< "3.11": as much of a version as tells it from others.
    std::string_view install{};        ///< The command that brings it.
    bool manyAtOnce = false;           ///< Whether one worker of it may have several events under way.
};

/// Those that can be used.
[[nodiscard]] std::vector<LanguageFacts> languages();
[[nodiscard]] const LanguageFacts &factsOf(Language language);
[[nodiscard]] inline std::string_view toWord(Language language) { return factsOf(language).word; }
/// Of a language that can be used.
[[nodiscard]] std::optional<Language> languageFromWord(std::string_view word);
/// Whether it is the word of a language that is not built yet.
[[nodiscard]] bool isLanguageToCome(std::string_view word);

/// "python, node or ruby", for messages.
[[nodiscard]] std::string languageWords();

/// The files that a handler may mean, relative to the function's folder, in the order in which they are looked for.
[[nodiscard]] std::vector<std::string> handlerFiles(Language language, std::string_view handler);

/// As much of a version as a function.yaml would name: "3.11" of Python's "3.11.2", "20" of Node's "20.11.1".
[[nodiscard]] std::string shortVersion(Language language, std::string_view version);

} // namespace kiln

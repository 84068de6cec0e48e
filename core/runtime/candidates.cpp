// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/candidates.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <set>
#include <unistd.h>

namespace kiln {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t entriesLimit = 20'000; ///< Of one folder.

/// Folders of version managers below home; one component may be `*`.
constexpr std::array<std::string_view, 13> placesAtHome{
    ".pyenv/versions/*/bin",
    ".rbenv/versions/*/bin",
    ".rubies/*/bin",
    ".nvm/versions/node/*/bin",
    ".asdf/installs/python/*/bin",
    ".asdf/installs/nodejs/*/bin",
    ".asdf/installs/ruby/*/bin",
    ".local/share/uv/python/*/bin",
    ".local/share/mise/installs/python/*/bin",
    ".local/share/mise/installs/node/*/bin",
    ".local/share/mise/installs/ruby/*/bin",
    ".local/share/fnm/node-versions/*/installation/bin",
    ".local/bin",
};
constexpr std::array<std::string_view, 4> placesOfMachine{"/usr/bin", "/usr/local/bin", "/opt/*/bin", "/opt/*"};

/// How programs of a language are named.
struct ProgramName
{
    std::string_view name;
    Language language;
    std::string_view numbered; ///< What a version may follow; empty: none does.
};
constexpr std::array programNames{
    ProgramName{"python", Language::Python, ""}, ProgramName{"python3", Language::Python, "python3."},
    ProgramName{"node", Language::Node, ""},     ProgramName{"nodejs", Language::Node, ""},
    ProgramName{"ruby", Language::Ruby, "ruby"}, ProgramName{"esbuild", Language::Typescript, ""},
    ProgramName{"g++", Language::Cpp, "g++-"},   ProgramName{"mono", Language::Csharp, ""},
};

bool isVersion(std::string_view text)
{
    return !text.empty() && text.front() != '.' &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::optional<Language> languageOf(std::string_view name)
{
    for (const ProgramName &program : programNames) {
        const std::string_view numbered = program.numbered;
        if (name == program.name ||
            (!numbered.empty() && name.starts_with(numbered) && isVersion(name.substr(numbered.size()))))
            return program.language;
    }
    return std::nullopt;
}

std::vector<fs::path> entriesOf(const fs::path &folder)
{
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end && entries.size() < entriesLimit;
         it.increment(error))
        entries.push_back(it->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

/// The folders that a pattern with at most one `*` component stands for.
std::vector<fs::path> expand(const fs::path &base, std::string_view pattern)
{
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos)
        return {base / pattern};
    const std::string_view after = pattern.substr(star + 1);
    std::vector<fs::path> folders;
    for (const auto &entry : entriesOf(base / pattern.substr(0, star)))
        folders.push_back(after.empty() ? entry : entry / after.substr(1));
    return folders;
}

std::vector<fs::path> foldersToSearch(std::string_view searchPath, const fs::path &home)
{
    std::vector<fs::path> folders;
    while (!searchPath.empty()) {
        const std::size_t colon = std::min(searchPath.find(':'), searchPath.size());
        if (colon > 0 && searchPath.front() == '/') // a relative one depends on where Kiln was started
            folders.emplace_back(searchPath.substr(0, colon));
        searchPath.remove_prefix(std::min(colon + 1, searchPath.size()));
    }
    if (home.empty())
        return folders;
    for (const auto pattern : placesOfMachine) {
        for (auto &folder : expand("/", pattern))
            folders.push_back(std::move(folder));
    }
    for (const auto pattern : placesAtHome) {
        for (auto &folder : expand(home, pattern))
            folders.push_back(std::move(folder));
    }
    return folders;
}

bool isScript(const fs::path &file)
{
    std::array<char, 2> start{};
    std::ifstream(file, std::ios::binary).read(start.data(), start.size());
    return start == std::array<char, 2>{'#', '!'};
}

} // namespace

std::vector<Candidate> findCandidates(std::string_view searchPath, const fs::path &home)
{
    std::vector<Candidate> candidates;
    std::set<fs::path> searched, seen;
    std::error_code error;
    for (const auto &folder : foldersToSearch(searchPath, home)) {
        if (!searched.insert(folder).second)
            continue;
        for (const auto &entry : entriesOf(folder)) {
            const auto language = languageOf(entry.filename().native());
            if (!language)
                continue;
            const fs::path real = fs::canonical(entry, error);
            if (error || !fs::is_regular_file(real, error))
                continue;
            // A shim is told by its own name what to start, so it keeps the name it was found under.
            const bool script = isScript(real);
            const fs::path &run = script ? entry : real;
            if (::access(run.c_str(), X_OK) == 0 && seen.insert(run).second)
                candidates.push_back({*language, run, script});
        }
    }
    return candidates;
}

} // namespace kiln

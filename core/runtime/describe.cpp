// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/describe.h"

#include "core/base/utf8.h"
#include "core/runtime/probe.h"
#include "core/runtime/usability.h"
#include "core/runtime/version.h"

#include <algorithm>

namespace kiln {

namespace {

namespace fs = std::filesystem;

constexpr int exitNotFound = 127; ///< A shim whose program is not installed says this, as a shell does.

// Each prints a mark, the version, the real executable, and folders it needs. The Python one runs on Python 2 too,
// so that an old one can be named.
constexpr const char *mark = "kiln-interpreter";
constexpr const char *askPython = "import os,sys\n"
                                  "print('\\n'.join(['kiln-interpreter','%d.%d.%d'%sys.version_info[:3],"
                                  "os.path.realpath(sys.executable),"
                                  "os.path.realpath(getattr(sys,'base_prefix',sys.prefix)),"
                                  "os.path.dirname(os.path.realpath(os.__file__))]))";
constexpr const char *askNode = "console.log(['kiln-interpreter',process.versions.node,process.execPath].join('\\n'))";

std::vector<std::string> linesOf(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Adds a folder that must be seen inside, unless it is below /usr or another of them.
void addRoot(std::vector<fs::path> &roots, const fs::path &folder)
{
    const auto covers = [&](const fs::path &root) { return isBelow(folder, root); };
    if (isBelow(folder, "/usr") || std::any_of(roots.begin(), roots.end(), covers))
        return;
    std::erase_if(roots, [&](const fs::path &root) { return isBelow(root, folder); });
    roots.push_back(folder);
}

std::optional<Interpreter> readAnswer(Language language, const Answer &answer)
{
    const auto lines = linesOf(answer.output);
    const std::size_t expected = language == Language::Python ? 5 : 3;
    if (answer.exitCode != 0 || lines.size() != expected || lines[0] != mark || numbersOf(lines[1]).size() < 2)
        return std::nullopt;
    for (std::size_t i = 2; i < lines.size(); ++i) {
        if (!lines[i].starts_with('/') || !isUtf8(lines[i]))
            return std::nullopt;
    }
    Interpreter interpreter;
    interpreter.language = language;
    interpreter.version = lines[1];
    interpreter.path = lines[2];
    if (language == Language::Python) {
        addRoot(interpreter.roots, lines[3]);
        addRoot(interpreter.roots, lines[4]);
    }
    const fs::path bin = interpreter.path.parent_path();
    addRoot(interpreter.roots, bin.filename() == "bin" ? bin.parent_path() : bin);
    return interpreter;
}

} // namespace

std::optional<Interpreter> describe(const Candidate &candidate, const std::vector<std::string> &environment,
                                    std::chrono::milliseconds timeout)
{
    const bool python = candidate.language == Language::Python;
    const std::vector<std::string> argv = python ? std::vector<std::string>{candidate.path, "-E", "-s", "-c", askPython}
                                                 : std::vector<std::string>{candidate.path, "-e", askNode};
    Interpreter failed;
    failed.language = candidate.language;
    failed.path = candidate.path;
    const auto answer = ask(argv, environment, timeout);
    if (!answer) {
        failed.problem = answer.error().code == Error::Code::LimitExceeded ? "does not answer" : answer.error().text();
        return failed;
    }
    if (auto interpreter = readAnswer(candidate.language, *answer))
        return interpreter;
    if (candidate.script && answer->exitCode == exitNotFound)
        return std::nullopt;
    failed.problem = "does not behave as an interpreter (exit code " + std::to_string(answer->exitCode) + ")";
    return failed;
}

} // namespace kiln

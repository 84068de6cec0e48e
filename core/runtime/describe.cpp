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

constexpr const char *mark = "kiln-interpreter";

/// How an interpreter is asked what it is: it prints the mark, its version, the real executable, and folders it needs.
struct Question
{
    Language language;
    std::vector<std::string> options;
    const char *program; ///< The last argument; null: it cannot run one, and its first line has its version.
};

const std::vector<Question> &questions()
{
    static const std::vector<Question> all{
        // Runs on Python 2 too, so that an old one can be named.
        {Language::Python,
         {"-E", "-s", "-c"},
         "import os,sys\n"
         "print('\\n'.join(['kiln-interpreter','%d.%d.%d'%sys.version_info[:3],"
         "os.path.realpath(sys.executable),"
         "os.path.realpath(getattr(sys,'base_prefix',sys.prefix)),"
         "os.path.dirname(os.path.realpath(os.__file__))]))"},
        {Language::Node,
         {"-e"},
         "console.log(['kiln-interpreter',process.versions.node,process.execPath].join('\\n'))"},
        {Language::Ruby,
         {"--disable=gems", "-rrbconfig", "-e"},
         "puts ['kiln-interpreter',RUBY_VERSION,File.realpath(RbConfig.ruby),"
         "*RbConfig::CONFIG.values_at('prefix','rubylibdir','rubyarchdir')]"},
        {Language::Typescript, {"--version"}, nullptr},
        {Language::Cpp, {"-dumpfullversion"}, nullptr},
        {Language::Csharp, {"--version"}, nullptr},
    };
    return all;
}

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

void addOwnFolder(Interpreter &interpreter)
{
    const fs::path bin = interpreter.path.parent_path();
    addRoot(interpreter.roots, bin.filename() == "bin" ? bin.parent_path() : bin);
}

std::optional<Interpreter> readAnswer(Language language, const Answer &answer)
{
    constexpr std::size_t needed = 3;
    const auto lines = linesOf(answer.output);
    if (answer.exitCode != 0 || lines.size() < needed || lines[0] != mark || numbersOf(lines[1]).size() < 2)
        return std::nullopt;
    for (std::size_t i = 2; i < lines.size(); ++i) {
        if (!lines[i].starts_with('/') || !isUtf8(lines[i]))
            return std::nullopt;
    }
    Interpreter interpreter;
    interpreter.language = language;
    interpreter.version = lines[1];
    interpreter.path = lines[2];
    for (std::size_t i = needed; i < lines.size(); ++i)
        addRoot(interpreter.roots, lines[i]);
    addOwnFolder(interpreter);
    return interpreter;
}

/// "12.2.0", "Mono JIT compiler version 6.8.0.105 (Debian …)"
std::optional<Interpreter> readVersionLine(const Candidate &candidate, const Answer &answer)
{
    const auto lines = linesOf(answer.output);
    if (answer.exitCode != 0 || lines.empty() || !isUtf8(lines[0]))
        return std::nullopt;
    std::size_t start = 0;
    const std::string &line = lines[0];
    while (start < line.size() && (line[start] < '0' || line[start] > '9'))
        start = std::min(line.find(' ', start), line.size() - 1) + 1;
    Interpreter interpreter;
    interpreter.language = candidate.language;
    interpreter.version = line.substr(start, line.find(' ', start) - start);
    if (numbersOf(interpreter.version).size() < 2)
        return std::nullopt;
    interpreter.path = candidate.path;
    addOwnFolder(interpreter);
    std::error_code error;
    if (candidate.script)
        interpreter.problem = "it is a script, and the program that it starts is needed";
    if (candidate.language != Language::Csharp)
        return interpreter;
    if (!fs::is_regular_file(mcsOf(interpreter), error))
        interpreter.problem = "its compiler is missing: " + mcsOf(interpreter).string() + " (apt install mono-mcs)";
    return interpreter;
}

} // namespace

fs::path mcsOf(const Interpreter &mono)
{
    return mono.path.parent_path().parent_path() / "lib" / "mono" / "4.5" / "mcs.exe";
}

std::optional<Interpreter> describe(const Candidate &candidate, const std::vector<std::string> &environment,
                                    std::chrono::milliseconds timeout)
{
    const auto question = std::find_if(questions().begin(), questions().end(),
                                       [&](const Question &each) { return each.language == candidate.language; });
    std::vector<std::string> argv{candidate.path};
    argv.insert(argv.end(), question->options.begin(), question->options.end());
    if (question->program)
        argv.emplace_back(question->program);
    Interpreter failed;
    failed.language = candidate.language;
    failed.path = candidate.path;
    const auto answer = ask(argv, environment, timeout);
    if (!answer) {
        failed.problem = answer.error().code == Error::Code::LimitExceeded ? "does not answer" : answer.error().text();
        return failed;
    }
    if (auto interpreter =
            question->program ? readAnswer(candidate.language, *answer) : readVersionLine(candidate, *answer))
        return interpreter;
    if (candidate.script && answer->exitCode == exitNotFound)
        return std::nullopt;
    failed.problem = "does not behave as an interpreter (exit code " + std::to_string(answer->exitCode) + ")";
    return failed;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/build/build_plan.h"

#include "core/base/digest.h"
#include "core/runtime/describe.h"
#include "core/runtime/launch_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <sys/stat.h>

namespace kiln {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view format = "1"; ///< Changes when the same code would be built otherwise.
constexpr const char *codeInside = "/var/task";
constexpr const char *oursInside = "/opt/kiln";

// Scripts get what differs as arguments, never as part of their text. Each ends with the products on descriptor 3.
constexpr const char *handOver = "hand() { for f; do wc -c < \"$f\" >&3; cat \"$f\" >&3; done; }\n";
constexpr const char *typescript = "esbuild=$1; out=$2; shift 2\n"
                                   "\"$esbuild\" \"$@\" --outfile=\"$out\"\n"
                                   "hand \"$out\"\n";
// The file with the handler is included by ours, so that it may be of any form that can be called. All others are
// compiled beside it, and the runtime at the same time. -r: one object of many sources.
constexpr const char *cpp =
    "compiler=$1; handler=$2; main=$3\n"
    "printf '%s' \"$main\" > /tmp/kiln_main.cpp\n"
    "flags='-std=c++20 -O2 -pthread -Wall -fmax-errors=50 -fdiagnostics-color=never -fno-diagnostics-show-caret "
    "-I/opt/kiln/include'\n"
    "\"$compiler\" $flags -c -o /tmp/runtime.o /opt/kiln/runtime.cpp &\n"
    "runtime=$!\n"
    "find . -type f '(' -name '*.cpp' -o -name '*.cc' -o -name '*.cxx' ')' '!' -path \"./$handler\" -print0 |\n"
    "  xargs -0 -x -n 2000 \"$compiler\" $flags -iquote . -nostdlib -r -o /tmp/user.o /tmp/kiln_main.cpp\n"
    "wait \"$runtime\"\n"
    "\"$compiler\" -O2 -pthread -static-libgcc -static-libstdc++ -s -o /tmp/function /tmp/runtime.o /tmp/user.o\n"
    "hand /tmp/function\n";
constexpr const char *csharp = "mono=$1; mcs=$2\n"
                               "\"$mono\" \"$mcs\" -nologo -langversion:latest -debug -target:exe "
                               "-main:Kiln.Bootstrap -out:/tmp/function.exe "
                               "'-recurse:/opt/kiln/*.cs' '-recurse:/var/task/*.cs'\n"
                               "hand /tmp/function.exe /tmp/function.exe.mdb\n";

std::optional<std::string> handlerFileIn(const fs::path &code, const FunctionSettings &settings)
{
    const auto files = handlerFiles(settings.runtime.language, settings.handler);
    const auto there = [&](const std::string &file) {
        std::error_code ignored;
        return fs::is_regular_file(code / file, ignored);
    };
    const auto found = std::find_if(files.begin(), files.end(), there);
    if (found != files.end())
        return *found;
    // A class may be in any file.
    return settings.runtime.language == Language::Csharp ? std::optional(std::string()) : std::nullopt;
}

/// "handler.api.get" → "::api::get", as C++ writes it.
std::string calleeOf(const std::string &handler)
{
    const std::size_t slash = handler.rfind('/');
    std::string name = handler.substr(handler.find('.', slash == std::string::npos ? 0 : slash));
    std::string callee;
    for (const char c : name)
        callee += c == '.' ? "::" : std::string(1, c);
    return callee;
}

std::string mainOf(const std::string &file, const std::string &handler)
{
    return fmt::format("#include \"{}\"\n"
                       "#include <kiln/serve.h>\n"
                       "int main() {{ return kiln::serve([](auto &&...given) -> decltype({}(given...)) "
                       "{{ return {}(given...); }}); }}\n",
                       file, calleeOf(handler), calleeOf(handler));
}

/// Whether the nearest package.json above says that what is below it are ES modules.
bool saysModule(const fs::path &code, const std::string &file)
{
    for (fs::path folder = fs::path(file).parent_path();; folder = folder.parent_path()) {
        std::ifstream in(code / folder / "package.json", std::ios::binary);
        if (in) {
            const std::string text(std::istreambuf_iterator<char>(in), {});
            // A word search is enough: what it decides is only the form of our own output.
            const std::size_t at = text.find("\"type\"");
            return at != std::string::npos && text.find("\"module\"", at) < text.find_first_of(",}", at);
        }
        if (folder.empty())
            return false;
    }
}

void addTypescript(BuildPlan &plan, const Revision &revision, const Interpreter &esbuild, const Interpreter &node)
{
    const std::string &file = plan.handlerFile;
    const bool module = file.ends_with(".mts") || (!file.ends_with(".cts") && saysModule(revision.code, file));
    const std::string built = file.substr(0, file.rfind('.')) + (module ? ".mjs" : ".cjs");
    plan.products = {built};
    plan.policy.argv.insert(plan.policy.argv.end(),
                            // As deep as the code is: the source map's relative paths then fit there too.
                            {esbuild.path.string(), "/tmp/task/" + built, "./" + file, "--bundle", "--platform=node",
                             "--target=node" + shortVersion(Language::Node, node.version),
                             module ? "--format=esm" : "--format=cjs", "--sourcemap=inline", "--sources-content=false",
                             "--log-level=warning", "--log-limit=50", "--color=false"});
    if (module) {
        // A CommonJS package in the bundle asks for Node's own modules by this.
        plan.policy.argv.emplace_back("--banner:js=import { createRequire as kilnCreateRequire } from 'module'; "
                                      "globalThis.require = globalThis.require || kilnCreateRequire(import.meta.url);");
    }
}

/// What is built takes the place of no file of the user's, and stands behind none where Node looks for a module.
Result<> checkRoom(const fs::path &code, const BuildPlan &plan)
{
    std::vector<std::string> needed{".kiln"};
    if (plan.language == Language::Typescript) {
        needed.clear();
        for (const char *ending : {"", ".js", ".mjs", ".cjs"})
            needed.push_back(plan.handlerFile.substr(0, plan.handlerFile.rfind('.')) + ending);
    }
    for (const std::string &file : needed) {
        std::error_code ignored;
        const fs::file_status status = fs::symlink_status(code / file, ignored);
        if (fs::exists(status) && (file == ".kiln" || !fs::is_directory(status)))
            return fail(Error::Code::AlreadyExists,
                        file + " is in the way of what is built from " +
                            (plan.handlerFile.empty() ? "the code" : plan.handlerFile),
                        {}, "remove or rename it");
    }
    return {};
}

Result<> addLanguage(BuildPlan &plan, const Revision &revision, const Interpreter &compiler,
                     const Interpreter &interpreter)
{
    SandboxPolicy &policy = plan.policy;
    const char *script = csharp;
    if (plan.language == Language::Typescript)
        script = typescript;
    else if (plan.language == Language::Cpp)
        script = cpp;
    policy.argv = {"/usr/bin/sh", "-euc", std::string(handOver) + script, "kiln"};
    switch (plan.language) {
    case Language::Typescript: addTypescript(plan, revision, compiler, interpreter); break;
    case Language::Cpp:
        policy.argv.insert(policy.argv.end(), {compiler.path.string(), plan.handlerFile,
                                               mainOf(plan.handlerFile, revision.settings.handler)});
        plan.products = {".kiln/function"};
        break;
    default:
        policy.argv.insert(policy.argv.end(), {compiler.path.string(), mcsOf(compiler).string()});
        plan.products = {".kiln/function.exe", ".kiln/function.exe.mdb"};
        break;
    }
    return checkRoom(revision.code, plan);
}

void addFiles(Sha256 &digest, const fs::path &folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->is_regular_file(error))
            files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path &file : files) {
        std::ifstream in(file, std::ios::binary);
        digest.addField(file.lexically_relative(folder).native());
        digest.addField(std::string(std::istreambuf_iterator<char>(in), {}));
    }
}

/// A compiler that was upgraded is another one.
void addProgram(Sha256 &digest, const Interpreter &program)
{
    digest.addField(program.path.native()).addField(program.version);
    struct stat about = {};
    if (::stat(program.path.c_str(), &about) == 0)
        digest.addField(fmt::format("{} {}.{}", about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec));
}

Limits compilersLimits()
{
    Limits limits;
    limits.memory = 1'024_MB;
    limits.tmp = 256_MB;
    limits.tmpInodes = 16'384;
    limits.processes = 64;
    limits.cpu = Limits::Cpu::Unlimited;
    limits.timeout = 120s;
    return limits;
}

/// What is the same for all: the code, what runs there, and no more.
BuildPlan planFor(const Revision &revision, std::string handlerFile, std::vector<fs::path> roots)
{
    const FunctionSettings &settings = revision.settings;
    BuildPlan plan;
    plan.language = settings.runtime.language;
    plan.function = settings.name;
    plan.handlerFile = std::move(handlerFile);
    SandboxPolicy &policy = plan.policy;
    policy.owner = "build " + settings.name; // no function's name has a space
    policy.limits = compilersLimits();
    policy.workingDirectory = codeInside;
    policy.environment = {
        {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", "/tmp"}, {"TMPDIR", "/tmp"}, {"LANG", "C.UTF-8"}};
    policy.binds.push_back({.source = revision.code, .target = codeInside});
    std::sort(roots.begin(), roots.end());
    roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
    for (const fs::path &root : roots)
        policy.binds.push_back({.source = root, .target = root.string()});
    return plan;
}

} // namespace

bool isCompiled(Language language)
{
    return language == Language::Typescript || language == Language::Cpp || language == Language::Csharp;
}

Result<BuildPlan> planBuild(const Revision &revision, const Interpreter &compiler, const Interpreter &interpreter,
                            const fs::path &resources)
{
    const FunctionSettings &settings = revision.settings;
    const auto file = handlerFileIn(revision.code, settings);
    if (!file) {
        return fail(Error::Code::NotFound,
                    "there is no " + handlerFiles(settings.runtime.language, settings.handler).front() +
                        " for the handler " + settings.handler,
                    {}, "name a file that is there, or add it");
    }
    std::vector<fs::path> roots = compiler.roots;
    roots.insert(roots.end(), interpreter.roots.begin(), interpreter.roots.end());
    BuildPlan plan = planFor(revision, *file, std::move(roots));
    SandboxPolicy &policy = plan.policy;
    const fs::path ours = resources / "runtimes" / toWord(plan.language);
    Sha256 digest;
    digest.addField(format);
    if (plan.language != Language::Typescript) {
        policy.binds.push_back({.source = ours, .target = oursInside});
        addFiles(digest, ours);
    }
    if (const auto mono = monoSettings(); mono && plan.language == Language::Csharp) {
        policy.binds.push_back({.source = mono->source, .target = mono->target});
        policy.environment["MONO_CFG_DIR"] = monoSettingsFolder;
    }
    if (auto added = addLanguage(plan, revision, compiler, interpreter); !added)
        return tl::make_unexpected(added.error());

    digest.addField(revision.code.filename().native());
    addProgram(digest, compiler);
    addProgram(digest, interpreter);
    for (const std::string &argument : policy.argv)
        digest.addField(argument);
    plan.key = digest.hex();
    return plan;
}

Result<BuildPlan> planCodeAhead(const Revision &revision, const Interpreter &interpreter, const fs::path &resources)
{
    const auto file = handlerFileIn(revision.code, revision.settings);
    if (!file)
        return fail(Error::Code::NotFound, "the handler's file is not there", revision.settings.handler);
    BuildPlan plan = planFor(revision, *file, interpreter.roots);
    plan.policy.limits.timeout = 20s;
    plan.policy.binds.push_back({.source = resources / "compilers", .target = oursInside});
    plan.policy.argv = {
        interpreter.path.string(), "-I", "-S", "/opt/kiln/compile_ahead.py", codeInside, plan.handlerFile};
    plan.products = {"code"};
    return plan;
}

} // namespace kiln

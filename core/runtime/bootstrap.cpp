// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/bootstrap.h"

#include "core/base/digest.h"
#include "core/model/executable.h"
#include "core/runtime/probe.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <unistd.h>
#include <vector>

namespace kiln {

namespace {

namespace fs = std::filesystem;

// Compiles argv[1]/*.py to argv[2]/*.pyc, never to be checked against the source: that is not there inside. The names
// in the code are those that a worker sees.
constexpr const char *compile =
    "import os,py_compile,sys\n"
    "source,target=sys.argv[1:3]\n"
    "for folder,_,files in os.walk(source):\n"
    "    below=os.path.relpath(folder,source)\n"
    "    os.makedirs(os.path.join(target,below),exist_ok=True)\n"
    "    for name in files:\n"
    "        if name.endswith('.py'):\n"
    "            py_compile.compile(os.path.join(folder,name),os.path.normpath(os.path.join(target,below,name+'c')),\n"
    "                os.path.normpath(os.path.join('/opt/kiln',below,name)),True,\n"
    "                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)\n";
constexpr std::chrono::seconds compileTimeout{20};

/// Names the compiled folder by what it is made of and by whom.
std::string keyOf(const Interpreter &interpreter, const fs::path &source)
{
    std::vector<fs::path> files;
    for (const auto &entry : fs::recursive_directory_iterator(source)) {
        if (entry.path().extension() == ".py")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    Sha256 digest;
    digest.addField(interpreter.path.native()).addField(interpreter.version).addField(compile);
    for (const auto &file : files) {
        std::ifstream in(file, std::ios::binary);
        digest.addField(file.lexically_relative(source).native());
        digest.addField(std::string(std::istreambuf_iterator<char>(in), {}));
    }
    return "python-" + interpreter.version + "-" + digest.hex().substr(0, 16);
}

void openToAll(const fs::path &folder)
{
    using fs::perms;
    const perms readable = perms::owner_read | perms::owner_write | perms::group_read | perms::others_read;
    const perms searchable = readable | perms::owner_exec | perms::group_exec | perms::others_exec;
    fs::permissions(folder, searchable);
    for (const auto &entry : fs::recursive_directory_iterator(folder))
        fs::permissions(entry.path(), entry.is_directory() ? searchable : readable);
}

/// The compiled folder, made if need be; empty when it cannot be. Throws fs::filesystem_error.
fs::path compiled(const Interpreter &interpreter, const fs::path &source, const fs::path &cache)
{
    const fs::path target = cache / "bootstrap" / keyOf(interpreter, source);
    if (fs::exists(target / "bootstrap.pyc"))
        return target;
    // Made beside and renamed when whole, so that no other Kiln sees half of it.
    const fs::path part = target.native() + "." + std::to_string(::getpid());
    fs::remove_all(part);
    fs::create_directories(part);
    const auto answer =
        ask({interpreter.path, "-I", "-S", "-c", compile, source, part}, {"LANG=C.UTF-8"}, compileTimeout);
    std::error_code taken;
    if (answer && answer->exitCode == 0 && fs::exists(part / "bootstrap.pyc")) {
        openToAll(part);
        fs::rename(part, target, taken); // fails when another one was first, and then theirs is as good
    }
    fs::remove_all(part);
    return fs::exists(target / "bootstrap.pyc") ? target : fs::path();
}

} // namespace

std::string_view bootstrapFile(Language language)
{
    switch (language) {
    case Language::Python: return "bootstrap.py";
    case Language::Ruby: return "bootstrap.rb";
    case Language::Cpp: return "runtime.cpp";
    case Language::Csharp: return "Bootstrap.cs";
    default: return "bootstrap.cjs";
    }
}

Result<fs::path> prepareBootstrap(const Interpreter &interpreter, const fs::path &resources, const fs::path &cache)
{
    if (isExecutable(interpreter.language))
        return interpreter.path; // it is all there is
    // What esbuild makes runs on Node's.
    const Language language = interpreter.language == Language::Typescript ? Language::Node : interpreter.language;
    const fs::path source = resources / "runtimes" / toWord(language);
    const fs::path file = source / bootstrapFile(language);
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
        return fail(Error::Code::NotFound, "The bootstrap of this runtime is missing", file.string(),
                    "install Kiln again");
    }
    if (interpreter.language != Language::Python || cache.empty())
        return source;
    try {
        const fs::path folder = compiled(interpreter, source, cache);
        return folder.empty() ? source : folder;
    } catch (const fs::filesystem_error &) {
        return source; // slower, and nothing else
    }
}

} // namespace kiln

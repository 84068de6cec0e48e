// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/runtimes.h"

#include "core/model/executable.h"
#include "core/runtime/describe.h"
#include "core/runtime/interpreter_cache.h"
#include "core/runtime/version.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <optional>
#include <thread>
#include <unistd.h>

namespace kiln {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t probesAtOnce = 4;

/// One per candidate; empty for a shim with nothing behind it.
std::vector<std::optional<Interpreter>> describeAll(const std::vector<Candidate> &candidates,
                                                    const SearchOptions &options)
{
    InterpreterCache cache(options.cache, options.now);
    std::vector<std::optional<Interpreter>> answers(candidates.size());
    std::vector<std::size_t> unknown;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (auto known = cache.find(candidates[i]))
            answers[i] = std::move(known->interpreter);
        else
            unknown.push_back(i);
    }
    const std::vector<std::string> environment{"PATH=" + options.path, "HOME=" + options.home.string(), "LANG=C.UTF-8"};
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < unknown.size(); i = next++)
            answers[unknown[i]] = describe(candidates[unknown[i]], environment, options.timeout);
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(probesAtOnce, unknown.size()); ++i)
        threads.emplace_back(work);
    work();
    threads.clear(); // waits for them
    for (const std::size_t i : unknown) {
        if (!answers[i] || answers[i]->usable())
            cache.put(candidates[i], {answers[i]});
    }
    cache.save();
    return answers;
}

} // namespace

SearchOptions SearchOptions::ofThisProcess(WallTime now)
{
    const auto variable = [](const char *name) {
        const char *value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here sets variables
        return std::string(value ? value : "");
    };
    SearchOptions options;
    options.now = now;
    options.path = variable("PATH");
    options.home = variable("HOME");
    const std::string caches = variable("XDG_CACHE_HOME");
    if (caches.starts_with('/'))
        options.cache = fs::path(caches) / "kiln";
    else if (!options.home.empty())
        options.cache = options.home / ".cache" / "kiln";
    options.user = ::geteuid() == 0 ? SandboxUser::Other : SandboxUser::Own;
    return options;
}

std::vector<Interpreter> findInterpreters(const SearchOptions &options)
{
    auto candidates = findCandidates(options.path, options.home);
    if (options.shims == SearchOptions::Shims::Skip)
        std::erase_if(candidates, [](const Candidate &candidate) { return candidate.script; });

    std::map<fs::path, Interpreter> found;
    for (auto &answer : describeAll(candidates, options)) {
        if (!answer)
            continue;
        if (answer->usable())
            answer->problem = problemOf(*answer, options.user);
        found.emplace(answer->path, std::move(*answer));
    }
    std::vector<Interpreter> list;
    for (auto &[path, interpreter] : found)
        list.push_back(std::move(interpreter));
    for (const LanguageFacts &facts : languages()) {
        if (isExecutable(facts.language) && !options.adapter.empty())
            list.push_back(
                {.language = facts.language, .version = {}, .path = options.adapter, .roots = {}, .problem = {}});
    }
    std::stable_sort(list.begin(), list.end(), [](const Interpreter &a, const Interpreter &b) {
        return a.language != b.language ? a.language < b.language : isOlder(b.version, a.version);
    });
    return list;
}

namespace {

Result<Interpreter> newest(const RuntimeChoice &choice, const std::vector<Interpreter> &found)
{
    const auto wanted = numbersOf(choice.version);
    const Interpreter *best = nullptr, *unusable = nullptr;
    std::string others;
    for (const auto &interpreter : found) {
        if (interpreter.language != choice.language)
            continue;
        const auto numbers = numbersOf(interpreter.version);
        const bool fits = wanted.size() <= numbers.size() && std::equal(wanted.begin(), wanted.end(), numbers.begin());
        if (interpreter.usable() && others.find(interpreter.version) == std::string::npos)
            others += (others.empty() ? "" : ", ") + interpreter.version;
        if (!fits)
            continue;
        if (!interpreter.usable()) {
            if (!unusable || isOlder(unusable->version, interpreter.version))
                unusable = &interpreter;
        } else if (!best ||
                   isOlder(best->version, interpreter.version)
                   // Of one version the system's own is taken: it needs nothing but /usr inside.
                   || (best->version == interpreter.version && interpreter.roots.size() < best->roots.size())) {
            best = &interpreter;
        }
    }
    if (best)
        return *best;

    const std::string name(choice.language == Language::Typescript ? "esbuild" : factsOf(choice.language).name);
    std::string message =
        "No " + name + (choice.version.empty() ? "" : " " + choice.version) + " that can be used was found";
    if (unusable)
        message += "; " + unusable->path.string() + " cannot: " + unusable->problem;
    std::string remedy(factsOf(choice.language).install);
    if (choice.language == Language::Python && wanted.size() > 1)
        remedy += "." + std::to_string(wanted[1]);
    if (!others.empty())
        remedy += ", or take one of those found: " + others;
    return fail(Error::Code::NotFound, std::move(message), {}, std::move(remedy));
}

} // namespace

Result<Interpreter> choose(const RuntimeChoice &choice, const std::vector<Interpreter> &found)
{
    if (choice.language != Language::Typescript)
        return newest(choice, found);
    if (const auto esbuild = chooseCompiler(choice, found); !esbuild)
        return esbuild;
    return newest({Language::Node, choice.version}, found);
}

Result<Interpreter> chooseCompiler(const RuntimeChoice &choice, const std::vector<Interpreter> &found)
{
    // Its version is Node's.
    return newest(choice.language == Language::Typescript ? RuntimeChoice{choice.language, {}} : choice, found);
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "core/api/asio_loop.h"
#include "core/model/executable.h"
#include "core/runtime/runtimes.h"
#include "core/sandbox/launcher.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <unistd.h>

namespace kiln {

namespace json = boost::json;

namespace {

std::string_view tierName(Tier tier)
{
    switch (tier) {
    case Tier::Full: return "full";
    case Tier::SoftMemory: return "soft memory limit";
    case Tier::Reduced: return "reduced";
    case Tier::None: return "none: functions are not run";
    }
    return "";
}

/// Starts a launcher for its self-test alone.
Result<TierReport> findTier(const Places &places)
{
    AsioLoop loop(nullptr);
    std::optional<TierReport> found;
    Launcher::Options options{.executable = places.launcher, .instance = fmt::format("doctor-{}", ::getpid())};
    Result<std::unique_ptr<Launcher>> launcher =
        Launcher::start(loop, std::move(options), [&](const TierReport &report) {
            found = report;
            loop.stop();
        });
    if (!launcher)
        return tl::make_unexpected(launcher.error());
    loop.timers().after(std::chrono::seconds(20), [&] { loop.stop(); });
    loop.run();
    launcher->reset();
    if (!found)
        return fail(Error::Code::Sandbox, "The sandbox's self-test did not end", places.launcher.string());
    return *found;
}

bool usable(const std::vector<Interpreter> &found, Language language)
{
    return std::any_of(found.begin(), found.end(),
                       [&](const Interpreter &i) { return i.language == language && i.usable(); });
}

void printPlain(const std::vector<Interpreter> &found, const TierReport &tier)
{
    std::cout << "Runtimes\n";
    for (const Interpreter &interpreter : found)
        std::cout << fmt::format("  {:<10} {:<10} {}{}\n", toWord(interpreter.language),
                                 interpreter.version.empty() ? "built in" : interpreter.version,
                                 interpreter.path.string(),
                                 interpreter.usable() ? "" : "  (not used: " + interpreter.problem + ")");
    for (const LanguageFacts &facts : languages()) {
        if (!usable(found, facts.language))
            std::cout << fmt::format("  {} is missing: {}\n", facts.name, facts.install);
    }
    std::cout << fmt::format("Sandbox\n  tier {} ({})\n", toWord(tier.tier), tierName(tier.tier));
    for (const std::string &line : tier.evidence)
        std::cout << "  " << line << "\n";
    if (!tier.missing.empty())
        std::cout << "  missing: " << tier.missing << "\n";
}

void printJson(const std::vector<Interpreter> &found, const TierReport &tier)
{
    json::array runtimes;
    for (const Interpreter &interpreter : found) {
        runtimes.push_back({{"language", toWord(interpreter.language)},
                            {"version", interpreter.version},
                            {"path", interpreter.path.string()},
                            {"usable", interpreter.usable()},
                            {"problem", interpreter.problem}});
    }
    std::cout << json::serialize(json::object{{"runtimes", std::move(runtimes)},
                                              {"tier", toWord(tier.tier)},
                                              {"evidence", json::value_from(tier.evidence)},
                                              {"missing", tier.missing}})
              << "\n";
}

} // namespace

Result<int> runDoctor(const CommonOptions &common)
{
    const Result<Places> places = Places::find();
    if (!places)
        return tl::make_unexpected(places.error());
    SearchOptions search = SearchOptions::ofThisProcess(SystemClock().wall());
    search.adapter = places->adapter;
    const std::vector<Interpreter> found = findInterpreters(search);
    const Result<TierReport> tier = findTier(*places);
    if (!tier)
        return tl::make_unexpected(tier.error());
    common.json ? printJson(found, *tier) : printPlain(found, *tier);
    const bool anyRuntime = std::any_of(found.begin(), found.end(),
                                        [](const Interpreter &i) { return i.usable() && !isExecutable(i.language); });
    return anyRuntime && tier->tier != Tier::None ? CommandLine::Done : CommandLine::FunctionFailed;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/end_signals.h"
#include "app/cli/load_plan_options.h"
#include "app/cli/load_table.h"
#include "app/cli/local_engine.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "core/api/json_text.h"
#include "core/api/load_json.h"

#include <boost/json.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace kiln {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto askEvery = 250ms;
constexpr auto abandonedAfter = 20s; ///< A command that was killed asks no more.

/// Shows how the run stands, on one line that is written over.
class ProgressLine
{
public:
    void show(const std::string &text)
    {
        if (!m_shown)
            return;
        std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
        std::fflush(stderr);
    }
    void clear() { show({}); }

private:
    const bool m_shown = ::isatty(STDERR_FILENO) != 0;
};

Result<json::object> askReport(CommandEngine &engine, const json::value &run, bool curves)
{
    auto answer = engine.ask({{"do", "load.report"}, {"run", run}, {"curves", curves}});
    if (!answer)
        return answer;
    return answer->at("report").as_object();
}

/// Until the run has ended. The first signal stops it, the second no longer waits for answers.
Result<json::object> follow(CommandEngine &engine, const json::value &run, const EndSignals &ends)
{
    ProgressLine line;
    while (true) {
        if (ends.waitFor(askEvery)) {
            const auto stopped = engine.ask({{"do", "load.stop"}, {"run", run}});
            if (!stopped)
                return stopped;
        }
        const auto report = askReport(engine, run, false);
        if (!report || report->at("state").as_string() == "ended") {
            line.clear();
            return report ? askReport(engine, run, true) : report;
        }
        line.show(loadProgress(*report));
    }
}

Result<> checkOut(const std::string &out)
{
    if (out.empty() || out.ends_with(".json") || out.ends_with(".csv"))
        return {};
    return fail(Error::Code::InvalidArgument, "Expected a file whose name ends in .json or .csv, not \"" + out + "\"",
                "--out");
}

Result<> save(const std::string &out, const json::object &report)
{
    if (out.empty())
        return {};
    std::ofstream file(out, std::ios::binary | std::ios::trunc);
    file << (out.ends_with(".csv") ? timelineCsv(report) : jsonText(report) + "\n");
    file.close();
    if (!file)
        return failErrno(Error::Code::Io, errno, "Cannot write the report", out);
    return {};
}

} // namespace

Result<int> runLoad(const CommonOptions &common, const LoadOptions &options)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    if (const Result<> good = checkOut(options.out); !good)
        return tl::make_unexpected(good.error());
    Result<LoadPlan> plan = loadPlanOf(options, *workspace);
    if (!plan)
        return tl::make_unexpected(plan.error());
    plan->abandonedAfter = abandonedAfter;

    const EndSignals ends; // before the engine's threads begin
    Result<CommandEngine> engine = CommandEngine::open(*workspace, Engine::usualParkedMemory);
    if (!engine)
        return tl::make_unexpected(engine.error());
    const auto begun = engine->ask({{"do", "load"}, {"plan", toJson(*plan, EventBytes::With)}});
    if (!begun)
        return tl::make_unexpected(begun.error());
    const Result<json::object> report = follow(*engine, begun->at("run"), ends);
    if (!report)
        return tl::make_unexpected(report.error());

    std::cout << (common.json ? jsonText(*report) + "\n" : loadTable(*report)) << std::flush;
    if (const Result<> saved = save(options.out, *report); !saved)
        return tl::make_unexpected(saved.error());
    return report->at("failed_percent").to_number<double>() > options.failAbove ? CommandLine::FunctionFailed
                                                                                : CommandLine::Done;
}

} // namespace kiln

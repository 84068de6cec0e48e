// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/kept_text.h"
#include "app/cli/local_engine.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "core/api/json_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <iostream>

namespace kiln {

namespace json = boost::json;

namespace {

std::string textOf(const json::object &row, std::string_view key) { return std::string(row.at(key).get_string()); }

/// "busy", or "busy 3 of 10" where a worker may have several invocations at once.
std::string stateOf(const json::object &worker)
{
    const std::string state = textOf(worker, "state");
    const auto each = worker.at("per_worker").to_number<int>();
    return each > 1 && state == "busy" ? fmt::format("{} {} of {}", state, worker.at("running").to_number<int>(), each)
                                       : state;
}

void printRow(const json::object &worker)
{
    std::cout << fmt::format("{:>6}  {:<20}  {:<8}  {:<6}  tier {}  pid {:<7}  {:>6} served  {:>6.1f} MB  {}\n",
                             worker.at("worker").to_number<std::uint64_t>(), textOf(worker, "function"),
                             stateOf(worker), textOf(worker, "start"), textOf(worker, "tier"),
                             worker.at("pid").to_number<int>(), worker.at("served").to_number<std::uint64_t>(),
                             ByteSize{worker.at("memory").to_number<std::int64_t>()}.megabytes(),
                             textOf(worker, "why"));
}

void printWhole(const json::object &worker)
{
    printRow(worker);
    for (const json::value &layer : worker.at("layers").get_array())
        std::cout << fmt::format("  {:<24} {:<8} {}\n", textOf(layer.get_object(), "layer"),
                                 textOf(layer.get_object(), "state"), textOf(layer.get_object(), "evidence"));
    std::cout << "Its next invocation finds:\n" << keptText(worker.at("keeps").get_object());
}

Result<json::object> ask(const CommonOptions &common, const json::object &request)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    std::optional<ControlClient> client = ControlClient::connect(*workspace);
    if (!client)
        return fail(Error::Code::NotFound, "No engine has this workspace open, so there are no workers",
                    workspace->string(), "open it in the window, or run \"kiln serve\"");
    return client->ask(request);
}

} // namespace

Result<int> runWorkers(const CommonOptions &common, const WorkersOptions &options)
{
    const json::object request = options.worker == 0 ? json::object{{"do", "workers"}, {"function", options.function}}
                                                     : json::object{{"do", "inspect"}, {"worker", options.worker}};
    const Result<json::object> answer = ask(common, request);
    if (!answer)
        return tl::make_unexpected(answer.error());
    const json::array rows = options.worker == 0 ? answer->at("rows").get_array() : json::array{*answer};
    for (const json::value &row : rows) {
        if (common.json)
            std::cout << jsonText(row) << "\n";
        else if (options.worker == 0)
            printRow(row.get_object());
        else
            printWhole(row.get_object());
    }
    return CommandLine::Done;
}

} // namespace kiln

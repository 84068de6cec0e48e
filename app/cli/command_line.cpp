// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"

#include "app/cli/options.h"

#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

namespace kiln {

namespace {

/// Commands of the contract whose features are not there yet: named, so that nobody looks for a typing error.
constexpr std::array<std::string_view, 8> commandsToCome{"env",    "bucket", "queue",  "topic",
                                                         "stream", "table",  "export", "import"};

int told(const Result<int> &result)
{
    if (result)
        return *result;
    std::fprintf(stderr, "kiln: %s\n", result.error().text().c_str());
    return CommandLine::Unusable;
}

void addPastOptions(CLI::App &command, PastOptions &past)
{
    command.add_option("--function", past.function, "Only of this function");
    command.add_option("--since", past.since, "Not before this: 2026-03-01T12:00:00Z, or 15m back from now");
}

void addLoadOptions(CLI::App &command, LoadOptions &load)
{
    command.add_option("NAME", load.function, "The function");
    command.add_option("--rate", load.rate, "Events a second, 0.01 to 100,000; of a ramp or a spike, at the begin");
    command.add_option("--duration", load.duration, "How long to send, 100ms to 1d (default: 10s; a replay's own)");
    command.add_option("--pattern", load.pattern, "constant, ramp, spike, poisson or replay (default: constant)")
        ->check(CLI::IsMember({"constant", "ramp", "spike", "poisson", "replay"}));
    command.add_option("--to", load.to, "ramp: the rate at the end");
    command.add_option("--peak", load.peak, "spike: the rate in the middle");
    command.add_option("--width", load.width, "spike: how long the peak lasts (default: 1s)");
    command.add_option("--since", load.since, "replay: events from then on; a time, or 15m back from now");
    command.add_option("--until", load.until, "replay: events before then");
    command.add_option("--speed", load.speed, "replay: how many times as fast, 0.01 to 1,000");
    command.add_flag("--all", load.all, "replay: the events of all functions");
    command
        .add_option("--event", load.events,
                    "A file, a test event of the function, or JSON; in a mix several, with weights and functions")
        ->type_name("[NAME=]FILE[:WEIGHT]")
        ->allow_extra_args(false);
    command.add_option("--closed", load.closed, "So many callers that wait for their answers, in place of a rate");
    command.add_option("--think", load.think, "--closed: how long a caller waits before it calls again (default: 0s)");
    command.add_option("--seed", load.seed, "The same seed sends the same events at the same times (default: 1)");
    command.add_option("--max-in-flight", load.maxInFlight,
                       "So many at most wait for an answer; what is due then is sent late (default: 2,000)");
    command.add_option("--patience", load.patience, "How long to wait for the last answers (default: 30s)");
    command.add_option("--fail-above", load.failAbove, "Exit 1 when more than so many per cent fail (default: 0)")
        ->check(CLI::Range(0.0, 100.0));
    command.add_option("--out", load.out, "Save the report too: .json whole, .csv over time")->type_name("FILE");
}

} // namespace

CommandLine runCommandLine(int argc, char **argv)
{
    CommandLine line;
    CommonOptions common;
    InvokeOptions invoke;
    WorkersOptions workers;
    ServeOptions serve;
    PastOptions past;
    LoadOptions load;
    InitOptions init;
    NewOptions fresh;
    PermitOptions permit;
    PermissionsOptions permissions;
    SecretOptions secret;
    std::string folder;
    std::function<Result<int>()> run;

    CLI::App app{"Kiln: a workbench for serverless functions. Without a command it opens the window.", "kiln"};
    app.set_version_flag("--version", KILN_VERSION);
    app.add_option("--workspace", common.workspace,
                   "The workspace's folder (default: the one above that holds kiln.yaml)")
        ->type_name("DIR");
    app.add_flag("--json", common.json, "Print JSON, an object per line");
    app.fallthrough();
    app.add_option("folder", folder, "A workspace to open in the window")->type_name("DIR");

    const auto add = [&](const char *name, const char *help, std::function<Result<int>()> action) -> CLI::App & {
        CLI::App *command = app.add_subcommand(name, help);
        command->callback([&run, action = std::move(action)] { run = action; });
        return *command;
    };

    CLI::App &initCommand = add("init", "Make a workspace", [&] { return runInit(common, init); });
    initCommand.add_option("DIR", init.folder, "The new workspace's folder")->required();
    initCommand.add_option("--sample", init.sample, "Begin with a sample: shop");

    CLI::App &newCommand = add("new", "Add a function", [&] { return runNew(common, fresh); });
    newCommand.add_option("NAME", fresh.name, "The function's name")->required();
    newCommand
        .add_option("--runtime", fresh.runtime, "Its language, as doctor lists them, or with a version: python@3.11")
        ->required();
    newCommand.add_option("--template", fresh.templateName, "What to begin with: basic, http, schedule");

    CLI::App &permitCommand =
        add("permit", "Give a function permissions, as refusals print them", [&] { return runPermit(common, permit); });
    permitCommand.add_option("NAME", permit.function, "The function")->required();
    permitCommand
        .add_option("GRANT", permit.grants,
                    "network:HOST:PORT, network:loopback, network:all, files:PATH:ro or files:PATH:rw")
        ->required();

    CLI::App &permissionsCommand = add("permissions", "What a function may reach, and what was seen of its use",
                                       [&] { return runPermissions(common, permissions); });
    permissionsCommand.add_option("NAME", permissions.function, "The function")->required();
    permissionsCommand.add_flag("--least", permissions.least, "Propose the least that does for what was seen");
    permissionsCommand.add_flag("--apply", permissions.apply, "Write that into function.yaml");

    CLI::App *secretCommand = app.add_subcommand("secret", "The values of functions' secrets");
    secretCommand->require_subcommand(1);
    const auto addSecret = [&](const char *name, const char *help, std::function<Result<int>()> action) {
        CLI::App *command = secretCommand->add_subcommand(name, help);
        command->callback([&run, action = std::move(action)] { run = action; });
        return command;
    };
    addSecret("set", "Give a secret its value, from standard input", [&] { return runSecretSet(common, secret); })
        ->add_option("NAME", secret.name, "As function.yaml names it")
        ->required();
    addSecret("remove", "Take a secret away", [&] { return runSecretRemove(common, secret); })
        ->add_option("NAME", secret.name, "As function.yaml names it")
        ->required();
    addSecret("list", "The names of all secrets that have a value", [&] { return runSecretList(common); });

    CLI::App &invokeCommand = add("invoke", "Fire an event at a function; response on stdout, logs on stderr",
                                  [&] { return runInvoke(common, invoke); });
    invokeCommand.add_option("NAME", invoke.function, "The function")->required();
    invokeCommand.add_option("--event", invoke.event, "A file, JSON, or - for standard input (default: {})");
    invokeCommand.add_flag("--cold", invoke.cold, "Use a new worker");
    invokeCommand.add_option("--repeat", invoke.repeat, "How many times, one after the other")
        ->check(CLI::Range(1, 1'000'000));
    invokeCommand
        .add_flag("--twice", invoke.twice, "At a new worker and again; tells what the second run found of the first")
        ->excludes("--repeat");

    CLI::App &workersCommand = add("workers", "The live workers; with a number all that can be seen of that one",
                                   [&] { return runWorkers(common, workers); });
    workersCommand.add_option("WORKER", workers.worker, "Its number: each layer of its isolation, and what it keeps")
        ->check(CLI::Range(1, 1'000'000'000));
    workersCommand.add_option("--function", workers.function, "Only of this function");

    CLI::App &serveCommand =
        add("serve", "Run the engine with all triggers, without a window", [&] { return runServe(common, serve); });
    serveCommand.add_option("--listen", serve.listen, "HOST:PORT, over what kiln.yaml says; port 0 takes any free one");
    serveCommand.add_flag("--trust", serve.trust, "Trust this workspace, now and later");

    CLI::App &historyCommand =
        add("history", "Invocations of the past, newest first", [&] { return runHistory(common, past); });
    addPastOptions(historyCommand, past);
    historyCommand.add_option("--outcome", past.outcome, "Only with this outcome: Ok, HandlerError, TimedOut, …");
    historyCommand.add_option("--limit", past.limit, "At most so many")->check(CLI::Range(1, 100'000));

    CLI::App &logsCommand = add("logs", "What functions printed", [&] { return runLogs(common, past); });
    addPastOptions(logsCommand, past);
    logsCommand.add_option("--grep", past.grep, "Only lines that hold this text");
    logsCommand.add_option("--limit", past.limit, "At most so many of the newest")->check(CLI::Range(1, 100'000));
    logsCommand.add_flag("--follow", past.follow, "Go on with new lines until interrupted");

    CLI::App &metricsCommand = add("metrics", "Counts and durations", [&] { return runMetrics(common, past); });
    addPastOptions(metricsCommand, past);

    addLoadOptions(add("load", "Fire at a rate, and report latency and errors; Ctrl+C stops and still reports",
                       [&] { return runLoad(common, load); }),
                   load);

    add("doctor", "What Kiln found on this machine, and what is missing", [&] { return runDoctor(common); });
    for (const std::string_view name : commandsToCome) {
        CLI::App &command = add(std::string(name).c_str(), "(not built yet)", [name]() -> Result<int> {
            return fail(Error::Code::NotBuilt, "This command is not built yet in this version of Kiln",
                        std::string(name));
        });
        command.allow_extras();
        command.group(""); // kept out of --help until it does something
    }

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &helpOrVersion) {
        line.exitCode = app.exit(helpOrVersion);
        return line;
    } catch (const CLI::ParseError &wrong) {
        std::fprintf(stderr, "kiln: %s: see \"kiln --help\"\n", wrong.what());
        line.exitCode = CommandLine::Unusable;
        return line;
    }
    std::error_code failed;
    if (run && !folder.empty())
        line.exitCode =
            told(fail(Error::Code::InvalidArgument, "This command takes no such word", folder, "see \"kiln --help\""));
    else if (run)
        line.exitCode = told(run());
    else if (!folder.empty() && !std::filesystem::is_directory(folder, failed))
        line.exitCode = told(fail(Error::Code::InvalidArgument, "There is neither a command nor a folder of this name",
                                  folder, "see \"kiln --help\""));
    else if (!folder.empty())
        line.folder = folder;
    else
        line.folder = common.workspace;
    return line;
}

} // namespace kiln

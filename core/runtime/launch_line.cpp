// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/launch_line.h"

#include "core/model/executable.h"
#include "core/runtime/bootstrap.h"

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace kiln {

namespace {

constexpr const char *region = "us-east-1";
constexpr const char *bootstrapFolder = "/opt/kiln";
constexpr const char *codeFolder = "/var/task";

/// What Node itself takes besides the heap, measured after start.
constexpr std::int64_t nodeBaseMegabytes = 40;

/// Limits V8's heap, so that it collects garbage in earnest before the memory limit kills the worker: Node would
/// otherwise size its heap by the whole machine.
std::vector<std::string> nodeHeapFlags(ByteSize memory)
{
    const std::int64_t megabytes = memory.count >> 20;
    const std::int64_t semi = std::clamp<std::int64_t>(megabytes * 4 / 100, 1, 16);
    // The young generation is up to three semi-spaces; a tenth is for what a full collection needs besides.
    const std::int64_t old = std::max(megabytes * 9 / 10 - nodeBaseMegabytes - 3 * semi, megabytes / 2);
    return {fmt::format("--max-semi-space-size={}", semi), fmt::format("--max-old-space-size={}", old)};
}

/// The interpreter's own options.
std::vector<std::string> optionsOf(Language language, const Limits &limits)
{
    switch (language) {
    case Language::Python:
        // -I: neither variables nor the current folder decide what is imported; -S: `site` would double the start.
        return {"-I", "-S"};
    case Language::Ruby: return {"--disable=gems"}; // they would double the start; the bootstrap loads them when needed
    default: return nodeHeapFlags(limits.memory);
    }
}

/// "python3.11", "nodejs20.x"
std::string runtimeName(const Interpreter &interpreter)
{
    const std::string version = shortVersion(interpreter.language, interpreter.version);
    if (interpreter.language == Language::Node)
        return "nodejs" + version + ".x";
    return std::string(toWord(interpreter.language)) + version;
}

boost::json::object environmentOf(const FunctionSettings &settings, const InitFacts &facts)
{
    boost::json::object variables;
    for (const auto &[name, value] : settings.environment)
        variables[name] = value;
    for (const auto &[name, value] : facts.secrets)
        variables[name] = value;
    variables["_HANDLER"] = settings.handler;
    variables["LAMBDA_TASK_ROOT"] = facts.code;
    variables["AWS_LAMBDA_FUNCTION_NAME"] = settings.name;
    variables["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
    variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(settings.limits.memory.count >> 20);
    variables["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/" + settings.name;
    variables["AWS_LAMBDA_LOG_STREAM_NAME"] = facts.logStream;
    variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
    // AWS Lambda's clients ask for as many events at once as this says.
    if (settings.concurrency.perWorker > 1)
        variables["AWS_LAMBDA_MAX_CONCURRENCY"] = std::to_string(settings.concurrency.perWorker);
    return variables;
}

std::map<std::string, std::string> baseEnvironment(const Interpreter &interpreter)
{
    return {
        {"PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"},
        {"HOME", "/tmp"},
        {"TMPDIR", "/tmp"},
        {"LANG", "C.UTF-8"},
        {"TZ", ":UTC"},
        {"LAMBDA_TASK_ROOT", codeFolder},
        {"LAMBDA_RUNTIME_DIR", bootstrapFolder},
        {"AWS_EXECUTION_ENV", "AWS_Lambda_" + runtimeName(interpreter)},
        {"AWS_REGION", region},
        {"AWS_DEFAULT_REGION", region},
    };
}

/// What the build put there (core/build/build_plan.h).
void useProgramInCode(LaunchLine &line, const Interpreter &interpreter)
{
    const std::string program = std::string(codeFolder) + "/.kiln/function";
    if (interpreter.language == Language::Cpp) {
        line.argv = {program};
    } else {
        line.argv = {interpreter.path.string(), "--debug=mdb-optimizations",
                     program + ".exe"}; // stacks with true lines
        for (const auto &root : interpreter.roots)
            line.binds.push_back({root, root.string()});
    }
    line.environment = baseEnvironment(interpreter);
    if (const auto settings = monoSettings(); settings && interpreter.language == Language::Csharp) {
        line.binds.push_back(*settings);
        line.environment["MONO_CFG_DIR"] = monoSettingsFolder;
    }
    line.mayWait = false;
}

LaunchLine adapterLine(const Interpreter &interpreter)
{
    const std::string inside = std::string(bootstrapFolder) + "/" + interpreter.path.filename().string();
    LaunchLine line;
    line.argv = {inside, std::string(toWord(interpreter.language))};
    line.binds.push_back({interpreter.path, inside});
    line.environment = baseEnvironment(interpreter);
    line.environment.erase("AWS_EXECUTION_ENV"); // AWS Lambda has none for these
    line.mayWait = false;                        // it starts in a millisecond: there is nothing to gain
    // The Runtime API is a server of the worker's own network.
    if (interpreter.language == Language::Custom)
        line.network = Permissions::Network::Loopback;
    return line;
}

/// What was granted and could be taken for the sandbox's own, or is not known by its path.
boost::json::object watched(const FunctionSettings &settings, const InitFacts &facts)
{
    boost::json::array files, variables;
    for (const Permissions::FileGrant &grant : settings.permissions.files)
        files.emplace_back((std::filesystem::path(facts.code) / grant.path).lexically_normal().string());
    for (const auto &[name, value] : settings.environment)
        variables.emplace_back(name);
    for (const std::string &name : settings.secrets)
        variables.emplace_back(name);
    return {{"files", std::move(files)}, {"variables", std::move(variables)}};
}

} // namespace

Result<LaunchLine> launchLine(const Interpreter &interpreter, const std::filesystem::path &bootstrap,
                              const Limits &limits)
{
    if (isExecutable(interpreter.language))
        return adapterLine(interpreter);
    const bool python = interpreter.language == Language::Python;
    std::error_code error;
    const auto has = [&](const std::string &name) { return std::filesystem::is_regular_file(bootstrap / name, error); };
    const std::string source(bootstrapFile(interpreter.language));
    const std::string file = python && has("bootstrap.pyc") ? "bootstrap.pyc" : source;
    if (!has(file)) {
        return fail(Error::Code::NotFound, "The bootstrap of this runtime is missing", (bootstrap / file).string(),
                    "install Kiln again");
    }

    LaunchLine line;
    if (interpreter.language == Language::Cpp || interpreter.language == Language::Csharp) {
        useProgramInCode(line, interpreter);
        return line;
    }
    line.argv = {interpreter.path.string()};
    const auto options = optionsOf(interpreter.language, limits);
    line.argv.insert(line.argv.end(), options.begin(), options.end());
    line.argv.push_back(std::string(bootstrapFolder) + "/" + file);

    line.binds.push_back({bootstrap, bootstrapFolder});
    for (const auto &root : interpreter.roots)
        line.binds.push_back({root, root.string()});

    line.environment = baseEnvironment(interpreter);
    return line;
}

std::optional<LaunchLine::Bind> monoSettings()
{
    std::error_code error;
    if (!std::filesystem::is_directory("/etc/mono", error))
        return std::nullopt;
    return LaunchLine::Bind{"/etc/mono", std::string(monoSettingsFolder) + "/mono"};
}

std::string initBody(const FunctionSettings &settings, const InitFacts &facts)
{
    const std::string memory = std::to_string(settings.limits.memory.count >> 20);
    boost::json::object body{
        {"handler", settings.handler},
        {"code", facts.code},
        {"response_bytes", settings.limits.result.count},
        {"environment", environmentOf(settings, facts)},
        {"watch", watched(settings, facts)},
        {"context",
         {{"function_name", settings.name},
          {"function_version", "$LATEST"},
          {"invoked_function_arn", fmt::format("arn:aws:lambda:{}:000000000000:function:{}", region, settings.name)},
          {"memory_limit_in_mb", memory}, // text, as on AWS Lambda
          {"log_group_name", "/aws/lambda/" + settings.name},
          {"log_stream_name", facts.logStream}}}};
    if (settings.runtime.language == Language::Typescript)
        body["source_maps"] = true;
    if (settings.concurrency.perWorker > 1)
        body["per_worker"] = settings.concurrency.perWorker;
    return boost::json::serialize(body);
}

InitTemplate::InitTemplate(const FunctionSettings &settings, const std::string &code)
{
    // No text of the settings can be what stands for it: it is longer than all of them together.
    const std::string mark(initBody(settings, {.code = code}).size(), '@');
    const std::string whole = initBody(settings, {.code = code, .logStream = mark});
    std::size_t begin = 0;
    for (std::size_t at = whole.find(mark); at != std::string::npos; at = whole.find(mark, begin)) {
        m_parts.push_back(whole.substr(begin, at - begin));
        begin = at + mark.size();
    }
    m_parts.push_back(whole.substr(begin));
}

std::string InitTemplate::body(const std::string &logStream) const
{
    std::string body = m_parts.front();
    for (std::size_t i = 1; i < m_parts.size(); ++i)
        body.append(logStream).append(m_parts[i]);
    return body;
}

std::string logStreamName(WallTime started, std::uint64_t worker)
{
    return fmt::format("{:%Y/%m/%d}/[$LATEST]{:032x}", std::chrono::time_point_cast<std::chrono::seconds>(started),
                       worker);
}

} // namespace kiln

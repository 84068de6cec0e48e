// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/launch_line.h"

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

/// "python3.11", "nodejs20.x"
std::string runtimeName(const Interpreter &interpreter)
{
    const std::string &version = interpreter.version;
    const std::size_t major = version.find('.');
    if (interpreter.language == Language::Node)
        return "nodejs" + version.substr(0, major) + ".x";
    return "python" + version.substr(0, major == std::string::npos ? major : version.find('.', major + 1));
}

boost::json::object environmentOf(const FunctionSettings &settings, const InitFacts &facts)
{
    boost::json::object variables;
    for (const auto &[name, value] : settings.environment)
        variables[name] = value;
    variables["_HANDLER"] = settings.handler;
    variables["LAMBDA_TASK_ROOT"] = facts.code;
    variables["AWS_LAMBDA_FUNCTION_NAME"] = settings.name;
    variables["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
    variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(settings.limits.memory.count >> 20);
    variables["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/" + settings.name;
    variables["AWS_LAMBDA_LOG_STREAM_NAME"] = facts.logStream;
    variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
    return variables;
}

} // namespace

Result<LaunchLine> launchLine(const Interpreter &interpreter, const std::filesystem::path &bootstrap,
                              const Limits &limits)
{
    const bool python = interpreter.language == Language::Python;
    std::error_code error;
    const auto has = [&](const char *name) { return std::filesystem::is_regular_file(bootstrap / name, error); };
    const char *const source = python ? "bootstrap.py" : "bootstrap.cjs";
    const char *const file = python && has("bootstrap.pyc") ? "bootstrap.pyc" : source;
    if (!has(file)) {
        return fail(Error::Code::NotFound, "The bootstrap of this runtime is missing", (bootstrap / file).string(),
                    "install Kiln again");
    }

    LaunchLine line;
    line.argv = {interpreter.path.string()};
    if (python) {
        // -I: neither variables nor the current folder decide what is imported; -S: `site` would double the start.
        line.argv.insert(line.argv.end(), {"-I", "-S"});
    } else {
        const auto flags = nodeHeapFlags(limits.memory);
        line.argv.insert(line.argv.end(), flags.begin(), flags.end());
    }
    line.argv.push_back(std::string(bootstrapFolder) + "/" + file);

    line.binds.push_back({bootstrap, bootstrapFolder});
    for (const auto &root : interpreter.roots)
        line.binds.push_back({root, root.string()});

    line.environment = {
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
    return line;
}

std::string initBody(const FunctionSettings &settings, const InitFacts &facts)
{
    const std::string memory = std::to_string(settings.limits.memory.count >> 20);
    const boost::json::object body{
        {"handler", settings.handler},
        {"code", facts.code},
        {"response_bytes", settings.limits.result.count},
        {"environment", environmentOf(settings, facts)},
        {"context",
         {{"function_name", settings.name},
          {"function_version", "$LATEST"},
          {"invoked_function_arn", fmt::format("arn:aws:lambda:{}:000000000000:function:{}", region, settings.name)},
          {"memory_limit_in_mb", memory}, // text, as on AWS Lambda
          {"log_group_name", "/aws/lambda/" + settings.name},
          {"log_stream_name", facts.logStream}}}};
    return boost::json::serialize(body);
}

std::string logStreamName(WallTime started, std::uint64_t worker)
{
    return fmt::format("{:%Y/%m/%d}/[$LATEST]{:032x}", std::chrono::time_point_cast<std::chrono::seconds>(started),
                       worker);
}

} // namespace kiln

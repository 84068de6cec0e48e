// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/event_argument.h"
#include "app/cli/kept_text.h"
#include "app/cli/local_engine.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "core/api/json_text.h"
#include "core/base/base64.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>

namespace kiln {

namespace json = boost::json;

namespace {

/// Quoted where a shell would read more into it.
std::string shellWord(const std::string &text)
{
    const auto plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("._-:/,@%+=").find(c) != std::string_view::npos;
    };
    if (std::all_of(text.begin(), text.end(), plain))
        return text;
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

/// What the sandbox refused, and the command that grants it.
void printRefusals(const json::object &invocation)
{
    const json::value *denied = invocation.if_contains("denied");
    if (!denied || !denied->is_array())
        return;
    const auto text = [](const json::value &refusal, const char *key) {
        return std::string(refusal.at(key).get_string());
    };
    for (const json::value &refusal : denied->get_array()) {
        const std::string place = text(refusal, "place");
        std::fprintf(stderr, "kiln: refused: %s %s%s%s\n", text(refusal, "what").c_str(),
                     text(refusal, "target").c_str(), place.empty() ? "" : " at ", place.c_str());
        if (const std::string grant = text(refusal, "grant"); grant.empty())
            std::fprintf(stderr, "kiln:   no permission can allow it\n");
        else
            std::fprintf(stderr, "kiln:   to allow it: kiln permit %s %s\n",
                         std::string(invocation.at("function").get_string()).c_str(), shellWord(grant).c_str());
    }
}

void printPlain(const json::object &invocation, const std::string &response)
{
    if (const json::value *logs = invocation.if_contains("logs"); logs && logs->is_array()) {
        for (const json::value &entry : logs->get_array())
            std::fprintf(stderr, "%s\n", entry.at("text").get_string().c_str());
    }
    std::fwrite(response.data(), 1, response.size(), stdout);
    if (!response.empty() && response.back() != '\n')
        std::fputc('\n', stdout);
    const auto &outcome = invocation.at("outcome").get_string();
    if (outcome != "Ok") {
        const json::value &error = invocation.at("error");
        const std::string message = error.is_object() ? std::string(error.at("message").get_string()) : std::string();
        std::fprintf(stderr, "kiln: %s: %s: %s\n", invocation.at("function").get_string().c_str(), outcome.c_str(),
                     message.c_str());
    }
    printRefusals(invocation);
    std::fflush(stdout);
}

/// Prints one run; whether it was Ok.
bool print(const json::object &run, bool asJson)
{
    const json::object &invocation = run.at("invocation").get_object();
    if (asJson)
        std::cout << jsonText(invocation) << std::endl;
    else
        printPlain(invocation, fromBase64(run.at("response").get_string()).value_or(std::string()));
    return invocation.at("outcome").get_string() == "Ok";
}

/// Of what the second run found, after both: on stderr, like logs, so that stdout has the responses alone.
void printInherited(const json::object &answer)
{
    const json::value &between = answer.at("between");
    if (between.is_null())
        std::fputs("kiln: the second run found nothing: the worker of the first ended with it\n", stderr);
    else
        std::fprintf(stderr, "kiln: the second run %s:\n%s",
                     answer.at("same_worker").get_bool() ? "found in the worker of the first"
                                                         : "got another worker; the first one keeps",
                     keptText(between.at("keeps").get_object()).c_str());
}

Result<int> invokeTwice(CommandEngine &engine, json::object request, bool asJson)
{
    request["do"] = "invoke_twice";
    const Result<json::object> answer = engine.ask(request);
    if (!answer)
        return tl::make_unexpected(answer.error());
    bool allOk = true;
    for (const char *run : {"first", "second"})
        allOk = print(answer->at(run).get_object(), asJson) && allOk;
    if (asJson)
        std::cout << jsonText({{"same_worker", answer->at("same_worker")}, {"between", answer->at("between")}})
                  << std::endl;
    else
        printInherited(*answer);
    return allOk ? CommandLine::Done : CommandLine::FunctionFailed;
}

} // namespace

Result<int> runInvoke(const CommonOptions &common, const InvokeOptions &options)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    const Result<std::string> event = readEvent(options.event);
    if (!event)
        return tl::make_unexpected(event.error());
    Result<CommandEngine> engine = CommandEngine::open(*workspace);
    if (!engine)
        return tl::make_unexpected(engine.error());

    const json::object request{
        {"do", "invoke"}, {"function", options.function}, {"event", toBase64(*event)}, {"cold", options.cold}};
    if (options.twice)
        return invokeTwice(*engine, request, common.json);
    bool allOk = true;
    for (int i = 0; i < options.repeat; ++i) {
        const Result<json::object> answer = engine->ask(request);
        if (!answer)
            return tl::make_unexpected(answer.error());
        allOk = print(*answer, common.json) && allOk;
    }
    return allOk ? CommandLine::Done : CommandLine::FunctionFailed;
}

} // namespace kiln

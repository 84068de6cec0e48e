// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/local_engine.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "core/api/json_text.h"
#include "core/base/base64.h"

#include <boost/json.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <unistd.h>

namespace kiln {

namespace json = boost::json;

namespace {

constexpr std::size_t maxEvent = std::size_t(6) << 20; // Lambda's bound for a synchronous payload

/// A file's bytes where the text names a file, standard input for "-", else the text itself.
Result<std::string> readEvent(const std::string &text)
{
    std::string bytes;
    std::error_code failed;
    if (text == "-") {
        bytes.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else if (!text.empty() && text.find_first_of("{[\"") != 0 && std::filesystem::is_regular_file(text, failed)) {
        std::ifstream file(text, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
        if (!file)
            return fail(Error::Code::Io, "Cannot read the event", text);
    } else {
        bytes = text;
        boost::system::error_code bad;
        static_cast<void>(json::parse(bytes, bad));
        if (bad && text.find('/') != std::string::npos)
            return fail(Error::Code::NotFound, "The event is neither JSON nor a file that is there", text);
    }
    if (bytes.size() > maxEvent)
        return fail(Error::Code::LimitExceeded, "The event is larger than 6 MB", text,
                    "store it in a file the function may read");
    return bytes;
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
    std::fflush(stdout);
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
    bool allOk = true;
    for (int i = 0; i < options.repeat; ++i) {
        const Result<json::object> answer = engine->ask(request);
        if (!answer)
            return tl::make_unexpected(answer.error());
        const json::object &invocation = answer->at("invocation").get_object();
        allOk = allOk && invocation.at("outcome").get_string() == "Ok";
        if (common.json)
            std::cout << jsonText(invocation) << std::endl;
        else
            printPlain(invocation, fromBase64(answer->at("response").get_string()).value_or(std::string()));
    }
    return allOk ? CommandLine::Done : CommandLine::FunctionFailed;
}

} // namespace kiln

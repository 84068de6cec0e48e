// SPDX-License-Identifier: GPL-3.0-or-later
// What a handler returns to a client: no result may bend the response around it.
#include "core/gateway/result_mapping.h"
#include "tests/fuzz/promise.h"

#include <boost/json.hpp>

#include <algorithm>

using namespace kiln;
using namespace kiln::test;

namespace {

/// Reads the bytes as a strict client does, and compares.
void checkBytes(const HttpResponse &response)
{
    const std::string bytes = toBytes(response, {.date = {}});
    const std::size_t end = bytes.find("\r\n\r\n");
    promise(end != std::string::npos, "a response has a head");
    std::string_view head = std::string_view(bytes).substr(0, end + 2);
    promise(head.starts_with("HTTP/1.1 " + std::to_string(response.status) + " "), "its status line");
    head.remove_prefix(head.find("\r\n") + 2);
    std::size_t lines = 0, lengths = 0;
    for (; !head.empty(); ++lines) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(line.size() + 2);
        promise(line.find_first_of("\r\n") == std::string_view::npos, "no bare line break in a header");
        const std::string_view name = line.substr(0, line.find(':'));
        promise(name.size() < line.size() && !name.empty() && name.find_first_of(" \t") == std::string_view::npos,
                "each line is a header");
        if (name == "content-length" || name == "Content-Length") {
            ++lengths;
            promise(line.ends_with(" " + std::to_string(response.body.size())), "the length is the body's");
        }
    }
    promise(lines >= response.headers.size() && lines <= response.headers.size() + 4, "no header slips in");
    const bool bodiless = response.status == 204 || response.status == 304;
    promise(lengths == 1 || bodiless, "the length is told once");
    promise(bodiless || std::string_view(bytes).substr(end + 4) == response.body, "the body follows the head");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view result(reinterpret_cast<const char *>(data), size);
    boost::json::error_code failed;
    boost::json::parse_options options;
    options.max_depth = 512;
    const boost::json::value value = boost::json::parse({result.data(), result.size()}, failed, {}, options);
    for (const FrontDoor door : {FrontDoor::Route, FrontDoor::FunctionUrl}) {
        const HttpResponse response = resultToResponse(result, door);
        promise(response.status >= 200 && response.status <= 599, "a status that a client understands");
        if (failed)
            promise(response.status == 502, "what is no JSON is a bad gateway");
        else if (!value.is_object() || !value.get_object().contains("statusCode"))
            promise(response.status == 200, "any other JSON is an answer");
        for (const auto &[name, text] : response.headers)
            promise(!name.empty() && text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                    "a header stays on its line");
        checkBytes(response);
    }
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a client sends to the listener: requests however they are cut, and the event made of each.
#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/gateway/payload_v2.h"
#include "core/gateway/request_reader.h"
#include "tests/fuzz/promise.h"

#include <boost/json.hpp>

#include <algorithm>
#include <vector>

using namespace kiln;
using namespace kiln::test;

namespace json = boost::json;
using State = RequestReader::State;

namespace {

constexpr RequestReader::Limits limits{.head = 512, .headers = 16, .body = ByteSize{300}};

std::string_view textOf(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

void checkRequest(const HttpRequest &request)
{
    const auto hasControl = [](std::string_view text) {
        return std::any_of(text.begin(), text.end(),
                           [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
    };
    promise(!request.method.empty() && !hasControl(request.method), "a request has a method");
    promise(!hasControl(request.path) && request.path.find_first_of(" ?") == std::string_view::npos, "a path is plain");
    promise(!hasControl(request.query), "a query is plain");
    promise(std::int64_t(request.body.size()) <= limits.body.count, "a body keeps its bound");
    promise(request.headers.size() <= limits.headers, "headers keep their bound");
    std::size_t hosts = 0, lengths = 0;
    for (const auto &[name, value] : request.headers) {
        promise(!name.empty() && !hasControl(name) && name.find_first_of(" \t:") == std::string_view::npos,
                "a header's name is a token");
        promise(!hasControl(value), "a header's value is one line");
        hosts += sameHeader(name, "host") ? 1 : 0;
        lengths += sameHeader(name, "content-length") || sameHeader(name, "transfer-encoding") ? 1 : 0;
    }
    promise(hosts <= 1 && lengths <= 1, "nothing that decides where a request ends is told twice");
}

/// The event says what the request said.
void checkEvent(const HttpRequest &request)
{
    std::vector<RouteConflict> conflicts;
    static const Router router(
        {{"all", 0, HttpTrigger{"ANY", "/{all+}"}}, {"root", 0, HttpTrigger{"ANY", "/"}}, {"own", 0, UrlTrigger{}}},
        conflicts);
    const Router::Match match = router.match(request.method, request.path);
    if (match.kind != Router::Match::Kind::Found)
        return;
    json::error_code failed;
    const json::value event = json::parse(
        payloadV2(request, match, {.requestId = "r", .sourceIp = "127.0.0.1", .port = 1, .time = {}}), failed);
    promise(!failed && event.is_object(), "an event is JSON");
    const json::object &object = event.get_object();
    promise(textOf(object, "version") == "2.0", "its version");
    promise(textOf(object, "rawPath") == toUtf8(match.rawPath), "its path");
    promise(textOf(object, "rawQueryString") == toUtf8(request.query), "its query");
    promise(object.at("headers").is_object(), "its headers");
    const std::string_view body = textOf(object, "body");
    if (object.at("isBase64Encoded").as_bool())
        promise(fromBase64(body) == std::string(request.body), "its body, encoded");
    else
        promise(body == request.body, "its body");
}

struct Told
{
    std::vector<std::string> requests;
    State state = State::Idle;
    std::string refusal;
};

Told readInPieces(std::string_view bytes, std::string_view cuts)
{
    RequestReader reader(limits);
    Told told;
    for (std::size_t turn = 0; !bytes.empty(); ++turn) {
        const std::size_t wish = cuts.empty() ? bytes.size() : 1 + std::uint8_t(cuts[turn % cuts.size()]) % 64;
        const std::string_view piece = bytes.substr(0, wish);
        bytes.remove_prefix(piece.size());
        for (State state = reader.feed(piece); state == State::Done; state = reader.next()) {
            const HttpRequest &request = reader.request();
            checkRequest(request);
            checkEvent(request);
            std::string text(request.method);
            text.append(" ")
                .append(request.path)
                .append("?")
                .append(request.query)
                .append(" ")
                .append(request.protocol);
            for (const auto &[name, value] : request.headers)
                text.append("\n").append(name).append(": ").append(value);
            told.requests.push_back(text.append("\n\n").append(request.body));
        }
        promise(reader.readSize() > 0, "there is room to read");
    }
    told.state = reader.state();
    if (told.state == State::Refused) {
        promise(reader.refusal().status >= 400 && reader.refusal().status < 600 && !reader.refusal().message.empty(),
                "a refusal says why");
        promise(reader.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == State::Refused, "nothing is read after a refusal");
        told.refusal = std::to_string(reader.refusal().status) + reader.refusal().message;
    }
    return told;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Input input(data, size);
    const std::string_view cuts = input.text(4);
    const Told whole = readInPieces(input.rest(), {});
    for (const std::string_view pieces : {cuts, std::string_view("\0", 1)}) {
        const Told cut = readInPieces(input.rest(), pieces);
        promise(cut.requests == whole.requests, "requests do not depend on how the bytes are cut");
        promise(cut.state == whole.state && cut.refusal == whole.refusal, "nor does the end");
    }
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a bootstrap sends to the Runtime API: requests however they are cut, their answers, and what the engine is told.
#include "core/runtime/adapter/runtime_api.h"
#include "core/runtime/function_error.h"
#include "tests/fuzz/promise.h"

#include <boost/json.hpp>

#include <string>
#include <vector>

using namespace kiln;
using namespace kiln::adapter;
using namespace kiln::test;

using State = ApiRequestReader::State;

namespace {

constexpr ApiRequestReader::Limits limits{.head = 600, .body = 400};
constexpr const char *id = "018f0000-0000-7000-8000-000000000001";

ApiEvent event(std::uint64_t serial)
{
    return {.serial = serial, .deadlineMs = 1, .id = id, .traceId = "Root=1", .clientContext = {}, .event = "{}"};
}

/// The API with an engine that has another event whenever one was answered.
class Session
{
public:
    Session(std::string_view cuts, std::size_t atOnce)
        : m_cuts(cuts)
        , m_api{engine(), {.arn = "arn", .responseLimit = limits.body, .atOnce = atOnce}}
    {
        m_api.offer(event(m_serial));
    }

    void feed(std::string_view bytes)
    {
        for (std::size_t turn = 0; !bytes.empty(); ++turn) {
            const std::size_t wish =
                m_cuts.empty() ? bytes.size() : 1 + std::uint8_t(m_cuts[turn % m_cuts.size()]) % 64;
            m_state = m_reader.feed(bytes.substr(0, wish));
            bytes.remove_prefix(std::min(wish, bytes.size()));
            for (; m_state == State::Done; m_state = m_reader.next())
                handle();
        }
        if (m_state == State::TooLarge)
            tell(m_api.handleTooLarge(m_reader.request()));
        else if (m_state == State::Broken)
            tell(brokenRequestReply(m_reader.status()));
        else if (m_state == State::Body)
            m_api.handleTruncated(m_reader.request());
        if (m_state == State::TooLarge || m_state == State::Broken)
            promise(m_reader.feed("GET / HTTP/1.1\r\n\r\n") == m_state, "nothing is read after a refusal");
    }

    std::string told; ///< All replies and all that the engine heard.

private:
    void handle()
    {
        const ApiRequest &request = m_reader.request();
        promise(request.body.size() <= limits.body && request.trailers.size() <= limits.head + 2,
                "a body keeps its bound");
        promise(request.path.starts_with('/') && request.path.find_first_of(" ?\r\n") == std::string::npos,
                "a path is plain");
        if (const auto reply = m_api.handle(m_reader.request()))
            tell(*reply);
        else if (const auto given = m_api.eventForWaiting())
            tell(*given);
        else
            told += "waits\n";
    }

    void tell(const ApiReply &reply)
    {
        promise(reply.status >= 200 && reply.status < 600, "a reply has a status");
        if (reply.status >= 400) {
            boost::json::error_code failed;
            const auto body = boost::json::parse(reply.body, failed);
            promise(!failed && body.is_object() && body.get_object().contains("errorType"), "a refusal says why");
        }
        const std::string bytes = toBytes(reply, Connection::KeepAlive);
        promise(bytes.find("\r\n\r\n") == bytes.size() - reply.body.size() - 4, "a reply's head ends where it should");
        told += std::to_string(reply.status) + reply.body;
    }

    void answered(std::uint64_t serial, std::string text)
    {
        promise(serial == m_serial, "an event is answered once");
        told += "engine: " + std::move(text) + "\n";
        m_api.offer(event(++m_serial));
    }

    static std::string readable(const std::string &body)
    {
        promise(readFunctionError(body).has_value(), "the engine can read an error");
        return body;
    }

    RuntimeApi::Engine engine()
    {
        return {.ready = [this] { told += "engine: ready\n"; },
                .initError = [this](const std::string &body) { told += readable(body); },
                .result = [this](std::uint64_t serial, const std::string &body) { answered(serial, body); },
                .resultTooLarge = [this](std::uint64_t serial) { answered(serial, "too large"); },
                .failure = [this](std::uint64_t serial, const std::string &body) { answered(serial, readable(body)); }};
    }

    const std::string_view m_cuts;
    std::uint64_t m_serial = 1;
    ApiRequestReader m_reader{limits};
    State m_state = State::Head;
    RuntimeApi m_api;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Input input(data, size);
    const std::string_view cuts = input.text(4);
    for (const std::size_t atOnce : {1, 3}) {
        Session whole({}, atOnce);
        whole.feed(input.rest());
        for (const std::string_view pieces : {cuts, std::string_view("\0", 1)}) {
            Session cut(pieces, atOnce);
            cut.feed(input.rest());
            promise(cut.told == whole.told, "nothing depends on how the bytes are cut");
        }
    }
    return 0;
}

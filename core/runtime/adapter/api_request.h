// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/chunk_decoder.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::adapter {

/// The value of a header (or trailer) among lines "NAME:VALUE" that end with CRLF, without blanks around it; the first
/// of that name, compared without case.
[[nodiscard]] std::optional<std::string_view> fieldOf(std::string_view lines, std::string_view name);

/// A request as a bootstrap sent it.
struct ApiRequest
{
    std::string method;   ///< "GET"
    std::string path;     ///< Without the query.
    std::string fields;   ///< The header lines.
    std::string body;     ///< At most as long as the limit.
    std::string trailers; ///< Of a chunked body.
    bool keepAlive = true;

    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const { return fieldOf(fields, name); }
};

/// Reads HTTP/1.1 (and 1.0) requests out of one connection's bytes, however they are cut.
///
/// For the clients that bootstraps are: no pipelining is needed, but what follows a request is kept for the next.
/// Bounded in all it keeps; strict where two readers could disagree about where a request ends.
class ApiRequestReader
{
public:
    struct Limits
    {
        std::size_t head = 1 << 20; ///< As Go's server has it: runtimes send causes of errors in headers.
        std::size_t body = 0;
    };
    enum class State {
        Head,     ///< It is on the way, or nothing has come.
        Body,     ///< The head has come.
        Done,     ///< `request()` is whole; `next()` goes on.
        TooLarge, ///< Its head is whole, its body over the limit; nothing more can be read here.
        Broken,   ///< No request; nothing more can be read here: see `status()`.
    };

    explicit ApiRequestReader(Limits limits)
        : m_limits(limits)
    {}

    State feed(std::string_view bytes);
    State next(); ///< After Done.

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const ApiRequest &request() const { return m_request; }
    [[nodiscard]] ApiRequest &request() { return m_request; }
    [[nodiscard]] int status() const { return m_status; } ///< The HTTP status that says why it is Broken.
    /// Whether the client waits for "100 Continue". True once per request.
    [[nodiscard]] bool takeExpectation();
    /// Whether any of a request has come that is not whole.
    [[nodiscard]] bool begun() const { return m_state == State::Body || !m_buffer.empty(); }

private:
    State read();
    State readHead();
    State readBody();
    State broken(int status);
    [[nodiscard]] int takeHead(std::string_view head); ///< 0, or the status that refuses it.
    [[nodiscard]] int takeFraming();

    const Limits m_limits;
    std::string m_buffer;      ///< Not read yet.
    std::size_t m_scanned = 0; ///< No end of the head before here.
    State m_state = State::Head;
    int m_status = 400;
    bool m_expects = false;
    std::size_t m_bodyLeft = 0;
    std::optional<ChunkDecoder> m_chunks;
    ApiRequest m_request;
};

} // namespace kiln::adapter

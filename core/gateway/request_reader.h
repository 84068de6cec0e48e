// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/chunk_decoder.h"
#include "core/gateway/http_request.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// Reads HTTP/1.1 requests one after the other out of the bytes of one connection, however they are cut.
///
/// Strict where leniency lets two readers disagree about where a request ends (smuggling): one Content-Length or
/// `Transfer-Encoding: chunked`, never both, no folded headers, one Host. Bounded in all it keeps. Not thread-safe.
class RequestReader
{
public:
    struct Limits
    {
        std::size_t head = 16 * 1024; ///< Request line and headers; also of chunk lines and trailers.
        std::size_t headers = 256;    ///< Header fields.
        ByteSize body = 6_MB;
    };

    enum class State {
        Idle,    ///< Nothing of the next request has come.
        Head,    ///< Its head is on the way.
        Body,    ///< Its body is on the way.
        Done,    ///< `request()` is whole; `next()` goes on to what follows it.
        Refused, ///< It cannot be read, and nothing after it: see `refusal()`.
    };
    struct Refusal
    {
        int status = 400;
        std::string message;
    };

    explicit RequestReader(Limits limits);
    ~RequestReader();
    RequestReader(const RequestReader &) = delete;
    RequestReader &operator=(const RequestReader &) = delete;

    /// Takes further bytes; ignored but kept once Done, ignored once Refused.
    State feed(std::string_view bytes);
    /// After Done: drops the request and reads on in what has come already.
    State next();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const HttpRequest &request() const { return m_request; }
    [[nodiscard]] const Refusal &refusal() const { return m_refusal; }
    /// Whether the client waits for "100 Continue" before it sends the body. True once, with the head.
    [[nodiscard]] bool takeExpectation();
    /// How many bytes are worth reading at once.
    [[nodiscard]] std::size_t readSize() const;

private:
    struct Parser;

    State read();
    State readHead();
    State readBody();
    State refuse(int status, std::string message);
    bool refused(int status, std::string message); ///< Refuses; always false, for checks to return.
    [[nodiscard]] bool takeHead();
    [[nodiscard]] bool checkFraming();
    void fillRequest();

    const Limits m_limits;
    std::unique_ptr<Parser> m_parser;
    std::string m_buffer;      ///< What has come and is not read yet.
    std::size_t m_begin = 0;   ///< Where in it reading goes on.
    std::size_t m_scanned = 0; ///< Up to where the end of the head has been looked for.
    std::size_t m_bodyLeft = 0;
    std::optional<ChunkDecoder> m_chunks; ///< When the body comes in chunks.
    std::string m_body;
    bool m_expectsContinue = false;
    State m_state = State::Idle;
    HttpRequest m_request;
    Refusal m_refusal;
};

} // namespace kiln

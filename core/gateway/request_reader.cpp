// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/request_reader.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace kiln {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;

namespace {

constexpr std::string_view endOfHead = "\r\n\r\n";

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// A line that begins with a blank would continue the header before it (obs-fold).
bool hasFoldedLine(std::string_view head)
{
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
        if (at + 2 < head.size() && (head[at + 2] == ' ' || head[at + 2] == '\t'))
            return true;
    }
    return false;
}

/// Whether the request line is right but for its version: "GET / HTTP/2.0".
bool namesOtherVersion(std::string_view head)
{
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::string_view version = line.substr(line.rfind(' ') + 1);
    return std::count(line.begin(), line.end(), ' ') == 2 && version.size() == 8 && version.starts_with("HTTP/") &&
           version[5] >= '0' && version[5] <= '9' && version[6] == '.' && version[7] >= '0' && version[7] <= '9';
}

/// "host", "host:80", "[::1]:80": no blanks, no user, no path.
bool isHost(std::string_view host)
{
    return host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                      c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
           });
}

/// Digits only: no sign, no blank, no list.
std::optional<std::uint64_t> readLength(std::string_view text)
{
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return length;
}

} // namespace

struct RequestReader::Parser
{
    std::optional<http::request_parser<http::empty_body>> http;
};

RequestReader::RequestReader(Limits limits)
    : m_limits(limits)
    , m_parser(std::make_unique<Parser>())
{}

RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::feed(std::string_view bytes)
{
    if (m_state == State::Refused)
        return m_state;
    if (m_begin == m_buffer.size()) {
        m_buffer.clear();
        m_begin = m_scanned = 0;
    }
    m_buffer.append(bytes);
    return m_state == State::Done ? m_state : read();
}

RequestReader::State RequestReader::next()
{
    if (m_state != State::Done)
        return m_state;
    m_request = {};
    m_body.clear();
    if (m_body.capacity() > 64 * 1024)
        m_body.shrink_to_fit();
    m_parser->http.reset();
    m_buffer.erase(0, m_begin);
    m_begin = m_scanned = 0;
    m_state = State::Idle;
    return read();
}

bool RequestReader::takeExpectation()
{
    return m_state == State::Body && m_begin == m_buffer.size() && std::exchange(m_expectsContinue, false);
}

std::size_t RequestReader::readSize() const { return m_state == State::Body ? 64 * 1024 : 8 * 1024; }

RequestReader::State RequestReader::read()
{
    if (m_state == State::Idle || m_state == State::Head)
        return readHead();
    return m_state == State::Body ? readBody() : m_state;
}

RequestReader::State RequestReader::refuse(int status, std::string message)
{
    m_refusal = {status, std::move(message)};
    return m_state = State::Refused;
}

bool RequestReader::refused(int status, std::string message)
{
    refuse(status, std::move(message));
    return false;
}

RequestReader::State RequestReader::readHead()
{
    // Line breaks before a request are left over from an older client's body (RFC 9112, 2.2).
    while (m_state == State::Idle && m_begin < m_buffer.size() &&
           (m_buffer[m_begin] == '\r' || m_buffer[m_begin] == '\n'))
        ++m_begin;
    if (m_begin == m_buffer.size())
        return m_state;
    m_state = State::Head;
    const std::size_t from = std::max(m_begin, m_scanned < 3 ? 0 : m_scanned - 3);
    const std::size_t end = m_buffer.find(endOfHead, from);
    const std::size_t size = (end == std::string::npos ? m_buffer.size() : end + endOfHead.size()) - m_begin;
    if (size > m_limits.head)
        return refuse(431, "the request line and headers are larger than " + std::to_string(m_limits.head) + " bytes");
    if (end == std::string::npos) {
        m_scanned = m_buffer.size();
        return m_state;
    }
    if (!takeHead() || !checkFraming())
        return m_state;
    m_begin += size;
    m_state = State::Body;
    return readBody();
}

/// Parses the head; refuses and says false when it is none.
bool RequestReader::takeHead()
{
    const std::size_t size = m_buffer.find(endOfHead, m_begin) + endOfHead.size() - m_begin;
    const std::string_view head = std::string_view(m_buffer).substr(m_begin, size);
    if (hasFoldedLine(head))
        return refused(400, "a header is folded over two lines");
    auto &parser = m_parser->http.emplace();
    parser.header_limit(std::uint32_t(m_limits.head));
    parser.body_limit(boost::none); // bodies are read here
    ErrorCode error;
    const std::size_t used = parser.put(boost::asio::buffer(head.data(), head.size()), error);
    if (error == http::error::bad_version && namesOtherVersion(head))
        return refused(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    if (error || used != head.size())
        return refused(400, "this is no HTTP request: " + (error ? error.message() : std::string("bad head")));
    return true;
}

/// Checks what decides where the request ends; refuses and says false when it is not beyond doubt.
bool RequestReader::checkFraming()
{
    const auto &message = m_parser->http->get();
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;
    std::size_t fields = 0;
    m_bodyLeft = 0;
    m_expectsContinue = false;
    for (const auto &field : message) {
        const std::string_view value = view(field.value());
        ++fields;
        if (field.name() == http::field::host) {
            ++hosts;
            if (!isHost(value))
                return refused(400, "the Host header is no host");
        } else if (field.name() == http::field::content_length) {
            ++lengths;
            const std::optional<std::uint64_t> length = readLength(value);
            if (!length)
                return refused(400, "the Content-Length is no number");
            if (*length > std::uint64_t(m_limits.body.count))
                return refused(413, "the body is larger than " + toText(m_limits.body));
            m_bodyLeft = std::size_t(*length);
        } else if (field.name() == http::field::transfer_encoding) {
            ++encodings;
            if (!sameHeader(value, "chunked"))
                return refused(501, "the only Transfer-Encoding understood is chunked");
        } else if (field.name() == http::field::expect) {
            if (!sameHeader(value, "100-continue"))
                return refused(417, "the only expectation met is 100-continue");
            m_expectsContinue = message.version() == 11;
        }
    }
    if (fields > m_limits.headers)
        return refused(431, "there are more than " + std::to_string(m_limits.headers) + " headers");
    if (hosts > 1 || (hosts == 0 && message.version() == 11))
        return refused(400, "a request needs one Host header");
    if (lengths + encodings > 1)
        return refused(400, "the length of the body is told twice");
    if (encodings == 1 && message.version() == 10)
        return refused(400, "HTTP/1.0 has no Transfer-Encoding");
    m_chunks.reset();
    if (encodings == 1)
        m_chunks.emplace(std::uint64_t(m_limits.body.count), m_limits.head);
    return true;
}

RequestReader::State RequestReader::readBody()
{
    std::string_view bytes = std::string_view(m_buffer).substr(m_begin);
    if (m_chunks) {
        const ChunkDecoder::State state = m_chunks->feed(bytes, m_body);
        m_begin = m_buffer.size() - bytes.size();
        if (state == ChunkDecoder::State::TooLarge)
            return refuse(413, "the body is larger than " + toText(m_limits.body));
        if (state == ChunkDecoder::State::Malformed)
            return refuse(400, "a chunk of the body is malformed");
        if (state == ChunkDecoder::State::More)
            return m_state;
    } else {
        const std::size_t count = std::min(m_bodyLeft, bytes.size());
        m_body.append(bytes.substr(0, count));
        m_begin += count;
        m_bodyLeft -= count;
        if (m_bodyLeft > 0)
            return m_state;
    }
    fillRequest();
    return m_state = State::Done;
}

void RequestReader::fillRequest()
{
    const auto &message = m_parser->http->get();
    m_request.method = view(message.method_string());
    m_request.protocol = message.version() == 11 ? "HTTP/1.1" : "HTTP/1.0";
    m_request.keepAlive = message.keep_alive();
    m_request.body = m_body;
    std::string_view target = view(message.target());
    // A proxy's absolute form, "GET http://host/path": the path is what counts.
    const bool absolute = target.starts_with("http://") || target.starts_with("https://");
    if (absolute)
        target.remove_prefix(std::min(target.find_first_of("/?", target.find("//") + 2), target.size()));
    const std::size_t mark = std::min(target.find('?'), target.size());
    m_request.path = absolute && mark == 0 ? std::string_view("/") : target.substr(0, mark);
    m_request.query = mark == target.size() ? std::string_view() : target.substr(mark + 1);
    for (const auto &field : message)
        m_request.headers.emplace_back(view(field.name_string()), view(field.value()));
}

} // namespace kiln

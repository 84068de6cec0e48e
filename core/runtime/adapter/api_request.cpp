// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/api_request.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kiln::adapter {

namespace {

constexpr std::string_view lineEnd = "\r\n";
constexpr std::string_view headEnd = "\r\n\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; }

bool same(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text)
{
    const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// Letters, digits and the marks that RFC 9110 allows in a name.
bool isToken(std::string_view text)
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool hasControl(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

/// Takes a line off the front of `lines`, which end with CRLF.
std::string_view takeLine(std::string_view &lines)
{
    const std::size_t end = std::min(lines.find(lineEnd), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + lineEnd.size(), lines.size()));
    return line;
}

std::size_t countOf(std::string_view lines, std::string_view name)
{
    std::size_t count = 0;
    while (!lines.empty()) {
        const std::string_view line = takeLine(lines);
        count += same(line.substr(0, line.find(':')), name) ? 1 : 0;
    }
    return count;
}

std::optional<std::uint64_t> lengthFrom(std::string_view text)
{
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return length;
}

} // namespace

std::optional<std::string_view> fieldOf(std::string_view lines, std::string_view name)
{
    while (!lines.empty()) {
        const std::string_view line = takeLine(lines);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && same(line.substr(0, colon), name))
            return trimmed(line.substr(colon + 1));
    }
    return std::nullopt;
}

ApiRequestReader::State ApiRequestReader::feed(std::string_view bytes)
{
    if (m_state == State::TooLarge || m_state == State::Broken)
        return m_state;
    m_buffer.append(bytes);
    return m_state == State::Done ? m_state : read();
}

ApiRequestReader::State ApiRequestReader::next()
{
    if (m_state != State::Done)
        return m_state;
    m_request = {};
    m_chunks.reset();
    m_expects = false;
    m_bodyLeft = m_scanned = 0;
    m_state = State::Head;
    return read();
}

bool ApiRequestReader::takeExpectation() { return m_state == State::Body && std::exchange(m_expects, false); }

ApiRequestReader::State ApiRequestReader::read() { return m_state == State::Head ? readHead() : readBody(); }

ApiRequestReader::State ApiRequestReader::broken(int status)
{
    m_status = status;
    m_buffer.clear();
    return m_state = State::Broken;
}

ApiRequestReader::State ApiRequestReader::readHead()
{
    // Line breaks before a request are left over from an older client's body (RFC 9112, 2.2).
    if (m_scanned == 0)
        m_buffer.erase(0, std::min(m_buffer.find_first_not_of(lineEnd), m_buffer.size()));
    const std::size_t end = m_buffer.find(headEnd, m_scanned < headEnd.size() ? 0 : m_scanned - headEnd.size());
    // While its end is on its way, part of that may be there.
    const std::size_t part = std::min(m_buffer.size(), headEnd.size() - 1);
    if (std::min(end, m_buffer.size() - part) > m_limits.head)
        return broken(431);
    if (end == std::string::npos) {
        m_scanned = m_buffer.size();
        return m_state;
    }
    if (const int refused = takeHead(std::string_view(m_buffer).substr(0, end + lineEnd.size())); refused != 0)
        return broken(refused);
    m_buffer.erase(0, end + headEnd.size());
    m_state = State::Body;
    return readBody();
}

int ApiRequestReader::takeHead(std::string_view head)
{
    std::string_view rest = head;
    const std::string_view line = takeLine(rest);
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || hasControl(line))
        return 400;
    const std::string_view method = line.substr(0, first), version = line.substr(last + 1);
    std::string_view target = line.substr(first + 1, last - first - 1);
    if (!isToken(method) || target.find(' ') != std::string_view::npos)
        return 400;
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return version.starts_with("HTTP/") ? 505 : 400;
    // A proxy's form: "GET http://127.0.0.1:9001/2018-06-01/… HTTP/1.1".
    if (target.starts_with("http://"))
        target.remove_prefix(std::min(target.find('/', 7), target.size()));
    if (!target.starts_with('/'))
        return 400;
    m_request.method = method;
    m_request.path = target.substr(0, target.find('?'));
    m_request.fields = rest;
    for (std::string_view lines = rest; !lines.empty();) {
        const std::string_view field = takeLine(lines);
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos || !isToken(field.substr(0, colon)) || hasControl(field))
            return 400;
    }
    const std::string_view connection = m_request.header("connection").value_or("");
    m_request.keepAlive = version == "HTTP/1.1" ? !same(connection, "close") : same(connection, "keep-alive");
    m_expects = version == "HTTP/1.1" && same(m_request.header("expect").value_or(""), "100-continue");
    return takeFraming();
}

/// One Content-Length or `Transfer-Encoding: chunked`, never both.
int ApiRequestReader::takeFraming()
{
    const std::size_t lengths = countOf(m_request.fields, "content-length");
    const std::size_t encodings = countOf(m_request.fields, "transfer-encoding");
    if (lengths + encodings > 1)
        return 400;
    if (encodings == 1) {
        if (!same(*m_request.header("transfer-encoding"), "chunked"))
            return 501;
        m_chunks.emplace(m_limits.body, m_limits.head);
        return 0;
    }
    if (lengths == 0)
        return 0;
    const auto length = lengthFrom(*m_request.header("content-length"));
    if (!length)
        return 400;
    m_bodyLeft = *length;
    return 0;
}

ApiRequestReader::State ApiRequestReader::readBody()
{
    if (m_chunks) {
        std::string_view bytes = m_buffer;
        const ChunkDecoder::State state = m_chunks->feed(bytes, m_request.body);
        m_buffer.erase(0, m_buffer.size() - bytes.size());
        switch (state) {
        case ChunkDecoder::State::More: return m_state;
        case ChunkDecoder::State::Malformed: return broken(400);
        case ChunkDecoder::State::TooLarge: break;
        case ChunkDecoder::State::Done: m_request.trailers = m_chunks->trailers(); return m_state = State::Done;
        }
    } else if (m_bodyLeft <= m_limits.body - m_request.body.size()) {
        const std::size_t count = std::min(m_bodyLeft, m_buffer.size());
        if (m_request.body.empty() && count < m_bodyLeft)
            m_request.body.reserve(std::min<std::size_t>(m_bodyLeft, 2 * m_buffer.size() + (64 << 10)));
        m_request.body.append(m_buffer, 0, count);
        m_buffer.erase(0, count);
        m_bodyLeft -= count;
        return m_bodyLeft == 0 ? m_state = State::Done : m_state;
    }
    m_buffer.clear();
    m_request.body.clear();
    return m_state = State::TooLarge;
}

} // namespace kiln::adapter

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kiln {

/// Takes a chunked body (RFC 9112, 7.1) apart, however its bytes are cut. Strict: lines end with CRLF, sizes are
/// plain hexadecimal digits. Chunk extensions are checked and dropped.
class ChunkDecoder
{
public:
    enum class State { More, Done, Malformed, TooLarge };

    /// `body` bytes at most in all chunks together; `line` bytes at most in a size line, and in all trailers.
    ChunkDecoder(std::uint64_t body, std::size_t line)
        : m_bodyLeft(body)
        , m_lineLimit(line)
    {}

    /// Takes what belongs to the body off the front of `bytes`; its content is added to `body`.
    State feed(std::string_view &bytes, std::string &body);

    /// Once Done: the lines after the last chunk, each "NAME:VALUE" with its CRLF.
    [[nodiscard]] const std::string &trailers() const { return m_trailers; }

private:
    enum class Part { Size, Data, DataEnd, Trailer };

    State takeLine();
    State takeSize();

    std::uint64_t m_bodyLeft;
    const std::size_t m_lineLimit;
    std::uint64_t m_chunkLeft = 0;
    std::string m_trailers;
    std::string m_line; ///< What has come of the current line, with its CR.
    Part m_part = Part::Size;
};

} // namespace kiln

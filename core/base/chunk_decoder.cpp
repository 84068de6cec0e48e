// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/chunk_decoder.h"

#include <algorithm>
#include <charconv>

namespace kiln {

namespace {

bool hasControl(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

} // namespace

ChunkDecoder::State ChunkDecoder::feed(std::string_view &bytes, std::string &body)
{
    while (!bytes.empty()) {
        if (m_part == Part::Data) {
            const std::size_t count = std::size_t(std::min<std::uint64_t>(m_chunkLeft, bytes.size()));
            body.append(bytes.substr(0, count));
            bytes.remove_prefix(count);
            m_chunkLeft -= count;
            if (m_chunkLeft == 0)
                m_part = Part::DataEnd;
            continue;
        }
        const std::size_t end = bytes.find('\n');
        const std::size_t count = end == std::string_view::npos ? bytes.size() : end;
        if (m_line.size() + count > m_lineLimit)
            return State::Malformed;
        m_line.append(bytes.substr(0, count));
        bytes.remove_prefix(end == std::string_view::npos ? count : count + 1);
        if (end == std::string_view::npos)
            return State::More;
        if (const State state = takeLine(); state != State::More)
            return state;
    }
    return State::More;
}

/// Reads the line that has come whole. More: what follows it is still to come.
ChunkDecoder::State ChunkDecoder::takeLine()
{
    if (!m_line.ends_with('\r'))
        return State::Malformed;
    m_line.pop_back();
    if (hasControl(m_line))
        return State::Malformed;
    State state = State::More;
    switch (m_part) {
    case Part::Size: state = takeSize(); break;
    case Part::DataEnd:
        if (!m_line.empty())
            return State::Malformed;
        m_part = Part::Size;
        break;
    case Part::Trailer:
        if (m_line.empty()) {
            state = State::Done;
        } else if (m_trailers.size() + m_line.size() > m_lineLimit || m_line.front() == ' ' || m_line.front() == '\t' ||
                   m_line.find(':') == std::string::npos) {
            return State::Malformed;
        } else {
            m_trailers.append(m_line).append("\r\n");
        }
        break;
    case Part::Data: break;
    }
    m_line.clear();
    return state;
}

ChunkDecoder::State ChunkDecoder::takeSize()
{
    const std::string_view digits = std::string_view(m_line).substr(0, m_line.find(';'));
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        return State::Malformed;
    if (size > m_bodyLeft)
        return State::TooLarge;
    m_bodyLeft -= size;
    m_chunkLeft = size;
    m_part = size == 0 ? Part::Trailer : Part::Data;
    return State::More;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/frames.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace kiln {

namespace {

constexpr std::size_t requestIdSize = 36;
constexpr std::size_t invokeHeadSize = 48;
/// Bodies from this size on are not copied out of the buffer.
constexpr std::size_t largeBody = 32 * 1024;

template<typename T> void putLittle(char *to, T value)
{
    for (std::size_t i = 0; i < sizeof(T); ++i)
        to[i] = char(static_cast<unsigned char>(value >> (8 * i)));
}

template<typename T> T getLittle(const char *from)
{
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = T(value | T(T(static_cast<unsigned char>(from[i])) << (8 * i)));
    return value;
}

bool isKnown(std::uint8_t type)
{
    return (type >= std::uint8_t(FrameType::Init) && type <= std::uint8_t(FrameType::AskKept)) ||
           (type >= std::uint8_t(FrameType::Hello) && type <= std::uint8_t(FrameType::Kept));
}

} // namespace

void appendFrameHeader(std::string &out, FrameType type, std::uint8_t flags, std::uint64_t serial, std::size_t length)
{
    std::array<char, frameHeaderSize> header{};
    putLittle(header.data(), std::uint32_t(length));
    header[4] = char(type);
    header[5] = char(flags);
    putLittle(header.data() + 8, serial);
    out.append(header.data(), header.size());
}

void appendFrame(std::string &out, FrameType type, std::uint64_t serial, std::string_view body)
{
    out.reserve(out.size() + frameHeaderSize + body.size());
    appendFrameHeader(out, type, 0, serial, body.size());
    out.append(body);
}

void appendInvoke(std::string &out, std::uint64_t serial, const InvokeHead &head, std::string_view event)
{
    const std::size_t length = invokeHeadSize + head.context.size() + event.size();
    out.reserve(out.size() + frameHeaderSize + length);
    appendFrameHeader(out, FrameType::Invoke, 0, serial, length);
    std::array<char, invokeHeadSize> fixed{};
    putLittle(fixed.data(), head.deadlineMs);
    std::memcpy(fixed.data() + 8, head.requestId.data(), std::min(head.requestId.size(), requestIdSize));
    putLittle(fixed.data() + 8 + requestIdSize, std::uint32_t(head.context.size()));
    out.append(fixed.data(), fixed.size());
    out.append(head.context);
    out.append(event);
}

char *FrameReader::prepare(std::size_t room)
{
    if (m_large) {
        if (m_body.size() < m_bodyEnd + room)
            m_body.resize(std::max(m_bodyEnd + room, std::min(2 * m_body.size(), std::size_t(m_large->length))));
        return m_body.data() + m_bodyEnd;
    }
    if (m_begin == m_end)
        m_begin = m_end = 0;
    if (m_buffer.size() - m_end < room && m_begin > 0) {
        std::memmove(m_buffer.data(), m_buffer.data() + m_begin, m_end - m_begin);
        m_end -= std::exchange(m_begin, 0);
    }
    if (m_buffer.size() - m_end < room)
        m_buffer.resize(m_end + room);
    return m_buffer.data() + m_end;
}

void FrameReader::filled(std::size_t count) { (m_large ? m_bodyEnd : m_end) += count; }

Result<FrameHeader> FrameReader::readHeader() const
{
    const char *bytes = m_buffer.data() + m_begin;
    FrameHeader header;
    header.length = getLittle<std::uint32_t>(bytes);
    const auto type = std::uint8_t(bytes[4]);
    header.flags = std::uint8_t(bytes[5]);
    header.serial = getLittle<std::uint64_t>(bytes + 8);
    if (!isKnown(type) || (header.flags & ~(frameLast | frameTooLarge)) != 0 || bytes[6] != 0 || bytes[7] != 0)
        return fail(Error::Code::Untrusted, "The worker sent bytes that are no frame");
    header.type = FrameType(type);
    if (header.length > m_maxBody) {
        return fail(Error::Code::LimitExceeded, "The worker sent " + std::to_string(header.length) +
                                                    " bytes at once; " + std::to_string(m_maxBody) + " are allowed");
    }
    return header;
}

Result<std::optional<FrameReader::Frame>> FrameReader::next()
{
    if (m_broken)
        return tl::make_unexpected(*m_broken);
    if (m_large)
        return takeLarge();
    const std::size_t held = m_end - m_begin;
    if (held < frameHeaderSize)
        return std::nullopt;
    const Result<FrameHeader> header = readHeader();
    if (!header) {
        m_broken = header.error();
        return tl::make_unexpected(header.error());
    }
    const std::size_t size = frameHeaderSize + header->length;
    if (held >= size) {
        Frame frame{*header, std::string(m_buffer, m_begin + frameHeaderSize, header->length)};
        m_begin += size;
        return frame;
    }
    if (header->length >= largeBody)
        startLarge(*header);
    return std::nullopt;
}

void FrameReader::startLarge(const FrameHeader &header)
{
    m_large = header;
    m_body.assign(m_buffer, m_begin + frameHeaderSize, m_end - m_begin - frameHeaderSize);
    m_bodyEnd = m_body.size();
    m_begin = m_end = 0;
}

std::optional<FrameReader::Frame> FrameReader::takeLarge()
{
    const std::size_t length = m_large->length;
    if (m_bodyEnd < length)
        return std::nullopt;
    const std::string_view more = std::string_view(m_body).substr(length, m_bodyEnd - length);
    if (m_buffer.size() < more.size())
        m_buffer.resize(more.size());
    std::copy(more.begin(), more.end(), m_buffer.begin());
    m_end = more.size();
    m_body.resize(length);
    Frame frame{*m_large, std::move(m_body)};
    m_large.reset();
    m_body.clear();
    m_bodyEnd = 0;
    return frame;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/output_capture.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace kiln {

OutputCapture::OutputCapture(Loop &loop, UniqueFd pipe, Language language, ByteSize limit)
    : m_loop(loop)
    , m_pipe(std::move(pipe))
    , m_language(language)
    , m_limit(limit)
{
    m_shares.push_back({.format = LogFormat(language)});
    if (const int size = ::fcntl(m_pipe.get(), F_GETPIPE_SZ); size > 0)
        m_capacity = std::size_t(size);
    m_watch = m_loop.watch(m_pipe.get(), Loop::Readiness::Readable, [this] { onReadable(); });
}

OutputCapture::~OutputCapture() = default;

void OutputCapture::onReadable()
{
    if (readOnce() == ReadEnd::Closed)
        m_watch.reset();
}

void OutputCapture::readAvailable()
{
    for (const std::int64_t start = m_read; m_read - start <= std::int64_t(m_capacity);) {
        if (readOnce() != ReadEnd::More)
            break;
    }
}

void OutputCapture::begin(std::uint64_t serial, std::string id)
{
    if (m_shares.back().serial != 0) {
        readAvailable(); // printed before it began, and so not its own
        m_shares.push_back({.format = LogFormat(m_language)});
    }
    m_shares.back().serial = serial;
    m_shares.back().id = std::move(id);
}

OutputCapture::Captured OutputCapture::take(std::uint64_t serial)
{
    readAvailable();
    const auto share =
        std::find_if(m_shares.begin(), m_shares.end(), [serial](const Share &each) { return each.serial == serial; });
    if (share == m_shares.end())
        return {};
    if (!m_partial.empty() && &shareOf(m_partial) == &*share)
        finishLine(LineEnd::Cut);
    Captured captured{std::move(share->lines), ByteSize{share->written}, share->written > share->kept};
    if (m_shares.size() > 1)
        m_shares.erase(share);
    else
        *share = {.format = LogFormat(m_language)};
    return captured;
}

OutputCapture::ReadEnd OutputCapture::readOnce()
{
    static thread_local std::array<char, 65'536> buffer;
    const ssize_t count = ::read(m_pipe.get(), buffer.data(), buffer.size());
    if (count > 0) {
        append({buffer.data(), std::size_t(count)});
        return std::size_t(count) == buffer.size() ? ReadEnd::More : ReadEnd::Drained;
    }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? ReadEnd::Drained : ReadEnd::Closed;
}

void OutputCapture::append(std::string_view bytes)
{
    m_read += std::int64_t(bytes.size());
    if (m_shares.size() == 1 && m_shares.front().kept >= m_limit.count) {
        m_shares.front().written += std::int64_t(bytes.size()); // a flood is not even cut into lines
        return;
    }
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::size_t length =
            std::min(end == std::string_view::npos ? bytes.size() : end, maxLine - m_partial.size());
        m_partial.append(bytes.substr(0, length));
        const bool wholeLine = length == end;
        bytes.remove_prefix(length + (wholeLine ? 1 : 0));
        if (wholeLine || m_partial.size() >= maxLine)
            finishLine(wholeLine ? LineEnd::Break : LineEnd::Cut);
    }
}

void OutputCapture::finishLine(LineEnd end)
{
    Share &share = shareOf(m_partial);
    const std::int64_t size = std::int64_t(m_partial.size()) + (end == LineEnd::Break ? 1 : 0);
    const std::int64_t room = std::max<std::int64_t>(0, m_limit.count - share.kept);
    share.written += size;
    share.kept += std::min(size, room);
    if (room == 0) {
        m_partial.clear();
        return;
    }
    m_partial.resize(std::min(m_partial.size(), std::size_t(room)));
    if (!m_partial.empty() && m_partial.back() == '\r')
        m_partial.pop_back();
    const std::string whole = toUtf8(m_partial);
    m_partial.clear();
    m_heapExhausted = m_heapExhausted || tellsHeapExhausted(whole);
    const LogText read = share.format.read(whole);
    share.lines.push_back({m_loop.clock().wall(), read.level, std::string(read.text)});
}

/// The ids are looked for where a line has one's shape: one pass, however many invocations there are.
OutputCapture::Share &OutputCapture::shareOf(std::string_view line)
{
    if (m_shares.size() == 1)
        return m_shares.front();
    constexpr std::size_t idSize = 36, dash = 8;
    for (std::size_t at = line.find('-'); at < idWithin + dash && at != std::string_view::npos;
         at = line.find('-', at + 1)) {
        if (at < dash || line.size() - (at - dash) < idSize || line[at + 5] != '-' || line[at + 10] != '-')
            continue;
        const std::string_view id = line.substr(at - dash, idSize);
        const auto named =
            std::find_if(m_shares.begin(), m_shares.end(), [id](const Share &share) { return share.id == id; });
        if (named != m_shares.end())
            return *named;
    }
    return m_shares.back();
}

} // namespace kiln

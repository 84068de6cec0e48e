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
    , m_format(language)
    , m_limit(limit)
{
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
    for (std::size_t start = std::size_t(m_written); std::size_t(m_written) - start <= m_capacity;) {
        if (readOnce() != ReadEnd::More)
            break;
    }
}

OutputCapture::Captured OutputCapture::take()
{
    readAvailable();
    if (!m_partial.empty())
        finishLine();
    m_format = LogFormat(m_language);
    Captured captured{std::move(m_lines), ByteSize{m_written}, m_written > m_kept};
    m_lines.clear();
    m_written = 0;
    m_kept = 0;
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
    m_written += std::int64_t(bytes.size());
    const std::int64_t room = std::max<std::int64_t>(0, m_limit.count - m_kept);
    bytes = bytes.substr(0, std::size_t(std::min<std::int64_t>(room, std::int64_t(bytes.size()))));
    m_kept += std::int64_t(bytes.size());

    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::size_t length =
            std::min(end == std::string_view::npos ? bytes.size() : end, maxLine - m_partial.size());
        m_partial.append(bytes.substr(0, length));
        const bool wholeLine = length == end;
        bytes.remove_prefix(length + (wholeLine ? 1 : 0));
        if (wholeLine || m_partial.size() >= maxLine)
            finishLine();
    }
}

void OutputCapture::finishLine()
{
    if (!m_partial.empty() && m_partial.back() == '\r')
        m_partial.pop_back();
    const std::string whole = toUtf8(m_partial);
    m_partial.clear();
    m_heapExhausted = m_heapExhausted || tellsHeapExhausted(whole);
    const LogText read = m_format.read(whole);
    m_lines.push_back({m_loop.clock().wall(), read.level, std::string(read.text)});
}

} // namespace kiln

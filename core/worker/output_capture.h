// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/base/loop.h"
#include "core/base/unique_fd.h"
#include "core/model/function.h"
#include "core/model/log_line.h"
#include "core/runtime/log_format.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// What a worker and its children print, cut into lines, per invocation.
///
/// Engine thread only. Reads the pipe as it fills, a bounded amount at a time, so that a flood from one worker never
/// starves the others; keeps at most `limit` bytes per invocation and counts the rest. Bytes that are not UTF-8 are
/// replaced, not dropped.
///
/// A worker has one pipe, whatever it does at once. While several invocations run, a line belongs to the one whose
/// request id is near its beginning, where AWS Lambda's formats have it. A line that names none of them (of native
/// code, a child process, a bare write) belongs to the one that began last.
class OutputCapture
{
public:
    struct Captured
    {
        std::vector<LogLine> lines;
        ByteSize written; ///< All that was printed, kept or not.
        bool cut = false; ///< More was printed than kept.
    };

    OutputCapture(Loop &loop, UniqueFd pipe, Language language, ByteSize limit);
    ~OutputCapture();

    /// An invocation begins. What was printed while there was none is its own, too. `id` is its request id, as it is
    /// printed; it may be empty where there is never more than one.
    void begin(std::uint64_t serial, std::string id);

    /// Reads what is in the pipe now and hands over the lines of an invocation, which ends: also of a last unfinished
    /// line. Serial 0 is the start, and what is printed while nothing runs.
    ///
    /// Everything that was written before an answer arrived is in the pipe by then, and a pipe holds a bounded amount:
    /// so one pipe's capacity is read at most, and a thread that goes on printing cannot hold the engine here.
    [[nodiscard]] Captured take(std::uint64_t serial);

    /// Reads what is in the pipe now, at most one pipe's capacity.
    void readAvailable();

    /// Whether the interpreter has said that its heap is full.
    [[nodiscard]] bool sawHeapExhausted() const { return m_heapExhausted; }

private:
    enum class ReadEnd { Drained, More, Closed };
    enum class LineEnd { Break, Cut };

    /// What one invocation printed.
    struct Share
    {
        std::uint64_t serial = 0;
        std::string id{};
        LogFormat format;
        std::vector<LogLine> lines{};
        std::int64_t written = 0;
        std::int64_t kept = 0;
    };

    void onReadable();
    ReadEnd readOnce();
    void append(std::string_view bytes);
    void finishLine(LineEnd end);
    [[nodiscard]] Share &shareOf(std::string_view line);

    static constexpr std::size_t maxLine = 256 * 1024; ///< A longer line is broken here, as CloudWatch does.
    static constexpr std::size_t idWithin = 512;       ///< A request id that begins later is part of a message.

    Loop &m_loop;
    UniqueFd m_pipe;
    const Language m_language;
    bool m_heapExhausted = false;
    const ByteSize m_limit;
    std::size_t m_capacity = 65'536;
    std::unique_ptr<Loop::Watch> m_watch;
    std::string m_partial;
    std::vector<Share> m_shares; ///< In the order in which they began; one while nothing runs.
    std::int64_t m_read = 0;     ///< Bytes, of all.
};

} // namespace kiln

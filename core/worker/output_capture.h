// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/base/loop.h"
#include "core/base/unique_fd.h"
#include "core/model/function.h"
#include "core/model/log_line.h"
#include "core/runtime/log_format.h"

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

    /// Reads what is in the pipe now and hands over all lines since the last call, a last unfinished one included.
    ///
    /// Everything that was written before an answer arrived is in the pipe by then, and a pipe holds a bounded amount:
    /// so one pipe's capacity is read at most, and a thread that goes on printing cannot hold the engine here.
    [[nodiscard]] Captured take();

    /// Reads what is in the pipe now, at most one pipe's capacity.
    void readAvailable();

    /// Whether the interpreter has said that its heap is full.
    [[nodiscard]] bool sawHeapExhausted() const { return m_heapExhausted; }

private:
    enum class ReadEnd { Drained, More, Closed };

    void onReadable();
    ReadEnd readOnce();
    void append(std::string_view bytes);
    void finishLine();

    static constexpr std::size_t maxLine = 256 * 1024; ///< A longer line is broken here, as CloudWatch does.

    Loop &m_loop;
    UniqueFd m_pipe;
    const Language m_language;
    LogFormat m_format;
    bool m_heapExhausted = false;
    const ByteSize m_limit;
    std::size_t m_capacity = 65'536;
    std::unique_ptr<Loop::Watch> m_watch;
    std::string m_partial;
    std::vector<LogLine> m_lines;
    std::int64_t m_written = 0;
    std::int64_t m_kept = 0;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"
#include "core/model/log_line.h"

#include <string_view>

namespace kiln {

/// What a captured line says about itself.
struct LogText
{
    LogLevel level = LogLevel::Info;
    std::string_view text; ///< Part of the given line: what follows a prefix of ours, else the whole line.
};

/// Reads the lines that a worker wrote during one invocation (or its init), one after the other.
///
/// These prefixes are ours, are cut off, and give the level:
///
///     Python   [LEVEL] TAB 2026-11-23T05:50:37.706Z TAB request id TAB message        (the `logging` module)
///     Python   [ERROR] SPACE KeyError: 'x'                                            (what ended an invocation)
///     Node     2026-11-23T05:50:37.706Z TAB request id TAB LEVEL TAB message          (console.*)
///     others   [ERROR] SPACE Function<KeyError>: key not found                         (what ended an invocation)
///
/// Ruby's Logger ("E, [time #pid] ERROR -- program: message") gives the level, with its text unchanged.
///
/// LEVEL is one of TRACE DEBUG INFO WARN WARNING ERROR FATAL CRITICAL. Lines that go on with a Python traceback or a
/// Node stack (indented; "Traceback …" to the line that names the exception) have the level of what they belong to,
/// at least Error for a traceback. An interpreter's own last words ("FATAL ERROR: ", "Fatal Python error: ") are Fatal,
/// unchanged. Everything else is Info, with its text unchanged. Keeps state between lines: one
/// object per invocation. No allocation, never fails.
class LogFormat
{
public:
    explicit LogFormat(Language language)
        : m_language(language)
    {}

    [[nodiscard]] LogText read(std::string_view line);

private:
    enum class Traceback {
        None,
        Own,     ///< After our [ERROR] line: ends with the first line that is not indented.
        Inside,  ///< Python's: ends with the line that names the exception,
        Between, ///< unless that is a cause and another traceback follows.
    };

    [[nodiscard]] LogText readTraceback(std::string_view line);

    Language m_language;
    LogLevel m_last = LogLevel::Info;
    Traceback m_traceback = Traceback::None;
};

/// The level of one line taken alone.
[[nodiscard]] LogLevel levelOf(std::string_view line, Language language);

/// Whether V8 says with this line that its heap is full: the abort (SIGABRT) that follows is an OutOfMemory, which V8
/// met a little before the memory limit did.
[[nodiscard]] bool tellsHeapExhausted(std::string_view line);

} // namespace kiln

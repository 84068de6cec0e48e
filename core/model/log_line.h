// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/uuid.h"

#include <cstdint>
#include <string>

namespace kiln {

/// Stored as its number, so values are only ever added at the end.
enum class LogLevel { Trace, Debug, Info, Warn, Error, Fatal, System /**< START, END, REPORT and Kiln's own lines */ };

/// One line that a function printed, without its line break; always well-formed UTF-8.
struct LogLine
{
    WallTime time;
    LogLevel level = LogLevel::Info;
    std::string text;
};

/// A log line with where it came from.
struct LogEntry
{
    LogLine line;
    std::string function;
    Uuid invocation;
};

} // namespace kiln

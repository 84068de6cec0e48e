// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/log_format.h"

#include "core/base/uuid.h"

#include <array>
#include <optional>
#include <utility>

namespace kiln {

namespace {

constexpr std::string_view endedBy = "[ERROR] ";
constexpr std::string_view tracebackStart = "Traceback (most recent call last):";

std::optional<LogLevel> levelFromWord(std::string_view word)
{
    constexpr std::array<std::pair<std::string_view, LogLevel>, 8> words{{
        {"INFO", LogLevel::Info},
        {"ERROR", LogLevel::Error},
        {"WARNING", LogLevel::Warn},
        {"DEBUG", LogLevel::Debug},
        {"WARN", LogLevel::Warn},
        {"CRITICAL", LogLevel::Fatal},
        {"TRACE", LogLevel::Trace},
        {"FATAL", LogLevel::Fatal},
    }};
    for (const auto &[text, level] : words) {
        if (text == word)
            return level;
    }
    return std::nullopt;
}

/// The text up to the next tab, taken off `rest` with the tab; nullopt when there is none.
std::optional<std::string_view> takeField(std::string_view &rest)
{
    const std::size_t tab = rest.find('\t');
    if (tab == std::string_view::npos)
        return std::nullopt;
    const std::string_view field = rest.substr(0, tab);
    rest.remove_prefix(tab + 1);
    return field;
}

/// 2026-11-23T05:50:37.706Z
bool isTime(std::string_view text)
{
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.size() != shape.size())
        return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return false;
    }
    return true;
}

/// Outside an invocation Python leaves it empty and Node says "undefined".
bool isRequestId(std::string_view text) { return text.empty() || text == "undefined" || Uuid::parse(text).has_value(); }

std::optional<LogText> readPythonPrefix(std::string_view line)
{
    if (!line.starts_with('['))
        return std::nullopt;
    if (line.starts_with(endedBy))
        return LogText{LogLevel::Error, line.substr(endedBy.size())};
    const auto word = takeField(line);
    const auto time = takeField(line);
    const auto id = takeField(line);
    if (!word || !time || !id || !word->ends_with(']') || !isTime(*time) || !isRequestId(*id))
        return std::nullopt;
    // A level that the user added to `logging` has a name of its own.
    return LogText{levelFromWord(word->substr(1, word->size() - 2)).value_or(LogLevel::Info), line};
}

std::optional<LogText> readNodePrefix(std::string_view line)
{
    const auto time = takeField(line);
    if (!time || !isTime(*time))
        return std::nullopt;
    const auto id = takeField(line);
    const auto word = takeField(line);
    if (!id || !word || !isRequestId(*id))
        return std::nullopt;
    const auto level = levelFromWord(*word);
    return level ? std::optional(LogText{*level, line}) : std::nullopt;
}

/// "E, [2026-11-23T05:50:37.706123 #9] ERROR -- shop: message"
std::optional<LogText> readRubyPrefix(std::string_view line)
{
    constexpr std::string_view letters = "DIWEFA";
    if (line.size() < 4 || letters.find(line.front()) == std::string_view::npos || line.substr(1, 3) != ", [")
        return std::nullopt;
    const std::size_t close = line.find(']');
    const std::size_t word = close == std::string_view::npos ? close : line.find_first_not_of(' ', close + 1);
    if (word == std::string_view::npos || line.find(" -- ", word) == std::string_view::npos)
        return std::nullopt;
    const auto level = levelFromWord(line.substr(word, line.find(' ', word) - word));
    return level && line.substr(word).starts_with(line.front()) ? std::optional(LogText{*level, line}) : std::nullopt;
}

std::optional<LogText> readPrefix(std::string_view line, Language language)
{
    switch (language) {
    case Language::Python: return readPythonPrefix(line);
    case Language::Node:
    case Language::Typescript: return readNodePrefix(line);
    case Language::Custom:
        if (const auto node = readNodePrefix(line)) // AWS's own clients write as its managed runtimes do
            return node;
        return readPythonPrefix(line);
    default: break;
    }
    if (line.starts_with(endedBy))
        return LogText{LogLevel::Error, line.substr(endedBy.size())};
    return language == Language::Ruby ? readRubyPrefix(line) : std::nullopt;
}

bool isIndented(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

} // namespace

LogText LogFormat::read(std::string_view line)
{
    if (line.starts_with(m_language == Language::Python ? "Fatal Python error: " : "FATAL ERROR: ")) {
        m_last = LogLevel::Fatal;
        m_traceback = Traceback::None;
        return {m_last, line};
    }
    if (const auto own = readPrefix(line, m_language)) {
        m_last = own->level;
        m_traceback = line.starts_with(endedBy) ? Traceback::Own : Traceback::None;
        return *own;
    }
    if (m_language == Language::Python)
        return readTraceback(line);
    if (isIndented(line) || line.starts_with("Caused by: "))
        return {m_last, line};
    m_last = LogLevel::Info;
    return {m_last, line};
}

LogText LogFormat::readTraceback(std::string_view line)
{
    if (m_traceback == Traceback::Own) {
        if (isIndented(line) || line.starts_with(tracebackStart))
            return {m_last, line};
        m_traceback = Traceback::None;
    }
    if (line.starts_with(tracebackStart)) {
        m_traceback = Traceback::Inside;
        m_last = LogLevel::Error;
    } else if (m_traceback == Traceback::Inside && !isIndented(line)) {
        m_traceback = Traceback::Between; // this line names the exception
    } else if (m_traceback == Traceback::Between && !line.empty() && !isIndented(line) &&
               !line.ends_with("exception occurred:") && !line.ends_with("of the following exception:")) {
        m_traceback = Traceback::None;
    }
    if (m_traceback == Traceback::None && !isIndented(line))
        m_last = LogLevel::Info;
    return {m_last, line};
}

LogLevel levelOf(std::string_view line, Language language)
{
    const auto own = readPrefix(line, language);
    return own ? own->level : LogLevel::Info;
}

bool tellsHeapExhausted(std::string_view line)
{
    return line.starts_with("FATAL ERROR: ") && line.find("JavaScript heap out of memory") != std::string_view::npos;
}

} // namespace kiln

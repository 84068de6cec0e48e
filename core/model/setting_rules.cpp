// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/setting_rules.h"

#include <algorithm>
#include <array>

namespace kiln {

namespace {

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNameCharacter(char c) { return isLetter(c) || isDigit(c) || c == '_'; }

/// Whether colons come in pairs, between names, as in Ruby's "Shop::Orders".
bool isScoped(std::string_view text)
{
    for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 2)) {
        if (at == 0 || at + 2 >= text.size() || text[at + 1] != ':' || !isNameCharacter(text[at - 1]) ||
            !isNameCharacter(text[at + 2]))
            return false;
    }
    return true;
}

} // namespace

bool isFunctionName(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && isLetter(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) { return isNameCharacter(c) || c == '-'; });
}

bool isHandler(std::string_view text)
{
    const auto isPart = [](char c) {
        return isNameCharacter(c) || c == '.' || c == '/' || c == '-' || c == '$' || c == ':';
    };
    const std::size_t name = text.rfind('/') == std::string_view::npos ? 0 : text.rfind('/') + 1;
    const std::size_t dot = text.find('.', name);
    return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), isPart) &&
           text.front() != '/' && text.find("..") == std::string_view::npos &&
           text.find("//") == std::string_view::npos && isScoped(text) && dot != std::string_view::npos && dot > name &&
           text.back() != '.';
}

bool isHandlerOf(Language language, std::string_view text)
{
    const auto isPlain = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
    const bool plain = !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), isPlain);
    switch (language) {
    case Language::Custom: return plain;
    case Language::Exec: {
        const std::string path = "/" + std::string(text.substr(text.starts_with("./") ? 2 : 0)) + "/";
        return plain && path.find("//") == std::string::npos && path.find("/./") == std::string::npos &&
               path.find("/../") == std::string::npos;
    }
    default: return isHandler(text);
    }
}

std::string_view handlerFormOf(Language language)
{
    switch (language) {
    case Language::Custom: return "a word without blanks such as function.handler";
    case Language::Exec: return "a file in the function's folder such as ./main.sh";
    default: return "file.function such as handler.handler";
    }
}

std::string whyOneAtATime(Language language)
{
    if (factsOf(language).manyAtOnce)
        return {};
    return std::string(toWord(language)) + " runs one event at a time in a worker; use concurrency.max";
}

bool isVariableName(std::string_view name)
{
    return !name.empty() && !isDigit(name.front()) && std::all_of(name.begin(), name.end(), isNameCharacter);
}

bool isReservedVariable(std::string_view name)
{
    static constexpr std::array<std::string_view, 11> names{
        "_HANDLER",          "_X_AMZN_TRACE_ID", "AWS_REGION",        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV", "AWS_ACCESS_KEY",   "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"};
    return name.starts_with("AWS_LAMBDA_") || name.starts_with("KILN_") ||
           std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace kiln

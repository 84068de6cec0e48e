// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/mask.h"

#include <boost/json.hpp>

#include <algorithm>

namespace kiln {

namespace {

constexpr std::size_t shortestLine = 8; // of a value with several: the lines of a key are long
constexpr std::string_view hidden = "***";

std::string inJson(const std::string &value)
{
    const std::string quoted = boost::json::serialize(boost::json::string(value));
    return quoted.substr(1, quoted.size() - 2);
}

void addLines(const std::string &value, std::vector<std::string> &parts)
{
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find('\n', at), value.size());
        std::string line = value.substr(at, end - at);
        if (line.ends_with('\r'))
            line.pop_back();
        if (line.size() >= shortestLine)
            parts.push_back(std::move(line));
        at = end + 1;
    }
}

} // namespace

Mask::Mask(const std::vector<std::string> &values)
{
    for (const std::string &value : values) {
        if (value.size() < shortest)
            continue;
        m_parts.push_back(value);
        m_parts.push_back(inJson(value));
        if (value.find('\n') != std::string::npos)
            addLines(value, m_parts);
    }
    std::sort(m_parts.begin(), m_parts.end(), [](const std::string &a, const std::string &b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    m_parts.erase(std::unique(m_parts.begin(), m_parts.end()), m_parts.end());
}

bool Mask::finds(std::string_view text) const
{
    return std::any_of(m_parts.begin(), m_parts.end(),
                       [&](const std::string &part) { return text.find(part) != std::string_view::npos; });
}

std::string Mask::applied(std::string text) const
{
    for (const std::string &part : m_parts) {
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + hidden.size()))
            text.replace(at, part.size(), hidden);
    }
    return text;
}

} // namespace kiln

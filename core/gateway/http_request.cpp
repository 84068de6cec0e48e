// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/http_request.h"

#include <algorithm>

namespace kiln {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

} // namespace

bool sameHeader(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> HttpRequest::header(std::string_view name) const
{
    for (const auto &[key, value] : headers) {
        if (sameHeader(key, name))
            return value;
    }
    return std::nullopt;
}

} // namespace kiln

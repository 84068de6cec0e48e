// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/http_prelude.h"

#include "core/base/base64.h"
#include "core/base/utf8.h"

#include <boost/json.hpp>

namespace kiln::adapter {

namespace {

namespace json = boost::json;

constexpr std::string_view separator{"\0\0\0\0\0\0\0\0", 8};
constexpr std::size_t preludeLimit = 16 * 1024;

} // namespace

std::string withoutPrelude(std::string response)
{
    const std::size_t end = std::string_view(response).substr(0, preludeLimit + separator.size()).find(separator);
    if (end == std::string::npos)
        return response;
    json::error_code failed;
    json::value prelude = json::parse({response.data(), end}, failed);
    if (failed || !prelude.is_object())
        return response;
    const std::string_view body = std::string_view(response).substr(end + separator.size());
    json::object &answer = prelude.get_object();
    const bool text = isUtf8(body);
    if (!answer.contains("statusCode"))
        answer["statusCode"] = 200;
    answer["body"] = text ? json::string(body) : json::string(toBase64(body));
    answer["isBase64Encoded"] = !text;
    return json::serialize(prelude);
}

} // namespace kiln::adapter

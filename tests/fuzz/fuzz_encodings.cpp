// SPDX-License-Identifier: GPL-3.0-or-later
// Base 64, UTF-8 and JSON strings: what is written comes back, what is foreign is refused or replaced.
#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/trigger/json_string.h"
#include "tests/fuzz/promise.h"

#include <boost/json.hpp>

using namespace kiln;
using namespace kiln::test;

namespace {

void checkBase64(std::string_view bytes)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::string encoded = toBase64(bytes);
    promise(encoded.size() == (bytes.size() + 2) / 3 * 4, "four characters for three bytes");
    promise(fromBase64(encoded) == std::string(bytes), "bytes come back");
    promise(fromLooseBase64(encoded) == std::string(bytes), "bytes come back, read loosely");
    promise(fromLooseBase64(encoded.substr(0, encoded.find('='))) == std::string(bytes), "padding may be missing");
    const std::optional<std::string> decoded = fromBase64(bytes);
    if (!decoded)
        return;
    const std::string_view digits = bytes.substr(0, bytes.find('='));
    promise(digits.find_first_not_of(alphabet) == std::string_view::npos, "a foreign character is refused");
    promise(decoded->size() == digits.size() * 3 / 4, "the length is that of the digits");
    promise(fromBase64(toBase64(*decoded)) == decoded, "what was decoded can be encoded");
}

void checkUtf8(std::string_view bytes)
{
    const std::string text = toUtf8(bytes);
    promise(isUtf8(text), "what was replaced is UTF-8");
    promise(!isUtf8(bytes) || text == bytes, "what is UTF-8 stays as it is");
    promise(text.size() <= 3 * bytes.size(), "a replacement is three bytes for one at most");
    // Cut anywhere, no character before or after it is harmed.
    const std::size_t half = bytes.size() / 2;
    if (isUtf8(bytes) && isUtf8(bytes.substr(0, half)))
        promise(isUtf8(bytes.substr(half)), "characters end where they end");
}

void checkJson(std::string_view bytes)
{
    std::string quoted;
    appendJsonString(quoted, bytes);
    boost::json::error_code failed;
    const boost::json::value value = boost::json::parse(quoted, failed);
    promise(!failed && value.is_string() && std::string_view(value.get_string()) == toUtf8(bytes), "a text comes back");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    checkBase64(bytes);
    checkUtf8(bytes);
    checkJson(bytes);
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace kiln {

std::string toBase64(std::string_view bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // EVP writes a NUL behind
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                                       reinterpret_cast<const unsigned char *>(bytes.data()), int(bytes.size()));
    text.resize(std::size_t(length));
    return text;
}

std::optional<std::string> fromBase64(std::string_view text)
{
    // EVP forgives white space at both ends and "-" at the last one (its mark for an end), and takes "=" for a digit
    // anywhere; here none of these is part of the text.
    const std::size_t digits = std::min(text.find('='), text.size());
    const std::size_t padded = text.size() - digits;
    if (text.size() % 4 != 0 || text.find_first_of(" \t\r\n-") != std::string_view::npos || padded > 2 ||
        text.find_first_not_of('=', digits) != std::string_view::npos)
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                                       reinterpret_cast<const unsigned char *>(text.data()), int(text.size()));
    if (length < 0)
        return std::nullopt;
    bytes.resize(std::size_t(length) - padded);
    return bytes;
}

std::optional<std::string> fromLooseBase64(std::string_view text)
{
    std::string strict;
    strict.reserve(text.size() + 3);
    for (const char c : text) {
        if (c != '\r' && c != '\n')
            strict += c;
    }
    if (strict.find('=') == std::string::npos)
        strict.append((4 - strict.size() % 4) % 4, '=');
    if (strict.ends_with("===")) // one character alone encodes nothing
        return std::nullopt;
    return fromBase64(strict);
}

} // namespace kiln

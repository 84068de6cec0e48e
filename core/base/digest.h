// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kiln {

/// SHA-256 (FIPS 180-4) in pieces, by OpenSSL's libcrypto.
class Sha256
{
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256 &) = delete;
    Sha256 &operator=(const Sha256 &) = delete;

    Sha256 &add(std::string_view bytes);
    /// Adds the length before the bytes, so that ("ab", "c") and ("a", "bc") differ.
    Sha256 &addField(std::string_view bytes);
    [[nodiscard]] std::string hex(); ///< 64 lower-case digits; ends the computation.

private:
    struct Context;
    std::unique_ptr<Context> m_context;
};

[[nodiscard]] std::string sha256Hex(std::string_view bytes);

} // namespace kiln

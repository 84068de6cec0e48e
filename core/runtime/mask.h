// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// Hides the values of secrets in what a function printed and answered: `***` in their place.
///
/// Finds a value as it is, as it stands in JSON, and each longer line of one with several. What a function makes of it
/// (base 64, two halves) is not found. Values shorter than four bytes are not looked for: they would hide half the
/// text.
class Mask
{
public:
    static constexpr std::size_t shortest = 4;

    explicit Mask(const std::vector<std::string> &values);

    [[nodiscard]] bool finds(std::string_view text) const;
    /// With the values hidden.
    [[nodiscard]] std::string applied(std::string text) const;

private:
    std::vector<std::string> m_parts; ///< Longest first.
};
using MaskPtr = std::shared_ptr<const Mask>;

} // namespace kiln

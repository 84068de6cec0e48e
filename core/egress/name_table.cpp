// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/name_table.h"

namespace kiln {

namespace {

constexpr std::uint32_t network = 0xc6120000; // 198.18.0.0
constexpr std::uint32_t mask = 0xfffe0000;
constexpr std::uint32_t first = network + 256; // one that does not look like a network's own

} // namespace

bool NameTable::isInRange(const IpAddress &address) { return address.isV4() && (address.number() & mask) == network; }

std::optional<IpAddress> NameTable::addressOf(const std::string &name)
{
    const auto [at, fresh] = m_numbers.try_emplace(name, std::uint32_t(m_names.size()));
    if (fresh && m_names.size() >= maxNames) {
        m_numbers.erase(at);
        return std::nullopt;
    }
    if (fresh)
        m_names.push_back(name);
    return IpAddress::v4(first + at->second);
}

std::optional<std::string> NameTable::nameOf(const IpAddress &address) const
{
    if (!isInRange(address) || address.number() < first || address.number() - first >= m_names.size())
        return std::nullopt;
    return m_names[address.number() - first];
}

} // namespace kiln

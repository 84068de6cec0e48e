// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/owner_ids.h"

namespace kiln::launcher {
namespace {

/// FNV-1a: only spreads; nothing rests on it being hard to collide, as collisions are bumped.
std::uint64_t spread(const std::string &text)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text)
        hash = (hash ^ std::uint8_t(c)) * 0x100000001b3;
    return hash ^ (hash >> 32);
}

} // namespace

uid_t OwnerIds::idOf(const std::string &owner)
{
    const auto [entry, added] = m_ids.try_emplace(owner, 0);
    if (added) {
        uid_t id = first + uid_t(spread(m_instance + '\0' + owner) % (last - first + 1));
        while (!m_taken.insert(id).second)
            id = id == last ? first : id + 1;
        entry->second = id;
    }
    return entry->second;
}

void OwnerIds::release(const std::string &owner)
{
    if (const auto entry = m_ids.extract(owner))
        m_taken.erase(entry.mapped());
}

} // namespace kiln::launcher

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/stat_cache.h"

#include <sstream>

namespace kiln {

namespace {

constexpr std::size_t maxFile = std::size_t(64) << 20;
constexpr std::size_t maxEntries = 400'000;
constexpr std::size_t muchChanged = 500;
constexpr std::int64_t settledNs = 100'000'000; ///< File systems stamp by the kernel's tick of up to 10 ms.

std::uint64_t keyOf(const FileStamp &stamp) { return std::uint64_t(stamp.inode) ^ (std::uint64_t(stamp.device) << 40); }

} // namespace

StatCache::StatCache(std::filesystem::path file)
    : m_file(std::move(file))
{
    const auto saved = readPlainFile(m_file, maxFile);
    if (!saved)
        return;
    std::istringstream in(saved->bytes);
    for (Entry entry; m_entries.size() < maxEntries && in >> entry.stamp.device >> entry.stamp.inode >>
                                                           entry.stamp.size >> entry.stamp.modifiedNs >>
                                                           entry.stamp.changedNs >> entry.hash;) {
        if (entry.hash.size() == 64)
            m_entries[keyOf(entry.stamp)] = entry;
    }
}

std::optional<std::string> StatCache::find(const FileStamp &stamp) const
{
    const auto found = m_entries.find(keyOf(stamp));
    if (found == m_entries.end() || found->second.stamp != stamp)
        return std::nullopt;
    return found->second.hash;
}

void StatCache::remember(const FileStamp &stamp, const std::string &hash, std::int64_t readAtNs)
{
    if (stamp.changedNs > readAtNs - settledNs)
        return;
    if (m_entries.size() >= maxEntries)
        m_entries.clear();
    m_entries[keyOf(stamp)] = {stamp, hash};
    ++m_changes;
}

void StatCache::forget(const FileStamp &stamp) { m_changes += m_entries.erase(keyOf(stamp)); }

void StatCache::saveIfMuchChanged()
{
    if (m_changes >= muchChanged)
        save();
}

void StatCache::save()
{
    if (m_changes == 0)
        return;
    std::string text;
    for (const auto &[key, entry] : m_entries) {
        for (const std::int64_t number :
             {std::int64_t(entry.stamp.device), std::int64_t(entry.stamp.inode), std::int64_t(entry.stamp.size),
              entry.stamp.modifiedNs, entry.stamp.changedNs})
            text.append(std::to_string(number)).append(" ");
        text.append(entry.hash).append("\n");
    }
    if (writePlainFile(m_file, text, {.newMode = 0600, .durability = WriteOptions::Durability::Cached}))
        m_changes = 0;
}

} // namespace kiln

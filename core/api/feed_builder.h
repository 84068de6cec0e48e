// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <memory>
#include <utility>
#include <vector>

namespace kiln {

/// Grows a Feed: items come one by one, chunks are published together.
template<typename T> class FeedBuilder
{
public:
    explicit FeedBuilder(std::size_t bound)
        : m_bound(bound)
    {}

    void add(T item)
    {
        m_new.push_back(std::move(item));
        if (m_new.size() >= 2 * m_bound)
            skip(m_bound); // a flood between two snapshots: of it, too, only the newest are kept
    }

    /// The feed with all that was added. Small chunks are joined, so that a feed has few.
    [[nodiscard]] const Feed<T> &publish()
    {
        if (m_new.empty())
            return m_feed;
        auto chunk = std::make_shared<typename Feed<T>::Chunk>();
        chunk->first = m_feed.end() + m_skipped;
        if (std::exchange(m_skipped, 0) > 0) {
            m_feed.chunks.clear(); // older still than what was skipped
            m_count = 0;
        }
        if (!m_feed.chunks.empty() && m_feed.chunks.back()->items.size() + m_new.size() <= joinBelow) {
            *chunk = *m_feed.chunks.back(); // its first number, too
            m_count -= chunk->items.size();
            m_feed.chunks.pop_back();
        }
        chunk->items.insert(chunk->items.end(), std::make_move_iterator(m_new.begin()),
                            std::make_move_iterator(m_new.end()));
        m_new.clear();
        m_count += chunk->items.size();
        m_feed.chunks.push_back(std::move(chunk));
        while (m_feed.chunks.size() > 1 && m_count - m_feed.chunks.front()->items.size() >= m_bound) {
            m_count -= m_feed.chunks.front()->items.size();
            m_feed.chunks.erase(m_feed.chunks.begin());
        }
        return m_feed;
    }

private:
    void skip(std::size_t count)
    {
        m_new.erase(m_new.begin(), m_new.begin() + std::ptrdiff_t(count));
        m_skipped += count;
    }

    static constexpr std::size_t joinBelow = 256;

    const std::size_t m_bound; ///< At least so many of the newest are kept.
    Feed<T> m_feed;
    std::size_t m_count = 0;
    std::vector<T> m_new;
    std::uint64_t m_skipped = 0; ///< Added since the last publishing and let go of again, before m_new.
};

} // namespace kiln

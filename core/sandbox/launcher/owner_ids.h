// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <unordered_map>
#include <unordered_set>

namespace kiln::launcher {

/// An unprivileged user and group id per owner, for a launcher that is root. From the range that systemd documents as
/// unused (https://systemd.io/UIDS-GIDS/), so no account and no container manager has it.
class OwnerIds
{
public:
    static constexpr uid_t first = 1'879'048'192;
    static constexpr uid_t last = 2'147'483'646;

    explicit OwnerIds(std::string instance)
        : m_instance(std::move(instance))
    {}

    /// The same for the same owner as long as this lives, and different from any other owner's.
    [[nodiscard]] uid_t idOf(const std::string &owner);
    /// Its id may go to another; only once nothing runs under it.
    void release(const std::string &owner);

private:
    std::string m_instance; ///< So that two engines on one machine seldom share an id.
    std::unordered_map<std::string, uid_t> m_ids;
    std::unordered_set<uid_t> m_taken;
};

} // namespace kiln::launcher

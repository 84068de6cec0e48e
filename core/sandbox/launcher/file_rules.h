// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"

#include <string>
#include <vector>

namespace kiln::launcher {

/// Landlock: a second wall behind the mounts (tiers A and B), the only one for files in tier C.
class FileRules
{
public:
    enum class Access {
        Read, ///< And list, and execute.
        ReadNoExec,
        Write, ///< Everything but devices; not execute.
        WriteExec,
        Device, ///< Read and write what is there.
    };
    struct Rule
    {
        std::string path;
        Access access = Access::Read;
        int folder = -1; ///< In place of the path.
    };

    explicit FileRules(int abi)
        : m_abi(abi)
    {}

    void add(std::string path, Access access) { m_rules.push_back({std::move(path), access}); }
    /// A folder that is attached nowhere yet; the descriptor stays the caller's and open until `restrict`.
    void add(int folder, Access access) { m_rules.push_back({{}, access, folder}); }

    /// Binds the calling process and its children: these paths and no others; TCP only when `network` grants some;
    /// no abstract socket and no signal to the outside. Does as much of it as the kernel's ABI has; nothing when it
    /// has none. no_new_privs must be set. 0, else errno is set and `failed` tells the path.
    [[nodiscard]] int restrict(Permissions::Network network, std::string &failed) const;

private:
    int m_abi;
    std::vector<Rule> m_rules;
};

} // namespace kiln::launcher

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace kiln {

/// Which workspaces this user trusts to act by themselves (triggers), kept by path, owner, device and inode: a folder
/// put in another's place is not trusted. Any thread, any number of processes.
class TrustStore
{
public:
    /// `file`: normally defaultFile(). It need not be there yet.
    explicit TrustStore(std::filesystem::path file)
        : m_file(std::move(file))
    {}

    /// XDG_STATE_HOME/kiln/trusted, or ~/.local/state/kiln/trusted.
    [[nodiscard]] static std::filesystem::path defaultFile();

    /// False also when the list cannot be read or others than this user could have written it.
    [[nodiscard]] bool isTrusted(const std::filesystem::path &workspace) const;

    [[nodiscard]] Result<> trust(const std::filesystem::path &workspace);

private:
    std::filesystem::path m_file;
};

} // namespace kiln

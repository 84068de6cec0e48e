// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>

namespace kiln {

/// The values of a workspace's secrets, in its .kiln/secrets: for this user only (0600), never in a revision, in
/// history or under version control. Reads and writes the disk: not for the engine thread.
class SecretFile
{
public:
    static constexpr std::size_t maxSecrets = 256;
    static constexpr std::size_t maxValue = 32 * 1024; ///< Bytes; a key with its certificates.

    explicit SecretFile(const std::filesystem::path &workspace)
        : m_workspace(workspace)
    {}

    /// By name. A file that others could read or write, or that cannot be understood, is an Error; none is empty.
    [[nodiscard]] Result<std::map<std::string, std::string>> read() const;
    [[nodiscard]] Result<> set(const std::string &name, const std::string &value) const;
    [[nodiscard]] Result<> remove(const std::string &name) const; ///< NotFound when there is none.

private:
    [[nodiscard]] Result<> write(const std::map<std::string, std::string> &values) const;

    const std::filesystem::path m_workspace;
};

} // namespace kiln

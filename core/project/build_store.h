// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kiln {

/// A file that a build made.
struct BuiltFile
{
    std::string path; ///< Relative to the code folder, "/" between parts.
    std::string bytes;
};

/// What was built of revisions' code, by what it was built of. Part of RevisionStore.
///
///   KEY/     the code's files, hard-linked, and what was built of them (executable, read-only)
///
/// Made under a temporary name and renamed when whole.
class BuildStore
{
public:
    explicit BuildStore(std::filesystem::path folder)
        : m_folder(std::move(folder))
    {}

    [[nodiscard]] std::optional<std::filesystem::path> find(const std::string &key) const;
    [[nodiscard]] Result<std::filesystem::path> add(const std::string &key, const std::filesystem::path &code,
                                                    const std::vector<BuiltFile> &files);
    /// Removes all builds but these, and what a killed process left half-made.
    void keepOnly(const std::set<std::string> &keys);
    void removeHalfMade();

private:
    std::filesystem::path m_folder;
};

} // namespace kiln

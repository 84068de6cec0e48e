// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kiln {

/// What may differ on disk from what was read last.
struct WorkspaceChange
{
    bool workspace = false;          ///< kiln.yaml, or which functions there are.
    std::set<std::string> functions; ///< Folder names; anything below them, code or settings.
    [[nodiscard]] bool empty() const { return !workspace && functions.empty(); }
};

/// Tells when another program changes a workspace. Bursts (an editor's save by renaming, a git checkout) are told
/// once, 30 ms after they calm down, or every 300 ms while they go on. A telling may be one too many, never one too
/// few: folders are looked through after they are watched, and a lost queue tells everything.
///
/// Engine thread only; the Loop must outlive it.
class WorkspaceWatcher
{
public:
    struct Options
    {
        std::filesystem::path workspace; ///< Without links.
        std::size_t maxFolders = 20'000; ///< Watched at once; the machine has a limit of its own.
    };

    /// `changed` must not destroy the watcher.
    [[nodiscard]] static Result<std::unique_ptr<WorkspaceWatcher>>
    open(Loop &loop, Options options, std::function<void(const WorkspaceChange &)> changed);
    ~WorkspaceWatcher();

    /// Why some changes will not be noticed, with what to do about it; empty when all will be.
    [[nodiscard]] const std::string &problem() const { return m_problem; }

private:
    WorkspaceWatcher(Loop &loop, Options options, std::function<void(const WorkspaceChange &)> changed);

    [[nodiscard]] Result<> start();
    void rescan();
    void watchBelow(const std::string &path);
    bool watch(const std::string &path);
    void unwatchBelow(const std::string &path);
    void read();
    void take(int descriptor, std::uint32_t mask, std::string_view name);
    void mark(const std::string &path);
    void settle();

    Loop &m_loop;
    Options m_options;
    std::function<void(const WorkspaceChange &)> m_changed;
    std::string m_problem;
    UniqueFd m_fd;
    std::unique_ptr<Loop::Watch> m_watch;
    std::unordered_map<int, std::string> m_folders; ///< By inotify descriptor: "", "functions", "functions/a" …
    WorkspaceChange m_pending;
    TimerId m_timer = 0;
    Instant m_first; ///< Of the pending burst.
    Instant m_last;
};

} // namespace kiln

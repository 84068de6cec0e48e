// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/model/function.h"
#include "core/model/zygote_view.h"
#include "core/worker/hand_off.h"
#include "core/worker/worker.h"
#include "core/worker/zygote.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// Functions' zygotes: after a first start that took long to load, a process that has loaded the module waits, and the
/// function's further workers come out of it with all imports done.
///
/// Engine thread only. Made behind, while nobody waits for it, within a budget of memory; renewed when as many came out
/// of it as may. One copy is made ahead, too: joining a control group alone can take ten milliseconds. What a module
/// did while it was loaded may forbid it (threads, open files, processes, files in /tmp): then each worker loads it
/// anew, and the reason is shown.
class FunctionZygotes
{
public:
    /// A module that loads faster than this is not worth a process.
    static constexpr std::chrono::milliseconds worthwhile{20};

    FunctionZygotes(Loop &loop, Launcher &launcher, HandOff &handOff, ByteSize budget, std::function<void()> changed);
    ~FunctionZygotes();
    FunctionZygotes(const FunctionZygotes &) = delete;
    FunctionZygotes &operator=(const FunctionZygotes &) = delete;

    /// The revisions that run from now on; the zygotes of others end, and what came out of them lives on.
    void expect(const std::vector<RevisionPtr> &revisions);

    /// Whether one is to be made of this revision, whose module a worker has loaded in `init`.
    [[nodiscard]] bool isWorthwhile(const RevisionPtr &revision, std::chrono::nanoseconds init) const;
    /// A worker of this revision has loaded its module in `init`. How to make its zygote is the caller's to know.
    void loaded(const RevisionPtr &revision, std::chrono::nanoseconds init, const SandboxPolicy &policy,
                const std::string &initBody);

    /// The copy that waits, its module loaded; nullopt when there is none. Asked first; the next is made behind.
    [[nodiscard]] std::optional<ParkedProcess::Parts> takeSpare(const RevisionPtr &revision);
    /// Which one a new worker of this revision may come out of, now; 0 for none. Asked for each start: it is counted.
    [[nodiscard]] Launcher::SandboxId take(const RevisionPtr &revision);

    [[nodiscard]] std::vector<ZygoteView> views() const; ///< By name of function.
    [[nodiscard]] ByteSize memory() const;

private:
    struct Entry
    {
        RevisionPtr revision;
        SandboxPolicy policy;
        std::string initBody;
        std::unique_ptr<Zygote> current; ///< May be null while `next` is made.
        std::unique_ptr<Zygote> next;
        std::unique_ptr<ParkedProcess> spare; ///< Comes out of `current`, or of the one before.
        ByteSize each;                        ///< What one takes, as last seen.
        ByteSize spareMemory;                 ///< The same of a spare.
        std::string declined;
        TimerId timer = 0;
        TimerId spareTimer = 0;
    };

    void makeSoon(Entry &entry);
    void make(const std::string &hash);
    void onReady(const std::string &hash, const Zygote *zygote);
    void onGone(const std::string &hash, const Zygote *zygote, const std::string &why);
    void letGo(std::unique_ptr<Zygote> zygote);
    void makeSpareSoon(Entry &entry);
    void makeSpare(const std::string &hash);
    void onSpareReady(const std::string &hash);
    void onSpareGone(const std::string &hash);
    void forgetTimers(const Entry &entry);

    Loop &m_loop;
    Launcher &m_launcher;
    HandOff &m_handOff;
    const ByteSize m_budget;
    const std::function<void()> m_changed;
    std::map<std::string, Entry> m_entries;       ///< By revision.
    std::vector<std::unique_ptr<Zygote>> m_ended; ///< Until no callback of theirs is on the stack.
    std::vector<std::unique_ptr<ParkedProcess>> m_endedSpares;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/pool/parked_demand.h"
#include "core/worker/hand_off.h"
#include "core/worker/parked_process.h"
#include "core/worker/zygote.h"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// Sandboxed interpreters that wait for a function, so that its start need not make one.
///
/// Engine thread only. For each kind that the workspace's functions may need it keeps as many as starts came together
/// lately (ParkedDemand), within a budget of memory over all kinds. They are made one after another, and never while a
/// start is likely under way: those who wait come first.
class ParkedPool
{
public:
    using PolicyPtr = std::shared_ptr<const SandboxPolicy>;

    struct Kind
    {
        PolicyPtr policy;
        PolicyPtr zygote; ///< How a process is made that all others of the kind come out of; null: each is executed.
    };

    ParkedPool(Loop &loop, Launcher &launcher, HandOff &handOff, ByteSize budget, std::function<void()> changed);
    ~ParkedPool();
    ParkedPool(const ParkedPool &) = delete;
    ParkedPool &operator=(const ParkedPool &) = delete;

    /// What the functions of the workspace may need from now on, each once; what is of no other use ends.
    void expect(const std::vector<Kind> &kinds);

    /// One of this kind, if one waits. Asked for each start: the demand is counted here.
    [[nodiscard]] std::optional<ParkedProcess::Parts> take(const PolicyPtr &policy);

    /// For a start that found none waiting: out of what those of this kind come, if that is there. Once one of them is
    /// nearly used up the next is made, so that a burst goes on with it.
    [[nodiscard]] std::optional<ParkedProcess::Birth> bear(const PolicyPtr &policy);

    [[nodiscard]] int waiting() const; ///< Ready to be taken.
    [[nodiscard]] ByteSize memory() const;
    [[nodiscard]] ByteSize budget() const { return m_budget; }

private:
    struct Shelf
    {
        Kind kind;
        ParkedDemand demand;
        ByteSize each; ///< What one takes, as last seen; nothing while unknown.
        std::vector<std::unique_ptr<ParkedProcess>> processes;
        std::unique_ptr<Zygote> zygote{};
        std::unique_ptr<Zygote> next{}; ///< Made while the last of the one before are used.
        ByteSize zygoteMemory{};        ///< As last seen.
        int zygoteFailures = 0;         ///< In a row; after a few each process is executed.
    };

    [[nodiscard]] Shelf *find(const PolicyPtr &policy);
    [[nodiscard]] Shelf *mostWanting();
    [[nodiscard]] bool awaitsZygote(Shelf &shelf);
    [[nodiscard]] static Zygote *bearing(Shelf &shelf);
    void startZygote(Shelf &shelf);
    void renewInTime(Shelf &shelf);
    void onZygoteReady(const Zygote *zygote);
    void onZygoteGone(const Zygote *zygote);
    [[nodiscard]] std::string nextOwner(const char *what);
    void refillAfter(std::chrono::nanoseconds delay);
    void refill();
    void onReady(ParkedProcess *process);
    void onGone(ParkedProcess *process);
    void trim(Shelf &shelf, std::size_t count);

    Loop &m_loop;
    Launcher &m_launcher;
    HandOff &m_handOff;
    const ByteSize m_budget;
    const std::function<void()> m_changed; ///< What is shown.
    std::list<Shelf> m_shelves;
    std::vector<std::unique_ptr<Zygote>> m_endedZygotes; ///< Both
    std::vector<std::unique_ptr<ParkedProcess>> m_ended; ///< until no callback of theirs is on the stack.
    ParkedProcess *m_starting = nullptr;
    std::uint64_t m_made = 0; ///< Names the next one's owner.
    TimerId m_timer = 0;
    std::chrono::nanoseconds m_backoff{};
};

} // namespace kiln

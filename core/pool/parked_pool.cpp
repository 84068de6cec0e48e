// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/parked_pool.h"

#include <algorithm>
#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// A start that was just served has the processors first.
constexpr auto afterTake = 20ms;
/// What the program itself does at its start comes first.
constexpr auto afterExpect = 150ms;
constexpr auto firstBackoff = 1s;
constexpr int zygotePatience = 3; ///< Failures in a row, after which each process is executed.
constexpr std::chrono::nanoseconds longestBackoff = 60s;

} // namespace

ParkedPool::ParkedPool(Loop &loop, Launcher &launcher, HandOff &handOff, ByteSize budget, std::function<void()> changed)
    : m_loop(loop)
    , m_launcher(launcher)
    , m_handOff(handOff)
    , m_budget(budget)
    , m_changed(std::move(changed))
{}

ParkedPool::~ParkedPool() { m_loop.timers().cancel(m_timer); }

ParkedPool::Shelf *ParkedPool::find(const PolicyPtr &policy)
{
    const auto found = std::find_if(m_shelves.begin(), m_shelves.end(),
                                    [&](const Shelf &shelf) { return shelf.kind.policy == policy; });
    return found == m_shelves.end() ? nullptr : &*found;
}

void ParkedPool::expect(const std::vector<Kind> &kinds)
{
    std::erase_if(m_shelves, [&](Shelf &shelf) {
        const bool wanted =
            std::any_of(kinds.begin(), kinds.end(), [&](const Kind &kind) { return kind.policy == shelf.kind.policy; });
        if (!wanted)
            trim(shelf, 0);
        return !wanted;
    });
    for (const Kind &kind : kinds) {
        if (find(kind.policy))
            continue;
        m_shelves.push_back({.kind = kind, .demand = {}, .each = {}, .processes = {}});
        refillAfter(afterExpect);
    }
}

std::optional<ParkedProcess::Parts> ParkedPool::take(const PolicyPtr &policy)
{
    Shelf *shelf = policy ? find(policy) : nullptr;
    if (!shelf)
        return std::nullopt;
    shelf->demand.taken(m_loop.clock().now());
    refillAfter(afterTake);
    const auto ready = std::find_if(shelf->processes.begin(), shelf->processes.end(),
                                    [](const auto &process) { return process->isReady(); });
    if (ready == shelf->processes.end())
        return std::nullopt;
    ParkedProcess::Parts parts = (*ready)->take();
    shelf->processes.erase(ready);
    m_changed();
    return parts;
}

std::optional<ParkedProcess::Birth> ParkedPool::bear(const PolicyPtr &policy)
{
    Shelf *shelf = policy ? find(policy) : nullptr;
    Zygote *const zygote = shelf ? bearing(*shelf) : nullptr;
    if (!zygote)
        return std::nullopt;
    zygote->used();
    ParkedProcess::Birth birth{zygote->sandbox(), *shelf->kind.policy};
    birth.policy.owner = nextOwner("parked");
    renewInTime(*shelf);
    return birth;
}

/// The one that others come out of now: the next takes over once the one before is used up.
Zygote *ParkedPool::bearing(Shelf &shelf)
{
    const bool usedUp = !shelf.zygote || shelf.zygote->left() <= 0;
    if (usedUp && shelf.next && shelf.next->isReady())
        shelf.zygote = std::move(shelf.next);
    return shelf.zygote && shelf.zygote->left() > 0 ? shelf.zygote.get() : nullptr;
}

std::string ParkedPool::nextOwner(const char *what) { return what + (" " + std::to_string(++m_made)); }

/// Behind the one who waits longest: of all kinds the one that lacks most.
ParkedPool::Shelf *ParkedPool::mostWanting()
{
    Shelf *most = nullptr;
    int lacking = 0;
    for (Shelf &shelf : m_shelves) {
        const int wanted = shelf.demand.wanted(m_loop.clock().now());
        trim(shelf, std::size_t(wanted));
        if (wanted - int(shelf.processes.size()) > lacking) {
            most = &shelf;
            lacking = wanted - int(shelf.processes.size());
        }
    }
    return most;
}

void ParkedPool::refillAfter(std::chrono::nanoseconds delay)
{
    m_loop.timers().cancel(m_timer);
    m_timer = m_loop.timers().after(std::max(delay, m_backoff), [this] {
        m_timer = 0;
        refill();
    });
}

void ParkedPool::refill()
{
    m_ended.clear();
    m_endedZygotes.clear();
    if (m_starting)
        return;
    for (Shelf &each : m_shelves)
        renewInTime(each);
    Shelf *shelf = mostWanting();
    if (!shelf || memory().count + shelf->each.count > m_budget.count || awaitsZygote(*shelf))
        return;
    // The callbacks need to know which: the pointer is filled in before the first can come.
    auto self = std::make_shared<ParkedProcess *>(nullptr);
    auto process = std::make_unique<ParkedProcess>(
        m_loop, m_launcher,
        ParkedProcess::Events{.ready = [this, self] { onReady(*self); }, .gone = [this, self] { onGone(*self); }});
    *self = process.get();
    SandboxPolicy policy = *shelf->kind.policy;
    policy.owner = nextOwner("parked");
    m_handOff.release();
    Zygote *const zygote = bearing(*shelf);
    if (zygote)
        zygote->used();
    if (!process->start(policy, zygote ? zygote->sandbox() : 0)) { // No descriptors are left: later.
        m_backoff = std::clamp<std::chrono::nanoseconds>(2 * m_backoff, firstBackoff, longestBackoff);
        refillAfter({});
        return;
    }
    m_starting = process.get();
    shelf->processes.push_back(std::move(process));
}

/// Whether there will be one that the next process comes out of, and is not yet.
bool ParkedPool::awaitsZygote(Shelf &shelf)
{
    if (!shelf.kind.zygote || shelf.zygoteFailures >= zygotePatience)
        return false;
    if (bearing(shelf))
        return false;
    if (!shelf.next)
        startZygote(shelf);
    return shelf.next != nullptr; // It takes its place when it is ready.
}

void ParkedPool::renewInTime(Shelf &shelf)
{
    constexpr int nearlyUsed = Launcher::mostBirths / 2;
    if (shelf.zygote && shelf.zygote->left() <= nearlyUsed && !shelf.next && shelf.zygoteFailures < zygotePatience &&
        memory().count + shelf.zygoteMemory.count <= m_budget.count)
        startZygote(shelf);
}

void ParkedPool::startZygote(Shelf &shelf)
{
    auto self = std::make_shared<Zygote *>(nullptr);
    shelf.next =
        std::make_unique<Zygote>(m_loop, m_launcher,
                                 Zygote::Events{.ready = [this, self] { onZygoteReady(*self); },
                                                .gone = [this, self](const std::string &) { onZygoteGone(*self); }});
    *self = shelf.next.get();
    SandboxPolicy policy = *shelf.kind.zygote;
    policy.owner = nextOwner("zygote");
    m_handOff.release();
    if (!shelf.next->start(policy, {})) {
        shelf.next.reset();
        ++shelf.zygoteFailures;
    }
}

void ParkedPool::onZygoteReady(const Zygote *zygote)
{
    for (Shelf &shelf : m_shelves) {
        if (shelf.next.get() != zygote)
            continue;
        shelf.zygoteMemory = shelf.next->memory();
        (void)bearing(shelf);
    }
    m_changed();
    refillAfter({});
}

void ParkedPool::onZygoteGone(const Zygote *zygote)
{
    for (Shelf &shelf : m_shelves)
        for (std::unique_ptr<Zygote> *each : {&shelf.zygote, &shelf.next})
            if (each->get() == zygote) {
                m_endedZygotes.push_back(std::move(*each));
                ++shelf.zygoteFailures;
            }
    refillAfter(firstBackoff);
}

void ParkedPool::onReady(ParkedProcess *process)
{
    m_backoff = {};
    if (m_starting == process)
        m_starting = nullptr;
    for (Shelf &shelf : m_shelves)
        for (const auto &each : shelf.processes)
            if (each.get() == process) {
                shelf.each = process->memory();
                shelf.zygoteFailures = 0;
            }
    m_changed();
    refillAfter({});
}

void ParkedPool::onGone(ParkedProcess *process)
{
    if (m_starting == process) {
        m_starting = nullptr;
        m_backoff = std::clamp<std::chrono::nanoseconds>(2 * m_backoff, firstBackoff, longestBackoff);
    }
    m_changed();
    for (Shelf &shelf : m_shelves) {
        const auto found = std::find_if(shelf.processes.begin(), shelf.processes.end(),
                                        [&](const auto &each) { return each.get() == process; });
        if (found != shelf.processes.end()) {
            m_ended.push_back(std::move(*found));
            shelf.processes.erase(found);
        }
    }
    refillAfter({});
}

void ParkedPool::trim(Shelf &shelf, std::size_t count)
{
    while (shelf.processes.size() > count) {
        if (shelf.processes.back().get() == m_starting)
            m_starting = nullptr;
        shelf.processes.pop_back();
    }
}

int ParkedPool::waiting() const
{
    int count = 0;
    for (const Shelf &shelf : m_shelves)
        count += int(std::count_if(shelf.processes.begin(), shelf.processes.end(),
                                   [](const auto &process) { return process->isReady(); }));
    return count;
}

ByteSize ParkedPool::memory() const
{
    ByteSize sum;
    for (const Shelf &shelf : m_shelves)
        sum.count += shelf.each.count * std::int64_t(shelf.processes.size()) +
                     shelf.zygoteMemory.count * (std::int64_t(bool(shelf.zygote)) + std::int64_t(bool(shelf.next)));
    return sum;
}

} // namespace kiln

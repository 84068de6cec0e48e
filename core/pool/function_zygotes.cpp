// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/function_zygotes.h"

#include <algorithm>
#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// Whoever waits for the first worker has the processors first; a burst that follows it, too.
constexpr auto afterLoad = 100ms;
/// A start that was just served has the processors first.
constexpr auto afterTake = 20ms;
/// So few left: the next one is made while these last.
constexpr int nearlyUsed = Launcher::mostBirths / 4;

} // namespace

FunctionZygotes::FunctionZygotes(Loop &loop, Launcher &launcher, HandOff &handOff, ByteSize budget,
                                 std::function<void()> changed)
    : m_loop(loop)
    , m_launcher(launcher)
    , m_handOff(handOff)
    , m_budget(budget)
    , m_changed(std::move(changed))
{}

FunctionZygotes::~FunctionZygotes()
{
    for (auto &[hash, entry] : m_entries)
        forgetTimers(entry);
}

void FunctionZygotes::forgetTimers(const Entry &entry)
{
    m_loop.timers().cancel(entry.timer);
    m_loop.timers().cancel(entry.spareTimer);
}

void FunctionZygotes::expect(const std::vector<RevisionPtr> &revisions)
{
    std::erase_if(m_entries, [&](auto &each) {
        const bool wanted = std::any_of(revisions.begin(), revisions.end(),
                                        [&](const RevisionPtr &revision) { return revision->hash == each.first; });
        if (!wanted)
            forgetTimers(each.second);
        return !wanted;
    });
}

bool FunctionZygotes::isWorthwhile(const RevisionPtr &revision, std::chrono::nanoseconds init) const
{
    return init >= worthwhile && !m_entries.contains(revision->hash);
}

void FunctionZygotes::loaded(const RevisionPtr &revision, std::chrono::nanoseconds init, const SandboxPolicy &policy,
                             const std::string &initBody)
{
    if (!isWorthwhile(revision, init))
        return;
    Entry &entry = m_entries[revision->hash];
    entry.revision = revision;
    entry.policy = policy;
    entry.initBody = initBody;
    makeSoon(entry);
}

void FunctionZygotes::makeSoon(Entry &entry)
{
    if (entry.timer != 0 || entry.next || !entry.declined.empty())
        return;
    entry.timer = m_loop.timers().after(afterLoad, [this, hash = entry.revision->hash] {
        m_entries.at(hash).timer = 0;
        make(hash);
    });
}

void FunctionZygotes::make(const std::string &hash)
{
    m_ended.clear();
    Entry &entry = m_entries.at(hash);
    if (memory().count + entry.each.count > m_budget.count)
        return; // Tried again when another of its workers has to load.
    auto self = std::make_shared<Zygote *>(nullptr);
    entry.next = std::make_unique<Zygote>(
        m_loop, m_launcher,
        Zygote::Events{.ready = [this, self, hash] { onReady(hash, *self); },
                       .gone = [this, self, hash](const std::string &why) { onGone(hash, *self, why); }});
    *self = entry.next.get();
    m_handOff.release();
    if (!entry.next->start(entry.policy, entry.initBody))
        entry.next.reset(); // No descriptors are left.
    m_changed();
}

void FunctionZygotes::onReady(const std::string &hash, const Zygote *zygote)
{
    const auto found = m_entries.find(hash);
    if (found == m_entries.end() || found->second.next.get() != zygote)
        return;
    Entry &entry = found->second;
    entry.each = entry.next->memory();
    entry.current = std::move(entry.next); // The one before has hardly any left.
    makeSpareSoon(entry);
    m_changed();
}

void FunctionZygotes::onGone(const std::string &hash, const Zygote *zygote, const std::string &why)
{
    const auto found = m_entries.find(hash);
    if (found == m_entries.end())
        return;
    Entry &entry = found->second;
    if (entry.next.get() == zygote) {
        entry.declined = why;
        letGo(std::move(entry.next));
    } else if (entry.current.get() == zygote) {
        letGo(std::move(entry.current));
        makeSoon(entry);
    }
    m_changed();
}

void FunctionZygotes::letGo(std::unique_ptr<Zygote> zygote) { m_ended.push_back(std::move(zygote)); }

void FunctionZygotes::makeSpareSoon(Entry &entry)
{
    if (entry.spareTimer != 0 || entry.spare)
        return;
    entry.spareTimer = m_loop.timers().after(afterTake, [this, hash = entry.revision->hash] {
        m_entries.at(hash).spareTimer = 0;
        makeSpare(hash);
    });
}

void FunctionZygotes::makeSpare(const std::string &hash)
{
    m_endedSpares.clear();
    Entry &entry = m_entries.at(hash);
    if (!entry.current || entry.current->left() <= 0 || memory().count + entry.spareMemory.count > m_budget.count)
        return; // The next one's readiness, or the next taken, asks again.
    entry.spare = std::make_unique<ParkedProcess>(m_loop, m_launcher,
                                                  ParkedProcess::Events{.ready = [this, hash] { onSpareReady(hash); },
                                                                        .gone = [this, hash] { onSpareGone(hash); }});
    m_handOff.release();
    entry.current->used();
    if (!entry.spare->start(entry.policy, entry.current->sandbox(), Launcher::Code::There))
        entry.spare.reset(); // No descriptors are left.
}

void FunctionZygotes::onSpareReady(const std::string &hash)
{
    Entry &entry = m_entries.at(hash);
    entry.spareMemory = entry.spare->memory();
    m_changed();
}

/// Not made anew before the next is taken: what ends by itself may do so again.
void FunctionZygotes::onSpareGone(const std::string &hash)
{
    if (const auto found = m_entries.find(hash); found != m_entries.end())
        m_endedSpares.push_back(std::move(found->second.spare));
}

std::optional<ParkedProcess::Parts> FunctionZygotes::takeSpare(const RevisionPtr &revision)
{
    const auto found = m_entries.find(revision->hash);
    if (found == m_entries.end() || !found->second.spare || !found->second.spare->isReady())
        return std::nullopt;
    Entry &entry = found->second;
    ParkedProcess::Parts parts = entry.spare->take();
    entry.spare.reset();
    makeSpareSoon(entry);
    return parts;
}

Launcher::SandboxId FunctionZygotes::take(const RevisionPtr &revision)
{
    const auto found = m_entries.find(revision->hash);
    if (found == m_entries.end())
        return 0;
    Entry &entry = found->second;
    if (!entry.current || entry.current->left() <= nearlyUsed)
        makeSoon(entry);
    makeSpareSoon(entry);
    if (!entry.current || entry.current->left() <= 0)
        return 0;
    entry.current->used();
    return entry.current->sandbox();
}

std::vector<ZygoteView> FunctionZygotes::views() const
{
    using State = ZygoteView::State;
    std::vector<ZygoteView> views;
    for (const auto &[hash, entry] : m_entries) {
        const State state = !entry.declined.empty() ? State::Declined : entry.current ? State::Ready : State::Making;
        views.push_back(
            {entry.revision->settings.name, state, entry.declined, entry.current ? entry.each : ByteSize{}});
    }
    std::sort(views.begin(), views.end(), [](const auto &a, const auto &b) { return a.function < b.function; });
    return views;
}

ByteSize FunctionZygotes::memory() const
{
    ByteSize sum;
    for (const auto &[hash, entry] : m_entries)
        sum.count += entry.each.count * (std::int64_t(bool(entry.current)) + std::int64_t(bool(entry.next))) +
                     (entry.spare ? entry.spareMemory.count : 0);
    return sum;
}

} // namespace kiln

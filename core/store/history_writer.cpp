// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_writer.h"

#include <algorithm>

namespace kiln {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

constexpr auto gather = 40ms; ///< At most twice, of the promised 100.
constexpr auto awake = 1s;    ///< After the last row the thread looks by itself, so that `record` wakes nobody.
constexpr auto firstBackoff = 100ms;
constexpr auto lastBackoff = 5s;
constexpr auto trimEvery = 10s;
constexpr auto lastChance = 2s; ///< For what waits when the store closes.
constexpr std::size_t batchBound = 10'000;
constexpr std::int64_t batchBytes = 16 << 20;

/// About what it holds in memory.
std::int64_t weightOf(const Invocation &invocation)
{
    return 1024 + std::int64_t(invocation.event.data ? invocation.event.data->size() : 0) +
           std::int64_t(invocation.response ? invocation.response->size() : 0) + std::int64_t(invocation.logs.bytes());
}

} // namespace

HistoryWriter::HistoryWriter(std::filesystem::path path, HistoryStore::Options options, const Clock &clock,
                             std::unique_ptr<HistoryFile> file)
    : m_path(std::move(path))
    , m_options(std::move(options))
    , m_clock(clock)
    , m_file(std::move(file))
    , m_nextTrim(steady_clock::now())
{
    publishStats();
    m_thread = std::thread([this] { run(); });
}

HistoryWriter::~HistoryWriter()
{
    {
        const Lock lock(m_mutex);
        m_stopping = true;
        m_wake.notify_all();
    }
    m_thread.join();
}

void HistoryWriter::record(InvocationPtr invocation)
{
    const std::int64_t weight = weightOf(*invocation);
    const Lock lock(m_mutex);
    m_pending.push_back({std::move(invocation), weight});
    ++m_recorded;
    ++m_pendingCount;
    m_pendingBytes += weight;
    if (m_pendingCount > m_options.maxWaiting || m_pendingBytes > m_options.maxWaitingBytes.count)
        m_congested.store(true, std::memory_order_relaxed);
    if (m_asleep) {
        m_asleep = false;
        m_wake.notify_all();
    }
}

void HistoryWriter::run()
{
    Lock lock(m_mutex);
    Instant closing = Instant::max();
    while (true) {
        waitForWork(lock);
        std::swap(m_incoming, m_pending);
        if (m_stopping && closing == Instant::max())
            closing = steady_clock::now() + lastChance;
        const bool trimDue = m_trimsDone < m_trimsAsked || steady_clock::now() >= m_nextTrim;
        const bool ending = m_stopping;
        lock.unlock();

        std::move(m_incoming.begin(), m_incoming.end(), std::back_inserter(m_taken));
        m_incoming.clear();
        Step step = Step::Progress;
        if (!m_taken.empty())
            step = writeBatch();
        if (trimDue && !ending && step == Step::Progress)
            step = trim();
        const bool finished = ending && (m_taken.empty() || steady_clock::now() >= closing);
        lock.lock();

        if (finished && (m_pending.empty() || step == Step::Stuck))
            return;
        // What cannot be written now is kept; the disk is asked again after a while, sooner when somebody waits.
        if (step == Step::Stuck) {
            const auto pause = m_stopping || m_hurry ? firstBackoff : m_backoff;
            m_wake.wait_for(lock, pause, [&] { return (m_stopping && !ending) || m_hurry; });
            if (m_hurry)
                m_wake.wait_for(lock, 10ms);
        }
    }
}

void HistoryWriter::waitForWork(Lock &lock)
{
    const auto urgent = [this] { return m_stopping || m_hurry || m_trimsDone < m_trimsAsked; };
    const auto trimDue = [this] { return steady_clock::now() >= m_nextTrim; };
    if (!m_taken.empty())
        return;
    // Rows come in bursts: while one lasts the thread looks every few milliseconds, and `record` is a push.
    const Instant sleepAt = steady_clock::now() + awake;
    while (!urgent() && !trimDue() && m_pending.empty()) {
        if (steady_clock::now() < sleepAt) {
            m_wake.wait_for(lock, gather, urgent);
        } else {
            m_asleep = true;
            m_wake.wait_until(lock, m_nextTrim);
            m_asleep = false;
        }
    }
    if (!urgent() && !trimDue())
        m_wake.wait_for(lock, gather, urgent);
}

HistoryWriter::Step HistoryWriter::writeBatch()
{
    if ((!m_file || !m_file->inPlace()) && reopen() == Step::Stuck)
        return Step::Stuck;
    std::size_t count = 0;
    for (std::int64_t bytes = 0; count < std::min(batchBound, m_taken.size()) && bytes < batchBytes; ++count)
        bytes += m_taken[count].weight;
    if (m_oneByOne)
        return writeSingly(count);

    std::vector<InvocationPtr> batch;
    batch.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        batch.push_back(std::move(m_taken[i].invocation));
    const auto written = m_file->write(batch);
    if (written) {
        wrote(count);
        return Step::Progress;
    }
    for (std::size_t i = 0; i < count; ++i)
        m_taken[i].invocation = std::move(batch[i]);
    failed(written.error());
    return m_oneByOne ? Step::Progress : Step::Stuck;
}

/// A row among them cannot be stored at all (larger than SQLite takes): it must not hold up the others.
HistoryWriter::Step HistoryWriter::writeSingly(std::size_t count)
{
    for (; count > 0; --count) {
        if (!m_file && reopen() == Step::Stuck)
            return Step::Stuck;
        auto written = m_file->write({&m_taken.front().invocation, 1});
        if (!written && written.error().failure != Failure::BadRow) {
            failed(written.error());
            return Step::Stuck;
        }
        if (!written) {
            m_file.reset();
            m_loss =
                std::to_string(++m_skipped) + " invocations could not be recorded: " + written.error().error.text();
        }
        wrote(1);
    }
    m_oneByOne = false;
    return Step::Progress;
}

HistoryWriter::Step HistoryWriter::reopen()
{
    if (m_file && !m_file->inPlace())
        m_loss = "The history file was deleted or replaced; recording goes on in a new one";
    m_file.reset();
    auto opened = HistoryFile::open(m_path, m_options.vfs);
    if (!opened) {
        failed(opened.error());
        return Step::Stuck;
    }
    m_file = std::move(*opened);
    m_generation.fetch_add(1, std::memory_order_relaxed);
    return Step::Progress;
}

void HistoryWriter::failed(const HistoryFile::Problem &problem)
{
    m_file.reset();
    if (problem.failure == Failure::BadRow) {
        m_oneByOne = true;
        return;
    }
    m_backoff = std::clamp<milliseconds>(m_backoff * 2, firstBackoff, lastBackoff);
    if (problem.failure == Failure::Damaged) {
        if (auto aside = setAside(m_path, m_clock.wall()); aside) {
            m_loss = "The history file was damaged; it is now " + aside->string() + ", and a new one was begun";
            m_backoff = 1ms;
        }
    }
    setProblem(problem.error.text());
}

void HistoryWriter::wrote(std::size_t count)
{
    std::int64_t weight = 0;
    for (std::size_t i = 0; i < count; ++i)
        weight += m_taken[i].weight;
    m_taken.erase(m_taken.begin(), m_taken.begin() + std::ptrdiff_t(count));
    m_backoff = {};
    if (m_file)
        publishStats();
    setProblem(m_loss);

    std::function<void()> drained;
    {
        const Lock lock(m_mutex);
        m_committed += count;
        m_pendingCount -= count;
        m_pendingBytes -= weight;
        const bool room =
            m_pendingCount <= m_options.maxWaiting / 2 && m_pendingBytes <= m_options.maxWaitingBytes.count / 2;
        if (room && m_congested.exchange(false, std::memory_order_relaxed))
            drained = m_drained;
        m_done.notify_all();
    }
    if (drained)
        drained();
}

HistoryWriter::Step HistoryWriter::trim()
{
    m_nextTrim = steady_clock::now() + trimEvery;
    if (!m_file && reopen() == Step::Stuck)
        return Step::Stuck;
    const auto trimmed = m_file->trim(m_options.retention, m_clock.wall());
    if (!trimmed) {
        failed(trimmed.error());
        return Step::Stuck;
    }
    m_backoff = {};
    publishStats();
    setProblem(m_loss);
    if (*trimmed == HistoryFile::Trimmed::MoreToDo) {
        m_nextTrim = steady_clock::now(); // after what came in meanwhile was written
        return Step::Progress;
    }
    const Lock lock(m_mutex);
    m_trimsDone = m_trimsAsked;
    m_done.notify_all();
    return Step::Progress;
}

Result<> HistoryWriter::flush(milliseconds patience)
{
    Lock lock(m_mutex);
    const std::uint64_t until = m_recorded;
    m_hurry = true;
    m_wake.notify_all();
    const bool done = m_done.wait_for(lock, patience, [&] { return m_committed >= until; });
    m_hurry = false;
    if (!done)
        return fail(Error::Code::Store, "History could not be written: " + m_problem, m_path.string());
    return {};
}

Result<> HistoryWriter::enforceRetention()
{
    Lock lock(m_mutex);
    const std::uint64_t mine = ++m_trimsAsked;
    m_wake.notify_all();
    if (!m_done.wait_for(lock, 60s, [&] { return m_trimsDone >= mine; }))
        return fail(Error::Code::Store, "History could not be trimmed: " + m_problem, m_path.string());
    return {};
}

std::string HistoryWriter::problem() const
{
    const Lock lock(m_mutex);
    return m_problem;
}

HistoryStore::Stats HistoryWriter::stats() const
{
    const Lock lock(m_mutex);
    return m_stats;
}

void HistoryWriter::setProblemChanged(std::function<void()> changed)
{
    const Lock lock(m_mutex);
    m_problemChanged = std::move(changed);
}

void HistoryWriter::setDrained(std::function<void()> drained)
{
    const Lock lock(m_mutex);
    m_drained = std::move(drained);
}

void HistoryWriter::setProblem(std::string text)
{
    std::function<void()> changed;
    {
        const Lock lock(m_mutex);
        if (m_problem == text)
            return;
        m_problem = std::move(text);
        changed = m_problemChanged;
    }
    if (changed)
        changed();
}

void HistoryWriter::publishStats()
{
    const Lock lock(m_mutex);
    m_stats = {m_file->invocations(), m_file->size()};
}

} // namespace kiln

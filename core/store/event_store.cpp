// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/event_store.h"

#include "core/store/event_file.h"
#include "core/store/event_salvage.h"
#include "core/store/schema.h"

#include <algorithm>
#include <iterator>
#include <sys/stat.h>

namespace kiln {

using namespace std::chrono_literals;

namespace {

constexpr auto retryAfter = 200ms;
constexpr auto lastChance = 2s; ///< For what is still kept when the store closes.

std::uint64_t inodeOf(const std::filesystem::path &path)
{
    struct ::stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

template<typename T, typename Read>
Result<T> reading(const std::filesystem::path &path, const std::string &vfs, Read read)
{
    auto database = openForReading(path, {.schema = eventsSchema(), .vfs = vfs});
    if (!database)
        return tl::make_unexpected(database.error());
    try {
        return read(**database);
    } catch (const SQLite::Exception &exception) {
        return tl::make_unexpected(storeError(exception, path));
    }
}

} // namespace

/// Why a transaction did not come about.
struct EventStore::Trouble
{
    Error error;
    Failure failure = Failure::Passing;
};

EventStore::EventStore(std::filesystem::path path, Options options, const Clock &clock)
    : m_path(std::move(path))
    , m_options(std::move(options))
    , m_clock(clock)
{}

Result<std::unique_ptr<EventStore>> EventStore::open(std::filesystem::path path, Options options, const Clock &clock)
{
    std::unique_ptr<EventStore> store(new EventStore(std::move(path), std::move(options), clock));
    if (auto ready = store->ready(); !ready)
        return tl::make_unexpected(ready.error());
    store->m_warning = store->m_loss;
    store->m_loss.clear();
    store->m_thread = std::thread([raw = store.get()] { raw->run(); });
    return store;
}

EventStore::~EventStore()
{
    if (!m_thread.joinable())
        return;
    {
        const std::unique_lock lock(m_mutex);
        m_stopping = true;
        m_wake.notify_all();
    }
    m_thread.join();
}

void EventStore::accept(QueuedEvent event, Done done)
{
    ask({[event = std::move(event)](EventFile &file) { file.accept(event); }, std::move(done),
         Change::OnFailure::Tell});
}

void EventStore::attemptBegun(EventKey key, int attempt, Done done)
{
    ask({[key = std::move(key), attempt](EventFile &file) { file.attemptBegun(key, attempt); }, std::move(done),
         Change::OnFailure::Tell});
}

void EventStore::attemptFailed(EventKey key, int attempt, WallTime nextAttempt, std::string cause, Done done)
{
    ask({[=, key = std::move(key), cause = std::move(cause)](EventFile &file) {
             file.attemptFailed(key, attempt, nextAttempt, cause);
         },
         std::move(done)});
}

void EventStore::finished(EventKey key, Done done)
{
    ask({[key = std::move(key)](EventFile &file) { file.finished(key); }, std::move(done)});
}

void EventStore::bury(EventKey key, std::string cause, std::optional<Outcome> outcome, Done done)
{
    ask({[died = m_clock.wall(), outcome, key = std::move(key), cause = std::move(cause)](EventFile &file) {
             file.bury(key, died, cause, outcome);
         },
         std::move(done)});
}

void EventStore::revive(EventKey key, Done done)
{
    ask({[now = m_clock.wall(), key = std::move(key)](EventFile &file) { file.revive(key, now); }, std::move(done),
         Change::OnFailure::Tell});
}

void EventStore::discard(EventKey key, Done done)
{
    ask({[key = std::move(key)](EventFile &file) { file.discard(key); }, std::move(done), Change::OnFailure::Tell});
}

void EventStore::mark(std::string function, std::string expression, WallTime last, Done done)
{
    ask({[last, function = std::move(function), expression = std::move(expression)](EventFile &file) {
             file.mark(function, expression, last);
         },
         std::move(done)});
}

Result<std::vector<PendingEvent>> EventStore::pending() const
{
    return reading<std::vector<PendingEvent>>(m_path, m_options.vfs,
                                              [](SQLite::Database &database) { return EventFile::pending(database); });
}

Result<std::vector<DeadLetter>> EventStore::deadLetters(int limit) const
{
    return reading<std::vector<DeadLetter>>(
        m_path, m_options.vfs, [limit](SQLite::Database &database) { return EventFile::deadLetters(database, limit); });
}

Result<std::optional<WallTime>> EventStore::lastMark(const std::string &function, const std::string &expression) const
{
    return reading<std::optional<WallTime>>(m_path, m_options.vfs, [&](SQLite::Database &database) {
        SQLite::Statement find(database, "SELECT last FROM schedule_mark WHERE function = ? AND expression = ?");
        find.bindNoCopy(1, function);
        find.bindNoCopy(2, expression);
        return find.executeStep() ? std::optional(WallTime(std::chrono::microseconds(find.getColumn(0).getInt64())))
                                  : std::nullopt;
    });
}

void EventStore::ask(Change change)
{
    const std::unique_lock lock(m_mutex);
    m_asked.push_back(std::move(change));
    ++m_askedCount;
    m_wake.notify_all();
}

void EventStore::run()
{
    std::unique_lock lock(m_mutex);
    Instant closing = Instant::max();
    while (true) {
        const auto wanted = [this] { return m_stopping || !m_asked.empty(); };
        if (m_kept.empty())
            m_wake.wait(lock, wanted);
        else
            m_wake.wait_for(lock, retryAfter, [this] { return !m_asked.empty(); });
        if (m_stopping && closing == Instant::max())
            closing = std::chrono::steady_clock::now() + lastChance;
        std::vector<Change> changes = std::move(m_kept);
        m_kept.clear();
        std::move(m_asked.begin(), m_asked.end(), std::back_inserter(changes));
        m_asked.clear();
        lock.unlock();
        takeOver(changes);
        if (!changes.empty())
            commit(std::move(changes));
        const bool over = std::chrono::steady_clock::now() >= closing;
        if (over && !m_kept.empty()) {
            const Error error{Error::Code::Store, "The store closed before the disk took it", m_path.string(), {}, 0};
            settle(m_kept, &error);
        }
        lock.lock();
        if (m_stopping && m_asked.empty() && m_kept.empty())
            return;
    }
}

/// One transaction for all; on failure one each when a row is to blame, else what may wait is kept.
void EventStore::commit(std::vector<Change> changes)
{
    const auto attempt = [this](auto first, auto last) -> tl::expected<void, Trouble> {
        if (auto isReady = ready(); !isReady)
            return tl::make_unexpected(Trouble{isReady.error(), Failure::Passing});
        try {
            SQLite::Transaction transaction(m_file->database(), SQLite::TransactionBehavior::IMMEDIATE);
            for (auto change = first; change != last; ++change)
                change->apply(*m_file);
            transaction.commit();
            return {};
        } catch (const SQLite::Exception &exception) {
            Trouble trouble{storeError(exception, m_path), failureOf(exception)};
            // After a failed write neither SQLite's pages nor the statements are to be trusted.
            m_file.reset();
            return tl::make_unexpected(std::move(trouble));
        }
    };

    const auto all = attempt(changes.begin(), changes.end());
    if (all) {
        setProblem(m_loss);
        return settle(changes, nullptr);
    }
    if (all.error().failure == Failure::BadRow && changes.size() > 1) {
        for (Change &change : changes) {
            std::vector<Change> one;
            one.push_back(std::move(change));
            commit(std::move(one));
        }
        return;
    }
    const bool badRow = all.error().failure == Failure::BadRow;
    const auto kept = std::stable_partition(changes.begin(), changes.end(), [&](const Change &change) {
        return badRow || change.onFailure == Change::OnFailure::Tell;
    });
    std::move(kept, changes.end(), std::back_inserter(m_kept));
    changes.erase(kept, changes.end());
    setProblem(all.error().error.text());
    settle(changes, &all.error().error);
}

void EventStore::settle(std::vector<Change> &changes, const Error *error)
{
    for (const Change &change : changes) {
        if (change.done && error)
            change.done(tl::make_unexpected(*error));
        else if (change.done)
            change.done({});
    }
    const std::unique_lock lock(m_mutex);
    for (const Change &change : changes)
        m_settledCount += change.counted ? 1 : 0;
    changes.clear();
    m_settledChanged.notify_all();
}

/// Makes sure that a file is open.
Result<> EventStore::ready()
{
    if (m_file)
        return {};
    Damage damage = Damage::None;
    auto opened = EventFile::open(m_path, m_options.vfs, damage);
    if (!opened && damage == Damage::Damaged)
        return replaceDamaged(m_loss);
    if (!opened)
        return tl::make_unexpected(opened.error());
    m_file = std::move(*opened);
    m_inode = inodeOf(m_path);
    return {};
}

/// When the file was deleted or replaced under our hands, the one that is open still holds all promises: they are
/// asked for again, before what else is to be written. The old file is closed before a new one is opened, since
/// closing removes a log by its name.
void EventStore::takeOver(std::vector<Change> &changes)
{
    if (!m_file || inodeOf(m_path) == m_inode)
        return;
    std::vector<Change> again;
    try {
        for (PendingEvent &event : EventFile::pending(m_file->database()))
            again.push_back({[event = std::move(event)](EventFile &file) {
                                 file.accept(event.queued, event.attempts);
                                 if (event.nextAttempt)
                                     file.attemptFailed(event.queued.key(), event.attempts, *event.nextAttempt,
                                                        event.cause);
                             },
                             {},
                             Change::OnFailure::Keep,
                             false});
        for (DeadLetter &letter : EventFile::deadLetters(m_file->database(), INT32_MAX))
            again.push_back({[letter = std::move(letter)](EventFile &file) { file.addDeadLetter(letter); },
                             {},
                             Change::OnFailure::Keep,
                             false});
        m_loss = "The file of accepted events was deleted or replaced; what it held is written again";
    } catch (const SQLite::Exception &exception) {
        m_loss = "The file of accepted events was deleted or replaced: " + storeError(exception, m_path).text();
    }
    m_file.reset();
    std::move(changes.begin(), changes.end(), std::back_inserter(again));
    changes = std::move(again);
}

Result<> EventStore::replaceDamaged(std::string &told)
{
    auto aside = setAside(m_path, m_clock.wall());
    if (!aside)
        return tl::make_unexpected(aside.error());
    Damage damage = Damage::None;
    auto fresh = EventFile::open(m_path, m_options.vfs, damage);
    if (!fresh)
        return tl::make_unexpected(fresh.error());
    auto salvage = salvageEvents(*aside, **fresh);
    told = "The file of accepted events was damaged; it is now " + aside->string() + ". ";
    if (!salvage) {
        told += "Nothing was taken over: " + salvage.error().text();
    } else {
        told += std::to_string(salvage->events) + " waiting events and " + std::to_string(salvage->deadLetters) +
                " dead letters were taken over" + (salvage->complete ? "" : "; others may be lost");
    }
    m_file = std::move(*fresh);
    m_inode = inodeOf(m_path);
    return {};
}

Result<> EventStore::flush(std::chrono::milliseconds patience)
{
    std::unique_lock lock(m_mutex);
    const std::uint64_t until = m_askedCount;
    m_wake.notify_all();
    if (!m_settledChanged.wait_for(lock, patience, [&] { return m_settledCount >= until; }))
        return fail(Error::Code::Store, "Accepted events could not be brought up to date: " + m_problem,
                    m_path.string());
    return {};
}

std::string EventStore::problem() const
{
    const std::unique_lock lock(m_mutex);
    return m_problem;
}

void EventStore::setProblemChanged(std::function<void()> changed)
{
    const std::unique_lock lock(m_mutex);
    m_problemChanged = std::move(changed);
}

void EventStore::setProblem(std::string text)
{
    std::function<void()> changed;
    {
        const std::unique_lock lock(m_mutex);
        if (m_problem == text)
            return;
        m_problem = std::move(text);
        changed = m_problemChanged;
    }
    if (changed)
        changed();
}

} // namespace kiln

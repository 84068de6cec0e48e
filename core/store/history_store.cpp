// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_store.h"

#include "core/store/history_reader.h"
#include "core/store/history_writer.h"
#include "core/store/query_thread.h"

namespace kiln {

namespace {

/// A search that answers with what `search` finds, or why there is nothing to search in.
template<typename T, typename Find> CancelToken ask(QueryThread &thread, HistoryStore::Answer<T> answer, Find find)
{
    return thread.ask([answer = std::move(answer), find = std::move(find)](Result<HistoryReader *> reader,
                                                                           const CancelToken &cancel) {
        if (reader)
            answer(find(**reader, cancel));
        else
            answer(tl::make_unexpected(reader.error()));
    });
}

} // namespace

HistoryStore::HistoryStore() = default;

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(std::filesystem::path path, Options options,
                                                         const Clock &clock)
{
    std::unique_ptr<HistoryStore> store(new HistoryStore);
    auto file = HistoryFile::open(path, options.vfs);
    if (!file && file.error().failure == Failure::Damaged) {
        auto aside = setAside(path, clock.wall());
        if (!aside)
            return tl::make_unexpected(aside.error());
        store->m_warning = "The history in " + path.string() + " was damaged: it is now " + aside->string() +
                           ", and a new one was begun";
        file = HistoryFile::open(path, options.vfs);
    }
    if (!file)
        return tl::make_unexpected(file.error().error);
    const std::string vfs = options.vfs;
    // A part that cannot be read hides nothing else.
    if (auto uses = HistoryReader::open(path, vfs).and_then([](HistoryReader reader) { return reader.grantUses(); }))
        store->m_grantUses = std::move(*uses);
    store->m_writer = std::make_unique<HistoryWriter>(path, std::move(options), clock, std::move(*file));
    store->m_reader =
        std::make_unique<QueryThread>(path, vfs, [writer = store->m_writer.get()] { return writer->generation(); });
    return store;
}

HistoryStore::~HistoryStore()
{
    m_reader.reset(); // it looks at the writer
}

void HistoryStore::record(InvocationPtr invocation) { m_writer->record(std::move(invocation)); }
bool HistoryStore::congested() const { return m_writer->congested(); }
void HistoryStore::setDrained(std::function<void()> drained) { m_writer->setDrained(std::move(drained)); }
Result<> HistoryStore::flush(std::chrono::milliseconds patience) { return m_writer->flush(patience); }
Result<> HistoryStore::enforceRetention() { return m_writer->enforceRetention(); }
std::string HistoryStore::problem() const { return m_writer->problem(); }
void HistoryStore::setProblemChanged(std::function<void()> changed) { m_writer->setProblemChanged(std::move(changed)); }
HistoryStore::Stats HistoryStore::stats() const { return m_writer->stats(); }

CancelToken HistoryStore::invocations(InvocationQuery query, Answer<std::vector<InvocationPtr>> answer)
{
    return ask(*m_reader, std::move(answer),
               [query = std::move(query)](HistoryReader &reader, const CancelToken &cancel) {
                   return reader.invocations(query, cancel);
               });
}

CancelToken HistoryStore::invocation(Uuid id, Answer<InvocationPtr> answer)
{
    return ask(*m_reader, std::move(answer),
               [id](HistoryReader &reader, const CancelToken &cancel) { return reader.invocation(id, cancel); });
}

CancelToken HistoryStore::logs(LogQuery query, Answer<std::vector<LogEntry>> answer)
{
    return ask(*m_reader, std::move(answer),
               [query = std::move(query)](HistoryReader &reader, const CancelToken &cancel) {
                   return reader.logs(query, cancel);
               });
}

CancelToken HistoryStore::metrics(MetricsQuery query, Answer<MetricsSummary> answer)
{
    return ask(*m_reader, std::move(answer),
               [query = std::move(query)](HistoryReader &reader, const CancelToken &cancel) {
                   return reader.metrics(query, cancel);
               });
}

CancelToken HistoryStore::figures(WallTime since, int limit, Answer<std::vector<InvocationFigures>> answer)
{
    return ask(*m_reader, std::move(answer), [since, limit](HistoryReader &reader, const CancelToken &cancel) {
        return reader.figures(since, limit, cancel);
    });
}

} // namespace kiln

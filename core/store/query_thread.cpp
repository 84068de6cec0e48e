// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/query_thread.h"

#include <utility>

namespace kiln {

QueryThread::QueryThread(std::filesystem::path path, std::string vfs, std::function<std::uint64_t()> generation)
    : m_path(std::move(path))
    , m_vfs(std::move(vfs))
    , m_generation(std::move(generation))
    , m_thread([this] { run(); })
{}

QueryThread::~QueryThread()
{
    {
        const std::unique_lock lock(m_mutex);
        m_stopping = true;
        if (m_running)
            m_running->cancel();
        m_wake.notify_all();
    }
    m_thread.join();
}

CancelToken QueryThread::ask(Search search)
{
    CancelToken cancel;
    const std::unique_lock lock(m_mutex);
    m_waiting.push_back({std::move(search), cancel});
    m_wake.notify_all();
    return cancel;
}

void QueryThread::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return m_stopping || !m_waiting.empty(); });
        if (m_waiting.empty())
            return;
        Asked asked = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (m_stopping)
            asked.cancel.cancel();
        m_running = asked.cancel;
        lock.unlock();
        if (asked.cancel.cancelled())
            asked.search(fail(Error::Code::Busy, "The search was cancelled"), asked.cancel);
        else
            asked.search(reader(), asked.cancel);
        asked = {};
        lock.lock();
        m_running.reset();
    }
}

Result<HistoryReader *> QueryThread::reader()
{
    const std::uint64_t generation = m_generation();
    if (!m_reader || m_readerGeneration != generation) {
        m_reader.reset();
        auto opened = HistoryReader::open(m_path, m_vfs);
        if (!opened)
            return tl::make_unexpected(opened.error());
        m_reader = std::move(*opened);
        m_readerGeneration = generation;
    }
    return &*m_reader;
}

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history_reader.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace kiln {

/// The store's reader thread: runs searches one after the other on its own connection. See HistoryStore.
class QueryThread
{
public:
    /// Gets the reader, or why there is none; answers exactly once.
    using Search = std::function<void(Result<HistoryReader *>, const CancelToken &)>;

    /// `generation` tells when the file under the path is another one.
    QueryThread(std::filesystem::path path, std::string vfs, std::function<std::uint64_t()> generation);
    ~QueryThread(); ///< Ends the running search, answers those waiting with an Error.

    CancelToken ask(Search search);

private:
    struct Asked
    {
        Search search;
        CancelToken cancel;
    };

    void run();
    Result<HistoryReader *> reader();

    const std::filesystem::path m_path;
    const std::string m_vfs;
    const std::function<std::uint64_t()> m_generation;
    std::optional<HistoryReader> m_reader; ///< Opened at the first search.
    std::uint64_t m_readerGeneration = 0;

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Asked> m_waiting;
    std::optional<CancelToken> m_running;
    bool m_stopping = false;
    std::thread m_thread;
};

} // namespace kiln

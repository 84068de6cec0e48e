// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/grant_use.h"
#include "core/model/invocation.h"
#include "core/model/invocation_figures.h"
#include "core/store/cancel_token.h"
#include "core/store/query.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// Searches history on a read-only connection of its own, beside a writer in this or any other process. Blocking; for
/// commands when no engine is open, and for the store's reader thread. One thread at a time.
///
/// A row that cannot be read is left out, or its unreadable part is: it never hides the others.
class HistoryReader
{
public:
    /// NotFound when nothing has been recorded yet; Store when another version wrote the file.
    [[nodiscard]] static Result<HistoryReader> open(const std::filesystem::path &path, const std::string &vfs = {});
    HistoryReader(HistoryReader &&) noexcept;
    HistoryReader &operator=(HistoryReader &&) noexcept;
    ~HistoryReader();

    /// Newest first, one by one, so that any number can be printed: `take` answers whether it wants more.
    [[nodiscard]] Result<> eachInvocation(const InvocationQuery &query, const CancelToken &cancel,
                                          const std::function<bool(InvocationPtr)> &take);
    [[nodiscard]] Result<std::vector<InvocationPtr>> invocations(const InvocationQuery &query,
                                                                 const CancelToken &cancel = {});
    /// One whole, with payloads and logs. NotFound when there is none of that id.
    [[nodiscard]] Result<InvocationPtr> invocation(const Uuid &id, const CancelToken &cancel = {});
    /// Newest first: by the time of recording, and by their own time within what is answered.
    [[nodiscard]] Result<std::vector<LogEntry>> logs(const LogQuery &query, const CancelToken &cancel = {});
    [[nodiscard]] Result<MetricsSummary> metrics(const MetricsQuery &query, const CancelToken &cancel = {});
    [[nodiscard]] Result<std::vector<InvocationFigures>> figures(WallTime since, int limit,
                                                                 const CancelToken &cancel = {});
    /// Of all functions, since history began.
    [[nodiscard]] Result<GrantTallies> grantUses();

private:
    struct Parts;
    explicit HistoryReader(std::unique_ptr<Parts> parts);

    template<typename T, typename Action> Result<T> guarded(const CancelToken &cancel, Action action);

    std::unique_ptr<Parts> m_parts;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>

namespace kiln {

/// Lets who asked for something say that the answer is no longer wanted. Copies share one state. Any thread.
class CancelToken
{
public:
    void cancel() { m_cancelled->store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool cancelled() const { return m_cancelled->load(std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> m_cancelled = std::make_shared<std::atomic<bool>>(false);
};

} // namespace kiln

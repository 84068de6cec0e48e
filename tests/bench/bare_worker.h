// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/model/function.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace kiln::test {

/// The floor under a warm invocation: the same interpreter with the same handler on the other end of a socketpair, no
/// sandbox, blocking reads and writes on both sides, and frames as long as Kiln's. Any thread, one at a time.
class BareWorker
{
public:
    /// What both sides run: JSON in, a small JSON answer out.
    [[nodiscard]] static std::string handlerCode(Language language);
    [[nodiscard]] static std::string eventData();

    explicit BareWorker(Language language);
    ~BareWorker();
    BareWorker(const BareWorker &) = delete;
    BareWorker &operator=(const BareWorker &) = delete;

    /// One round trip; false when the other end failed.
    [[nodiscard]] bool roundTrip();

private:
    UniqueFd m_channel;
    pid_t m_pid = -1;
    const std::string m_request;
    std::string m_answer;
};

/// Runs a program from its start to its exit; false when it could not, or did not exit with 0.
[[nodiscard]] bool runToExit(std::vector<std::string> arguments);

} // namespace kiln::test

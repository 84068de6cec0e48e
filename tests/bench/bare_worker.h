// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/model/function.h"

#include <string>
#include <string_view>
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

    [[nodiscard]] pid_t pid() const { return m_pid; }
    /// For who waits for many: the socket, what to write to it for an event, and how many bytes stand before the
    /// answer.
    [[nodiscard]] int channel() const { return m_channel.get(); }
    [[nodiscard]] static std::string requestOf(std::string_view data);
    static constexpr std::size_t answerHead = 16;

private:
    UniqueFd m_channel;
    pid_t m_pid = -1;
    const std::string m_request;
    std::string m_answer;
};

/// Runs a program from its start to its exit; false when it could not, or did not exit with 0.
[[nodiscard]] bool runToExit(std::vector<std::string> arguments);

/// The same in bubblewrap, with nothing shared and only /usr to be seen.
[[nodiscard]] bool runInBwrap(const std::vector<std::string> &arguments);
[[nodiscard]] bool haveBwrap();

} // namespace kiln::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/runtime/kept_variables.h"

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

/// The question, put to an idle worker, what its modules keep in their variables: who waits for the answer, and how
/// long. Engine thread only. Each who asks is answered once; what a worker answers is not trusted.
class KeptQuestion
{
public:
    using Done = std::function<void(Result<KeptVariables>)>;

    explicit KeptQuestion(Loop &loop)
        : m_loop(loop)
    {}
    ~KeptQuestion() { m_loop.timers().cancel(m_timer); }
    KeptQuestion(const KeptQuestion &) = delete;
    KeptQuestion &operator=(const KeptQuestion &) = delete;

    /// True when it has to be put to the worker: it is not under way yet, and earlier ones were answered.
    [[nodiscard]] bool ask(Done done);
    /// How many frames of the worker are still to be taken as answers, also of questions that were given up.
    [[nodiscard]] bool awaitsFrame() const { return m_frames > 0; }
    [[nodiscard]] bool isOpen() const { return !m_waiting.empty(); }
    void answer(std::string_view body);
    void giveUp(const char *why);

private:
    void tell(const Result<KeptVariables> &answer);

    Loop &m_loop;
    std::vector<Done> m_waiting;
    int m_frames = 0;
    TimerId m_timer = 0;
};

} // namespace kiln

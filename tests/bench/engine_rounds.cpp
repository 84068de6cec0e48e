// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/engine_rounds.h"

#include "tests/bench/bare_worker.h"

#include <future>

namespace kiln::test {

std::string chainThroughEngine(Engine &engine, const std::string &function, int count,
                               const std::function<void(std::chrono::nanoseconds)> &took)
{
    struct Chain
    {
        int left;
        Instant begin{};
        std::promise<std::string> ended;
        std::function<void()> next;
    } chain{.left = count, .ended = {}, .next = {}};
    chain.next = [&] {
        chain.begin = std::chrono::steady_clock::now();
        engine.fire({.function = function, .data = BareWorker::eventData()}, [&](const Result<InvocationPtr> &answer) {
            took(std::chrono::steady_clock::now() - chain.begin);
            if (!answer || (*answer)->outcome != Outcome::Ok)
                chain.ended.set_value(textOf(answer));
            else if (--chain.left == 0)
                chain.ended.set_value({});
            else
                chain.next();
        });
    };
    chain.next();
    return chain.ended.get_future().get();
}

bool emptied(EngineHarness &harness, const std::string &function)
{
    const std::uint64_t before = harness.engine().snapshot()->number; // which may be of before they were there
    harness.engine().retireIdle(function);
    return harness.waitFor(
        [&](const Snapshot &snapshot) { return snapshot.number > before && snapshot.workers.empty(); });
}

} // namespace kiln::test

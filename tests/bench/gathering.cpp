// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/gathering.h"

#include "tests/bench/process_memory.h"

#include <fmt/format.h>

#include <atomic>
#include <filesystem>

namespace kiln::test {

namespace {

constexpr const char *name = "gathering";
constexpr auto bound = std::chrono::minutes(1);
/// Starts under way: with more of them on a slow machine an init takes longer than it may.
constexpr int atOnce = 20;

constexpr const char *handler = R"(
import time

def handler(event, context):
    time.sleep(event["hold_ms"] / 1000)
    return "here"
)";

/// Long enough for all others to come meanwhile.
int holdMs(int count, bool warm) { return 2'000 + count * (warm ? 5 : 30); }

int busyOf(const Snapshot &snapshot)
{
    const auto live = std::find_if(snapshot.functions.begin(), snapshot.functions.end(),
                                   [](const FunctionLive &each) { return each.name == name; });
    return live == snapshot.functions.end() ? 0 : live->busy;
}

} // namespace

void Gathering::add(const std::string &settings)
{
    m_harness.addPython(name, handler,
                        fmt::format("timeout: 5m\nconcurrency: {{max: {0}, queue: {0}}}\n{1}", most, settings));
}

std::string Gathering::gather(int count, bool warm)
{
    std::string problem; // the first one, which the engine's thread writes until all are answered
    std::atomic<int> answered = 0;
    const auto take = [&](const Result<InvocationPtr> &answer) {
        const bool right = answer && (*answer)->outcome == Outcome::Ok && ((*answer)->start == Start::Warm) == warm;
        if (!right && problem.empty())
            problem = textOf(answer);
        ++answered;
    };
    const std::string data = fmt::format(R"({{"hold_ms": {}}})", holdMs(count, warm));
    int fired = 0, busy = 0;
    while (fired < count && busy == fired) {
        for (const int end = std::min(count, fired + atOnce); fired < end; ++fired)
            m_harness.engine().fire({.function = name, .data = data}, take);
        static_cast<void>(m_harness.waitFor(
            [&](const Snapshot &snapshot) {
                busy = busyOf(snapshot);
                return busy == fired || answered > 0;
            },
            bound));
    }
    while (!m_harness.waitFor([&](const Snapshot &) { return answered == fired; }, bound)) {
    }
    if (busy != count)
        return fmt::format("only {} of {} workers came together: {}", busy, count, problem);
    return problem;
}

Samples Gathering::memory(const TurnWords &words)
{
    const Result<int> count = countAt(words, 1);
    if (!count)
        return tl::make_unexpected(count.error());
    const std::uint64_t before = availableMemory();
    if (const std::string problem = gather(*count, false); !problem.empty())
        return fail(Error::Code::Io, "Starting: " + problem);
    if (const std::string problem = gather(*count, true); !problem.empty())
        return fail(Error::Code::Io, "Again, warm: " + problem);
    if (!m_harness.waitFor([&](const Snapshot &snapshot) { return busyOf(snapshot) == 0; }))
        return fail(Error::Code::Io, "The workers are not idle");
    const std::uint64_t after = availableMemory();

    std::vector<Sample> samples;
    const SnapshotPtr idle = m_harness.engine().snapshot();
    const ProcessTree tree;
    for (const WorkerView &worker : idle->workers) {
        if (worker.function == name)
            samples.push_back({double(proportionalMemory(tree, worker.pid)), "worker"});
    }
    if (int(samples.size()) != *count)
        return fail(Error::Code::Io, fmt::format("{} workers are left of {}", samples.size(), *count));
    samples.push_back({double(before) - double(after), "machine"});
    m_harness.engine().retireIdle(name);
    if (!m_harness.waitFor([](const Snapshot &snapshot) { return snapshot.workers.empty(); }, bound))
        return fail(Error::Code::Io, "The workers do not end");
    return samples;
}

} // namespace kiln::test

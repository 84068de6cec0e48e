// SPDX-License-Identifier: GPL-3.0-or-later
// Kiln's engine in this process, for tests/bench/comparison: starts of workers, warm invocations, memory of workers.
// `turn_engine PARKED_MB [LINE …]`: how much memory may wait for a function (0: nothing waits), and further lines of
// each function.yaml.
#include "core/model/interpreter.h"
#include "tests/bench/bare_worker.h"
#include "tests/bench/dispatch_rooms.h"
#include "tests/bench/engine_rounds.h"
#include "tests/bench/gathering.h"
#include "tests/bench/series.h"
#include "tests/bench/slow_imports.h"
#include "tests/bench/turns.h"

#include <cstdlib>
#include <memory>

using namespace kiln;
using namespace kiln::test;

namespace {

constexpr int uncounted = 50; ///< Invocations before each turn, until caches and branches know the way again.

tl::unexpected<Error> failed(std::string why) { return fail(Error::Code::Io, std::move(why)); }

class EngineTurns
{
public:
    EngineTurns(ByteSize parked, std::string settings);

    /// Opens the engine with those functions; the reason when it cannot.
    [[nodiscard]] std::string open(const std::string &functions);
    [[nodiscard]] std::map<std::string, Turn> turns();

private:
    Samples start(const TurnWords &words);
    Samples fired(const TurnWords &words);
    Samples dispatched(const TurnWords &words);
    Samples tier(const TurnWords &words);

    const ByteSize m_parked;
    const std::string m_settings;
    EngineHarness m_harness;
    std::unique_ptr<DispatchRooms> m_rooms; ///< Made when first needed.
    SlowImports m_imports{m_harness};
    Gathering m_gathering{m_harness};
};

EngineTurns::EngineTurns(ByteSize parked, std::string settings)
    : m_parked(parked)
    , m_settings(std::move(settings))
{
    m_harness.setParkedMemory(parked);
}

std::string EngineTurns::open(const std::string &functions)
{
    if (functions == "python") {
        m_harness.addPython("trivial", "def handler(event, context):\n    return None\n", m_settings);
        m_harness.addPython("echo", BareWorker::handlerCode(Language::Python), m_settings);
    } else if (functions == "node") {
        m_harness.addNode("trivial", "export const handler = async () => null;\n", m_settings);
        m_harness.addNode("echo", "export " + BareWorker::handlerCode(Language::Node), m_settings);
    } else if (functions == "gathering") {
        m_gathering.add(m_settings);
    } else if (std::string problem = m_imports.add(m_settings); !problem.empty()) {
        return problem;
    }
    return m_harness.open();
}

/// "start FUNCTION COUNT [unparked]": fired until answered, with no worker there; labelled with what the start was.
/// "unparked" with memory for the interpreter's zygote and for no process that waits.
Samples EngineTurns::start(const TurnWords &words)
{
    const Result<int> count = countAt(words, 2);
    if (!count)
        return tl::make_unexpected(count.error());
    std::vector<Sample> samples;
    const bool unparked = words.size() > 3 && words[3] == "unparked";
    for (int i = 0; i < *count; ++i) {
        if (m_parked.count > 0 && !m_harness.waitFor([&](const Snapshot &snapshot) {
                return unparked ? snapshot.engine.parked.memory.count > 0 : snapshot.engine.parked.count > 0;
            }))
            return failed("No process is made ahead");
        Result<InvocationPtr> answer = fail(Error::Code::Busy, "not asked");
        const auto took = timed([&] { answer = m_harness.fire(words[1]); });
        if (!answer || (*answer)->outcome != Outcome::Ok || (*answer)->start == Start::Warm)
            return failed(textOf(answer));
        samples.push_back(Sample::of(took, std::string(toWord((*answer)->start))));
        if (!emptied(m_harness, words[1]))
            return failed("The worker does not end");
    }
    return samples;
}

/// "fired FUNCTION COUNT": warm, through the engine's door.
Samples EngineTurns::fired(const TurnWords &words)
{
    const Result<int> count = countAt(words, 2);
    if (!count)
        return tl::make_unexpected(count.error());
    std::vector<Sample> samples;
    std::string problem = chainThroughEngine(m_harness.engine(), words[1], uncounted, [](auto) {});
    if (problem.empty())
        problem = chainThroughEngine(m_harness.engine(), words[1], *count,
                                     [&](auto took) { samples.push_back(Sample::of(took)); });
    // What is left to be written would take a processor from the next.
    if (!problem.empty() || !m_harness.history({.limit = 1}))
        return failed(problem.empty() ? "The history is not written" : problem);
    return samples;
}

/// "dispatched python|node COUNT": warm, by the dispatcher alone: recorded, without snapshots.
Samples EngineTurns::dispatched(const TurnWords &words)
{
    const Result<int> count = countAt(words, 2);
    if (!count)
        return tl::make_unexpected(count.error());
    const Language language = words[1] == "python" ? Language::Python : Language::Node;
    if (!m_rooms) {
        m_rooms = std::make_unique<DispatchRooms>();
        std::string problem = m_rooms->problem();
        if (problem.empty())
            problem = m_rooms->add(words[1], language, BareWorker::handlerCode(language));
        if (!problem.empty())
            return failed(problem);
    }
    std::vector<Sample> samples;
    std::string problem = m_rooms->chain(words[1], BareWorker::eventData(), uncounted, [](auto) {});
    if (problem.empty())
        problem = m_rooms->chain(words[1], BareWorker::eventData(), *count,
                                 [&](auto took) { samples.push_back(Sample::of(took)); });
    if (!problem.empty() || !m_rooms->settle())
        return failed(problem.empty() ? "The history is not written" : problem);
    return samples;
}

/// "tier": which one there is, as a label.
Samples EngineTurns::tier(const TurnWords &)
{
    const std::optional<Tier> tier = m_harness.engine().snapshot()->engine.tier;
    return std::vector<Sample>{{0, tier ? std::string(toWord(*tier)) : "unknown"}};
}

std::map<std::string, Turn> EngineTurns::turns()
{
    return {{"start", [this](const TurnWords &words) { return start(words); }},
            {"fired", [this](const TurnWords &words) { return fired(words); }},
            {"dispatched", [this](const TurnWords &words) { return dispatched(words); }},
            {"tier", [this](const TurnWords &words) { return tier(words); }},
            {"imports-bare", [this](const TurnWords &words) { return m_imports.bare(words); }},
            {"imports-first", [this](const TurnWords &words) { return m_imports.first(words); }},
            {"imports-second", [this](const TurnWords &words) { return m_imports.second(words); }},
            {"memory", [this](const TurnWords &words) { return m_gathering.memory(words); }}};
}

} // namespace

int main(int count, char **arguments)
{
    const std::optional<ByteSize> parked = parseByteSize(count > 2 ? arguments[2] : "");
    if (!parked) {
        std::fputs("usage: turn_engine python|node|imports|gathering PARKED [LINE …], for instance 256MB \"cpu: "
                   "unlimited\"\n",
                   stderr);
        return 2;
    }
    std::string settings;
    for (int i = 3; i < count; ++i)
        settings.append(arguments[i]).append("\n");
    EngineTurns engine(*parked, settings);
    if (const std::string problem = engine.open(arguments[1]); !problem.empty()) {
        std::fprintf(stderr, "turn_engine: %s\n", problem.c_str());
        return 1;
    }
    takeTurns(engine.turns());
    return 0;
}

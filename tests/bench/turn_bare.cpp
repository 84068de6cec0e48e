// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine itself allows, for tests/bench/comparison: interpreters as plain processes and in bubblewrap, round
// trips over a bare socketpair, the memory of a fresh interpreter.
#include "core/model/interpreter.h"
#include "tests/bench/bare_worker.h"
#include "tests/bench/process_memory.h"
#include "tests/bench/series.h"
#include "tests/bench/turns.h"

#include <memory>

using namespace kiln;
using namespace kiln::test;

namespace {

constexpr int uncounted = 50; ///< Round trips before each turn, until caches and branches know the way again.

/// "NAME COUNT": a program from its start to its exit.
Turn starts(bool (*run)(std::vector<std::string>), std::vector<std::string> program)
{
    return [=](const TurnWords &words) -> Samples {
        const Result<int> count = countAt(words, 1);
        if (!count)
            return tl::make_unexpected(count.error());
        std::vector<Sample> samples;
        for (int i = 0; i < *count; ++i) {
            bool ran = false;
            samples.push_back(Sample::of(timed([&] { ran = run(program); })));
            if (!ran)
                return fail(Error::Code::Io, "This program does not run", program.front());
        }
        return samples;
    };
}

bool inBwrap(std::vector<std::string> program) { return runInBwrap(program); }

/// "NAME COUNT": round trips to an interpreter that was started at the first turn.
Turn roundTrips(Language language)
{
    return [language, worker = std::shared_ptr<BareWorker>()](const TurnWords &words) mutable -> Samples {
        const Result<int> count = countAt(words, 1);
        if (!count)
            return tl::make_unexpected(count.error());
        if (!worker)
            worker = std::make_shared<BareWorker>(language);
        std::vector<Sample> samples;
        for (int i = -uncounted; i < *count; ++i) {
            bool answered = false;
            const auto took = timed([&] { answered = worker->roundTrip(); });
            if (!answered)
                return fail(Error::Code::Io, "The bare interpreter does not answer", std::string(toWord(language)));
            if (i >= 0)
                samples.push_back(Sample::of(took));
        }
        return samples;
    };
}

/// "NAME": memory of an interpreter that has served.
Samples freshPython(const TurnWords &)
{
    BareWorker worker(Language::Python);
    if (!worker.roundTrip())
        return fail(Error::Code::Io, "The bare interpreter does not answer", "python3");
    return std::vector<Sample>{{double(proportionalMemory(ProcessTree(), worker.pid())), {}}};
}

} // namespace

int main()
{
    const std::vector<std::string> python{"/usr/bin/python3", "-c", "pass"}, node{"/usr/bin/node", "-e", "0"};
    takeTurns({{"python", starts(runToExit, python)},
               {"node", starts(runToExit, node)},
               {"bwrap-python", starts(inBwrap, python)},
               {"bwrap-node", starts(inBwrap, node)},
               {"socketpair-python", roundTrips(Language::Python)},
               {"socketpair-node", roundTrips(Language::Node)},
               {"memory-python", freshPython}});
    return 0;
}

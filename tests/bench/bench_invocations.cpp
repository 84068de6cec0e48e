// SPDX-License-Identifier: GPL-3.0-or-later
// What an invocation costs beside the floor of this machine, warm and cold, Python and Node; each beside its floor in
// one run, taking turns. Prints; fails only when something does not work.
#include "tests/bench/bare_worker.h"
#include "tests/bench/dispatch_rooms.h"
#include "tests/bench/engine_rounds.h"
#include "tests/bench/series.h"
#include "tests/support/engine_harness.h"

#include <array>
#include <cstdlib>
#include <unistd.h>

using namespace kiln;
using namespace kiln::test;

namespace {

constexpr int warmRepetitions = 31;
constexpr int warmRounds = 500; ///< In each repetition.
constexpr int warmUp = 500;
constexpr int coldRepetitions = 15;
constexpr int coldRounds = 3;

void check(bool works, const std::string &what)
{
    if (works)
        return;
    std::fprintf(stderr, "FAILED: %s\n", what.c_str());
    std::exit(1);
}

void check(const std::string &problem) { check(problem.empty(), problem); }

void warm(DispatchRooms &rooms, EngineHarness &harness, Language language)
{
    const std::string name(toWord(language));
    BareWorker bare(language);
    Series floor("bare socketpair round trip, blocking"), dispatched("dispatcher, sandboxed worker, recorded"),
        fired("Engine::fire, snapshots included");
    const auto bareRounds = [&](int count, bool kept) {
        for (int i = 0; i < count; ++i) {
            bool answered = false;
            const auto took = timed([&] { answered = bare.roundTrip(); });
            check(answered, "the bare " + name + " worker does not answer");
            if (kept)
                floor.add(took);
        }
    };
    const Result<InvocationPtr> first = harness.fire(name, BareWorker::eventData());
    check(first && (*first)->response->find("hello") != std::string::npos, textOf(first));
    const auto ignore = [](std::chrono::nanoseconds) {};
    bareRounds(warmUp, false);
    check(rooms.chain(name, BareWorker::eventData(), warmUp, ignore));
    check(chainThroughEngine(harness.engine(), name, warmUp, ignore));
    // What one repetition left to be written would take a processor from the next.
    const auto settle = [&] { check(rooms.settle() && harness.history({.limit = 1}), "history is not written"); };
    for (int i = 0; i < warmRepetitions; ++i) {
        settle();
        floor.begin();
        bareRounds(warmRounds, true);
        settle();
        dispatched.begin();
        check(rooms.chain(name, BareWorker::eventData(), warmRounds, [&](auto took) { dispatched.add(took); }));
        settle();
        fired.begin();
        check(chainThroughEngine(harness.engine(), name, warmRounds, [&](auto took) { fired.add(took); }));
    }
    std::printf("\nwarm %s: memory 128 MB, CPU unlimited, never frozen; %d x %d in turns\n", name.c_str(),
                warmRepetitions, warmRounds);
    floor.print();
    dispatched.print(&floor, 2.0);
    fired.print(&floor, 2.0);
}

/// Whether a start finds a process that waits for it; and its ratio to the peer that is hoped for.
struct StartKind
{
    Start start;
    const char *title;
    double goal;
};

void starts(EngineHarness &harness, const std::string &function, const StartKind &kind,
            const std::vector<std::string> &peer, const char *peerTitle)
{
    Series floor(peerTitle), fired("fire until answered, whole sandbox");
    std::vector<Series> phases;
    for (const std::string_view phase : Phases::names)
        phases.emplace_back("  " + std::string(phase));
    for (int i = 0; i <= coldRepetitions; ++i) { // the first is not counted
        for (Series *series : {&floor, &fired})
            series->begin();
        for (Series &series : phases)
            series.begin();
        for (int round = 0; round < coldRounds; ++round) {
            bool ran = false;
            floor.add(timed([&] { ran = runInBwrap(peer); }));
            check(ran, std::string(peerTitle) + " does not run");
            if (kind.start == Start::Parked)
                check(harness.waitFor([](const Snapshot &snapshot) { return snapshot.engine.parked.count > 0; }),
                      "no process is made ahead");
            Result<InvocationPtr> answer = fail(Error::Code::Busy, "not asked");
            fired.add(timed([&] { answer = harness.fire(function, "{}", kind.start == Start::Cold); }));
            check(answer && (*answer)->outcome == Outcome::Ok, textOf(answer));
            check((*answer)->start == kind.start, "a start was of another kind");
            const auto spans = (*answer)->phases.spans();
            for (std::size_t at = 0; at < spans.size(); ++at)
                phases[at].add(spans[at]);
            check(emptied(harness, function), "the workers do not end");
        }
        if (i == 0) {
            floor.forget();
            fired.forget();
            for (Series &series : phases)
                series.forget();
        }
    }
    std::printf("\n%s, %s: memory 128 MB, CPU unlimited; %d x %d in turns\n", function.c_str(), kind.title,
                coldRepetitions, coldRounds);
    floor.print();
    fired.print(&floor, kind.goal);
    for (const Series &series : phases)
        series.print();
}

const std::string unlimited = "cpu: unlimited\n";

void addTrivial(EngineHarness &harness, Language language)
{
    if (language == Language::Python)
        harness.addPython("trivial", "def handler(event, context):\n    return None\n", unlimited);
    else
        harness.addNode("trivialnode", "export const handler = async () => null;\n", unlimited);
}

/// On an engine of its own, where processes of one kind wait.
void parkedStarts(Language language, const std::vector<std::string> &peer, const char *peerTitle)
{
    EngineHarness harness;
    addTrivial(harness, language);
    harness.setParkedMemory(Engine::usualParkedMemory);
    check(harness.open());
    starts(harness, language == Language::Python ? "trivial" : "trivialnode",
           {Start::Parked, "parked: a sandboxed interpreter waited", 0.05}, peer, peerTitle);
}

} // namespace

int main()
{
    EngineHarness harness;
    harness.addPython("python", BareWorker::handlerCode(Language::Python), unlimited);
    harness.addNode("node", "export " + BareWorker::handlerCode(Language::Node), unlimited);
    addTrivial(harness, Language::Python);
    addTrivial(harness, Language::Node);
    check(harness.open());
    {
        DispatchRooms rooms;
        check(rooms.problem());
        check(rooms.add("python", Language::Python, BareWorker::handlerCode(Language::Python)));
        check(rooms.add("node", Language::Node, BareWorker::handlerCode(Language::Node)));
        double load[1] = {0};
        check(::getloadavg(load, 1) == 1, "the load is not known");
        std::printf("tier %s, load average %.1f on %ld processors\n", rooms.tier().c_str(), load[0],
                    ::sysconf(_SC_NPROCESSORS_ONLN));
        warm(rooms, harness, Language::Python);
        warm(rooms, harness, Language::Node);
    }
    harness.engine().retireIdle("python");
    harness.engine().retireIdle("node");
    if (!haveBwrap()) {
        std::puts("SKIP: bubblewrap is missing, so there is nothing to compare cold starts with");
        return 0;
    }
    const std::vector<std::string> barePython{"/usr/bin/python3", "-c", "pass"}, bareNode{"/usr/bin/node", "-e", "0"};
    const char *const pythonTitle = "bwrap --unshare-all python3 -c pass";
    const char *const nodeTitle = "bwrap --unshare-all node -e 0";
    const StartKind cold{Start::Cold, "cold: all of it made for this start", 2.0};
    starts(harness, "trivial", cold, barePython, pythonTitle);
    starts(harness, "trivialnode", cold, bareNode, nodeTitle);
    harness.close();
    parkedStarts(Language::Python, barePython, pythonTitle);
    parkedStarts(Language::Node, bareNode, nodeTitle);
    check(EngineHarness::descendants() == 0, "processes are left behind");
    return 0;
}

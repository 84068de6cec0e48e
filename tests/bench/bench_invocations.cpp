// SPDX-License-Identifier: GPL-3.0-or-later
// What an invocation costs beside the floor of this machine, warm and cold, Python and Node; each beside its floor in
// one run, taking turns. Prints; fails only when something does not work.
#include "tests/bench/bare_worker.h"
#include "tests/bench/dispatch_rooms.h"
#include "tests/bench/series.h"
#include "tests/support/engine_harness.h"

#include <array>
#include <cstdlib>
#include <future>
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

/// The same chain through the door that the window uses: each fire from within the answer of the one before.
void chainThroughEngine(Engine &engine, const std::string &function, int count, Series *series)
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
            if (series)
                series->add(std::chrono::steady_clock::now() - chain.begin);
            if (!answer || (*answer)->outcome != Outcome::Ok)
                chain.ended.set_value(textOf(answer));
            else if (--chain.left == 0)
                chain.ended.set_value({});
            else
                chain.next();
        });
    };
    chain.next();
    check(chain.ended.get_future().get());
}

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
    chainThroughEngine(harness.engine(), name, warmUp, nullptr);
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
        chainThroughEngine(harness.engine(), name, warmRounds, &fired);
    }
    std::printf("\nwarm %s: memory 128 MB, CPU unlimited, never frozen; %d x %d in turns\n", name.c_str(),
                warmRepetitions, warmRounds);
    floor.print();
    dispatched.print(&floor, 2.0);
    fired.print(&floor, 2.0);
}

bool emptied(EngineHarness &harness, const std::string &function)
{
    harness.engine().retireIdle(function);
    return harness.waitFor([](const Snapshot &snapshot) { return snapshot.workers.empty(); });
}

bool runInBwrap(const std::vector<std::string> &program)
{
    std::vector<std::string> arguments{"/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr",      "/usr",
                                       "--symlink",      "usr/lib",       "/lib",      "--symlink", "usr/lib64",
                                       "/lib64",         "--proc",        "/proc",     "--dev",     "/dev"};
    arguments.insert(arguments.end(), program.begin(), program.end());
    return runToExit(std::move(arguments));
}

void cold(EngineHarness &harness, const std::string &function, const std::vector<std::string> &peer,
          const char *peerTitle)
{
    Series floor(peerTitle), fired("fire until answered, whole sandbox");
    std::vector<Series> phases;
    for (const std::string_view phase : Phases::names)
        phases.emplace_back("  " + std::string(phase));
    check(emptied(harness, function), "the workers do not end");
    for (int i = 0; i <= coldRepetitions; ++i) { // the first is not counted
        for (Series *series : {&floor, &fired})
            series->begin();
        for (Series &series : phases)
            series.begin();
        for (int round = 0; round < coldRounds; ++round) {
            bool ran = false;
            floor.add(timed([&] { ran = runInBwrap(peer); }));
            check(ran, std::string(peerTitle) + " does not run");
            Result<InvocationPtr> answer = fail(Error::Code::Busy, "not asked");
            fired.add(timed([&] { answer = harness.fire(function, "{}", true); }));
            check(answer && (*answer)->outcome == Outcome::Ok, textOf(answer));
            check((*answer)->start == Start::Cold, "a start was not cold");
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
    std::printf("\ncold %s: memory 128 MB, CPU unlimited, nothing parked; %d x %d in turns\n", function.c_str(),
                coldRepetitions, coldRounds);
    floor.print();
    fired.print(&floor, 2.0);
    for (const Series &series : phases)
        series.print();
}

} // namespace

int main()
{
    EngineHarness harness;
    const std::string unlimited = "cpu: unlimited\n";
    harness.addPython("python", BareWorker::handlerCode(Language::Python), unlimited);
    harness.addNode("node", "export " + BareWorker::handlerCode(Language::Node), unlimited);
    harness.addPython("trivial", "def handler(event, context):\n    return None\n", unlimited);
    harness.addNode("trivialnode", "export const handler = async () => null;\n", unlimited);
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
    if (::access("/usr/bin/bwrap", X_OK) != 0) {
        std::puts("SKIP: bubblewrap is missing, so there is nothing to compare cold starts with");
        return 0;
    }
    cold(harness, "trivial", {"/usr/bin/python3", "-c", "pass"}, "bwrap --unshare-all python3 -c pass");
    cold(harness, "trivialnode", {"/usr/bin/node", "-e", "0"}, "bwrap --unshare-all node -e 0");
    harness.close();
    check(EngineHarness::descendants() == 0, "processes are left behind");
    return 0;
}

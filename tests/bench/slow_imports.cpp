// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/slow_imports.h"

#include "tests/bench/bare_worker.h"
#include "tests/bench/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <thread>

namespace kiln::test {

namespace {

/// The goal speaks of 200 and more; a busy machine makes the trials slower than what is measured later.
constexpr auto wanted = std::chrono::milliseconds(280);
constexpr int trialRows = 10'000;
constexpr int trials = 5;     ///< Of which the fastest counts.
constexpr int holdFactor = 8; ///< Of what a plain import takes: a second worker starts while the first one is busy.
/// After a first start: what is prepared then for later ones is no part of either.
constexpr auto pause = std::chrono::milliseconds(1'000);

constexpr const char *handler = R"(
import library, time

def handler(event, context):
    time.sleep(event.get("hold_ms", 0) / 1000)
    return library.f0(1)
)";

/// What takes its time is run at each import, as tables, classes and patterns of large libraries are: no compiling
/// ahead can save it.
std::string libraryOf(int rows)
{
    return fmt::format(
        "import re\n"
        "table = {{}}\n"
        "for i in range({}):\n"
        "    table[i] = {{'name': 'row %d' % i, 'parts': [each * i for each in range(8)]}}\n"
        "table = {{key: len(value['parts']) for key, value in table.items() if re.match('row', value['name'])}}\n"
        "def f0(a):\n    return a + table[0]\n",
        rows);
}

} // namespace

std::string SlowImports::folderOf(int function) const { return "functions/imports" + std::to_string(function); }

bool SlowImports::importPlainly(int function) const
{
    const std::string folder = m_harness.folder() + "/" + folderOf(function);
    return runToExit({"/usr/bin/python3", "-I", "-B", "-c",
                      "import sys; sys.path.insert(0, '" + folder + "'); import library; library.f0(1)"});
}

std::string SlowImports::add(const std::string &settings)
{
    m_harness.write(folderOf(0) + "/library.py", libraryOf(trialRows));
    std::chrono::nanoseconds took = std::chrono::nanoseconds::max();
    for (int i = 0; i < trials; ++i) {
        bool ran = false;
        took = std::min<std::chrono::nanoseconds>(took, timed([&] { ran = importPlainly(0); }));
        if (!ran)
            return "python3 cannot import the library";
    }
    m_hold = wanted * holdFactor;
    const std::string library = libraryOf(int(trialRows * (wanted / std::chrono::duration<double>(took))));
    for (int i = 0; i < functions; ++i) {
        m_harness.write(folderOf(i) + "/library.py", library);
        m_harness.addPython("imports" + std::to_string(i), handler, "timeout: 1m\n" + settings);
    }
    return {};
}

Samples SlowImports::bare(const TurnWords &)
{
    bool ran = false;
    const auto took = timed([&] { ran = importPlainly(0); });
    if (!ran)
        return fail(Error::Code::Io, "python3 cannot import the library");
    return std::vector<Sample>{Sample::of(took)};
}

Samples SlowImports::first(const TurnWords &)
{
    if (m_next == functions)
        return fail(Error::Code::LimitExceeded, "No function is left that never ran");
    Result<InvocationPtr> answer = fail(Error::Code::Busy, "not asked");
    const auto took = timed([&] { answer = m_harness.fire("imports" + std::to_string(m_next)); });
    ++m_next;
    if (!answer || (*answer)->outcome != Outcome::Ok)
        return fail(Error::Code::Io, textOf(answer));
    return std::vector<Sample>{Sample::of(took, std::string(toWord((*answer)->start)))};
}

Samples SlowImports::second(const TurnWords &)
{
    const std::string function = "imports" + std::to_string(m_next - 1);
    std::this_thread::sleep_for(pause);
    std::promise<Result<InvocationPtr>> held;
    m_harness.engine().fire({.function = function, .data = fmt::format(R"({{"hold_ms": {}}})", m_hold.count())},
                            [&](Result<InvocationPtr> result) { held.set_value(std::move(result)); });
    const bool busy = m_harness.waitFor([&](const Snapshot &snapshot) {
        return std::any_of(snapshot.functions.begin(), snapshot.functions.end(),
                           [&](const FunctionLive &live) { return live.name == function && live.busy == 1; });
    });
    Result<InvocationPtr> answer = fail(Error::Code::Busy, "not asked");
    const auto took = timed([&] { answer = m_harness.fire(function); });
    const Result<InvocationPtr> first = held.get_future().get();
    m_harness.engine().retireIdle(function);
    if (!busy || !answer || (*answer)->outcome != Outcome::Ok || !first || (*first)->outcome != Outcome::Ok)
        return fail(Error::Code::Io, textOf(answer) + "; the first: " + textOf(first));
    if ((*answer)->start == Start::Warm)
        return fail(Error::Code::Io, "The second invocation found the first worker idle");
    return std::vector<Sample>{Sample::of(took, std::string(toWord((*answer)->start)))};
}

} // namespace kiln::test

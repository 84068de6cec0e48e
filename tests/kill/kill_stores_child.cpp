// SPDX-License-Identifier: GPL-3.0-or-later
// Writes to both stores as fast as they take it, until it is killed, and says on stdout what was promised: a line goes
// out by one write, after the promise. Usage: kill_stores_child FOLDER ROUND
#include "core/store/event_store.h"
#include "core/store/history_store.h"
#include "tests/support/sample_invocation.h"

#include <cstdio>
#include <string>
#include <thread>
#include <unistd.h>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

void say(const std::string &text)
{
    const std::string line = text + "\n";
    static_cast<void>(::write(STDOUT_FILENO, line.data(), line.size()) > 0);
}

QueuedEvent eventOf(const std::string &id)
{
    QueuedEvent queued{.function = "f", .triggerKind = "schedule", .event = {}, .accepted = {}};
    queued.event.id = id;
    queued.event.data = payload("{\"id\":\"" + id + "\"}" + std::string(id.size() * 97 % 5000, ' '));
    return queued;
}

Invocation invocationOf(const RevisionPtr &revision, WallTime now, int number)
{
    Invocation one = test::invocationOf(revision, now);
    one.logs.clear();
    for (int line = 0; line < number % 7; ++line)
        one.logs.push_back({now, LogLevel::Info, "line " + std::to_string(line) + " of " + std::to_string(number % 7)});
    one.event.subject = std::to_string(number % 7);
    one.response = payload(std::string(std::size_t(number % 5) * 700, 'r'));
    return one;
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    const std::filesystem::path folder = arguments[1];
    const std::string round = arguments[2];
    const SystemClock clock;
    auto events = EventStore::open(folder / "events.db", {}, clock);
    auto history = HistoryStore::open(folder / "history.db", {}, clock);
    if (!events || !history || !(*events)->warning().empty() || !(*history)->warning().empty()) {
        say("failed");
        return 1;
    }
    say("open");
    const RevisionPtr revision = test::revisionOf("f");
    for (int number = 0;; ++number) {
        const std::string id = round + "-" + std::to_string(number);
        const EventKey key{"f", id};
        EventStore &store = **events;
        // One in three is left waiting, one is handled, one is given up.
        store.accept(eventOf(id), [&store, number, id, key](const Result<> &accepted) {
            if (!accepted)
                return;
            say("accepted " + id);
            if (number % 3 == 1)
                store.finished(key, [id](const Result<> &done) { say((done ? "finished " : "unfinished ") + id); });
            if (number % 3 == 2)
                store.bury(key, "given up", Outcome::Crashed,
                           [id](const Result<> &done) { say((done ? "buried " : "unburied ") + id); });
        });
        (*history)->record(std::make_shared<const Invocation>(invocationOf(revision, clock.wall(), number)));
        if (number % 50 == 49 && (*history)->flush())
            say("recorded " + std::to_string((*history)->stats().invocations));
        if (number % 10 == 9)
            std::this_thread::sleep_for(1ms); // so that commits of all sizes are met
    }
}

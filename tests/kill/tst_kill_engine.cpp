// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/lock.h"
#include "core/store/event_store.h"
#include "core/store/history_reader.h"
#include "tests/kill/child_process.h"
#include "tests/kill/http_client.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace kiln;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// `kiln serve` under load, killed again and again at random moments: no accepted event is lost, history stays whole,
/// nothing is left behind, and the next one takes over.
class tst_KillEngine : public QObject
{
    Q_OBJECT

    static constexpr int eventsARound = 20;

private Q_SLOTS:
    void initTestCase()
    {
        test::ChildProcess::adoptOrphans();
        // What proves that an event ran is a line in a granted file: history may lag behind a kill.
        m_workspace.write("data/ran", "");
        fs::permissions(fs::path(m_workspace.folder()) / "data", fs::perms(0777));
        fs::permissions(ranFile(), fs::perms(0666));
        m_workspace.addPython("keep",
                              "import os\ndef handler(event, context):\n"
                              "    fd = os.open('../../data/ran', os.O_WRONLY | os.O_APPEND)\n"
                              "    os.write(fd, (event['id'] + '\\n').encode())\n    os.close(fd)\n    return 1\n",
                              "permissions:\n  files: [{path: ../../data, mode: rw}]\nconcurrency: {max: 3}\n"
                              "triggers:\n  - schedule: rate(1 minute)\n");
        writePage(0);
    }

    void nothingIsLostAndNothingStays()
    {
        const int rounds =
            qEnvironmentVariableIsSet("KILN_KILL_ROUNDS") ? qEnvironmentVariableIntValue("KILN_KILL_ROUNDS") : 50;
        std::mt19937 random(20260301);
        const std::string mounts = contentOf("/proc/self/mountinfo");
        std::vector<double> toServe;
        for (int round = 0; round < rounds; ++round) {
            acceptEvents(round);
            if (round % 5 == 4)
                writePage(round); // a revision is being made when the kill comes
            const bool early = random() % 5 == 0;
            const auto moment = std::chrono::microseconds(random() % (early ? 150'000 : 800'000));
            serveAndKill(early, moment, toServe);
            QCOMPARE(test::ChildProcess::waitForOrphans(15s), 0);
            QCOMPARE(contentOf("/proc/self/mountinfo"), mounts);
            QVERIFY2(cgroupsOf(m_lastPid).empty(), cgroupsOf(m_lastPid).c_str());
            checkStores(false);
            if (QTest::currentTestFailed())
                return;
        }
        drain();
        if (QTest::currentTestFailed())
            return;
        checkStores(true);
        report(rounds, toServe);
    }

private:
    fs::path ranFile() const { return fs::path(m_workspace.folder()) / "data/ran"; }
    fs::path state() const { return fs::path(m_workspace.folder()) / ".kiln"; }

    void writePage(int round)
    {
        m_workspace.addPython("page",
                              "# " + std::to_string(round) +
                                  "\ndef handler(event, context):\n"
                                  "    for word in ('one', 'two', 'three'):\n        print(word)\n"
                                  "    return {'statusCode': 200, 'body': event['pathParameters']['n']}\n",
                              "concurrency: {max: 3}\ntriggers:\n  - http: GET /page/{n}\n");
    }

    /// As a trigger's sink does it, while no engine runs: accepted is what was told to be.
    void acceptEvents(int round)
    {
        auto store = openEvents();
        QVERIFY(store);
        for (int i = 0; i < eventsARound; ++i) {
            QueuedEvent queued{.function = "keep", .triggerKind = "schedule", .event = {}, .accepted = m_clock.wall()};
            queued.event.id = "seeded-" + std::to_string(round) + "-" + std::to_string(i);
            queued.event.type = "kiln.schedule.tick";
            queued.event.time = queued.accepted;
            queued.event.data = payload("{\"id\":\"" + queued.event.id + "\"}");
            std::promise<bool> told;
            store->accept(queued, [&](const Result<> &accepted) { told.set_value(accepted.has_value()); });
            QVERIFY(told.get_future().get());
            m_accepted.insert(queued.event.id);
        }
    }

    std::unique_ptr<EventStore> openEvents()
    {
        fs::create_directories(state() / "data");
        fs::permissions(state(), fs::perms(0700));
        auto store = EventStore::open(state() / "data" / "events.db", {}, m_clock);
        if (!store || !(*store)->warning().empty()) {
            qCritical("%s", (store ? (*store)->warning() : store.error().text()).c_str());
            return nullptr;
        }
        return std::move(*store);
    }

    std::vector<std::string> serveLine() const
    {
        return {KILN_PROGRAM, "--workspace", m_workspace.folder(), "serve", "--trust", "--listen", "127.0.0.1:0"};
    }

    static std::optional<int> portOf(test::ChildProcess &serve)
    {
        const auto address = serve.waitLine("kiln: listening on http://127.0.0.1:", 60s);
        return address ? std::optional(std::atoi(address->c_str())) : std::nullopt;
    }

    void serveAndKill(bool early, std::chrono::microseconds moment, std::vector<double> &toServe)
    {
        const auto begin = std::chrono::steady_clock::now();
        test::ChildProcess serve(serveLine());
        m_lastPid = serve.pid();
        if (early) {
            std::this_thread::sleep_for(moment); // while it starts
            QCOMPARE(serve.end(SIGKILL), -SIGKILL);
            return;
        }
        const auto port = portOf(serve);
        QVERIFY2(port, serve.output().c_str());
        toServe.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        std::atomic<bool> over = false;
        std::vector<std::thread> clients;
        for (int i = 0; i < 3; ++i)
            clients.emplace_back([&, i] { askPages(*port, i, over); });
        std::this_thread::sleep_for(moment); // under load
        const int ended = serve.end(SIGKILL);
        over = true;
        for (std::thread &client : clients)
            client.join();
        QCOMPARE(ended, -SIGKILL);
    }

    void askPages(int port, int client, const std::atomic<bool> &over)
    {
        for (int i = 0; !over; ++i) {
            const std::string name = std::to_string(client) + "-" + std::to_string(i);
            const auto reply = test::httpGet(port, "/page/" + name);
            if (!reply) {
                std::this_thread::sleep_for(1ms); // killed
                continue;
            }
            const std::lock_guard lock(m_mutex);
            reply->status == 200 && reply->body == name ? ++m_answered : ++m_wrong;
        }
    }

    /// What a killed engine left on the disk; the workspace's lock must be free for it.
    void checkStores(bool drained)
    {
        const auto lock = WorkspaceLock::acquire(m_workspace.folder());
        QVERIFY2(lock, lock ? "" : lock.error().text().c_str());
        for (const fs::directory_entry &entry : fs::recursive_directory_iterator(state()))
            QVERIFY2(entry.path().string().find("damaged") == std::string::npos, entry.path().c_str());

        const auto store = openEvents();
        QVERIFY(store);
        const auto pending = store->pending();
        const auto dead = store->deadLetters();
        QVERIFY(pending && dead);
        QVERIFY2(dead->empty(), dead->empty() ? "" : dead->front().cause.c_str());
        std::set<std::string> waiting;
        for (const PendingEvent &event : *pending) {
            waiting.insert(event.queued.event.id);
            m_accepted.insert(event.queued.event.id); // ticks that the engine accepted itself
        }
        const std::map<std::string, int> ran = runs();
        for (const std::string &id : m_accepted)
            QVERIFY2(waiting.contains(id) || ran.contains(id), ("lost: " + id).c_str());
        if (drained)
            QVERIFY2(waiting.empty(), "events wait although there was time");
        checkHistory(drained ? 1'000'000 : 50);
    }

    void checkHistory(int newest)
    {
        const fs::path path = state() / "history.db";
        if (!fs::exists(path))
            return; // killed before it was made
        {
            SQLite::Database file(path.string(), SQLite::OPEN_READWRITE);
            QCOMPARE(file.execAndGet("PRAGMA integrity_check").getString(), std::string("ok"));
        }
        auto reader = HistoryReader::open(path);
        if (!reader && fs::file_size(path) < 8192)
            return; // killed before its tables were made
        QVERIFY2(reader, reader ? "" : reader.error().text().c_str());
        const auto rows = reader->invocations({.limit = newest});
        QVERIFY(rows);
        for (const InvocationPtr &row : *rows) {
            const auto whole = reader->invocation(row->id);
            QVERIFY(whole);
            const Invocation &one = **whole;
            QVERIFY2(one.outcome == Outcome::Ok, test::textOf(*whole).c_str());
            std::map<std::string, int> words;
            for (const LogLine &line : one.logs)
                ++words[line.text.substr(0, line.text.find(' '))];
            QVERIFY2(words["START"] == 1 && words["END"] == 1 && !one.logsCut, test::textOf(*whole).c_str());
            if (one.revision->settings.name == "page")
                QVERIFY2(words["one"] == 1 && words["two"] == 1 && words["three"] == 1, test::textOf(*whole).c_str());
        }
        m_recorded = rows->size();
    }

    std::map<std::string, int> runs() const
    {
        std::map<std::string, int> times;
        std::ifstream file(ranFile());
        for (std::string line; std::getline(file, line);)
            ++times[line];
        return times;
    }

    /// The last one is ended in order, once all has run.
    void drain()
    {
        test::ChildProcess serve(serveLine());
        QVERIFY2(portOf(serve), serve.output().c_str());
        const auto missing = [this] {
            const auto ran = runs();
            return std::count_if(m_accepted.begin(), m_accepted.end(),
                                 [&](const std::string &id) { return !ran.contains(id); });
        };
        QTRY_COMPARE_WITH_TIMEOUT(missing(), 0, 60'000);
        QCOMPARE(serve.end(SIGTERM), 0);
        QVERIFY(!fs::exists(state() / "control.sock"));
        QCOMPARE(test::ChildProcess::waitForOrphans(1s), 0);
    }

    /// Control groups of an engine by its process id, which their names hold.
    static std::string cgroupsOf(pid_t pid)
    {
        std::string found;
        std::error_code ignored;
        const std::string part = "-" + std::to_string(pid) + "-";
        for (auto entry = fs::recursive_directory_iterator("/sys/fs/cgroup", ignored);
             entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
            const std::string name = entry->path().filename();
            if (entry->is_directory(ignored) && name.starts_with("kiln-") && name.find(part) != std::string::npos)
                found += entry->path().string() + "\n";
        }
        return found;
    }

    static std::string contentOf(const char *path)
    {
        std::ostringstream content;
        content << std::ifstream(path).rdbuf();
        return content.str();
    }

    void report(int rounds, std::vector<double> toServe)
    {
        int extra = 0;
        for (const auto &[id, times] : runs())
            extra += times - 1;
        std::sort(toServe.begin(), toServe.end());
        std::printf(
            "engine killed %d times: %zu events accepted, none lost, %d delivered once more; %d requests answered; "
            "%zu invocations recorded; serving %.2f s after a kill (p50), %.2f s (most)\n",
            rounds, m_accepted.size(), extra, m_answered, m_recorded, toServe[toServe.size() / 2], toServe.back());
        QCOMPARE(m_wrong, 0);
        QVERIFY(m_answered > rounds);
    }

    test::EngineHarness m_workspace; ///< Only its folder: the engine runs in a process of its own.
    const SystemClock m_clock;
    pid_t m_lastPid = 0;
    std::mutex m_mutex;
    std::set<std::string> m_accepted;
    std::size_t m_recorded = 0;
    int m_answered = 0;
    int m_wrong = 0;
};

QTEST_GUILESS_MAIN(tst_KillEngine)
#include "tst_kill_engine.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/event_store.h"
#include "core/store/history_reader.h"
#include "core/store/history_store.h"
#include "tests/kill/child_process.h"

#include <QTemporaryDir>
#include <QTest>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace kiln;
using namespace std::chrono_literals;

/// Both stores, written by a process that is killed at random moments: what it was told to be safe must be there.
class tst_KillStores : public QObject
{
    Q_OBJECT

    using Ids = std::set<std::string>;

private Q_SLOTS:
    void whatWasPromisedSurvivesKills()
    {
        const int rounds =
            qEnvironmentVariableIsSet("KILN_KILL_ROUNDS") ? qEnvironmentVariableIntValue("KILN_KILL_ROUNDS") : 50;
        std::mt19937 random(20260301);
        std::uint64_t recorded = 0;
        for (int round = 0; round < rounds; ++round) {
            test::ChildProcess child({KILN_STORES_CHILD, m_folder.string(), std::to_string(round)});
            QVERIFY2(child.waitLine("open", 20s), child.output().c_str());
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000)); // the moment is what is tried
            QCOMPARE(child.end(SIGKILL), -SIGKILL);
            child.readRest();
            takeIn(child.output(), recorded);
            checkEvents(round);
            checkHistory(recorded);
            if (QTest::currentTestFailed())
                return;
        }
        std::printf(
            "stores killed %d times: %zu events accepted, %zu finished, %zu given up, %llu invocations recorded\n",
            rounds, m_accepted.size(), m_finished.size(), m_buried.size(), static_cast<unsigned long long>(recorded));
        QVERIFY(m_accepted.size() > std::size_t(rounds) && !m_finished.empty() && !m_buried.empty());
    }

private:
    void takeIn(const std::string &output, std::uint64_t &recorded)
    {
        std::istringstream lines(output);
        for (std::string line; std::getline(lines, line);) {
            const std::size_t blank = line.find(' ');
            if (blank == std::string::npos || lines.eof()) // the last line may be cut
                continue;
            const std::string what = line.substr(0, blank), id = line.substr(blank + 1);
            if (what == "accepted")
                m_accepted.insert(id);
            else if (what == "finished")
                m_finished.insert(id);
            else if (what == "buried")
                m_buried.insert(id);
            else if (what == "recorded")
                recorded = std::stoull(id);
        }
    }

    void checkEvents(int round)
    {
        const auto store = EventStore::open(m_folder / "events.db", {}, m_clock);
        QVERIFY2(store, store ? "" : store.error().text().c_str());
        QCOMPARE((*store)->warning(), std::string());
        const auto pending = (*store)->pending();
        const auto dead = (*store)->deadLetters(1'000'000);
        QVERIFY(pending && dead);
        Ids waiting, letters;
        for (const PendingEvent &event : *pending) {
            const std::string &id = event.queued.event.id;
            QVERIFY2(event.queued.event.data->starts_with("{\"id\":\"" + id + "\"}"), "an event's bytes are its own");
            waiting.insert(id);
        }
        for (const DeadLetter &letter : *dead)
            letters.insert(letter.queued.event.id);
        for (const std::string &id : m_accepted) {
            const int kind = std::stoi(id.substr(id.find('-') + 1)) % 3;
            if (kind == 0)
                QVERIFY2(waiting.contains(id), ("round " + std::to_string(round) + " lost " + id).c_str());
            if (kind == 2)
                QVERIFY2(waiting.contains(id) != letters.contains(id), ("lost or doubled " + id).c_str());
        }
        for (const std::string &id : m_finished)
            QVERIFY2(!waiting.contains(id), ("handled, but there again: " + id).c_str());
        for (const std::string &id : m_buried)
            QVERIFY2(letters.contains(id), ("given up, but not kept: " + id).c_str());
    }

    void checkHistory(std::uint64_t recorded)
    {
        const std::filesystem::path path = m_folder / "history.db";
        SQLite::Database file(path.string());
        QCOMPARE(file.execAndGet("PRAGMA integrity_check").getString(), std::string("ok"));
        auto reader = HistoryReader::open(path);
        QVERIFY2(reader, reader ? "" : reader.error().text().c_str());
        const auto metrics = reader->metrics({});
        QVERIFY(metrics && metrics->invocations >= recorded);
        const auto newest = reader->invocations({.limit = 200});
        QVERIFY(newest);
        for (const InvocationPtr &row : *newest) {
            const auto whole = reader->invocation(row->id);
            QVERIFY(whole);
            const std::string lines = std::to_string((*whole)->logs.size());
            QCOMPARE((*whole)->event.subject, lines); // the subject says how many there were
            for (const LogLine &line : (*whole)->logs)
                QVERIFY2(line.text.ends_with("of " + lines), line.text.c_str());
        }
    }

    QTemporaryDir m_temporary;
    const std::filesystem::path m_folder = m_temporary.path().toStdString();
    const SystemClock m_clock;
    Ids m_accepted, m_finished, m_buried;
};

QTEST_GUILESS_MAIN(tst_KillStores)
#include "tst_kill_stores.moc"

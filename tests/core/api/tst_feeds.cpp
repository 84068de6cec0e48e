// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/feed_builder.h"
#include "core/api/feed_items.h"
#include "core/base/utf8.h"

#include <QTest>

#include <numeric>

using namespace kiln;

/// What snapshots carry of the recent past is bounded, whatever functions do.
class tst_Feeds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aReaderThatFollowsSeesEveryItemOnce()
    {
        FeedBuilder<int> builder(1000);
        std::vector<int> seen;
        std::uint64_t readTo = 0;
        for (int i = 0; i < 5000; ++i) {
            builder.add(i);
            if (i % 7 != 0)
                continue;
            const Feed<int> feed = builder.publish();
            feed.since(readTo, [&](int item) { seen.push_back(item); });
            readTo = feed.end();
        }
        std::vector<int> all(seen.size());
        std::iota(all.begin(), all.end(), 0);
        QCOMPARE(seen, all);
        QVERIFY(countOf(builder.publish()) < 1500);
    }

    void ofAFloodBetweenTwoSnapshotsTheNewestAreKept()
    {
        FeedBuilder<int> builder(1000);
        builder.add(-1);
        static_cast<void>(builder.publish());
        for (int i = 0; i < 100'000; ++i)
            builder.add(i);
        const Feed<int> &feed = builder.publish();
        QVERIFY(countOf(feed) >= 1000 && countOf(feed) < 2000);
        QCOMPARE(feed.end(), std::uint64_t(100'001)); // numbers count what was let go of, too
        std::vector<int> items;
        feed.since(0, [&](int item) { items.push_back(item); });
        QCOMPARE(items.back(), 99'999);
        for (std::size_t i = 1; i < items.size(); ++i)
            QCOMPARE(items[i], items[i - 1] + 1);
    }

    void aSmallInvocationIsCarriedWhole()
    {
        const auto invocation = std::make_shared<Invocation>();
        invocation->response = payload("42");
        invocation->logs.push_back({{}, LogLevel::Info, "hello"});
        QCOMPARE(forFeed(invocation), InvocationPtr(invocation));
    }

    void aLargeOneIsCarriedWithoutWhatMakesItLarge()
    {
        const auto invocation = std::make_shared<Invocation>();
        invocation->outcome = Outcome::HandlerError;
        invocation->event.id = std::string("e");
        invocation->event.data = payload(std::string(1 << 20, 'x'));
        invocation->response = payload(std::string(1 << 20, 'x'));
        invocation->logs.assign(100'000, {{}, LogLevel::Info, "hello"});
        invocation->error.type = std::string("E");
        invocation->error.message = std::string(1 << 20, 'x');
        invocation->error.stack.assign(100'000, "frame");
        const InvocationPtr light = forFeed(invocation);
        QCOMPARE(light->outcome, Outcome::HandlerError);
        QCOMPARE(light->event.id, std::string("e"));
        QVERIFY(light->event.data->empty() && light->response->empty() && light->logs.empty());
        QVERIFY(light->error.message.starts_with("xxx") && light->error.message.size() < 10'000);
        QVERIFY(light->error.stack.size() < 100);
    }

    void aLongLineIsCutBetweenCharactersAndSaysSo()
    {
        std::string text;
        while (text.size() < 300'000)
            text += "é€";
        const LogLine line = forFeed(LogLine{{}, LogLevel::Warn, text});
        QVERIFY(isUtf8(line.text) && line.text.size() < 10'000);
        QVERIFY(line.text.ends_with("bytes)") && line.text.find(std::to_string(text.size())) != std::string::npos);
        QCOMPARE(line.level, LogLevel::Warn);
        QCOMPARE(forFeed(LogLine{{}, LogLevel::Info, "short"}).text, std::string("short"));
    }

private:
    template<typename T> static std::size_t countOf(const Feed<T> &feed)
    {
        std::size_t count = 0;
        feed.since(0, [&](const T &) { ++count; });
        return count;
    }
};

QTEST_GUILESS_MAIN(tst_Feeds)
#include "tst_feeds.moc"

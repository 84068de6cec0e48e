// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/frames.h"
#include "core/runtime/function_error.h"

#include <QTest>

#include <cstring>
#include <random>

using namespace kiln;

namespace {

constexpr std::size_t bound = 100'000;

/// Feeds `bytes` in pieces of the given size and gives the bodies that came out; nullopt after an error.
std::optional<std::vector<std::string>> bodiesOf(std::string_view bytes, std::size_t piece)
{
    FrameReader reader(bound);
    std::vector<std::string> bodies;
    while (!bytes.empty()) {
        const std::size_t count = std::min(piece, bytes.size());
        std::memcpy(reader.prepare(count), bytes.data(), count);
        reader.filled(count);
        bytes.remove_prefix(count);
        while (true) {
            auto frame = reader.next();
            if (!frame)
                return std::nullopt;
            if (!*frame)
                break;
            bodies.push_back(std::move((*frame)->body));
        }
    }
    return bodies;
}

void feed(FrameReader &reader, std::string_view bytes)
{
    std::memcpy(reader.prepare(bytes.size()), bytes.data(), bytes.size());
    reader.filled(bytes.size());
}

} // namespace

class tst_Frames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void layoutIsAsDocumented()
    {
        std::string bytes;
        appendFrame(bytes, FrameType::Result, 0x0102030405060708, "ab");
        QCOMPARE(QByteArray::fromStdString(bytes).toHex(), QByteArray("0200000013000000080706050403020161"
                                                                      "62"));
        bytes.clear();
        appendInvoke(bytes, 1, {0x1234, "018f0000-0000-7000-8000-0123456789ab", "{}"}, "[1]");
        QCOMPARE(bytes.size(), std::size_t(16 + 48 + 2 + 3));
        QCOMPARE(bytes.substr(16, 8), std::string("\x34\x12\0\0\0\0\0\0", 8));
        QCOMPARE(bytes.substr(24, 36), std::string("018f0000-0000-7000-8000-0123456789ab"));
        QCOMPARE(bytes.substr(60, 4), std::string("\2\0\0\0", 4));
        QCOMPARE(bytes.substr(64), std::string("{}[1]"));
    }

    void framesComeOutWholeHoweverTheBytesAreCut()
    {
        const std::vector<std::string> sent{"", "x", std::string(40'000, 'y'), "z", std::string(99'999, 'w'), ""};
        std::string bytes;
        for (const auto &body : sent)
            appendFrame(bytes, FrameType::Result, 7, body);
        for (const std::size_t piece : {1, 2, 15, 16, 17, 1000, 32'768, 65'536, 1'000'000})
            QVERIFY2(bodiesOf(bytes, piece) == sent, qPrintable(QString::number(piece)));
    }

    void twoFramesSplitAtEveryByteComeOutWhole()
    {
        std::string bytes;
        appendFrame(bytes, FrameType::Ready, 0, "");
        appendFrame(bytes, FrameType::Result, 3, "hello");
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            FrameReader reader(bound);
            int frames = 0;
            for (const auto part : {std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)}) {
                feed(reader, part);
                while (reader.next().value())
                    ++frames;
            }
            QCOMPARE(frames, 2);
            QVERIFY(!reader.begun());
        }
    }

    void saysWhetherAnAnswerHasBegun()
    {
        FrameReader reader(bound);
        QVERIFY(!reader.begun());
        feed(reader, "\x05");
        QVERIFY(!reader.next().value());
        QVERIFY(reader.begun());

        FrameReader large(bound);
        std::string bytes;
        appendFrame(bytes, FrameType::Result, 1, std::string(80'000, 'a'));
        feed(large, std::string_view(bytes).substr(0, 20));
        QVERIFY(!large.next().value());
        QVERIFY(large.begun());
        feed(large, std::string_view(bytes).substr(20));
        QCOMPARE(large.next().value()->body.size(), std::size_t(80'000));
        QVERIFY(!large.begun());
    }

    void aBodyOverTheBoundIsRefusedByItsHeaderAlone()
    {
        std::string bytes;
        appendFrame(bytes, FrameType::Result, 1, std::string(bound + 1, 'a'));
        FrameReader reader(bound);
        feed(reader, std::string_view(bytes).substr(0, 16));
        const auto frame = reader.next();
        QVERIFY(!frame);
        QCOMPARE(frame.error().code, Error::Code::LimitExceeded);
        QVERIFY(!reader.next()); // and stays so
    }

    void whatIsNoFrameIsRefused()
    {
        std::string good;
        appendFrame(good, FrameType::Result, 1, "");
        for (const auto &[at, value] :
             std::vector<std::pair<std::size_t, char>>{{4, 0}, {4, 6}, {4, 24}, {4, '\xff'}, {5, 4}, {6, 1}, {7, 1}}) {
            std::string bad = good;
            bad[at] = value;
            FrameReader reader(bound);
            feed(reader, bad);
            const auto frame = reader.next();
            QVERIFY2(!frame, qPrintable(QString::number(at)));
            QCOMPARE(frame.error().code, Error::Code::Untrusted);
        }
        std::string last = good;
        last[5] = 1;
        FrameReader reader(bound);
        feed(reader, last);
        QVERIFY(reader.next().value()->header.last());
    }

    void garbageNeverHarmsTheReader()
    {
        std::mt19937 random(20261123);
        std::uniform_int_distribution<int> byte(0, 255);
        for (int round = 0; round < 20'000; ++round) {
            std::string bytes;
            for (int i = int(random() % 4); i > 0; --i)
                appendFrame(bytes, FrameType(16 + random() % 5), random(), std::string(random() % 300, 'b'));
            for (int i = int(random() % 60); i > 0; --i)
                bytes += char(byte(random));
            for (int i = int(random() % 3); i > 0 && !bytes.empty(); --i)
                bytes[random() % bytes.size()] = char(byte(random));
            const auto bodies = bodiesOf(bytes, 1 + random() % 40);
            std::size_t total = 0;
            for (const auto &body : bodies.value_or(std::vector<std::string>{}))
                total += body.size() + frameHeaderSize;
            QVERIFY(total <= bytes.size()); // nothing comes out that did not go in
        }
    }

    void errorsOfTheFunctionAreRead()
    {
        const auto error = readFunctionError(R"({"type":"KeyError","message":"'x'","stack":["a","b"]})");
        QVERIFY(error);
        QCOMPARE(error->type, std::string("KeyError"));
        QCOMPARE(error->message, std::string("'x'"));
        QCOMPARE(error->stack, (std::vector<std::string>{"a", "b"}));
    }

    void errorsOfAnotherShapeAreRefusedAndLongOnesCut()
    {
        for (const char *bad :
             {"", "{", "[]", "null", R"({"type":"","message":"","stack":[]})", R"({"type":1,"message":"","stack":[]})",
              R"({"type":"A","message":"","stack":[1]})", R"({"type":"A","message":""})", "\xff"}) {
            const auto error = readFunctionError(bad);
            QVERIFY2(!error, bad);
            QCOMPARE(error.error().code, Error::Code::Untrusted);
        }
        const std::string deep = std::string(100'000, '[');
        QVERIFY(!readFunctionError(deep));
        std::string longOne;
        for (int i = 0; i < 100'000; ++i)
            longOne += "é";
        const auto error = readFunctionError("{\"type\":\"A\",\"message\":\"" + longOne + "\",\"stack\":[]}");
        QVERIFY(error);
        QVERIFY(error->message.size() < 70'000);
        QVERIFY(QString::fromStdString(error->message).endsWith(QStringLiteral("éé…")));
    }
};

QTEST_APPLESS_MAIN(tst_Frames)
#include "tst_frames.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/dns_answer.h"
#include "core/egress/name_table.h"

#include <QTest>

using namespace kiln;

namespace {

std::string query(const std::vector<std::string> &labels, int type = 1, int flags = 1)
{
    std::string bytes{'\x12', '\x34', char(flags), 0, 0, 1, 0, 0, 0, 0, 0, 0};
    for (const std::string &label : labels)
        bytes += char(label.size()) + label;
    bytes += std::string{0, char(type >> 8), char(type), 0, 1};
    return bytes;
}

} // namespace

class tst_DnsAnswer : public QObject
{
    Q_OBJECT

    NameTable m_names;
    std::optional<std::string> ask(const std::string &bytes)
    {
        return dnsAnswer(bytes, [this](const std::string &name) { return m_names.addressOf(name); });
    }

private Q_SLOTS:
    void aNameHasOneAddressThatLeadsBackToIt()
    {
        const auto answer = ask(query({"API", "Example"}));
        QVERIFY(answer);
        QCOMPARE(answer->substr(0, 2), std::string("\x12\x34"));
        QCOMPARE(int(std::uint8_t((*answer)[2])), 0x81); // a response; recursion desired, as asked
        QCOMPARE(int((*answer)[3] & 15), 0);
        QCOMPARE(int((*answer)[7]), 1);
        const auto *last = reinterpret_cast<const unsigned char *>(answer->data() + answer->size() - 4);
        const IpAddress address = IpAddress::v4(std::uint32_t(last[0]) << 24 | std::uint32_t(last[1]) << 16 |
                                                std::uint32_t(last[2]) << 8 | last[3]);
        QVERIFY(NameTable::isInRange(address));
        QCOMPARE(m_names.nameOf(address).value(), std::string("api.example"));
        QCOMPARE(ask(query({"api", "example"})).value().substr(30), answer->substr(30)); // the same again
        QVERIFY(!m_names.nameOf(IpAddress::v4(0xc6120001)));
        QVERIFY(!m_names.nameOf(IpAddress::v4(0x08080808)));
    }

    void otherRecordsOfANameAreNone()
    {
        const auto answer = ask(query({"api", "example"}, 28)); // AAAA
        QVERIFY(answer);
        QCOMPARE(int((*answer)[3] & 15), 0);
        QCOMPARE(int((*answer)[7]), 0);
    }

    void whatIsNoHostsNameHasNone()
    {
        for (const auto &labels : std::vector<std::vector<std::string>>{
                 {"a b"}, {"127", "0", "0", "1"}, {"a", "1"}, {"localhost"}, {}, {"-a"}, {std::string(1, '\0')}}) {
            const auto answer = ask(query(labels));
            QVERIFY(answer);
            QCOMPARE(int((*answer)[3] & 15), 3);
            QCOMPARE(int((*answer)[7]), 0);
        }
    }

    void whatIsNoQueryGetsNoAnswer()
    {
        const std::string good = query({"api", "example"});
        for (std::size_t length = 0; length < good.size(); ++length)
            QVERIFY(!ask(good.substr(0, length)));
        QVERIFY(!ask(query({"a"}, 1, 0x81))); // a response
        std::string two = good;
        two[5] = 2;
        QVERIFY(!ask(two));
        std::string pointer = good;
        pointer[12] = char(0xc0);
        QVERIFY(!ask(pointer));
        QVERIFY(!ask(good + std::string(600, 'x')));
    }

    void aFloodOfNamesIsBounded()
    {
        NameTable names;
        for (std::size_t i = 0; i < NameTable::maxNames; ++i)
            QVERIFY(names.addressOf("n" + std::to_string(i)));
        QVERIFY(!names.addressOf("one-more"));
        QCOMPARE(names.nameOf(names.addressOf("n0").value()).value(), std::string("n0"));
        const auto answer =
            dnsAnswer(query({"one-more"}), [&](const std::string &name) { return names.addressOf(name); });
        QCOMPARE(int((*answer)[3] & 15), 2); // the server's failure, not the name's
    }
};

QTEST_GUILESS_MAIN(tst_DnsAnswer)
#include "tst_dns_answer.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/ip_address.h"
#include "core/egress/rules.h"

#include <QTest>

using namespace kiln;

class tst_IpAddress : public QObject
{
    Q_OBJECT

    static IpAddress at(const char *text) { return IpAddress::parse(text).value(); }

private Q_SLOTS:
    void onlyThePublicInternetIsPublic_data()
    {
        QTest::addColumn<bool>("isPublic");
        for (const char *text : {"0.0.0.0",
                                 "0.1.2.3",
                                 "10.0.0.1",
                                 "10.255.255.255",
                                 "100.64.0.1",
                                 "100.100.100.200",
                                 "127.0.0.1",
                                 "127.255.255.254",
                                 "169.254.169.254",
                                 "169.254.170.2",
                                 "172.16.0.1",
                                 "172.31.255.255",
                                 "192.0.0.192",
                                 "192.0.2.1",
                                 "192.88.99.1",
                                 "192.168.1.1",
                                 "198.18.0.1",
                                 "198.19.255.255",
                                 "198.51.100.1",
                                 "203.0.113.9",
                                 "168.63.129.16",
                                 "224.0.0.1",
                                 "239.1.1.1",
                                 "240.0.0.1",
                                 "255.255.255.255",
                                 "::",
                                 "::1",
                                 "::ffff:127.0.0.1",
                                 "::ffff:10.0.0.1",
                                 "::ffff:169.254.169.254",
                                 "::127.0.0.1",
                                 "64:ff9b::7f00:1",
                                 "64:ff9b:1::1",
                                 "100::1",
                                 "fe80::1",
                                 "fc00::1",
                                 "fd00:ec2::254",
                                 "fec0::1",
                                 "ff02::1",
                                 "2001::1",
                                 "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                                 "2001:db8::1",
                                 "2002:7f00:1::",
                                 "3fff::1",
                                 "5f00::1",
                                 "4000::1"})
            QTest::newRow(text) << false;
        for (const char *text :
             {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
              "172.32.0.0", "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.17",
              "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888", "2400:cb00::1"})
            QTest::newRow(text) << true;
    }
    void onlyThePublicInternetIsPublic()
    {
        QFETCH(bool, isPublic);
        QCOMPARE(at(QTest::currentDataTag()).isPublic(), isPublic);
    }

    void anIPv4AddressIsItselfInIPv6Clothes()
    {
        QVERIFY(at("::ffff:8.8.4.4") == at("8.8.4.4"));
        QCOMPARE(at("::ffff:8.8.4.4").text(), std::string("8.8.4.4"));
        QVERIFY(!IpAddress::parse("127.1") && !IpAddress::parse("0x7f.0.0.1") && !IpAddress::parse("[::1]") &&
                !IpAddress::parse("fe80::1%lo") && !IpAddress::parse(""));
    }

    void aPrivateAddressIsReachedOnlyIfItIsNamedByItsNumber()
    {
        Permissions permissions;
        permissions.network = Permissions::Network::All;
        permissions.hosts = {{"10.0.0.7", 5432}, {"db.example", 80}};
        const Rules rules(
            permissions,
            [](const IpAddress &address, std::uint16_t port) { return address == at("127.0.0.1") && port == 7070; },
            [] { return std::vector{at("8.8.8.8")}; });
        using Answer = Rules::Answer;
        QCOMPARE(rules.mayReach(at("1.1.1.1"), 443), Answer::Yes);
        QCOMPARE(rules.mayReach(at("10.0.0.7"), 5432), Answer::Yes);
        QCOMPARE(rules.mayReach(at("10.0.0.7"), 5433), Answer::NotNamed);
        QCOMPARE(rules.mayReach(at("10.0.0.8"), 80), Answer::NotNamed); // whatever name led to it
        QCOMPARE(rules.mayReach(at("169.254.169.254"), 80), Answer::NotNamed);
        QCOMPARE(rules.mayReach(at("8.8.8.8"), 53), Answer::NotNamed); // this machine's own
        QCOMPARE(rules.mayReach(at("127.0.0.1"), 7070), Answer::Never);
        QVERIFY(rules.names({"anything.example", 1}));

        permissions.network = Permissions::Network::Hosts;
        const Rules named(permissions, nullptr, [] { return std::vector<IpAddress>(); });
        QVERIFY(named.names({"db.example", 80}) && !named.names({"db.example", 81}) && !named.names({"b.example", 80}));
    }

    void thisMachineKnowsItsOwnAddresses()
    {
        const auto own = addressesOfThisMachine();
        QVERIFY(std::find(own.begin(), own.end(), at("127.0.0.1")) != own.end());
    }
};

QTEST_GUILESS_MAIN(tst_IpAddress)
#include "tst_ip_address.moc"

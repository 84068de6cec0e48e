// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/grant_use.h"
#include "tests/support/sample_invocation.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

/// What is said of permissions after some invocations.
class tst_GrantUse : public QObject
{
    Q_OBJECT

    std::shared_ptr<Revision> m_revision;
    GrantTallies m_tallies;

    void ran(std::vector<GrantUsed> used, std::uint64_t worker = 1)
    {
        Invocation invocation = test::invocationOf(m_revision, WallTime(1h));
        invocation.used = std::move(used);
        invocation.worker = worker;
        addUses(m_tallies, invocation);
    }
    GrantUse useOf(const std::string &grant)
    {
        for (const GrantUse &use : grantUses(m_revision->settings, m_tallies))
            if (use.grant == grant)
                return use;
        return {};
    }

private Q_SLOTS:
    void init()
    {
        m_tallies.clear();
        m_revision = std::make_shared<Revision>(*test::revisionOf("shop"));
        FunctionSettings &settings = m_revision->settings;
        settings.runtime.language = Language::Python;
        settings.environment = {{"MODE", "x"}};
        settings.secrets = {"API_KEY"};
        settings.permissions.network = Permissions::Network::All;
        settings.permissions.files = {{"../../data", Permissions::Mode::ReadWrite}};
    }

    void allThatIsGrantedIsListedInFileOrder()
    {
        QCOMPARE(grantTexts(m_revision->settings), (std::vector<std::string>{"network:all", "files:../../data:rw",
                                                                             "secret:API_KEY", "environment:MODE"}));
        QVERIFY(!useOf("network:all").isIdle()); // nothing has run yet
    }

    void whatWasUsedIsToldFromWhatWasNot()
    {
        ran({{"files:../../data:rw", "files:../../data:ro"}, {"secret:API_KEY", "secret:API_KEY"}});
        ran({{"files:../../data:rw", "files:../../data:ro"}});
        const GrantUse files = useOf("files:../../data:rw");
        QCOMPARE(files.seen, std::uint64_t(2));
        QCOMPARE(files.used, std::uint64_t(2));
        QCOMPARE(files.least, std::vector<std::string>{"files:../../data:ro"});
        QVERIFY(files.lastUsed == WallTime(1h));
        QVERIFY(!files.isIdle());
        QVERIFY(useOf("network:all").isIdle());
        QVERIFY(useOf("environment:MODE").isIdle());
        QCOMPARE(useOf("secret:API_KEY").used, std::uint64_t(1));
    }

    void oneInvocationCountsOnceForSeveralThings()
    {
        ran({{"network:all", "network:a.example:443"}, {"network:all", "network:b.example:443"}});
        const GrantUse all = useOf("network:all");
        QCOMPARE(all.used, std::uint64_t(1));
        QCOMPARE(all.least, (std::vector<std::string>{"network:a.example:443", "network:b.example:443"}));
    }

    void whatNeverHadAWorkerSaysNothing()
    {
        ran({}, 0);
        QCOMPARE(useOf("network:all").seen, std::uint64_t(0));
    }

    void whereUseCannotBeSeenNothingIsIdle()
    {
        m_revision->settings.runtime.language = Language::Ruby;
        ran({});
        QVERIFY(!useOf("files:../../data:rw").visible && !useOf("files:../../data:rw").isIdle());
        QVERIFY(useOf("network:all").isIdle()); // the engine sees it
        QVERIFY(!isUseVisible(Language::Custom, "network:loopback"));
        QVERIFY(isUseVisible(Language::Node, "secret:API_KEY"));
    }

    void whatARevisionAsksForMoreIsWhatNoneBeforeItHad()
    {
        FunctionSettings next = m_revision->settings;
        QVERIFY(grantsNeverRun(next, m_tallies).empty()); // it has never run
        ran({});
        QVERIFY(grantsNeverRun(next, m_tallies).empty());
        next.permissions.hosts = {{"a.example", 443}, {"10.0.0.7", 5432}}; // the name is covered by `all`
        next.permissions.files = {{"../../data", Permissions::Mode::ReadOnly}, {"/srv", Permissions::Mode::ReadWrite}};
        next.secrets = {"API_KEY", "OTHER"};
        QCOMPARE(grantsNeverRun(next, m_tallies),
                 (std::vector<std::string>{"network:10.0.0.7:5432", "files:/srv:rw", "secret:OTHER"}));
        FunctionSettings other = next;
        other.name = "another";
        QVERIFY(grantsNeverRun(other, m_tallies).empty());
    }

    void theLeastLeavesOutWhatWasNotUsedAndNarrowsWhatWas()
    {
        m_revision->settings.permissions.files.push_back({"/srv", Permissions::Mode::ReadOnly});
        ran({{"network:all", "network:b.example:443"},
             {"network:all", "network:a.example:443"},
             {"files:../../data:rw", "files:../../data:ro"}});
        const auto texts = [](const std::vector<Grant> &grants) {
            std::vector<std::string> all;
            for (const Grant &grant : grants)
                all.push_back(toText(grant));
            return all;
        };
        const Narrowing least = leastFor(grantUses(m_revision->settings, m_tallies));
        QCOMPARE(texts(least.remove),
                 (std::vector<std::string>{"network:all", "files:../../data:rw", "files:/srv:ro", "secret:API_KEY"}));
        QCOMPARE(texts(least.add),
                 (std::vector<std::string>{"network:a.example:443", "network:b.example:443", "files:../../data:ro"}));
        ran({{"files:../../data:rw", "files:../../data:rw"}, {"secret:API_KEY", "secret:API_KEY"}});
        const Narrowing now = leastFor(grantUses(m_revision->settings, m_tallies));
        QCOMPARE(texts(now.remove), (std::vector<std::string>{"network:all", "files:/srv:ro"}));
    }

    void nothingIsProposedWhereNothingIsKnown()
    {
        QVERIFY(leastFor(grantUses(m_revision->settings, m_tallies)).empty()); // nothing has run
        m_revision->settings.runtime.language = Language::Exec;
        m_revision->settings.permissions.network = Permissions::Network::None;
        ran({});
        QVERIFY(leastFor(grantUses(m_revision->settings, m_tallies)).empty()); // nothing can be seen
        m_revision->settings.permissions.network = Permissions::Network::All;
        for (std::size_t i = 0; i < mostLeastGrants; ++i)
            ran({{"network:all", "network:h" + std::to_string(i) + ".example:443"}});
        QVERIFY(leastFor(grantUses(m_revision->settings, m_tallies)).empty()); // more than is remembered
    }

    void thingsThatOnePermissionWasUsedForAreBounded()
    {
        for (std::size_t i = 0; i < mostLeastGrants + 20; ++i)
            ran({{"network:all", "network:h" + std::to_string(i) + ".example:443"}});
        const GrantUse all = useOf("network:all");
        QCOMPARE(all.least.size(), mostLeastGrants);
        QCOMPARE(all.used, std::uint64_t(mostLeastGrants + 20));
    }
};

QTEST_APPLESS_MAIN(tst_GrantUse)
#include "tst_grant_use.moc"

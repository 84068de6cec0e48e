// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/sandbox_runner.h"

#include <QTest>

#include <map>
#include <memory>
#include <string>

Q_DECLARE_METATYPE(kiln::Tier)
Q_DECLARE_METATYPE(kiln::test::SandboxRunner::Making)

namespace kiln::test {

/// One launcher per tier and way of making for a whole test class; started when a row first asks.
class TierRunners
{
public:
    using Making = SandboxRunner::Making;

    [[nodiscard]] SandboxRunner &of(Tier tier, Making making = Making::Whole)
    {
        auto &runner = m_runners[{tier, making}];
        if (!runner)
            runner = std::make_unique<SandboxRunner>(tier, "test", making);
        return *runner;
    }
    void end() { m_runners.clear(); }

private:
    std::map<std::pair<Tier, Making>, std::unique_ptr<SandboxRunner>> m_runners;
};

/// Global rows that run each test slot once per tier that this machine gives, and once more in sandboxes that were made
/// before their code was known, which have to keep all that the others keep: call from initTestCase_data(). What it
/// cannot give is said here and counted as skipped once, by tst_launcher.
inline void addTierRows(TierRunners &runners)
{
    using Making = SandboxRunner::Making;
    QTest::addColumn<Tier>("tier");
    QTest::addColumn<Making>("making");
    for (const auto &[tier, name] :
         {std::pair(Tier::Full, "tier A"), std::pair(Tier::SoftMemory, "tier B"), std::pair(Tier::Reduced, "tier C")}) {
        const TierReport &report = runners.of(tier).tier();
        if (report.tier == tier) {
            QTest::newRow(name) << tier << Making::Whole;
            if (tier != Tier::Reduced)
                QTest::newRow((std::string(name) + ", leased").c_str()) << tier << Making::Leased;
            if (tier == Tier::Full)
                QTest::newRow((std::string(name) + ", out of a zygote").c_str()) << tier << Making::Born;
        } else {
            qInfo("%s is not available here: %s", name, report.missing.c_str());
        }
    }
}

/// The "NAME: RESULT" lines that a hostile program printed.
[[nodiscard]] inline std::map<std::string, std::string> resultLines(const std::string &output)
{
    std::map<std::string, std::string> results;
    for (const QString &line : QString::fromStdString(output).split(QLatin1Char('\n'))) {
        const qsizetype colon = line.indexOf(QLatin1String(": "));
        if (colon > 0)
            results[line.left(colon).toStdString()] = line.mid(colon + 2).toStdString();
    }
    return results;
}

} // namespace kiln::test

/// The sandbox runner of the row that runs now.
#define KILN_NEED_TIER(runners)                                                                                        \
    QFETCH_GLOBAL(kiln::Tier, tier);                                                                                   \
    QFETCH_GLOBAL(kiln::test::SandboxRunner::Making, making);                                                          \
    kiln::test::SandboxRunner &runner = (runners).of(tier, making);                                                    \
    QVERIFY2(runner.problem().empty(), runner.problem().c_str());                                                      \
    if (!kiln::test::SandboxRunner::hasPython())                                                                       \
    QSKIP("no /usr/bin/python3")

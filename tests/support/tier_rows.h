// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/sandbox_runner.h"

#include <QTest>

#include <map>
#include <memory>
#include <string>

Q_DECLARE_METATYPE(kiln::Tier)

namespace kiln::test {

/// One launcher per tier for a whole test class; started when a row first asks.
class TierRunners
{
public:
    [[nodiscard]] SandboxRunner &of(Tier tier)
    {
        auto &runner = m_runners[tier];
        if (!runner)
            runner = std::make_unique<SandboxRunner>(tier);
        return *runner;
    }
    void end() { m_runners.clear(); }

private:
    std::map<Tier, std::unique_ptr<SandboxRunner>> m_runners;
};

/// Global rows that run each test slot once per tier that this machine gives: call from initTestCase_data(). What it
/// cannot give is said here and counted as skipped once, by tst_launcher.
inline void addTierRows(TierRunners &runners)
{
    QTest::addColumn<Tier>("tier");
    for (const auto &[tier, name] :
         {std::pair(Tier::Full, "tier A"), std::pair(Tier::SoftMemory, "tier B"), std::pair(Tier::Reduced, "tier C")}) {
        const TierReport &report = runners.of(tier).tier();
        if (report.tier == tier)
            QTest::newRow(name) << tier;
        else
            qInfo("%s is not available here: %s", name, report.missing.c_str());
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
    kiln::test::SandboxRunner &runner = (runners).of(tier);                                                            \
    QVERIFY2(runner.problem().empty(), runner.problem().c_str());                                                      \
    if (!kiln::test::SandboxRunner::hasPython())                                                                       \
    QSKIP("no /usr/bin/python3")

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/build/builder.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/test_loop.h"

#include <QTest>

#include <sys/socket.h>

using namespace kiln;

/// A builder whose compiler is the test.
class tst_BuilderLife : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// A command ends the engine as soon as it is told that the code does not compile.
    void nothingOfABuildOutlivesTheBuilder()
    {
        test::TestLoop loop;
        test::HandLauncher launcher;
        auto builder = std::make_unique<Builder>(loop, launcher);
        BuildPlan plan;
        plan.function = "f";
        bool told = false;
        builder->build(plan, [&](const Result<BuildOutcome> &outcome) {
            told = true;
            QVERIFY(!outcome);
        });
        launcher.events.executed(fail(Error::Code::Sandbox, "no"));
        QVERIFY(loop.runUntil([&] { return told; }));
        builder.reset();
        char byte = 0;
        QCOMPARE(::recv(launcher.ends.channel.get(), &byte, 1, MSG_DONTWAIT), ssize_t(0)); // closed
        loop.runReady();
    }
};

QTEST_GUILESS_MAIN(tst_BuilderLife)
#include "tst_builder_life.moc"

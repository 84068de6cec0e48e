// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/policy_check.h"
#include "core/sandbox/wire.h"
#include "core/sandbox/wire_socket.h"

#include <QTest>

#include <fcntl.h>
#include <random>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace kiln;

namespace {

wire::Launch sample()
{
    wire::Launch launch;
    launch.id = 42;
    launch.tier = Tier::SoftMemory;
    launch.policy.owner = "images";
    launch.policy.binds = {{"/home/u/code", "/var/task", Permissions::Mode::ReadOnly, true},
                           {"/home/u/data", "/srv/data", Permissions::Mode::ReadWrite, false}};
    launch.policy.network = Permissions::Network::Hosts;
    launch.policy.doors = {{SandboxPolicy::Door::Kind::Datagram, "127.0.0.1", 53},
                           {SandboxPolicy::Door::Kind::Stream, "::", 443}};
    launch.policy.limits.memory = 256_MB;
    launch.policy.limits.cpu = Limits::Cpu::Unlimited;
    launch.policy.limits.files = 99;
    launch.policy.argv = {"/usr/bin/python3", "-c", ""};
    launch.policy.environment = {{"A", "1"}, {"B", std::string("x\ny")}};
    launch.policy.workingDirectory = "/var/task";
    return launch;
}

} // namespace

class tst_Wire : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLaunchComesOutAsItWentIn()
    {
        const wire::Launch sent = sample();
        const auto message = wire::decode(*wire::encode(sent));
        QVERIFY(message);
        const auto &got = std::get<wire::Launch>(*message);
        QCOMPARE(got.id, sent.id);
        QCOMPARE(got.tier, sent.tier);
        QCOMPARE(got.policy.owner, sent.policy.owner);
        QCOMPARE(got.policy.binds.size(), std::size_t(2));
        QCOMPARE(got.policy.binds[1].source, sent.policy.binds[1].source);
        QCOMPARE(got.policy.binds[1].target, sent.policy.binds[1].target);
        QCOMPARE(got.policy.binds[1].mode, Permissions::Mode::ReadWrite);
        QCOMPARE(got.policy.binds[1].executable, false);
        QCOMPARE(got.policy.network, sent.policy.network);
        QVERIFY(got.policy.doors == sent.policy.doors);
        QCOMPARE(got.policy.limits.memory, sent.policy.limits.memory);
        QCOMPARE(got.policy.limits.cpu, sent.policy.limits.cpu);
        QCOMPARE(got.policy.limits.files, 99);
        QCOMPARE(got.policy.argv, sent.policy.argv);
        QCOMPARE(got.policy.environment, sent.policy.environment);
        QCOMPARE(got.policy.workingDirectory, sent.policy.workingDirectory);
    }

    void aMessageCutAnywhereOrLengthenedIsRefused()
    {
        const std::string whole = *wire::encode(sample());
        for (std::size_t length = 0; length < whole.size(); ++length)
            QVERIFY2(!wire::decode(std::string_view(whole).substr(0, length)), std::to_string(length).c_str());
        QVERIFY(!wire::decode(whole + "x"));
    }

    void flippedBytesNeitherCrashNorGiveMoreThanTheyHold()
    {
        const std::string whole = *wire::encode(sample());
        std::mt19937 random(1);
        for (int round = 0; round < 20'000; ++round) {
            std::string bytes = whole;
            for (int flips = 0; flips < 4; ++flips)
                bytes[random() % bytes.size()] = char(random());
            if (const auto message = wire::decode(bytes))
                if (const auto *launch = std::get_if<wire::Launch>(&*message)) {
                    QVERIFY(launch->policy.binds.size() <= bytes.size());
                    (void)checkPolicy(launch->policy);
                }
        }
    }

    void whatIsTooLargeIsRefusedBeforeItIsSent()
    {
        wire::Launch launch = sample();
        launch.policy.environment["C"] = std::string(wire::maxMessage, 'x');
        const auto encoded = wire::encode(launch);
        QVERIFY(!encoded);
        QCOMPARE(encoded.error().code, Error::Code::LimitExceeded);
    }

    void tellsAStatus()
    {
        QVERIFY(!wire::decodeStatus(""));
        const std::string executing = wire::encodeStatus({});
        QCOMPARE(wire::decodeStatus(executing)->kind, wire::Status::Kind::Executing);
        const std::string failed =
            wire::encodeStatus({wire::Status::Kind::Failed, ENOENT, "execute", std::string(10'000, 'p')});
        QVERIFY(failed.size() <= wire::maxStatus);
        const auto status = wire::decodeStatus(executing + failed); // execve came back.
        QCOMPARE(status->kind, wire::Status::Kind::Failed);
        QCOMPARE(status->sysErrno, ENOENT);
        QCOMPARE(status->step, std::string("execute"));
        QCOMPARE(wire::decodeStatus("nonsense")->kind, wire::Status::Kind::Failed);
    }

    void datagramsCarryDescriptorsThatCloseOnExec()
    {
        int ends[2];
        QCOMPARE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        const UniqueFd ours(ends[0]);
        UniqueFd theirs(ends[1]);
        QCOMPARE(wire::receive(theirs.get())->state, wire::Datagram::State::None);
        QCOMPARE(wire::send(ours.get(), "hello", {ours.get(), 0}), wire::Sent::Whole);
        auto datagram = wire::receive(theirs.get());
        QCOMPARE(datagram->bytes, std::string("hello"));
        QCOMPARE(datagram->descriptors.size(), std::size_t(2));
        struct stat sent
        {
        }, got{};
        ::fstat(ours.get(), &sent);
        ::fstat(datagram->descriptors[0].get(), &got);
        QCOMPARE(got.st_ino, sent.st_ino);
        QVERIFY((::fcntl(datagram->descriptors[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
        datagram->descriptors.clear();

        const std::string large(wire::maxMessage + 1, 'x');
        QCOMPARE(wire::send(ours.get(), large), wire::Sent::Whole);
        QVERIFY(!wire::receive(theirs.get())); // Cut: refused, not taken for a message.

        int sentCount = 0;
        while (wire::send(ours.get(), std::string(10'000, 'x')) == wire::Sent::Whole)
            QVERIFY(++sentCount < 10'000);
        QCOMPARE(wire::send(ours.get(), "x"), wire::Sent::Later);
        theirs.reset();
        QCOMPARE(wire::send(ours.get(), "x"), wire::Sent::Gone);
        QCOMPARE(wire::receive(ours.get())->state, wire::Datagram::State::Closed);
    }
};

QTEST_GUILESS_MAIN(tst_Wire)
#include "tst_wire.moc"

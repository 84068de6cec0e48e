// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/self_test.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace kiln {
namespace {

using namespace std::chrono_literals;

constexpr auto timeout = 10s;
constexpr std::size_t maxText = 64 * 1024;
constexpr const char *probePlace = "/opt/kiln/probe";

SandboxPolicy probePolicy(const std::filesystem::path &program, Tier tier, const std::string &port,
                          const std::string &abstractName)
{
    SandboxPolicy policy;
    policy.owner = "self-test";
    policy.binds = {{program, probePlace, Permissions::Mode::ReadOnly, true}};
    policy.limits.memory = 64_MB;
    policy.limits.tmp = 1_MB;
    policy.argv = {probePlace, "--probe", std::string(toWord(tier)), port, abstractName};
    policy.workingDirectory = "/";
    return policy;
}

} // namespace

SelfTest::SelfTest(Loop &loop, const Launcher::Options &options, const wire::Hello &hello, Actions actions)
    : m_loop(loop)
    , m_options(options)
    , m_actions(std::move(actions))
    , m_landlock(hello.landlock)
{
    const bool namespaces = hello.namespaceProblem.empty();
    if (m_options.highest != Tier::Full)
        m_missing.push_back("a higher tier was not asked for");
    if (!namespaces)
        m_missing.push_back("namespaces: " + hello.namespaceProblem);
    if (!hello.cgroup.works())
        m_missing.push_back("memory limit: " + hello.cgroup.note);
    if (hello.landlock == 0 && !namespaces)
        m_missing.push_back("Landlock: this kernel has none");
    if (namespaces && hello.cgroup.works() && m_options.highest == Tier::Full)
        m_candidates.push_back(Tier::Full);
    if (namespaces && (m_options.highest == Tier::Full || m_options.highest == Tier::SoftMemory))
        m_candidates.push_back(Tier::SoftMemory);
    if (hello.landlock > 0 && m_options.highest != Tier::None)
        m_candidates.push_back(Tier::Reduced);
}

SelfTest::~SelfTest() { m_loop.timers().cancel(m_timeout); }

void SelfTest::start()
{
    if (auto listening = listen(); !listening) {
        m_missing.push_back(listening.error().text());
        m_candidates.clear();
    }
    tryNext();
}

Result<> SelfTest::listen()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    m_tcp.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!m_tcp || ::bind(m_tcp.get(), reinterpret_cast<sockaddr *>(&address), size) != 0 ||
        ::listen(m_tcp.get(), 1) != 0 || ::getsockname(m_tcp.get(), reinterpret_cast<sockaddr *>(&address), &size))
        return failErrno(Error::Code::Sandbox, errno, "the self-test cannot listen on 127.0.0.1");
    m_port = std::to_string(ntohs(address.sin_port));

    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    m_abstractName = "kiln-self-test-" + std::to_string(::getpid()) + "-" + m_port;
    std::memcpy(local.sun_path + 1, m_abstractName.data(), m_abstractName.size());
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + 1 + m_abstractName.size());
    m_abstract.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!m_abstract || ::bind(m_abstract.get(), reinterpret_cast<sockaddr *>(&local), length) != 0 ||
        ::listen(m_abstract.get(), 1) != 0)
        return failErrno(Error::Code::Sandbox, errno, "the self-test cannot listen on an abstract socket");
    return {};
}

void SelfTest::tryNext()
{
    if (m_candidates.empty())
        return settle();
    const Tier tier = m_candidates.front();
    m_candidates.pop_front();
    tryTier(tier);
}

void SelfTest::tryTier(Tier tier)
{
    m_tier = tier;
    m_started = false;
    m_text.clear();
    int channel[2], output[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return giveUp(std::strerror(errno));
    m_channel.reset(channel[0]);
    UniqueFd theirs(channel[1]);
    if (::pipe2(output, O_CLOEXEC) != 0)
        return giveUp(std::strerror(errno));
    const UniqueFd ignored(output[0]); // What it prints is not wanted: it finds the pipe closed.
    UniqueFd written(output[1]);

    std::error_code error;
    const auto program = std::filesystem::canonical(m_options.executable, error);
    Launcher::Events events;
    events.executed = [this, tier, alive = std::weak_ptr(m_alive)](const Result<int> &executed) {
        if (alive.expired() || tier != m_tier)
            return;
        if (!executed)
            return giveUp(executed.error().text());
        m_started = true;
        if (m_text.ends_with("\n\n"))
            judge();
    };
    events.ended = [](const SandboxExit &) {}; // The channel tells it, too.
    m_watch = m_loop.watch(m_channel.get(), Loop::Readiness::Readable, [this] { readLines(); });
    m_timeout = m_loop.timers().after(timeout, [this] { giveUp("the probe did not answer"); });
    m_sandbox = m_actions.launch(tier, probePolicy(program, tier, m_port, m_abstractName),
                                 {std::move(theirs), std::move(written)}, std::move(events));
}

void SelfTest::readLines()
{
    char bytes[4096];
    const ssize_t count = ::recv(m_channel.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0)
        m_text.append(bytes, std::size_t(count));
    if (m_text.ends_with("\n\n") || count <= 0 || m_text.size() > maxText)
        judge();
}

void SelfTest::judge()
{
    if (!m_text.ends_with("\n\n")) {
        // Ended early. Where a step failed, `executed` tells it better: leave it the word.
        m_watch.reset();
        return;
    }
    if (!m_started) {
        // The probe was faster than the launcher's word of it, without which its cgroup is not known.
        m_watch.reset();
        return;
    }
    std::map<std::string, std::string> layers;
    std::string wrong;
    std::istringstream lines(m_text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(": ");
        if (line.empty() || colon == std::string::npos)
            continue;
        if (line[0] != '+')
            wrong += (wrong.empty() ? "" : "; ") + line.substr(1);
        std::string &text = layers[line.substr(1, colon - 1)];
        text += (text.empty() ? "" : "; ") + line.substr(colon + 2);
    }
    if (!wrong.empty())
        return giveUp(wrong);
    const std::string memory = m_actions.memoryEvidence(m_sandbox, 64_MB);
    if (memory.empty() && m_tier == Tier::Full)
        return giveUp("the memory limit of the cgroup does not read back");
    m_evidence.clear();
    for (const auto &[layer, text] : layers)
        m_evidence.push_back(layer + ": " + text);
    m_evidence.push_back("memory limit: " + memory);
    m_evidence.push_back(m_landlock == 0 ? std::string("Landlock: this kernel has none")
                                         : "Landlock: ABI " + std::to_string(m_landlock));
    m_candidates.clear();
    settle();
}

void SelfTest::giveUp(const std::string &reason)
{
    m_missing.push_back("tier " + std::string(toWord(m_tier)) + ": " + reason);
    m_tier = Tier::None;
    m_loop.timers().cancel(m_timeout);
    m_actions.kill(m_sandbox);
    m_watch.reset();
    m_channel.reset();
    // Not from within the event that told of the failure.
    m_loop.post([this, alive = std::weak_ptr(m_alive)] {
        if (!alive.expired())
            tryNext();
    });
}

void SelfTest::settle()
{
    m_loop.timers().cancel(m_timeout);
    m_watch.reset();
    m_channel.reset(); // The probe waits for this.
    TierReport report;
    report.tier = m_evidence.empty() ? Tier::None : m_tier;
    report.evidence = m_evidence;
    if (report.tier != Tier::Full)
        report.missing = missingText();
    auto done = std::move(m_actions.done);
    done(std::move(report));
}

std::string SelfTest::missingText() const
{
    std::string text;
    for (const std::string &each : m_missing)
        text += (text.empty() ? "" : "; ") + each;
    return text;
}

} // namespace kiln

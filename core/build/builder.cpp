// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/build/builder.h"

#include "core/base/utf8.h"
#include "core/build/diagnostics.h"
#include "core/worker/worker_descriptors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <unistd.h>

namespace kiln {

namespace {

constexpr std::size_t buildsAtOnce = 2;
constexpr std::size_t outputLimit = 256 * 1024;    ///< Of what the compiler says; the rest is read and dropped.
constexpr std::size_t productsLimit = 64ULL << 20; ///< Of all together.
constexpr std::size_t shownOutput = 1'000;

/// Products as they came over the channel; nullopt when they are not whole.
std::optional<std::vector<std::string>> split(std::string_view bytes, std::size_t count)
{
    std::vector<std::string> products;
    while (products.size() < count) {
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), size);
        const auto digits = std::size_t(end - bytes.data());
        if (error != std::errc() || digits >= bytes.size() || bytes[digits] != '\n' || size > bytes.size() - digits - 1)
            return std::nullopt;
        products.emplace_back(bytes.substr(digits + 1, size));
        bytes.remove_prefix(digits + 1 + size);
    }
    return bytes.empty() ? std::optional(std::move(products)) : std::nullopt;
}

bool hasError(const std::vector<Problem> &problems)
{
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem &p) { return p.severity == Problem::Severity::Error; });
}

} // namespace

/// One compiler at work.
class Builder::Job
{
public:
    Job(Builder &owner, BuildPlan plan, Done done)
        : m_owner(owner)
        , m_plan(std::move(plan))
        , m_done(std::move(done))
    {}
    ~Job()
    {
        m_owner.m_loop.timers().cancel(m_timer);
        if (m_sandbox != 0)
            m_owner.m_launcher.abandon(m_sandbox);
    }

    void start()
    {
        Launcher::WorkerEnds ends;
        auto opened = WorkerDescriptors::open(ends);
        if (!opened) {
            m_owner.m_loop.post([this, error = opened.error(), alive = std::weak_ptr(m_alive)] {
                if (!alive.expired())
                    finish(tl::make_unexpected(error));
            });
            return;
        }
        m_channel = std::move(opened->channel);
        m_output = std::move(opened->output);
        m_channelWatch = watch(m_channel, m_bytes, productsLimit + outputLimit, m_channelWatch);
        m_outputWatch = watch(m_output, m_text, outputLimit, m_outputWatch);
        m_timer = m_owner.m_loop.timers().after(m_plan.policy.limits.timeout, [this] {
            m_timer = 0;
            m_late = true;
            m_owner.m_launcher.kill(m_sandbox);
        });
        m_sandbox = m_owner.m_launcher.launch(m_plan.policy, std::move(ends),
                                              {.executed = [this](const Result<int> &pid) { onExecuted(pid); },
                                               .ended = [this](const SandboxExit &exit) { onEnded(exit); }});
    }

    [[nodiscard]] const std::string &function() const { return m_plan.function; }
    [[nodiscard]] Done takeDone() { return std::move(m_done); }

private:
    std::unique_ptr<Loop::Watch> watch(const UniqueFd &fd, std::string &into, std::size_t limit,
                                       std::unique_ptr<Loop::Watch> &own)
    {
        return m_owner.m_loop.watch(fd.get(), Loop::Readiness::Readable, [this, &fd, &into, limit, &own] {
            if (!readSome(fd, into, limit))
                own.reset();
        });
    }

    /// False once there is nothing more to come. A bounded amount: a flood must not hold the engine here.
    static bool readSome(const UniqueFd &fd, std::string &into, std::size_t limit)
    {
        std::array<char, 65536> part{};
        const ssize_t count = ::read(fd.get(), part.data(), part.size());
        if (count < 0)
            return errno == EAGAIN || errno == EINTR;
        into.append(part.data(), std::min(std::size_t(count), limit - into.size()));
        return count > 0;
    }

    void onExecuted(const Result<int> &pid)
    {
        if (pid)
            return;
        m_sandbox = 0; // no `ended` follows
        finish(tl::make_unexpected(pid.error()));
    }

    void onEnded(const SandboxExit &exit)
    {
        m_sandbox = 0;
        // What it wrote before it ended is in the pipe and the socket, which hold a bounded amount.
        for (int i = 0; i < 64 && m_outputWatch && readSome(m_output, m_text, outputLimit); ++i) {
        }
        for (int i = 0; i < 64 && m_channelWatch && readSome(m_channel, m_bytes, productsLimit + outputLimit); ++i) {
        }
        finish(outcomeOf(exit));
    }

    [[nodiscard]] BuildOutcome outcomeOf(const SandboxExit &exit) const
    {
        BuildOutcome outcome;
        const Limits &limits = m_plan.policy.limits;
        if (m_late)
            return failed(fmt::format("compiling took longer than {} seconds, and was stopped",
                                      std::chrono::floor<std::chrono::seconds>(limits.timeout).count()));
        if (tookAllMemory(exit))
            return failed(fmt::format("compiling took more than {} of memory, and was stopped", toText(limits.memory)));
        outcome.problems = readDiagnostics(m_plan, m_text);
        if (exit.signal == 0 && exit.code == 0 && !hasError(outcome.problems)) {
            if (auto products = split(m_bytes, m_plan.products.size())) {
                outcome.products = std::move(*products);
                return outcome;
            }
            return failed(m_bytes.size() > productsLimit ? "what is built is over 64MB"
                                                         : "the build handed nothing over");
        }
        if (!hasError(outcome.problems)) {
            const auto said = failed("the compiler failed: " + lastWords(exit)).problems;
            outcome.problems.insert(outcome.problems.end(), said.begin(), said.end());
        }
        return outcome;
    }

    /// The kernel may have ended one of its processes only.
    [[nodiscard]] bool tookAllMemory(const SandboxExit &exit) const
    {
        const std::int64_t most = m_plan.policy.limits.memory.count;
        const bool failed = exit.code != 0 || exit.signal != 0;
        return exit.outOfMemory || (failed && exit.use.peakMemory.count >= most - most / 50) ||
               m_text.find("fatal error: Killed signal terminated program") != std::string::npos;
    }

    [[nodiscard]] std::string lastWords(const SandboxExit &exit) const
    {
        std::string_view text = m_text;
        while (text.ends_with('\n'))
            text.remove_suffix(1);
        if (text.size() > shownOutput)
            text.remove_prefix(text.size() - shownOutput);
        if (!text.empty())
            return toUtf8(text);
        return exit.signal != 0 ? fmt::format("signal {}", exit.signal) : fmt::format("exit status {}", exit.code);
    }

    [[nodiscard]] BuildOutcome failed(std::string message) const
    {
        const std::string folder = "functions/" + m_plan.function;
        return {.products = {},
                .problems = {{.severity = Problem::Severity::Error,
                              .file = m_plan.handlerFile.empty() ? folder : folder + "/" + m_plan.handlerFile,
                              .key = {},
                              .message = std::move(message)}}};
    }

    void finish(Result<BuildOutcome> outcome) { m_owner.onJobEnded(this, std::move(outcome)); }

    Builder &m_owner;
    const BuildPlan m_plan;
    Done m_done;
    Launcher::SandboxId m_sandbox = 0;
    UniqueFd m_channel;
    UniqueFd m_output;
    std::unique_ptr<Loop::Watch> m_channelWatch;
    std::unique_ptr<Loop::Watch> m_outputWatch;
    std::string m_bytes; ///< Products, as they came.
    std::string m_text;  ///< What the compiler said.
    TimerId m_timer = 0;
    bool m_late = false;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
};

Builder::Builder(Loop &loop, Launcher &launcher)
    : m_loop(loop)
    , m_launcher(launcher)
{}

Builder::~Builder() = default;

void Builder::build(BuildPlan plan, Done done)
{
    cancel(plan.function);
    m_waiting.emplace_back(std::move(plan), std::move(done));
    startNext();
}

void Builder::cancel(const std::string &function)
{
    std::erase_if(m_waiting, [&](const auto &waiting) { return waiting.first.function == function; });
    std::erase_if(m_running, [&](const auto &job) { return job->function() == function; });
    startNext();
}

void Builder::startNext()
{
    while (m_running.size() < buildsAtOnce && !m_waiting.empty()) {
        auto [plan, done] = std::move(m_waiting.front());
        m_waiting.pop_front();
        m_running.push_back(std::make_unique<Job>(*this, std::move(plan), std::move(done)));
        m_running.back()->start();
    }
}

void Builder::onJobEnded(Job *job, Result<BuildOutcome> outcome)
{
    const auto found = std::find_if(m_running.begin(), m_running.end(), [&](const auto &j) { return j.get() == job; });
    const Done done = job->takeDone();
    // Not from within one of its own events; and not later than this, of which it makes use.
    m_ended.push_back(std::move(*found));
    m_running.erase(found);
    m_loop.post([this, alive = std::weak_ptr(m_alive)] {
        if (!alive.expired())
            m_ended.clear();
    });
    startNext();
    done(std::move(outcome));
}

} // namespace kiln

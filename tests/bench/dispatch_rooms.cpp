// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/dispatch_rooms.h"

#include "core/runtime/bootstrap.h"
#include "core/runtime/runtimes.h"

#include <filesystem>
#include <fstream>
#include <future>

namespace kiln::test {

namespace fs = std::filesystem;

struct DispatchRooms::Chain
{
    std::string function;
    Payload data;
    int left;
    const std::function<void(std::chrono::nanoseconds)> &took;
    std::promise<std::string> ended;
};

DispatchRooms::DispatchRooms()
{
    const fs::path folder = m_folder.path().toStdString();
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    SearchOptions search = SearchOptions::ofThisProcess(m_clock->wall());
    search.cache = folder / "cache";
    search.shims = SearchOptions::Shims::Skip;
    m_interpreters = findInterpreters(search);
    WorkerPlans::Bootstraps bootstraps;
    for (const Interpreter &each : m_interpreters) {
        if (each.usable())
            bootstraps.emplace(each.path, prepareBootstrap(each, KILN_SOURCE_DIR "/resources", search.cache));
    }
    m_plans = std::make_unique<WorkerPlans>(folder);
    m_plans->setBootstraps(std::move(bootstraps));
    auto history = HistoryStore::open(folder / "history.db", {}, *m_clock);
    if (!history) {
        m_problem = history.error().text();
        return;
    }
    m_history = std::move(*history);
    m_recorder = std::make_unique<Recorder>(*m_clock);

    m_thread = std::thread([this] { m_loop.run(); });
    std::promise<void> ready;
    m_loop.post([&] { startOnThread([&] { ready.set_value(); }); });
    ready.get_future().wait();
}

void DispatchRooms::startOnThread(std::function<void()> ready)
{
    auto launcher = Launcher::start(m_loop, {.executable = KILN_LAUNCHER_PATH, .instance = "bench"},
                                    [this, ready](const TierReport &report) {
                                        if (report.tier == Tier::None)
                                            m_problem = "no sandbox is possible here: " + report.missing;
                                        ready();
                                    });
    if (!launcher) {
        m_problem = launcher.error().text();
        ready();
        return;
    }
    m_launcher = std::move(*launcher);
    m_dispatcher = std::make_unique<Dispatcher>(
        m_loop, *this,
        Dispatcher::Ports{.makeWorker =
                              [this](RevisionPtr revision, WorkerPool::Origin, Worker::Events events) {
                                  const WorkerId id = ++m_lastWorker;
                                  return std::make_unique<Worker>(m_loop, *m_launcher, m_handOff, id,
                                                                  m_plans->planFor(revision, id, m_clock->wall(), {}),
                                                                  std::move(events));
                              },
                          .record =
                              [this](const InvocationPtr &invocation) {
                                  m_history->record(invocation);
                                  m_recorder->record(*invocation);
                              },
                          .arrived = [](const EventSink::Target &) {},
                          .mayRun = [this] { return !m_history->congested(); },
                          .tier = [this] { return m_launcher->tier()->tier; },
                          .changed = [] {}});
}

DispatchRooms::~DispatchRooms()
{
    if (!m_thread.joinable())
        return;
    std::promise<void> stopped;
    m_loop.post([&] { stopOnThread([&] { stopped.set_value(); }); });
    stopped.get_future().wait();
    m_loop.stop();
    m_thread.join();
}

void DispatchRooms::stopOnThread(const std::function<void()> &done)
{
    if (m_dispatcher)
        m_dispatcher->stop();
    const auto again = std::make_shared<std::function<void()>>();
    *again = [this, again, done] {
        if (m_dispatcher && !m_dispatcher->idle()) {
            m_loop.timers().after(std::chrono::milliseconds(2), [again] { (*again)(); });
            return;
        }
        m_dispatcher.reset();
        m_launcher.reset();
        done();
    };
    (*again)();
}

void DispatchRooms::onThread(const std::function<void()> &action)
{
    std::promise<void> done;
    m_loop.post([&] {
        action();
        done.set_value();
    });
    done.get_future().wait();
}

std::string DispatchRooms::add(const std::string &name, Language language, const std::string &code)
{
    auto revision = std::make_shared<Revision>();
    revision->hash = name;
    revision->code = m_folder.path().toStdString() + "/" + name;
    revision->created = m_clock->wall();
    revision->settings.name = name;
    revision->settings.runtime.language = language;
    revision->settings.handler = "handler.handler";
    revision->settings.limits.cpu = Limits::Cpu::Unlimited;
    fs::create_directories(revision->code);
    std::ofstream(revision->code / (language == Language::Python ? "handler.py" : "handler.cjs"))
        << code << (language == Language::Node ? "exports.handler = handler;\n" : "");

    std::string problem;
    onThread([&] {
        if (const Result<> prepared = m_plans->prepare(revision, m_interpreters))
            m_dispatcher->setRevision(revision);
        else
            problem = prepared.error().text();
    });
    return problem;
}

std::string DispatchRooms::chain(const std::string &function, const std::string &data, int count,
                                 const std::function<void(std::chrono::nanoseconds)> &took)
{
    auto chain = std::make_shared<Chain>(Chain{function, payload(data), count, took, {}});
    std::future<std::string> ended = chain->ended.get_future();
    m_loop.post([this, chain] { next(chain); });
    return ended.get();
}

void DispatchRooms::next(const std::shared_ptr<Chain> &chain)
{
    if (chain->left-- == 0) {
        chain->ended.set_value({});
        return;
    }
    const Instant begin = m_clock->now();
    Event event;
    event.time = m_clock->wall();
    event.id = Uuid::next(event.time).text();
    event.source = "kiln:bench";
    event.type = "kiln.manual";
    event.subject = chain->function;
    event.data = chain->data;
    m_dispatcher->request({.function = chain->function, .triggerKind = "manual"}, std::move(event),
                          WorkerPool::Freshness::Any, [this, chain, begin](const Result<InvocationPtr> &answer) {
                              chain->took(m_clock->now() - begin);
                              if (!answer || (*answer)->outcome != Outcome::Ok)
                                  chain->ended.set_value(answer ? (*answer)->error.message : answer.error().text());
                              else
                                  next(chain);
                          });
}

std::string DispatchRooms::tier() const { return std::string(toWord(m_launcher->tier()->tier)); }

} // namespace kiln::test

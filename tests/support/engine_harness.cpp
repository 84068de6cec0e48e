// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_harness.h"

#include "core/project/trust.h"

#include <cstdlib>
#include <dirent.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <thread>
#include <unistd.h>

namespace kiln::test {

namespace fs = std::filesystem;

EngineHarness::EngineHarness()
{
    fs::create_directories(fs::path(folder()) / "functions");
    // Tests keep their trust and caches to themselves.
    const std::string home = m_dir.path().toStdString() + "/home";
    ::setenv("XDG_STATE_HOME", (home + "/state").c_str(), 1);
    ::setenv("XDG_CACHE_HOME", (home + "/cache").c_str(), 1);
    write("kiln.yaml", "name: shop\nlisten: 127.0.0.1:0\n");
}

EngineHarness::~EngineHarness() = default;

void EngineHarness::write(const std::string &file, const std::string &text)
{
    const fs::path path = fs::path(folder()) / file;
    fs::create_directories(path.parent_path());
    const fs::path fresh = path.string() + "~";
    std::ofstream(fresh, std::ios::binary) << text;
    fs::rename(fresh, path);
}

void EngineHarness::addPython(const std::string &name, const std::string &code, const std::string &settings)
{
    write("functions/" + name + "/handler.py", code);
    write("functions/" + name + "/function.yaml", "runtime: python\nhandler: handler.handler\n" + settings);
}

void EngineHarness::addNode(const std::string &name, const std::string &code, const std::string &settings)
{
    write("functions/" + name + "/handler.mjs", code);
    write("functions/" + name + "/function.yaml", "runtime: node\nhandler: handler.handler\n" + settings);
}

void EngineHarness::addProgram(const std::string &name, const std::string &runtime, const std::string &program,
                               const std::string &settings)
{
    const std::string folder = "functions/" + name + "/", file = runtime == "custom" ? "bootstrap" : "main";
    write(folder + file, program);
    fs::permissions(fs::path(this->folder()) / (folder + file), fs::perms::owner_all | fs::perms::others_read);
    write(folder + "function.yaml", "runtime: " + runtime + "\nhandler: ./main\n" + settings);
}

std::string EngineHarness::open(Engine::Triggers triggers, std::shared_ptr<const Clock> clock)
{
    if (const Result<> trusted = TrustStore(TrustStore::defaultFile()).trust(folder()); !trusted)
        return trusted.error().text();
    Result<std::unique_ptr<Engine>> engine = Engine::open({.workspace = folder(),
                                                           .resources = KILN_SOURCE_DIR "/resources",
                                                           .launcher = KILN_LAUNCHER_PATH,
                                                           .adapter = KILN_ADAPTER_PATH,
                                                           .triggers = triggers,
                                                           .listen = {},
                                                           .parkedMemory = m_parkedMemory,
                                                           .clock = std::move(clock)});
    if (!engine)
        return engine.error().text();
    m_engine = std::move(*engine);
    std::promise<Result<>> ready;
    m_engine->whenReady([&](const Result<> &result) { ready.set_value(result); });
    const Result<> result = ready.get_future().get();
    return result ? std::string() : result.error().text();
}

Result<InvocationPtr> EngineHarness::fire(const std::string &function, const std::string &data, bool cold)
{
    std::promise<Result<InvocationPtr>> answered;
    m_engine->fire({.function = function, .data = data, .cold = cold},
                   [&](Result<InvocationPtr> result) { answered.set_value(std::move(result)); });
    return answered.get_future().get();
}

Result<std::vector<InvocationPtr>> EngineHarness::history(InvocationQuery query)
{
    std::promise<Result<std::vector<InvocationPtr>>> answered;
    m_engine->queryInvocations(
        std::move(query), [&](Result<std::vector<InvocationPtr>> result) { answered.set_value(std::move(result)); });
    return answered.get_future().get();
}

bool EngineHarness::waitFor(const std::function<bool(const Snapshot &)> &fits, std::chrono::milliseconds bound)
{
    const auto end = std::chrono::steady_clock::now() + bound;
    while (!fits(*m_engine->snapshot())) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5)); // the engine has its own thread and real processes
    }
    return true;
}

int EngineHarness::descendants()
{
    std::map<int, int> parents;
    for (const fs::directory_entry &entry : fs::directory_iterator("/proc")) {
        const int pid = std::atoi(entry.path().filename().c_str());
        std::ifstream stat(entry.path() / "stat");
        std::string text;
        if (pid <= 0 || !std::getline(stat, text) || text.rfind(')') == std::string::npos)
            continue;
        char state = 0;
        int parent = 0;
        if (std::sscanf(text.c_str() + text.rfind(')') + 1, " %c %d", &state, &parent) == 2 && state != 'Z')
            parents[pid] = parent;
    }
    int count = 0;
    for (auto [pid, parent] : parents) {
        while (parent > 1 && parent != ::getpid() && parents.contains(parent))
            parent = parents[parent];
        count += parent == ::getpid() ? 1 : 0;
    }
    return count;
}

std::string textOf(const Result<InvocationPtr> &result)
{
    if (!result)
        return "Error: " + result.error().text();
    const Invocation &invocation = **result;
    std::string text = std::string(toWord(invocation.outcome)) + " " + invocation.error.type + ": " +
                       invocation.error.message + " response " + invocation.response->substr(0, 300);
    for (const LogLine &line : invocation.logs)
        text += "\n  " + line.text.substr(0, 300);
    return text;
}

} // namespace kiln::test

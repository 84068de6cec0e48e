// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/engine.h"
#include "core/base/result.h"

#include <QTemporaryDir>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace kiln::test {

/// A workspace in a folder of its own and a real engine on it: real interpreters in real sandboxes.
class EngineHarness
{
public:
    EngineHarness();
    ~EngineHarness();

    /// Writes a file of the workspace, by replacing it as editors do.
    void write(const std::string &file, const std::string &text);
    /// A function with this code; `settings` are further lines of its function.yaml.
    void addPython(const std::string &name, const std::string &code, const std::string &settings = {});
    void addNode(const std::string &name, const std::string &code, const std::string &settings = {});
    /// `runtime` is custom or exec; `program` is the whole of the executable file, named bootstrap or main.
    void addProgram(const std::string &name, const std::string &runtime, const std::string &program,
                    const std::string &settings = {});

    /// Opens the engine and waits until it is ready; the reason when it does not come to that.
    [[nodiscard]] std::string open(Engine::Triggers triggers = Engine::Triggers::Off,
                                   std::shared_ptr<const Clock> clock = nullptr);
    void close() { m_engine.reset(); }
    /// Of the engine opened next: what may wait for a function; nothing, unless asked for.
    void setParkedMemory(ByteSize memory) { m_parkedMemory = memory; }
    [[nodiscard]] Engine &engine() { return *m_engine; }

    [[nodiscard]] Result<InvocationPtr> fire(const std::string &function, const std::string &data = "{}",
                                             bool cold = false);
    [[nodiscard]] Result<std::vector<InvocationPtr>> history(InvocationQuery query = {});
    /// Waits until a snapshot fits; false when none did in time.
    [[nodiscard]] bool waitFor(const std::function<bool(const Snapshot &)> &fits,
                               std::chrono::milliseconds bound = std::chrono::seconds(20));

    [[nodiscard]] std::string folder() const { return m_dir.path().toStdString() + "/shop"; }
    /// Processes whose ancestor is this one: what an engine must not leave behind.
    [[nodiscard]] static int descendants();

private:
    QTemporaryDir m_dir;
    ByteSize m_parkedMemory;
    std::unique_ptr<Engine> m_engine;
};

/// For QVERIFY2: outcome, error and last log lines in one text.
[[nodiscard]] std::string textOf(const Result<InvocationPtr> &result);

} // namespace kiln::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/model/function.h"
#include "core/model/interpreter.h"
#include "core/runtime/frames.h"
#include "core/runtime/launch_line.h"

#include <QByteArray>
#include <QTemporaryDir>

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kiln::test {

/// The system's interpreter of a language, or the one that KILN_TEST_PYTHON, KILN_TEST_NODE, … names; nullopt when
/// there is none.
[[nodiscard]] std::optional<Interpreter> interpreterFor(Language language);

/// All that can be used on this machine, version managers' too.
[[nodiscard]] std::vector<Interpreter> allInterpreters(Language language);

/// A real bootstrap with a user's code, without a sandbox: a folder of files, a process, and the channel to it.
///
/// Blocking; a worker that does not answer within 20 s is killed, so a call then gives what came until then.
class WorkerProcess
{
public:
    using Files = std::map<std::string, std::string>; ///< Path below the code folder, and content.

    enum class Waits { ForNothing, ForItsFunction }; ///< As a parked one does.

    WorkerProcess(const Interpreter &interpreter, const Files &files, std::string handler,
                  std::map<std::string, std::string> environment = {}, Waits waits = Waits::ForNothing);
    ~WorkerProcess();

    struct Answer
    {
        std::optional<FrameType> type; ///< Absent: the channel was closed.
        std::uint64_t serial = 0;
        std::uint8_t flags = 0;
        std::string body;
    };

    /// Before init: how many events may be under way at once.
    void takeAtOnce(int events) { m_settings.concurrency.perWorker = events; }
    /// Hello, then Init: Ready or InitError. With the body of a Code frame before it, if one is given.
    Answer init(std::string_view compiled = {});
    Answer invoke(std::string_view event, std::string_view context = {});
    Answer askKept(); ///< What its modules keep in their variables.
    Answer receive(); ///< The next frame that is no Notes.
    /// Several, without waiting; their serials go on from the last one, their request ids end with those (idOf).
    void send(const std::vector<std::string> &events);
    [[nodiscard]] static std::string idOf(std::uint64_t serial);
    void sendRaw(std::string_view bytes);
    void closeChannel();

    /// Waits for the end: exit code, or 128 + signal.
    int wait();
    /// All that was printed up to now; call `wait` before for all there will ever be.
    [[nodiscard]] std::string output() const;
    [[nodiscard]] int pid() const { return m_pid; }
    [[nodiscard]] std::string code() const { return m_code.path().toStdString(); }

    static constexpr const char *requestId = "018f0000-0000-7000-8000-0123456789ab";
    std::uint64_t serial = 0; ///< Of the last Invoke.
    std::string notes;        ///< Body of the last Notes frame.

private:
    void readOutput();

    QTemporaryDir m_code;
    FunctionSettings m_settings;
    Waits m_waits;
    UniqueFd m_channel;
    UniqueFd m_output;
    std::string m_printed; ///< Guarded by m_mutex: a reader thread keeps the pipe from filling.
    mutable std::mutex m_mutex;
    std::jthread m_reader;
    FrameReader m_frames{64u << 20};
    int m_pid = -1;
};

} // namespace kiln::test

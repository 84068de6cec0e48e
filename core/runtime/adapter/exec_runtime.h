// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/runtime/adapter/api_event.h"
#include "core/runtime/adapter/child_process.h"
#include "core/runtime/adapter/engine_channel.h"
#include "core/runtime/adapter/init_message.h"

#include <string>

namespace kiln::adapter {

/// `runtime: exec`: one process of the function's per event, which reads it from its standard input and answers on its
/// standard output; its exit status tells how it went.
class ExecRuntime
{
public:
    ExecRuntime(EngineChannel &channel, InitMessage init);

    /// Until the engine ends it.
    [[noreturn]] void run();

private:
    /// One event's process and its pipes.
    struct Run
    {
        pid_t pid = -1;
        UniqueFd input;  ///< To write the event to.
        UniqueFd output; ///< To read the response from.
        std::string_view event;
        std::string response;
        bool tooLarge = false;
        int status = 0;
    };

    void checkProgram();
    void serve(const ApiEvent &invocation);
    [[nodiscard]] int begin(const ApiEvent &invocation, Run &run); ///< 0, or errno.
    void pump(Run &run);
    void writeSome(Run &run);
    void readSome(Run &run);
    void answer(const ApiEvent &invocation, const Run &run);

    EngineChannel &m_channel;
    const InitMessage m_init;
    Program m_program;
    UniqueFd m_childEnded; ///< A signalfd.
};

} // namespace kiln::adapter

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/runtime/adapter/api_connection.h"
#include "core/runtime/adapter/engine_channel.h"
#include "core/runtime/adapter/init_message.h"
#include "core/runtime/adapter/runtime_api.h"

#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kiln::adapter {

/// `runtime: custom`: runs the function's `bootstrap` and is the Runtime API for it, between it and the engine.
class CustomRuntime
{
public:
    CustomRuntime(EngineChannel &channel, InitMessage init);

    /// Until the bootstrap or the engine ends.
    [[noreturn]] void run();

private:
    [[nodiscard]] RuntimeApi::Engine toEngine();
    void listen();
    void startBootstrap();
    [[noreturn]] void refuse(std::string_view type, const std::string &message);
    void turn();
    void accept();
    void takeEvents();
    void giveEvents();
    void endIfBootstrapDid();

    EngineChannel &m_channel;
    const InitMessage m_init;
    RuntimeApi m_api;
    UniqueFd m_listener;
    UniqueFd m_childEnded; ///< A signalfd.
    pid_t m_bootstrap = -1;
    std::vector<std::unique_ptr<ApiConnection>> m_connections;
    std::optional<std::string> m_initError; ///< Told once the bootstrap has its answer: the engine ends this worker.
};

} // namespace kiln::adapter

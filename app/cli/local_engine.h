// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/control/control_client.h"
#include "app/control/control_handler.h"
#include "core/api/engine.h"

#include <boost/json/object.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <variant>

namespace kiln {

/// Opens an engine and waits until it is ready. Blocking.
[[nodiscard]] Result<std::unique_ptr<Engine>> openEngine(const std::filesystem::path &workspace,
                                                         Engine::Triggers triggers, ByteSize parkedMemory,
                                                         std::optional<std::string> listen = {});

/// An engine that answers a command's requests: the one that has the workspace open, else one of the command's own.
class CommandEngine
{
public:
    /// `parkedMemory` is of one of its own: a single command's start is over before a process would wait.
    [[nodiscard]] static Result<CommandEngine> open(const std::filesystem::path &workspace, ByteSize parkedMemory = {});

    /// Sends a request and waits for its answer.
    [[nodiscard]] Result<boost::json::object> ask(const boost::json::object &request);

private:
    explicit CommandEngine(ControlClient client)
        : m_running(std::move(client))
    {}
    explicit CommandEngine(std::unique_ptr<Engine> engine)
        : m_own(std::move(engine))
    {}

    std::optional<ControlClient> m_running;
    std::unique_ptr<Engine> m_own;
};

} // namespace kiln

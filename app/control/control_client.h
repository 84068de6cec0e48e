// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <boost/json/object.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace kiln {

/// A command's connection to the engine that has the workspace open. Blocking; one thread.
class ControlClient
{
public:
    /// nullopt when no engine has the workspace open.
    [[nodiscard]] static std::optional<ControlClient> connect(const std::filesystem::path &workspace);

    /// Sends a request and waits for its reply; an Error that the engine answered is this call's Error.
    [[nodiscard]] Result<boost::json::object> ask(const boost::json::object &request);

private:
    explicit ControlClient(UniqueFd socket)
        : m_socket(std::move(socket))
    {}

    UniqueFd m_socket;
    std::string m_buffer;
};

} // namespace kiln

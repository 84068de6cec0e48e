// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/engine.h"
#include "core/base/result.h"

#include <filesystem>
#include <memory>

namespace kiln {

/// The control socket of an open workspace: how commands reach the engine that a window or `kiln serve` runs.
///
/// It has a thread of its own. Only this user may connect: the socket is 0600 in a folder that is 0700, and the peer's
/// uid is checked besides. Must be destroyed before the engine.
class ControlServer
{
public:
    [[nodiscard]] static Result<std::unique_ptr<ControlServer>> start(const std::filesystem::path &workspace,
                                                                      Engine &engine);
    ~ControlServer();

private:
    struct Impl;
    explicit ControlServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace kiln

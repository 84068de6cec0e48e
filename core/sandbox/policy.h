// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kiln {

/// All that one worker gets. What is not named here it does not have: no network, no file, no variable of ours.
struct SandboxPolicy
{
    /// A host folder (or file) seen inside under `target`. Always nosuid and nodev.
    struct Bind
    {
        std::filesystem::path source; ///< Absolute, without symbolic links on the way.
        std::string target;           ///< Absolute path inside.
        Permissions::Mode mode = Permissions::Mode::ReadOnly;
        bool executable = true; ///< False for data (noexec).

        bool operator==(const Bind &) const = default;
    };

    /// A socket in the worker's own network that is given to the engine: whoever reaches it there is this worker, and
    /// nobody else can.
    struct Door
    {
        enum class Kind { Stream, Datagram };
        Kind kind = Kind::Stream;
        std::string address; ///< Numeric; "::" is every address, of either version.
        std::uint16_t port = 0;
        bool operator==(const Door &) const = default;
    };

    static constexpr std::size_t maxDoors = 64;

    std::string owner;       ///< Function's name: shares a uid with no other function; names the cgroup.
    std::vector<Bind> binds; ///< Beside /usr (read-only), which each worker has.
    /// With Hosts and All every address in the world leads to the doors, and only there.
    Permissions::Network network = Permissions::Network::None;
    std::vector<Door> doors; ///< Only with Hosts and All.
    Limits limits;
    std::vector<std::string> argv;                  ///< argv[0] is an absolute path inside.
    std::map<std::string, std::string> environment; ///< The whole of it.
    std::string workingDirectory = "/var/task";

    bool operator==(const SandboxPolicy &) const = default;
};

} // namespace kiln

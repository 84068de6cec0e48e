// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/egress/egress.h"
#include "core/sandbox/policy.h"
#include "core/worker/doors.h"

#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// A worker's doors, led to the outside.
class EgressDoors final : public Doors
{
public:
    explicit EgressDoors(std::unique_ptr<EgressGate> gate)
        : m_gate(std::move(gate))
    {}
    void open(std::vector<UniqueFd> sockets) override { m_gate->open(std::move(sockets)); }
    [[nodiscard]] std::vector<Access> take() override { return m_gate->take(); }

private:
    std::unique_ptr<EgressGate> m_gate;
};

/// What the sandbox has to open for it.
[[nodiscard]] std::vector<SandboxPolicy::Door> doorsFor(const Permissions &permissions);

/// Whether a place is that of a listener of ours, told as "http://HOST:PORT" (or empty), on this machine.
[[nodiscard]] bool isOwnListener(const std::string &listener, const IpAddress &address, std::uint16_t port);

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/egress/egress.h"
#include "core/egress/name_table.h"
#include "core/egress/tunnel.h"

#include <map>
#include <memory>
#include <vector>

namespace kiln {

/// The outside of one worker's doors.
class Gate final : public EgressGate
{
public:
    Gate(Loop &loop, NameLookup &names, const Egress::Options &options, std::size_t &connections,
         const Permissions &permissions);
    ~Gate() override;

    void open(std::vector<UniqueFd> sockets) override;
    [[nodiscard]] std::vector<Access> take() override { return std::exchange(m_accesses, {}); }

private:
    struct Door
    {
        EgressDoor what;
        UniqueFd socket;
        std::unique_ptr<Loop::Watch> watch;
    };

    void accept(const Door &door);
    void answerNames(const Door &door);
    void told(Access access);
    void ended(Tunnel &tunnel);

    Loop &m_loop;
    const Egress::Options &m_options;
    std::size_t &m_allConnections;
    Rules m_rules;
    const std::vector<EgressDoor> m_plan;
    NameTable m_names;
    Tunnel::Ports m_ports;
    std::vector<std::unique_ptr<Door>> m_doors;
    std::map<Tunnel *, std::unique_ptr<Tunnel>> m_tunnels;
    std::vector<Access> m_accesses;
};

} // namespace kiln

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/sandbox/cgroup.h"
#include "core/sandbox/launcher/ground.h"
#include "core/sandbox/launcher/mother.h"
#include "core/sandbox/launcher/owner_ids.h"
#include "core/sandbox/launcher/seat.h"
#include "core/sandbox/wire.h"
#include "core/sandbox/wire_socket.h"

#include <chrono>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unordered_map>
#include <vector>

struct pollfd;

namespace kiln::launcher {

/// Serves one engine until its end of the control socket closes; then ends all sandboxes and leaves nothing.
class Server
{
public:
    struct Options
    {
        UniqueFd control;
        std::string instance;
        std::string cgroupFolder; ///< Name; see cgroupFolderName.
    };

    [[nodiscard]] static Result<> serve(Options options);

private:
    struct Sandbox
    {
        std::uint64_t id = 0;
        ByteSize memory; ///< Its limit.
        Seat seat;
        UniqueFd pidFd;
        std::filesystem::path temporary; ///< Tier C.
        ByteSize peak;                   ///< Where no cgroup knows it.
        bool overMemory = false;
        WorkerUser user;
        wire::Completeness completeness = wire::Completeness::Whole;
        std::string ownUser; ///< Parked: its owner, whose id is nobody else's and goes with it.
        UniqueFd mounts; ///< Parked, and executed: its mount namespace. What came out of a zygote is entered by pidFd.
        std::unique_ptr<Mother> mother; ///< A zygote that is still wanted.
        std::uint64_t bornOf = 0;       ///< The zygote that it came out of.
        pid_t inner = 0;                ///< Then: as pid 1 of the zygote's sandbox sees it.
    };
    struct Death
    {
        int waitStatus = 0;
        rusage usage{};
    };

    Server(Options options, Ground ground, UniqueFd signals, CgroupLayout cgroups);

    [[nodiscard]] Result<> run();
    [[nodiscard]] std::vector<pollfd> watched() const;
    [[nodiscard]] bool readRequest(); ///< False at the end of the engine.
    void launch(const wire::Launch &request, std::string_view bytes, std::vector<UniqueFd> descriptors);

    // server_leases.cpp: sandboxes made before their function is known
    void lease(const wire::Lease &request);
    [[nodiscard]] Result<> handOver(const wire::Lease &request, const Sandbox &sandbox);

    // server_births.cpp: sandboxes that come out of another's process
    [[nodiscard]] Result<> prepareMother(const wire::Launch &request, Sandbox &sandbox,
                                         std::vector<UniqueFd> &descriptors);
    [[nodiscard]] Result<> bear(const wire::Launch &request, Sandbox &sandbox,
                                const std::vector<UniqueFd> &descriptors);
    void retire(const wire::Retire &request);
    void readReports();
    void endChildrenOf(std::uint64_t zygote);

    [[nodiscard]] Result<> seatSandbox(const wire::Launch &request, std::string_view bytes,
                                       std::vector<UniqueFd> &descriptors);
    [[nodiscard]] static Result<> limit(const Cgroup &cgroup, const wire::Launch &request);
    [[nodiscard]] Result<Seat> takeSeat(Tier tier);
    [[nodiscard]] Result<Seat> makeSeat(Tier tier);
    [[nodiscard]] bool wantsSeat() const;
    void refillSeats();
    [[nodiscard]] int refillWait() const; ///< Milliseconds.
    void releaseSeat(const Seat &seat);
    void readAnswers();
    void begin(Sandbox sandbox, Seat::Answer answer);

    void reap();
    void finish(Sandbox &sandbox, const Death &death);
    void forget(const Sandbox &sandbox);
    void limitMemoryByPolling();
    [[nodiscard]] bool pollsMemory() const;
    void endAll();

    void tell(const wire::Message &message, std::vector<UniqueFd> descriptors = {});
    void sendQueued();

    Options m_options;
    Ground m_ground;
    UniqueFd m_signals; ///< SIGCHLD.
    CgroupLayout m_cgroups;
    OwnerIds m_owners;
    std::uint64_t m_lastSeat = 0;
    Tier m_lastTier = Tier::None;           ///< Of the last launch: the next will be of it, too.
    bool m_seatFailed = false;              ///< No more are made ahead until one was made on demand.
    std::vector<Seat> m_seats;              ///< Free.
    std::vector<std::uint64_t> m_lingering; ///< Cgroups whose last process is just ending.
    std::vector<Sandbox> m_seated;          ///< Their seats have not answered yet.
    std::unordered_map<pid_t, Sandbox> m_sandboxes;
    std::unordered_map<std::uint64_t, pid_t> m_parked;  ///< By id; until the lease.
    std::unordered_map<std::uint64_t, pid_t> m_mothers; ///< By id; zygotes that are still wanted.
    std::map<std::pair<std::uint64_t, std::int32_t>, std::int32_t> m_stillborn; ///< Ended before the answer was read.
    UniqueFd m_mounts;                                                          ///< Our own mount namespace,
    UniqueFd m_root;                                           ///< and our root in it: the way back from a sandbox.
    std::unordered_map<pid_t, Death> m_unclaimed;              ///< Ended before the seat's answer was read.
    std::unordered_map<std::uint64_t, std::int32_t> m_reports; ///< Of pid 1, by sandbox, until it is reaped.
    std::chrono::steady_clock::time_point m_lastPoll{};
    std::deque<std::pair<std::string, std::vector<UniqueFd>>> m_outgoing; ///< Only while the engine is slow to read.
};

} // namespace kiln::launcher

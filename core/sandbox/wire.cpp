// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/wire.h"

#include <cerrno>
#include <cstring>
#include <type_traits>

namespace kiln::wire {
namespace {

enum class Kind : std::uint8_t { Launch = 1, Lease = 2, Retire = 3, Hello = 16, Started = 17, Ended = 18, Leased = 19 };

constexpr std::uint32_t maxCount = 4096; ///< Elements of any list.

class Writer
{
public:
    template<typename T> void number(T value)
    {
        static_assert(std::is_integral_v<T>);
        m_bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
    }
    template<typename T> void enumeration(T value) { number(static_cast<std::int32_t>(value)); }
    void text(std::string_view value)
    {
        number(std::uint32_t(value.size()));
        m_bytes.append(value);
    }
    [[nodiscard]] std::string take() { return std::move(m_bytes); }

private:
    std::string m_bytes;
};

/// Reads what Writer wrote; after the first thing that is off it yields zeros and `good` is false.
class Reader
{
public:
    explicit Reader(std::string_view bytes)
        : m_rest(bytes)
    {}

    template<typename T> [[nodiscard]] T number()
    {
        T value{};
        if (m_rest.size() < sizeof value) {
            m_good = false;
            return value;
        }
        std::memcpy(&value, m_rest.data(), sizeof value);
        m_rest.remove_prefix(sizeof value);
        return value;
    }
    /// One of the values 0 to `last`.
    template<typename T> [[nodiscard]] T enumeration(T last)
    {
        const auto value = number<std::int32_t>();
        if (value < 0 || value > static_cast<std::int32_t>(last)) {
            m_good = false;
            return T{};
        }
        return static_cast<T>(value);
    }
    [[nodiscard]] std::string text()
    {
        const auto size = number<std::uint32_t>();
        if (size > m_rest.size()) {
            m_good = false;
            return {};
        }
        std::string value(m_rest.substr(0, size));
        m_rest.remove_prefix(size);
        return value;
    }
    [[nodiscard]] std::uint32_t count()
    {
        const auto value = number<std::uint32_t>();
        if (value > maxCount)
            m_good = false;
        return m_good ? value : 0;
    }
    [[nodiscard]] bool good() const { return m_good; }
    [[nodiscard]] bool whole() const { return m_good && m_rest.empty(); }

private:
    std::string_view m_rest;
    bool m_good = true;
};

void write(Writer &out, const Limits &limits)
{
    out.number(limits.memory.count);
    out.enumeration(limits.cpu);
    out.number(limits.tmp.count);
    out.number(std::int32_t(limits.tmpInodes));
    out.number(std::int32_t(limits.processes));
    out.number(std::int32_t(limits.files));
}

/// Timeouts and the bounds of result and log are the engine's to keep: the launcher does not know them.
void read(Reader &in, Limits &limits)
{
    limits.memory.count = in.number<std::int64_t>();
    limits.cpu = in.enumeration(Limits::Cpu::Unlimited);
    limits.tmp.count = in.number<std::int64_t>();
    limits.tmpInodes = in.number<std::int32_t>();
    limits.processes = in.number<std::int32_t>();
    limits.files = in.number<std::int32_t>();
}

void write(Writer &out, const std::vector<SandboxPolicy::Bind> &binds)
{
    out.number(std::uint32_t(binds.size()));
    for (const SandboxPolicy::Bind &bind : binds) {
        out.text(bind.source.native());
        out.text(bind.target);
        out.enumeration(bind.mode);
        out.number(std::uint8_t(bind.executable));
    }
}

void read(Reader &in, std::vector<SandboxPolicy::Bind> &binds)
{
    for (std::uint32_t left = in.count(); left > 0 && in.good(); --left) {
        SandboxPolicy::Bind bind;
        bind.source = in.text();
        bind.target = in.text();
        bind.mode = in.enumeration(Permissions::Mode::ReadWrite);
        bind.executable = in.number<std::uint8_t>() != 0;
        binds.push_back(std::move(bind));
    }
}

void write(Writer &out, const std::vector<SandboxPolicy::Door> &doors)
{
    out.number(std::uint32_t(doors.size()));
    for (const SandboxPolicy::Door &door : doors) {
        out.enumeration(door.kind);
        out.text(door.address);
        out.number(door.port);
    }
}

void read(Reader &in, std::vector<SandboxPolicy::Door> &doors)
{
    for (std::uint32_t left = in.count(); left > 0 && in.good(); --left) {
        SandboxPolicy::Door door;
        door.kind = in.enumeration(SandboxPolicy::Door::Kind::Datagram);
        door.address = in.text();
        door.port = in.number<std::uint16_t>();
        doors.push_back(std::move(door));
    }
}

void write(Writer &out, const Launch &launch)
{
    out.number(launch.id);
    out.enumeration(launch.tier);
    out.enumeration(launch.completeness);
    out.number(launch.zygote);
    out.number(std::uint8_t(launch.awaited));
    const SandboxPolicy &policy = launch.policy;
    out.text(policy.owner);
    write(out, policy.binds);
    out.enumeration(policy.network);
    write(out, policy.doors);
    write(out, policy.limits);
    out.number(std::uint32_t(policy.argv.size()));
    for (const std::string &argument : policy.argv)
        out.text(argument);
    out.number(std::uint32_t(policy.environment.size()));
    for (const auto &[name, value] : policy.environment) {
        out.text(name);
        out.text(value);
    }
    out.text(policy.workingDirectory);
}

void read(Reader &in, Launch &launch)
{
    launch.id = in.number<std::uint64_t>();
    launch.tier = in.enumeration(Tier::Reduced);
    launch.completeness = in.enumeration(Completeness::Zygote);
    launch.zygote = in.number<std::uint64_t>();
    launch.awaited = in.number<std::uint8_t>() != 0;
    SandboxPolicy &policy = launch.policy;
    policy.owner = in.text();
    read(in, policy.binds);
    policy.network = in.enumeration(Permissions::Network::All);
    read(in, policy.doors);
    read(in, policy.limits);
    for (std::uint32_t left = in.count(); left > 0 && in.good(); --left)
        policy.argv.push_back(in.text());
    for (std::uint32_t left = in.count(); left > 0 && in.good(); --left) {
        std::string name = in.text();
        policy.environment[std::move(name)] = in.text();
    }
    policy.workingDirectory = in.text();
}

void write(Writer &out, const Lease &lease)
{
    out.number(lease.id);
    write(out, lease.binds);
}

void read(Reader &in, Lease &lease)
{
    lease.id = in.number<std::uint64_t>();
    read(in, lease.binds);
}

void write(Writer &out, const Retire &retire) { out.number(retire.id); }
void read(Reader &in, Retire &retire) { retire.id = in.number<std::uint64_t>(); }

void write(Writer &out, const Leased &leased)
{
    out.number(leased.id);
    out.number(leased.sysErrno);
    out.text(leased.step);
    out.text(leased.place);
}

void read(Reader &in, Leased &leased)
{
    leased.id = in.number<std::uint64_t>();
    leased.sysErrno = in.number<std::int32_t>();
    leased.step = in.text();
    leased.place = in.text();
}

void write(Writer &out, const Hello &hello)
{
    out.enumeration(hello.cgroup.version);
    out.text(hello.cgroup.memory.native());
    out.text(hello.cgroup.pids.native());
    out.text(hello.cgroup.cpu.native());
    out.text(hello.cgroup.accounting.native());
    out.text(hello.cgroup.note);
    out.text(hello.namespaceProblem);
    out.number(hello.landlock);
}

void read(Reader &in, Hello &hello)
{
    hello.cgroup.version = in.enumeration(CgroupLayout::Version::V2);
    hello.cgroup.memory = in.text();
    hello.cgroup.pids = in.text();
    hello.cgroup.cpu = in.text();
    hello.cgroup.accounting = in.text();
    hello.cgroup.note = in.text();
    hello.namespaceProblem = in.text();
    hello.landlock = in.number<std::int32_t>();
}

void write(Writer &out, const Started &started)
{
    out.number(started.id);
    out.number(started.pid);
    out.number(started.cgroup);
}

void read(Reader &in, Started &started)
{
    started.id = in.number<std::uint64_t>();
    started.pid = in.number<std::int32_t>();
    started.cgroup = in.number<std::uint64_t>();
}

void write(Writer &out, const Ended &ended)
{
    out.number(ended.id);
    out.number(std::int32_t(ended.exit.code));
    out.number(std::int32_t(ended.exit.signal));
    out.number(std::uint8_t(ended.exit.outOfMemory));
    out.number(ended.exit.use.memory.count);
    out.number(ended.exit.use.peakMemory.count);
    out.number(std::int64_t(ended.exit.use.cpu.count()));
}

void read(Reader &in, Ended &ended)
{
    ended.id = in.number<std::uint64_t>();
    ended.exit.code = in.number<std::int32_t>();
    ended.exit.signal = in.number<std::int32_t>();
    ended.exit.outOfMemory = in.number<std::uint8_t>() != 0;
    ended.exit.use.memory.count = in.number<std::int64_t>();
    ended.exit.use.peakMemory.count = in.number<std::int64_t>();
    ended.exit.use.cpu = std::chrono::nanoseconds(in.number<std::int64_t>());
}

template<typename T> Result<Message> readWhole(Reader &in)
{
    T value;
    read(in, value);
    if (!in.whole())
        return fail(Error::Code::InvalidArgument, "a message between engine and launcher is not whole");
    return value;
}

Kind kindOf(const Launch &) { return Kind::Launch; }
Kind kindOf(const Lease &) { return Kind::Lease; }
Kind kindOf(const Retire &) { return Kind::Retire; }
Kind kindOf(const Leased &) { return Kind::Leased; }
Kind kindOf(const Hello &) { return Kind::Hello; }
Kind kindOf(const Started &) { return Kind::Started; }
Kind kindOf(const Ended &) { return Kind::Ended; }

} // namespace

Result<std::string> encode(const Message &message)
{
    Writer out;
    std::visit(
        [&](const auto &value) {
            out.number(static_cast<std::uint8_t>(kindOf(value)));
            write(out, value);
        },
        message);
    std::string bytes = out.take();
    if (bytes.size() > maxMessage)
        return fail(Error::Code::LimitExceeded, "a sandbox's description is over 64 KB", {},
                    "use fewer or shorter environment variables, arguments and grants");
    return bytes;
}

Result<Message> decode(std::string_view bytes)
{
    Reader in(bytes);
    switch (static_cast<Kind>(in.number<std::uint8_t>())) {
    case Kind::Launch: return readWhole<Launch>(in);
    case Kind::Lease: return readWhole<Lease>(in);
    case Kind::Retire: return readWhole<Retire>(in);
    case Kind::Leased: return readWhole<Leased>(in);
    case Kind::Hello: return readWhole<Hello>(in);
    case Kind::Started: return readWhole<Started>(in);
    case Kind::Ended: return readWhole<Ended>(in);
    }
    return fail(Error::Code::InvalidArgument, "a message between engine and launcher is of no known kind");
}

std::string encodeStatus(const Status &status)
{
    if (status.kind == Status::Kind::Executing)
        return std::string(1, static_cast<char>(status.kind));
    Writer out;
    out.number(static_cast<char>(status.kind));
    out.number(std::int32_t(status.sysErrno));
    out.text(std::string_view(status.step).substr(0, 256));
    out.text(std::string_view(status.place).substr(0, maxStatus - 512));
    return out.take();
}

std::optional<Status> decodeStatus(std::string_view bytes)
{
    std::optional<Status> last;
    if (bytes.starts_with(static_cast<char>(Status::Kind::Executing))) {
        last = Status{};
        bytes.remove_prefix(1);
    }
    if (bytes.empty())
        return last;
    Reader in(bytes);
    Status failed;
    failed.kind = Status::Kind::Failed;
    const char kind = in.number<char>();
    failed.sysErrno = in.number<std::int32_t>();
    failed.step = in.text();
    failed.place = in.text();
    if (!in.good() || kind != static_cast<char>(Status::Kind::Failed))
        return Status{Status::Kind::Failed, EPROTO, "read the status", {}};
    return failed;
}

} // namespace kiln::wire

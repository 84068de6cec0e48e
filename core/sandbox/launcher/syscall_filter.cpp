// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/syscall_filter.h"

#include "core/base/unique_fd.h"
#include "core/sandbox/launcher/syscall_names.h"

#include <seccomp.h>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <memory>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

/// Numbers since 5.0 are the same on all architectures; this libseccomp may not know the names.
constexpr int futexWaitv = 449;
constexpr int fchmodat2 = 452;
constexpr int firstUnknown = 453;
constexpr int lastUnknown = 480;

constexpr std::uint64_t low32 = 0xffffffff;

/// Compared on the low 32 bits, as the kernel takes an unsigned int (CVE-2019-10063). Not among them: TIOCSTI
/// (CVE-2017-5226), TIOCLINUX (CVE-2023-28100), and what sets the owner that a signal goes to.
constexpr std::uint64_t allowedIoctls[] = {
    TCGETS, 0x802c542a /* TCGETS2 */, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TIOCOUTQ};

constexpr std::uint64_t namespaceFlags =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

class Rules
{
public:
    Rules()
        : m_context(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release)
    {}

    void attribute(scmp_filter_attr name, std::uint32_t value) { note(seccomp_attr_set(m_context.get(), name, value)); }

    void allow(int number, std::initializer_list<scmp_arg_cmp> conditions = {})
    {
        add(SCMP_ACT_ALLOW, number, conditions);
    }
    void allow(const char *name, std::initializer_list<scmp_arg_cmp> conditions = {})
    {
        const int number = seccomp_syscall_resolve_name(name);
        if (number >= 0) // Negative: not on this architecture.
            allow(number, conditions);
    }
    /// Only for a process that is traced by one that lets it; else ENOSYS.
    void askTracer(const char *name, std::initializer_list<scmp_arg_cmp> conditions = {})
    {
        const int number = seccomp_syscall_resolve_name(name);
        if (number >= 0)
            add(SCMP_ACT_TRACE(0), number, conditions);
    }
    void missing(int number) { add(SCMP_ACT_ERRNO(ENOSYS), number, {}); }

    [[nodiscard]] int problem() const { return m_context ? m_problem : ENOMEM; }
    [[nodiscard]] int write(int fd) const { return seccomp_export_bpf(m_context.get(), fd); }

private:
    void add(std::uint32_t action, int number, std::initializer_list<scmp_arg_cmp> conditions)
    {
        note(seccomp_rule_add_array(m_context.get(), action, number, unsigned(conditions.size()), conditions.begin()));
    }
    void note(int result)
    {
        if (result < 0 && m_problem == 0)
            m_problem = -result;
    }

    std::unique_ptr<void, decltype(&seccomp_release)> m_context;
    int m_problem = 0;
};

scmp_arg_cmp low32Is(unsigned argument, std::uint64_t value)
{
    return {argument, SCMP_CMP_MASKED_EQ, low32, value & low32};
}

void allowSockets(Rules &rules)
{
    constexpr std::uint64_t typeMask = 0xf; // Without SOCK_NONBLOCK and SOCK_CLOEXEC.
    for (const int family : {AF_UNIX, AF_INET, AF_INET6})
        for (const int type : {SOCK_STREAM, SOCK_DGRAM})
            rules.allow("socket",
                        {low32Is(0, std::uint64_t(family)), {1, SCMP_CMP_MASKED_EQ, typeMask, std::uint64_t(type)}});
    rules.allow("socket", {low32Is(0, AF_UNIX), {1, SCMP_CMP_MASKED_EQ, typeMask, SOCK_SEQPACKET}});
    // Routing only: getifaddrs asks by it.
    rules.allow("socket", {low32Is(0, AF_NETLINK), low32Is(2, 0)});
}

void allowConditionally(Rules &rules)
{
    for (const std::uint64_t request : allowedIoctls)
        rules.allow("ioctl", {low32Is(1, request)});
    rules.allow("mknod", {{1, SCMP_CMP_MASKED_EQ, S_IFMT, S_IFIFO}});
    rules.allow("mknodat", {{2, SCMP_CMP_MASKED_EQ, S_IFMT, S_IFIFO}});
    for (const std::uint64_t persona : {std::uint64_t(0), low32}) // Linux as it is; and asking which.
        rules.allow("personality", {low32Is(0, persona)});
    // clone3 has its flags in memory, where no filter sees them; on ENOSYS each C library uses clone.
    rules.missing(SYS_clone3);
    rules.allow(futexWaitv);
    for (int number = firstUnknown; number <= lastUnknown; ++number)
        rules.missing(number);
}

/// Namespaces of a child, its change of user and its giving up of rights, all of which the launcher makes it do. By
/// itself none can: nothing hostile is ever traced but for the one fork that was asked for.
void askForBirths(Rules &rules)
{
    for (const std::uint64_t flag :
         {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET})
        rules.askTracer("clone", {{0, SCMP_CMP_MASKED_EQ, flag, flag}});
    for (const char *name : {"capset", "setresuid", "setresgid"})
        rules.askTracer(name);
}

void allowAmongOwn(Rules &rules)
{
    for (const char *name : allowedAmongOwn)
        rules.allow(name);
    rules.allow(fchmodat2);
    rules.allow("clone", {{0, SCMP_CMP_MASKED_EQ, namespaceFlags, 0}});
    allowSockets(rules);
}

/// Tier C has no pid namespace: what names a process may name the worker only, and there are no others: a child could
/// outlive it. fcntl could send signals to any of the user's processes by naming an owner for SIGIO.
void allowAlone(Rules &rules, pid_t self)
{
    for (const std::uint64_t who : {std::uint64_t(0), std::uint64_t(self)}) {
        for (const char *name : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64"})
            rules.allow(name, {low32Is(0, who)}); // 0 is the own group, or the process itself.
        rules.allow("setpriority", {low32Is(0, PRIO_PROCESS), low32Is(1, who)});
    }
    rules.allow("clone", {{0, SCMP_CMP_MASKED_EQ, namespaceFlags | CLONE_THREAD, CLONE_THREAD}});
    for (const int command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETLK, F_SETLKW, F_GETLK, 36, 37,
                              38 /* F_OFD_* */, 1031, 1032 /* F_*PIPE_SZ */, 1033, 1034 /* F_*_SEALS */})
        rules.allow("fcntl", {low32Is(1, std::uint64_t(command))});
    // Without O_ASYNC, which would start signals.
    rules.allow("fcntl", {low32Is(1, F_SETFL), {2, SCMP_CMP_MASKED_EQ, O_ASYNC, 0}});
}

Result<std::vector<sock_filter>> exportProgram(const Rules &rules)
{
    const UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
    if (!file || rules.write(file.get()) != 0)
        return failErrno(Error::Code::Sandbox, errno, "cannot build the system call filter");
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    std::vector<sock_filter> program(std::size_t(size) / sizeof(sock_filter));
    if (size <= 0 || ::pread(file.get(), program.data(), std::size_t(size), 0) != size)
        return failErrno(Error::Code::Sandbox, errno, "cannot read the system call filter");
    return program;
}

} // namespace

Result<SyscallFilter> SyscallFilter::build(Purpose purpose, pid_t self)
{
    Rules rules;
    if (rules.problem() == 0) {
        // Another architecture's calls (i386, x32) have other numbers: whoever makes one ends.
        rules.attribute(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        rules.attribute(SCMP_FLTATR_CTL_OPTIMIZE, 2); // A binary tree instead of a chain.
        for (const char *name : allowed)
            rules.allow(name);
        allowConditionally(rules);
        if (purpose == Purpose::Full || purpose == Purpose::Zygote)
            rules.allow("memfd_create");
        if (purpose == Purpose::Zygote)
            askForBirths(rules);
        if (purpose == Purpose::Reduced)
            allowAlone(rules, self);
        else
            allowAmongOwn(rules);
    }
    if (rules.problem() != 0)
        return failErrno(Error::Code::Sandbox, rules.problem(), "cannot build the system call filter");
    return exportProgram(rules).map([](std::vector<sock_filter> &&program) {
        SyscallFilter filter;
        filter.m_program = std::move(program);
        return filter;
    });
}

int SyscallFilter::install() const
{
    if (m_program.empty()) {
        errno = EINVAL;
        return -1;
    }
    const sock_fprog program{static_cast<unsigned short>(m_program.size()),
                             const_cast<sock_filter *>(m_program.data())};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

} // namespace kiln::launcher

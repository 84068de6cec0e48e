// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/tracee.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <utility>

namespace kiln::launcher {
namespace {

/// Between being asked and forking, an interpreter does a dozen calls; what does more is up to something else.
constexpr int maxStops = 400;
/// Below the stack pointer the ABI leaves 128 bytes to whoever is interrupted.
constexpr std::uint64_t redZone = 128;

constexpr unsigned long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORK |
                                  PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;

tl::unexpected<Error> failedStep(const char *step) { return failErrno(Error::Code::Sandbox, errno, step); }

Result<> ask(int request, pid_t pid, std::uint64_t address, std::uint64_t data, const char *step)
{
    if (::ptrace(static_cast<__ptrace_request>(request), pid, address, data) != 0)
        return failedStep(step);
    return {};
}

bool isCallStop(int status) { return WSTOPSIG(status) == (SIGTRAP | 0x80); }
int eventOf(int status) { return status >> 16; }
bool isBirth(int event)
{
    return event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_VFORK;
}

/// What it was about to be told by a signal; 0 for the stops that are ptrace's own.
int signalOf(int status) { return eventOf(status) == 0 && !isCallStop(status) ? WSTOPSIG(status) : 0; }

#if defined(__x86_64__)

/// A fork as a C library makes it: a copy, which shares nothing.
bool isPlainFork(const user_regs_struct &registers)
{
    constexpr std::uint64_t bookkeeping = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    if (registers.orig_rax == SYS_fork)
        return false; // No flags to add to; no C library of this age asks by it.
    return registers.orig_rax == SYS_clone && (registers.rdi & ~bookkeeping) == SIGCHLD;
}

#endif

} // namespace

bool Tracee::supported()
{
#if defined(__x86_64__)
    return true;
#else
    return false;
#endif
}

Result<Tracee> Tracee::seize(pid_t pid)
{
    if (auto seized = ask(PTRACE_SEIZE, pid, 0, options, "take hold of the zygote"); !seized)
        return tl::make_unexpected(seized.error());
    Tracee tracee(pid);
    return ask(PTRACE_INTERRUPT, pid, 0, 0, "stop the zygote").and_then([&] { return tracee.wait(); }).map([&](int) {
        return std::move(tracee);
    });
}

Result<Tracee> Tracee::newborn(pid_t pid)
{
    Tracee tracee(pid);
    return tracee.wait().map([&](int) { return std::move(tracee); });
}

Tracee::Tracee(Tracee &&other) noexcept
    : m_pid(std::exchange(other.m_pid, 0))
    , m_loan(std::exchange(other.m_loan, 0))
{
    std::copy(std::begin(other.m_before), std::end(other.m_before), std::begin(m_before));
}

Tracee::~Tracee() { letGo(); }

void Tracee::letGo()
{
    if (m_pid != 0)
        (void)::ptrace(PTRACE_DETACH, std::exchange(m_pid, 0), 0, 0);
}

Result<int> Tracee::wait() const
{
    int status = 0;
    if (::waitpid(m_pid, &status, __WALL) != m_pid) {
        if (errno == EINTR) // The alarm.
            errno = ETIMEDOUT;
        return failedStep("wait for the zygote");
    }
    if (!WIFSTOPPED(status)) {
        errno = ESRCH;
        return failedStep("trace the zygote, which ended");
    }
    return status;
}

Result<int> Tracee::run(int request, int signal) const
{
    return ask(request, m_pid, 0, std::uint64_t(signal), "let the zygote run").and_then([this] { return wait(); });
}

#if defined(__x86_64__)

Result<pid_t> Tracee::forkWith(std::uint64_t flags)
{
    int signal = 0;
    bool changed = false;
    for (int stops = 0; stops < maxStops; ++stops) {
        const auto stopped = run(changed ? PTRACE_CONT : PTRACE_SYSCALL, signal);
        if (!stopped)
            return tl::make_unexpected(stopped.error());
        signal = signalOf(*stopped);
        if (isBirth(eventOf(*stopped))) {
            unsigned long born = 0;
            auto told = ask(PTRACE_GETEVENTMSG, m_pid, 0, std::uint64_t(std::uintptr_t(&born)), "read what was born");
            if (!told)
                return tl::make_unexpected(told.error());
            if (changed)
                return pid_t(born);
            (void)::kill(pid_t(born), SIGKILL);
            errno = EPROTO;
            return failedStep("fork the zygote, which made another process");
        }
        user_regs_struct registers{};
        if (changed || !isCallStop(*stopped))
            continue;
        auto read = ask(PTRACE_GETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&registers)), "read registers");
        if (!read)
            return tl::make_unexpected(read.error());
        // ENOSYS in the place of the result: it is on its way in.
        if (long(registers.rax) != -ENOSYS || !isPlainFork(registers))
            continue;
        registers.rdi |= flags;
        auto written = ask(PTRACE_SETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&registers)), "change the fork");
        if (!written)
            return tl::make_unexpected(written.error());
        changed = true;
    }
    errno = EPROTO;
    return failedStep("fork the zygote, which did other things");
}

Result<long> Tracee::call(long number, std::uint64_t first, std::uint64_t second, std::uint64_t third)
{
    user_regs_struct before{};
    if (auto read = ask(PTRACE_GETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&before)), "read registers"); !read)
        return tl::make_unexpected(read.error());
    user_regs_struct registers = before;
    registers.rip -= 2; // It stands behind the instruction by which it was born: that one again.
    registers.rax = std::uint64_t(number);
    registers.orig_rax = ~std::uint64_t(0); // Nothing that the kernel would take for a call to begin again.
    registers.rdi = first;
    registers.rsi = second;
    registers.rdx = third;
    auto set = ask(PTRACE_SETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&registers)), "write registers");
    if (!set)
        return tl::make_unexpected(set.error());
    bool entered = false;
    for (int stops = 0; stops < maxStops; ++stops) {
        const auto stopped = run(PTRACE_SYSCALL);
        if (!stopped)
            return tl::make_unexpected(stopped.error());
        if (!isCallStop(*stopped))
            continue; // At the filter, which asks whether somebody traces.
        if (!std::exchange(entered, true))
            continue;
        auto read = ask(PTRACE_GETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&registers)), "read registers");
        auto back = ask(PTRACE_SETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&before)), "write registers");
        if (!read || !back)
            return tl::make_unexpected(read ? back.error() : read.error());
        return long(registers.rax);
    }
    errno = EPROTO;
    return failedStep("make a call in what was born");
}

Result<std::uint64_t> Tracee::lend(const void *bytes, std::size_t size)
{
    user_regs_struct registers{};
    if (auto read = ask(PTRACE_GETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&registers)), "read registers"); !read)
        return tl::make_unexpected(read.error());
    const std::uint64_t place = (registers.rsp - redZone - loanSize) & ~std::uint64_t(15);
    if (auto kept = copyIn(place, m_before, std::size(m_before)); !kept)
        return tl::make_unexpected(kept.error());
    m_loan = place;
    return copyOut(bytes, place, std::min(size, loanSize)).map([&] { return place; });
}

Result<> Tracee::dropBoundingSet()
{
    // for (ebx = CAP_LAST_CAP; ebx >= 0; --ebx) prctl(PR_CAPBSET_DROP, ebx, 0, 0, 0); then a trap. Those that this
    // kernel does not have fail, and do not matter.
    constexpr unsigned char program[] = {
        0xbb, CAP_LAST_CAP,
        0,    0,
        0, //       mov ebx, CAP_LAST_CAP
        0xb8, SYS_prctl,
        0,    0,
        0, // next: mov eax, SYS_prctl
        0xbf, PR_CAPBSET_DROP,
        0,    0,
        0,          //       mov edi, PR_CAPBSET_DROP
        0x89, 0xde, //       mov esi, ebx
        0x31, 0xd2, //       xor edx, edx
        0x4d, 0x31,
        0xd2, //       xor r10, r10
        0x4d, 0x31,
        0xc0,       //       xor r8, r8
        0x0f, 0x05, //       syscall
        0xff, 0xcb, //       dec ebx
        0x79, 0xe6, //       jns next
        0xcc,       //       int3
    };
    static_assert(sizeof program % sizeof(std::uint64_t) == 0);
    std::uint64_t code[sizeof program / sizeof(std::uint64_t)];
    user_regs_struct before{};
    Result<> done =
        ask(PTRACE_GETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&before)), "read registers").and_then([&] {
            return copyIn(before.rip, code, std::size(code));
        });
    if (!done)
        return done;
    user_regs_struct registers = before;
    registers.orig_rax = ~std::uint64_t(0);
    done = copyOut(program, before.rip, sizeof program).and_then([&] {
        return ask(PTRACE_SETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&registers)), "write registers");
    });
    const auto stopped = done.and_then([&] { return run(PTRACE_CONT); });
    if (!stopped)
        return stopped.map([](int) {});
    if (signalOf(*stopped) != SIGTRAP) {
        errno = EPROTO;
        return failedStep("drop the bounding set");
    }
    return copyOut(code, before.rip, sizeof code).and_then([&] {
        return ask(PTRACE_SETREGS, m_pid, 0, std::uint64_t(std::uintptr_t(&before)), "write registers");
    });
}

#else

Result<> Tracee::dropBoundingSet()
{
    errno = ENOSYS;
    return failedStep("drop the bounding set on this processor");
}

Result<pid_t> Tracee::forkWith(std::uint64_t)
{
    errno = ENOSYS;
    return failedStep("fork the zygote on this processor");
}

Result<long> Tracee::call(long, std::uint64_t, std::uint64_t, std::uint64_t)
{
    errno = ENOSYS;
    return failedStep("make a call in what was born on this processor");
}

Result<std::uint64_t> Tracee::lend(const void *, std::size_t)
{
    errno = ENOSYS;
    return failedStep("write to what was born on this processor");
}

#endif

Result<> Tracee::takeBack()
{
    if (m_loan == 0)
        return {};
    return copyOut(m_before, std::exchange(m_loan, 0), sizeof m_before);
}

Result<> Tracee::copyIn(std::uint64_t from, std::uint64_t *words, std::size_t count) const
{
    for (std::size_t i = 0; i < count; ++i) {
        errno = 0;
        words[i] = std::uint64_t(::ptrace(PTRACE_PEEKDATA, m_pid, from + i * sizeof *words, nullptr));
        if (errno != 0)
            return failedStep("read the memory of what was born");
    }
    return {};
}

Result<> Tracee::copyOut(const void *from, std::uint64_t to, std::size_t size) const
{
    for (std::size_t done = 0; done < size; done += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, static_cast<const char *>(from) + done, std::min(sizeof word, size - done));
        if (auto written = ask(PTRACE_POKEDATA, m_pid, to + done, word, "write to what was born"); !written)
            return written;
    }
    return {};
}

} // namespace kiln::launcher

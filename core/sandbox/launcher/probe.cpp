// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/probe.h"

#include "core/base/unique_fd.h"
#include "core/sandbox/launcher/kernel_calls.h"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

constexpr int channel = 3;

class Report
{
public:
    void line(bool good, const std::string &layer, const std::string &seen)
    {
        m_text += std::string(good ? "+" : "-") + layer + ": " + seen + "\n";
    }
    /// `result` of a call that has to fail; with which errno it did is the evidence.
    void refused(const std::string &layer, const std::string &what, long result)
    {
        const int error = errno;
        line(result < 0, layer, what + (result < 0 ? std::string(" is refused, ") + std::strerror(error) : " works"));
    }
    void send()
    {
        m_text += "\n";
        std::string_view rest = m_text;
        while (!rest.empty()) {
            const ssize_t count = ::write(channel, rest.data(), rest.size());
            if (count <= 0)
                return;
            rest.remove_prefix(std::size_t(count));
        }
    }

private:
    std::string m_text;
};

long tryOpen(const char *path, int flags) { return UniqueFd(::open(path, flags | O_CLOEXEC)) ? 0 : -1; }

void tryFiles(Report &report, const ProbeTask &task)
{
    report.refused("files", "reading /etc/shadow", tryOpen("/etc/shadow", O_RDONLY));
    report.refused("files", "listing /root", tryOpen("/root", O_RDONLY | O_DIRECTORY));
    report.refused("files", "listing /home", tryOpen("/home", O_RDONLY | O_DIRECTORY));
    report.refused("files", "writing to its own code", tryOpen(task.program.c_str(), O_WRONLY));
    report.refused("files", "writing to /usr", tryOpen("/usr/kiln-probe", O_WRONLY | O_CREAT));
}

void tryProcesses(Report &report, const ProbeTask &task)
{
    if (task.tier == "C") {
        report.refused("processes", "a signal to the launcher", ::kill(::getppid(), 0));
        report.refused("processes", "a process of its own", ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
        return;
    }
    int seen = 0;
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        seen += name.find_first_not_of("0123456789") == std::string::npos ? 1 : 0;
    }
    report.line(::getpid() == 2 && seen <= 2, "processes",
                "pid " + std::to_string(::getpid()) + " in a namespace that shows " + std::to_string(seen));
}

void tryKernel(Report &report)
{
    report.line(::prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER, "system calls", "seccomp filter");
    report.refused("system calls", "mount", ::mount("none", "/tmp", "tmpfs", 0, nullptr));
    report.refused("system calls", "a new user namespace", ::unshare(CLONE_NEWUSER));
    report.refused("system calls", "ptrace", ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
    report.line(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "privileges", "no_new_privs");
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3] = {};
    const bool none = ::syscall(SYS_capget, &header, held) == 0 && held[0].permitted == 0 && held[1].permitted == 0;
    report.line(none, "privileges", none ? "no capability" : "capabilities are held");
}

void tryNetwork(Report &report, const ProbeTask &task)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::uint16_t port = 0;
    std::from_chars(task.port.data(), task.port.data() + task.port.size(), port);
    address.sin_port = htons(port);
    const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    report.refused("network", "connecting to the machine's 127.0.0.1",
                   tcp ? ::connect(tcp.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) : -1);

    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    const std::size_t length = std::min(task.abstract.size(), sizeof local.sun_path - 1);
    std::memcpy(local.sun_path + 1, task.abstract.data(), length);
    const UniqueFd unixSocket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + 1 + length);
    report.refused("network", "connecting to the machine's abstract sockets",
                   unixSocket ? ::connect(unixSocket.get(), reinterpret_cast<sockaddr *>(&local), size) : -1);
}

void tryDescriptors(Report &report)
{
    int open = 0;
    for (int fd = 0; fd < 1024; ++fd)
        open += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    report.line(open == 4, "descriptors", std::to_string(open) + " open");
}

void tryMemory(Report &report, const ProbeTask &task)
{
    if (task.tier == "B")
        report.refused("memory", "a memory file", ::memfd_create("probe", MFD_CLOEXEC));
}

} // namespace

int probe(const ProbeTask &task)
{
    Report report;
    tryDescriptors(report);
    tryFiles(report, task);
    tryProcesses(report, task);
    tryKernel(report);
    tryNetwork(report, task);
    tryMemory(report, task);
    report.send();
    char byte = 0;
    [[maybe_unused]] const ssize_t count = ::read(channel, &byte, 1);
    return 0;
}

} // namespace kiln::launcher

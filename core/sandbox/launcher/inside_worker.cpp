// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/file_rules.h"
#include "core/sandbox/launcher/inside.h"
#include "core/sandbox/launcher/kernel_calls.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

constexpr int channelPlace = 3;
constexpr int statusPlace = 4; ///< Until execve.
constexpr int birthsPlace = 5; ///< Of a zygote.
constexpr int outOfTheWay = 16;

} // namespace

void Inside::becomeWorker()
{
    startSession();
    limitResources();
    dropPrivileges();
    arrangeDescriptors();
    enterWorkingDirectory();
    restrictFiles();
    filterCalls();
    execute();
}

void Inside::startSession()
{
    m_steps.begin("start a session");
    m_steps.require(::setsid() >= 0);
    // Ignored and blocked signals survive execve.
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    m_steps.require(::sigprocmask(SIG_SETMASK, &none, nullptr) == 0);
    ::umask(022);
}

void Inside::limitResources()
{
    m_steps.begin("limit resources");
    const Limits &limits = m_plan.policy.limits;
    const auto limit = [this](auto resource, rlim_t value, const char *name) {
        const rlimit both{value, value};
        m_steps.require(::setrlimit(resource, &both) == 0, name);
    };
    limit(RLIMIT_CORE, 0, "core");
    limit(RLIMIT_NOFILE, rlim_t(limits.files), "files");
    // And pid 1, which is the same user. A zygote's children count as its own, too; each gets its own limit.
    const rlim_t processes = rlim_t(limits.processes) + 1;
    limit(RLIMIT_NPROC, processes * (m_plan.temporaries.size() + 1), "processes");
    limit(RLIMIT_MEMLOCK, 0, "locked memory");
    limit(RLIMIT_MSGQUEUE, 0, "message queues");
    limit(RLIMIT_RTPRIO, 0, "real-time priority");
    if (m_plan.tier == Tier::Reduced) // Its /tmp is a folder of the machine, without a size of its own.
        limit(RLIMIT_FSIZE, rlim_t(limits.tmp.count), "file size");
    // Never RLIMIT_AS: a Node process reserves far more than it uses, and hangs. Data alone is what takes memory; a
    // quarter more than the limit, so that the launcher, which looks at all processes together, is the first to tell.
    if (m_plan.tier != Tier::Full)
        limit(RLIMIT_DATA, rlim_t(limits.memory.count + limits.memory.count / 4), "data");
}

void Inside::dropPrivileges()
{
    m_steps.begin("drop capabilities");
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability)
        // EINVAL: newer than this kernel. EPERM: tier C of an ordinary user, who has none and whom no_new_privs keeps
        // so.
        m_steps.require(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0 || errno == EINVAL ||
                        (errno == EPERM && m_plan.tier == Tier::Reduced));
    m_steps.require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0);
    m_steps.require(dropAllCapabilities() == 0);
    m_steps.begin("forbid new privileges");
    m_steps.require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

/// 0 nothing, 1 and 2 the output, 3 the channel, and no other: a leaked folder would be a way out (CVE-2024-21626).
void Inside::arrangeDescriptors()
{
    m_steps.begin("arrange descriptors");
    const int channel = ::fcntl(m_plan.channel.get(), F_DUPFD_CLOEXEC, outOfTheWay);
    const int output = ::fcntl(m_plan.output.get(), F_DUPFD_CLOEXEC, outOfTheWay);
    const int status = ::fcntl(m_plan.status.get(), F_DUPFD_CLOEXEC, outOfTheWay);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const int births = m_plan.isZygote() ? ::fcntl(m_plan.births.get(), F_DUPFD_CLOEXEC, outOfTheWay) : -1;
    m_steps.require(channel >= 0 && output >= 0 && status >= 0 && nothing >= 0 && (births >= 0 || !m_plan.isZygote()));
    m_steps.require(::dup3(status, statusPlace, O_CLOEXEC) == statusPlace);
    m_steps = Steps(statusPlace);
    m_steps.begin("arrange descriptors");
    m_steps.require(::dup2(nothing, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(output, 2) == 2 &&
                    ::dup2(channel, channelPlace) == channelPlace);
    if (m_plan.isZygote()) {
        m_steps.require(::dup2(births, birthsPlace) == birthsPlace);
        // Its first word: the kernel adds who says it, as the launcher sees it.
        m_steps.require(::send(birthsPlace, "z", 1, MSG_NOSIGNAL) == 1);
    }
    // What is left are the folders that the rules are about, all of which close on execve.
    m_steps.require(m_plan.isZygote() || closeFrom(statusPlace + 1) == 0);
}

void Inside::enterWorkingDirectory()
{
    m_steps.begin("enter the working directory");
    m_steps.require(::chdir(m_plan.policy.workingDirectory.c_str()) == 0, m_plan.policy.workingDirectory);
}

/// All of it is refused by the mounts already: this holds if one of them were wrong.
void Inside::restrictFiles()
{
    m_steps.begin("restrict files");
    FileRules rules(m_ground.landlock);
    rules.add("/", FileRules::Access::Read);
    rules.add("/dev", FileRules::Access::Device);
    rules.add("/tmp", FileRules::Access::WriteExec);
    for (const UniqueFd &temporary : m_plan.temporaries)
        rules.add(temporary.get(), FileRules::Access::WriteExec);
    for (const Grant &grant : m_plan.grants)
        if (grant.mode == Permissions::Mode::ReadWrite)
            rules.add(grant.target, grant.executable ? FileRules::Access::WriteExec : FileRules::Access::Write);
    std::string failed;
    m_steps.require(rules.restrict(m_plan.policy.network, failed) == 0, failed);
}

void Inside::filterCalls()
{
    m_steps.begin("filter system calls");
    const SyscallFilter &filter = m_plan.isZygote()           ? m_ground.zygote
                                  : m_plan.tier == Tier::Full ? m_ground.full
                                                              : m_ground.softMemory;
    m_steps.require(filter.install() == 0);
}

void Inside::execute()
{
    m_steps.begin("execute");
    std::vector<char *> arguments;
    for (const std::string &argument : m_plan.policy.argv)
        arguments.push_back(const_cast<char *>(argument.c_str()));
    arguments.push_back(nullptr);
    std::vector<std::string> lines;
    for (const auto &[name, value] : m_plan.policy.environment)
        lines.push_back(name + "=" + value);
    std::vector<char *> environment;
    for (const std::string &line : lines)
        environment.push_back(const_cast<char *>(line.c_str()));
    environment.push_back(nullptr);
    m_steps.aboutToExecute();
    ::execve(arguments[0], arguments.data(), environment.data());
    m_steps.fail(m_plan.policy.argv[0]);
}

} // namespace kiln::launcher

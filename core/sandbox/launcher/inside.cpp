// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/inside.h"

#include "core/sandbox/launcher/inside_ids.h"
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/small_file.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

/// Where the new root is put together: a folder each system has; hidden only in this process's namespace.
constexpr const char *rootPlace = "/tmp";

bool writeFile(const char *path, const std::string &text)
{
    errno = writeSmallFile(path, text);
    return errno == 0;
}

bool makeFolder(const std::string &path) { return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST; }

/// Each folder on the way to `path`, which is absolute and plain.
bool makeFoldersTo(const std::string &path)
{
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (!makeFolder(path.substr(0, slash)))
            return false;
    return true;
}

std::string mapLine(unsigned outside) { return std::to_string(insideId) + " " + std::to_string(outside) + " 1"; }

} // namespace

void Inside::run()
{
    becomeOwner();
    dieWithLauncher();
    yieldMemory();
    forbidNamespaces();
    buildRoot();
    mountTemporary();
    mountProcesses();
    switchRoot();
    attachGrants();
    if (m_plan.code == Plan::Code::ComesLater)
        makePlaceOfCode();
    sealRoot();
    nameHost();
    m_steps.begin("fork the worker");
    const pid_t worker = ::fork();
    m_steps.require(worker >= 0);
    if (worker == 0)
        becomeWorker();
    keepDescriptors();
    giveUpRights();
    if (m_plan.isZygote())
        superviseZygote(worker);
    superviseWorker(worker);
}

/// The launcher cloned with the owner's effective id, so this process may map it, and only it, itself.
void Inside::becomeOwner()
{
    m_steps.begin("map the user");
    // The change of id made this process opaque, its files in /proc root's.
    m_steps.require(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
    awaitLauncher();
    if (!m_plan.mapsOthers()) {
        m_steps.require(writeFile("/proc/self/setgroups", "deny"));
        m_steps.require(writeFile("/proc/self/uid_map", mapLine(m_plan.user.user)), "uid_map");
        m_steps.require(writeFile("/proc/self/gid_map", mapLine(m_plan.user.group)), "gid_map");
    }
    m_steps.begin("become the user");
    m_steps.require(::setresgid(insideId, insideId, insideId) == 0);
    m_steps.require(::setresuid(insideId, insideId, insideId) == 0);
}

/// Only a process outside may map users of others, too; and only while this one is not yet opaque may it be entered.
void Inside::awaitLauncher()
{
    m_plan.preparing.reset();
    char done = 0;
    if (m_plan.prepared)
        m_steps.require(::read(m_plan.prepared.get(), &done, 1) == 1);
}

/// After the change of ids, which clears it.
void Inside::dieWithLauncher()
{
    m_steps.begin("be tied to the launcher");
    m_steps.require(::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0);
    pollfd launcher{m_ground.launcher.get(), POLLIN, 0};
    errno = ESRCH;
    m_steps.require(::poll(&launcher, 1, 0) == 0); // Readable: it ended before the line above.
}

/// The first to go when the machine is short of memory.
void Inside::yieldMemory()
{
    m_steps.begin("yield memory first");
    m_steps.require(writeFile("/proc/self/oom_score_adj", "900"));
}

/// Before the real /proc is out of reach. The worker could not make any more namespaces even past the filter; a zygote
/// those of its children, which it cannot make without the launcher.
void Inside::forbidNamespaces()
{
    m_steps.begin("forbid namespaces");
    m_steps.require(writeFile("/proc/sys/user/max_user_namespaces", std::to_string(m_plan.temporaries.size())));
    m_steps.begin("part from the machine's mounts");
    m_steps.require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
}

/// A small tmpfs with copies of the base image's mounts, all read-only before they are attached.
void Inside::buildRoot()
{
    m_steps.begin("build the root");
    m_steps.require(::mount("tmpfs", rootPlace, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=1024,mode=0755") == 0,
                    rootPlace);
    m_steps.require(::chdir(rootPlace) == 0);
    for (const BaseImage::RootEntry &entry : m_ground.image->rootEntries) {
        if (!entry.linkTarget.empty()) {
            m_steps.require(::symlink(entry.linkTarget.c_str(), entry.name.c_str()) == 0, entry.name);
            continue;
        }
        m_steps.require(makeFolder(entry.name), entry.name);
        const UniqueFd tree(cloneTree((std::string(BaseImage::place) + "/" + entry.name).c_str()));
        m_steps.require(bool(tree), entry.name);
        m_steps.require(attachTree(tree.get(), entry.name.c_str()) == 0, entry.name);
    }
    for (const char *folder : {"tmp", "proc"})
        m_steps.require(makeFolder(folder), folder);
}

/// A file system of its own per sandbox, capped in bytes and in files: nothing in it reaches another function.
void Inside::mountTemporary()
{
    m_steps.begin("mount /tmp");
    const std::string options = "size=" + std::to_string(m_plan.policy.limits.tmp.count) +
                                ",nr_inodes=" + std::to_string(m_plan.policy.limits.tmpInodes) + ",mode=0700";
    m_steps.require(::mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0, options);
}

/// Only processes, not the kernel's settings; read-only, else a process could write its own oom_score_adj.
void Inside::mountProcesses()
{
    m_steps.begin("mount /proc");
    m_steps.require(
        ::mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "hidepid=2,subset=pid") == 0);
}

void Inside::switchRoot()
{
    m_steps.begin("switch the root");
    // The old root is put on top of the new one and taken off again: no folder is needed for it.
    m_steps.require(pivotRoot(".", ".") == 0, "pivot_root");
    m_steps.require(::umount2(".", MNT_DETACH) == 0, "detach the old root");
    m_steps.require(::chdir("/") == 0);
}

/// After the switch, so that a link in a granted folder can only lead to what is inside.
void Inside::attachGrants()
{
    for (const Grant &grant : m_plan.grants) {
        m_steps.begin("make the place of what is granted");
        m_steps.require(makeFoldersTo(grant.target), grant.target);
        if (grant.kind == Grant::Kind::Folder)
            m_steps.require(makeFolder(grant.target), grant.target);
        else if (::access(grant.target.c_str(), F_OK) != 0)
            m_steps.require(writeFile(grant.target.c_str(), {}), grant.target);
        m_steps.begin("attach what is granted");
        m_steps.require(attachTree(grant.mount.get(), grant.target.c_str()) == 0, grant.target);
    }
}

void Inside::sealRoot()
{
    m_steps.begin("make the root read-only");
    m_steps.require(::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) ==
                    0);
}

/// While the root can be written.
void Inside::makePlaceOfCode()
{
    m_steps.begin("make the place of the code");
    m_steps.require(makeFoldersTo(m_plan.policy.workingDirectory + "/"), m_plan.policy.workingDirectory);
}

void Inside::nameHost()
{
    m_steps.begin("name the host");
    m_steps.require(::sethostname("fn", 2) == 0);
}

/// The worker's ends above all: their other sides have to see when it closes them.
void Inside::keepDescriptors()
{
    const bool zygote = m_plan.isZygote();
    const int supervisor = zygote ? ::fcntl(m_plan.supervisor.get(), F_DUPFD_CLOEXEC, supervisorPlace + 1) : -1;
    if (::dup2(m_ground.exits.writeEnd(), exitsPlace) < 0 || (zygote && ::dup2(supervisor, supervisorPlace) < 0))
        ::_exit(EXIT_FAILURE);
    closeFrom(zygote ? supervisorPlace + 1 : supervisorPlace);
    for (const int standard : {0, 1, 2})
        ::close(standard);
}

void Inside::giveUpRights()
{
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability)
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    const bool bare = dropAllCapabilities() == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                      ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
    if (!bare)
        ::_exit(EXIT_FAILURE);
}

/// Pid 1 from here on: no rights, one descriptor. It ends with the worker, and the kernel then ends all that is left
/// in the namespace: nothing daemonised stays.
void Inside::superviseWorker(pid_t worker)
{
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(-1, &status, __WALL);
        if (ended == worker) {
            ExitPipe::report(exitsPlace, {m_plan.id, 0, status});
            ::_exit(EXIT_SUCCESS);
        }
        if (ended < 0 && errno != EINTR)
            ::_exit(EXIT_FAILURE);
    }
}

} // namespace kiln::launcher

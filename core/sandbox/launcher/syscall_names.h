// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace kiln::launcher {

// A list to read, not a column.
// clang-format off

/// Docker's default list less: io_uring, ptrace, process_vm_*, userfaultfd, memfd_secret, name_to_handle_at, modify_ldt,
/// System V IPC, set*id, capset, syslog, mount calls, setting of schedulers and clocks, and sync, which would flush the
/// whole machine. A name that this libseccomp or this architecture does not have is left out.
constexpr const char *allowed[] = {
    // files
    "access", "chdir", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3", "faccessat",
    "faccessat2", "fadvise64", "fallocate", "fchdir", "fdatasync", "fgetxattr", "flistxattr", "flock", "fstat",
    "fstatfs", "fsync", "ftruncate", "getcwd", "getdents", "getdents64", "getxattr", "lgetxattr", "link", "linkat",
    "listxattr", "llistxattr", "lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat", "openat2",
    "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat",
    "readv", "rename", "renameat", "renameat2", "rmdir", "sendfile", "splice", "stat", "statfs", "statx", "symlink",
    "symlinkat", "sync_file_range", "tee", "umask", "unlink", "unlinkat", "vmsplice", "write", "writev",
    // memory
    "brk", "madvise", "membarrier", "mincore", "mlock", "mlock2", "mlockall", "mmap", "mprotect", "mremap", "msync",
    "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
    // processes and threads
    "arch_prctl", "capget", "execve", "execveat", "exit", "exit_group", "futex", "get_robust_list", "getcpu", "getegid",
    "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getresgid",
    "getresuid", "getrlimit", "getrusage", "getsid", "gettid", "getuid", "ioprio_get", "landlock_add_rule",
    "landlock_create_ruleset", "landlock_restrict_self", "prctl", "restart_syscall", "rseq", "sched_get_priority_max",
    "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
    "sched_rr_get_interval", "sched_yield", "set_robust_list", "set_thread_area", "set_tid_address", "setpgid",
    "setrlimit", "setsid", "sysinfo", "times", "uname", "wait4", "waitid",
    // signals and time
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "gettimeofday", "nanosleep", "pause",
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "setitimer",
    "sigaltstack", "signalfd", "signalfd4", "time", "timer_create", "timer_delete", "timer_getoverrun",
    "timer_gettime", "timer_settime", "timerfd_create", "timerfd_gettime", "timerfd_settime",
    // waiting, pipes, sockets once they are made
    "accept", "accept4", "bind", "connect", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old",
    "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "getpeername", "getrandom", "getsockname",
    "getsockopt", "listen", "pipe", "pipe2", "poll", "ppoll", "pselect6", "recvfrom", "recvmmsg", "recvmsg", "select",
    "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socketpair",
};

/// Fine where namespaces hold the worker; in tier C they are bound to the worker's own pid, or gone.
constexpr const char *allowedAmongOwn[] = {
    // name processes
    "fcntl", "fork", "kill", "pidfd_open", "pidfd_send_signal", "prlimit64", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "sched_setaffinity", "setpriority", "tgkill", "tkill", "vfork",
    // change or watch files by a path that Landlock does not look at
    "chmod", "chown", "fchmod", "fchmodat", "fchown", "fchownat", "fremovexattr", "fsetxattr", "inotify_add_watch",
    "inotify_init", "inotify_init1", "inotify_rm_watch", "lchown", "lremovexattr", "lsetxattr", "removexattr",
    "setxattr", "truncate", "utime", "utimensat", "utimes"};

// clang-format on

} // namespace kiln::launcher

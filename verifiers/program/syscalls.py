"""Which system calls a program may make: a seccomp filter, compiled by libseccomp and handed into the sandbox as BPF.

What is not named here does not exist for a program (ENOSYS), whatever the kernel offers. What is missing on purpose:
sockets other than a connected pair, new namespaces and mounts, tracing and other processes' memory, limits and
priorities, keys, BPF, io_uring, inotify, System V IPC, message queues, files without a name, other users, real-time
scheduling, flushing of disks, and every other instruction set.

Not covered: a fault in a call that every program needs.
"""

from __future__ import annotations

import functools
import importlib
import tempfile
from typing import Any

from verifiers.program.running import BrokenSandboxError

_FILES = """
access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr fremovexattr
fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr lchown lgetxattr link linkat listxattr
llistxattr lremovexattr lseek lstat mkdir mkdirat newfstatat open openat pread64 preadv preadv2 pwrite64 pwritev
pwritev2 read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile stat statfs
statx symlink symlinkat sync_file_range truncate umask unlink unlinkat utime utimensat utimes write writev
"""
_MEMORY = "brk mbind membarrier mincore mmap mprotect mremap msync munmap"
_PROCESSES = """
arch_prctl capget execve execveat exit exit_group fork get_robust_list getcpu getegid geteuid getgid getgroups getpgid
getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get kill
pidfd_open pidfd_send_signal rseq sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
sched_getparam sched_getscheduler sched_rr_get_interval sched_yield set_robust_list set_tid_address setpgid setrlimit
setsid sysinfo tgkill times tkill uname vfork wait4 waitid waitpid
"""
_SIGNALS_AND_TIME = """
alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep pause restart_syscall rt_sigaction
rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo setitimer
sigaltstack signalfd signalfd4 time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
timerfd_create timerfd_gettime timerfd_settime
"""
_WAITING = """
epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 futex futex_wait futex_waitv
futex_wake getpeername getrandom getsockname getsockopt pipe pipe2 poll ppoll pselect6 recvfrom recvmmsg recvmsg
select sendmmsg sendmsg sendto shutdown
"""
_NAMESPACES = 0x7E020000
"""The flags of clone that make one; clone3 hides its flags from a filter, and is not there."""
_CLONE_VFORK, _CLONE_PARENT, _CLONE_THREAD = 0x4000, 0x8000, 0x10000
"""Who waits as in vfork must be seen to be a parent (`watching`)."""
_AF_UNIX, _SOCK_STREAM, _SOCKET_TYPE = 1, 1, 0xF
"""A pair of datagram sockets would reach every named one of the machine: Landlock does not know of these."""
_IOCTLS = (0x5401, 0x540F, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS TIOCGPGRP TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX."""
_PRCTLS = (2, 3, 15, 16, 21, 23, 39)
"""PDEATHSIG, DUMPABLE and NAME, SECCOMP, CAPBSET and NO_NEW_PRIVS: read all, set the name alone."""
_ADVICE = (0, 1, 2, 3, 8, 9, 14, 15, 16, 17)
"""All that programs give but MADV_DONTNEED, COLD and PAGEOUT: shared memory would stay, and be nobody's. Allocators do
without."""
_OPTIMIZE_TREE = 2
_ENOSYS = 38


@functools.cache
def compiled() -> bytes:
    """Return the filter for this machine's instruction set, as an array of `struct sock_filter`.

    Raises:
        BrokenSandboxError: libseccomp is not installed.
    """
    library = _library()
    made = library.SyscallFilter(library.ERRNO(_ENOSYS))
    made.set_attr(library.Attr.CTL_OPTIMIZE, _OPTIMIZE_TREE)
    for name in " ".join((_FILES, _MEMORY, _PROCESSES, _SIGNALS_AND_TIME, _WAITING)).split():
        _allow(library, made, name)
    forks = _NAMESPACES | _CLONE_PARENT | _CLONE_VFORK
    _allow(library, made, "clone", library.Arg(0, library.MASKED_EQ, forks, 0))
    _allow(library, made, "clone", library.Arg(0, library.MASKED_EQ, forks | _CLONE_THREAD, _CLONE_VFORK))
    of_itself = library.Arg(0, library.EQ, 0)
    for name in ("prlimit64", "sched_setaffinity"):
        _allow(library, made, name, of_itself)
    _allow(library, made, "setpriority", of_itself, library.Arg(1, library.EQ, 0))
    stream = library.Arg(1, library.MASKED_EQ, _SOCKET_TYPE, _SOCK_STREAM)
    _allow(library, made, "socketpair", library.Arg(0, library.EQ, _AF_UNIX), stream)
    for name, place, values in (("ioctl", 1, _IOCTLS), ("prctl", 0, _PRCTLS), ("madvise", 2, _ADVICE)):
        for value in values:
            _allow(library, made, name, library.Arg(place, library.EQ, value))
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


def _library() -> Any:
    try:
        return importlib.import_module("pyseccomp")
    except (ImportError, RuntimeError, OSError) as err:
        raise BrokenSandboxError(f"libseccomp cannot be loaded: {err}") from err


def _allow(library: Any, made: Any, name: str, *arguments: Any) -> None:
    """Allow a call, where this libseccomp and this machine know one of that name."""
    try:
        number = library.resolve_syscall(library.Arch.NATIVE, name)
    except (OSError, ValueError):
        return
    if number >= 0:
        made.add_rule(library.ALLOW, number, *arguments)

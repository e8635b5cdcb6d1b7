"""How strongly programs are kept apart on this machine: the best rung of a ladder, found out by a canary.

1: a bubblewrap that stays, in which each program gets namespaces of its own. 2: a fresh bubblewrap per judged program.
3: without namespaces, Landlock, seccomp and a user of its own. Otherwise programs are not judged at all, unless the
user asked for it (4, `CodeSettings.unsafe_local_execution`). The canary is a program that tries what none may do: a
rung holds if it was run and reached nothing.

Not covered: what an attacker would need skill for; the canary shows that each fence stands, not how high it is.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from verifiers.program import interpreter, namespaces
from verifiers.program.bubblewrap import bubblewrap
from verifiers.program.confine import landlock_version
from verifiers.program.confined import FRESH, UNWRAPPED, WARM, sandbox
from verifiers.program.running import BrokenSandboxError, Limits, StarvedError
from verifiers.program.unwrapped import LANDLOCK_LEAST

_LIMITS = Limits(cpu_s=5, memory_mb=256, output_bytes=1 << 16, idle_s=10, wall_s=60)
_ALIVE = "the canary sings"
_CANARY = """
import ctypes, os, resource, socket, sys
libc = ctypes.CDLL(None)
def can(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError:
        return False
    return True
def write(folder):
    open(folder + "/canary", "w").close()
    os.remove(folder + "/canary")
def is_there():
    try:
        with open(f"/proc/{PROCESS}/stat") as file:
            return file.read().rpartition(")")[2].split()[19] == BORN
    except OSError:
        return PROCESS not in (1, os.getpid()) and can(os.kill, PROCESS, 0)
def is_the_machines(folder):
    try:
        found = os.stat(folder)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == KNOWN_BY
temporary = is_the_machines(TEMPORARY)
capabilities = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), capabilities)
limits = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE)
seen = {
    "capabilities": any(capabilities),
    "a way to gain privileges": libc.prctl(39, 0, 0, 0, 0) != 1,
    "root": 0 in (os.getuid(), os.geteuid()),
    "system calls that none needs": can(os.memfd_create, "canary"),
    "the environment": bool(os.environ.keys() - GIVEN),
    "the process that watches it": can(open, f"/proc/{os.getppid()}/mem", "rb"),
    "processes of the machine": is_there(),
    "the network": can(socket.socket) or can(socket.socket, socket.AF_UNIX),
    "files of the machine": temporary and can(os.listdir, TEMPORARY) or can(open, "/etc/passwd"),
    "a disk to write to": any(can(write, folder) for folder in (*[TEMPORARY] * temporary, "/", "/usr", "/etc", "/dev")),
    "memory or time without end": any(resource.getrlimit(kind)[1] < 0 for kind in limits),
    "another Python than ours": sys.version != VERSION,
    "new namespaces": libc.unshare(0x10000000) == 0,  # last: in one of its own it could do less of the above
}
print(*(name for name, found in seen.items() if found), sep=", ", end="")
print(ALIVE)
"""
_GIVEN_TOO = ("PWD", "TMPDIR", "LD_LIBRARY_PATH")
"""What programs find in their environment beside `interpreter.environment`."""
_TOLD = {
    WARM: "every program gets namespaces of its own, in a bubblewrap that stays: it finds no network, no files of "
    "yours, no environment and no privileges",
    FRESH: "every program gets a bubblewrap of its own: as safe as rung 1, but slower",
    UNWRAPPED: "without namespaces, Landlock, seccomp and a user of its own keep every program from the network, from "
    "your files and from privileges: weaker than rungs 1 and 2",
}
_BUBBLEWRAP, _LANDLOCK = "bubblewrap does not work here: ", "Landlock does not work here: "
_OPEN_PYTHON = "use a Python that every user may read, such as the one in /usr/bin"
_MAY_NOT = "root may not mount folders or change its user"
_HINTS = {
    "not installed": "install bubblewrap: sudo apt-get install bubblewrap",
    "libseccomp": "install libseccomp: sudo apt-get install libseccomp2",
    "find source path": _OPEN_PYTHON,
    "too busy": "try again when the machine is less busy",
}
_FORBIDDING = {
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "user.max_user_namespaces": ("0", "15000"),
}
"""Settings of the kernel by which people forbid user namespaces: the value that does, and one that does not."""
_CONTAINER = (
    "this is a container that may make no namespaces; start it with\n"
    "  docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined …\n"
    "  podman run --security-opt seccomp=unconfined --security-opt unmask=ALL …"
)
_SYSCTL = "allow namespaces, on the machine itself: sudo sysctl"
_FILTERED = "allow namespaces: a seccomp filter (in a service: RestrictNamespaces=) or a security module is against it"


@dataclass(frozen=True, slots=True)
class Probe:
    """What the canary found."""

    rung: int | None
    """1 to 3, or None when no program may be judged here."""
    detail: str
    """What the rung means; why none holds."""
    hint: str
    """How to get a better rung; empty when there is none, or no way is known. It may have several lines."""
    missed: str = ""
    """Why the better rungs do not hold; empty on the best."""


_found: list[Probe] = []


def probe() -> Probe:
    """Send the canary; once it has come back well, that is known for the life of this process."""
    if not _found:
        found = _probe()
        if found.rung is None:
            return found
        _found.append(found)
    return _found[0]


def _probe() -> Probe:
    hint, missed = "", list[str]()
    for rung, told in _TOLD.items():
        why = _obstacle(rung) or fault(rung)
        if not why:
            return Probe(rung, told, hint, "; ".join(missed))
        missed += [why] if why not in missed else []
        hint = hint or _hint(why)
    return Probe(None, "; ".join(missed), hint)


def _obstacle(rung: int) -> str:
    """Say what makes it needless to try a rung."""
    if rung == UNWRAPPED:
        if os.geteuid() != 0:
            return "without namespaces only root can give programs a user of their own"
        version = landlock_version()
        return f"the kernel offers no Landlock of version {LANDLOCK_LEAST}" if version < LANDLOCK_LEAST else ""
    if bubblewrap() is None:
        return "bubblewrap is not installed"
    return "" if rung == FRESH or namespaces.possible() else "this kind of processor is not known to rung 1"


def fault(rung: int) -> str:
    """Send the canary to a rung; say why it does not hold, nothing when it does."""
    try:
        with sandbox(rung) as box, box.run("main", canary(), _LIMITS) as running:
            failed = running.end()
    except StarvedError as err:
        return str(err)
    except (BrokenSandboxError, OSError) as err:
        return f"{_LANDLOCK if rung > FRESH else _BUBBLEWRAP}{_readable(str(err))}"
    said = running.output.decode("utf-8", "replace").strip()
    if failed is not None:
        return f"a harmless program failed in the sandbox: {failed.detail}"
    return "" if said == _ALIVE else f"programs in the sandbox reach what they must not: {said.removesuffix(_ALIVE)}"


def canary() -> str:
    """Return a program that prints what it can reach, and that it lives."""
    temporary = tempfile.gettempdir()
    found = Path(temporary).stat()
    known = {
        "PROCESS": os.getpid(),
        "BORN": Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19],
        "GIVEN": {*interpreter.environment(""), *_GIVEN_TOO},
        "TEMPORARY": temporary,
        "KNOWN_BY": (found.st_dev, found.st_ino),
        "VERSION": sys.version,
        "ALIVE": _ALIVE,
    }
    return "".join(f"{name} = {value!r}\n" for name, value in known.items()) + _CANARY


def _readable(complaint: str) -> str:
    """Leave out of what bubblewrap says who says it and its guesses; name what failed before it began."""
    if "preexec_fn" in complaint:
        return _MAY_NOT
    return complaint.removeprefix("bwrap: ").partition(", likely because")[0]


def _hint(why: str) -> str:
    known = next((hint for sign, hint in _HINTS.items() if sign in why.lower()), "")
    if known or not why.startswith(_BUBBLEWRAP):
        return known
    lines = [_CONTAINER] if _in_container() else []
    lines += [f"{_SYSCTL} {name}={good}" for name, (bad, good) in _FORBIDDING.items() if _is(name, bad)]
    return "\n".join([*(lines or [_FILTERED]), *([f"and {_OPEN_PYTHON}"] if _MAY_NOT in why else [])])


def _is(setting: str, value: str) -> bool:
    try:
        return Path("/proc/sys", *setting.split(".")).read_text().strip() == value
    except OSError:
        return False


def _in_container() -> bool:
    """Tell whether this is a container, as far as one can see from inside."""
    return any(map(os.path.exists, ("/.dockerenv", "/run/.containerenv"))) or "container" in os.environ

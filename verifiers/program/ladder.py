"""How strongly programs are kept apart on this machine: the best rung of a ladder, found out by a canary.

1: a bubblewrap that stays, in which each program gets namespaces of its own. 2: a fresh bubblewrap per judged program.
3: without namespaces, Landlock, seccomp and a user of its own. Otherwise programs are not judged at all, unless the
user asked for it (4, `CodeSettings.unsafe_local_execution`). The canary is a program that tries what none may do: a
rung holds if it was run and reached nothing.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from verifiers.program import namespaces
from verifiers.program.bubblewrap import bubblewrap
from verifiers.program.confine import landlock_version
from verifiers.program.confined import FRESH, UNWRAPPED, WARM, sandbox
from verifiers.program.running import BrokenSandboxError, Limits, StarvedError
from verifiers.program.unwrapped import LANDLOCK_LEAST

_LIMITS = Limits(cpu_s=5, memory_mb=256, output_bytes=1 << 16, idle_s=10, wall_s=60)
_ALIVE = "the canary sings"
_CANARY = """
import ctypes, os, resource, socket
libc = ctypes.CDLL(None)
def can(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError:
        return False
    return True
capabilities = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), capabilities)
seen = {{
    "capabilities": any(capabilities),
    "a way to gain privileges": libc.prctl(39, 0, 0, 0, 0) != 1,
    "every system call": libc.prctl(21, 0, 0, 0, 0) != 2,
    "root": 0 in (os.getuid(), os.geteuid()),
    "the environment": "CURATOR_CANARY" in os.environ,
    "processes of the machine": can(os.kill, {process}, 0) or can(os.listdir, "/proc/{process}"),
    "the network": can(lambda: socket.create_connection(("127.0.0.1", {port}), 1)),
    "files of the machine": can(open, {file!r}) or can(os.listdir, {folder!r}) or can(open, "/etc/passwd"),
    "a disk to write to": any(can(open, path + "/canary", "w") for path in ("/", "/usr", "/dev", {folder!r})),
    "new namespaces": libc.unshare(0x10000000) == 0,
}}
print(*(name for name, found in seen.items() if found), sep=", ", end="")
print({alive!r})
"""
_HINTS = {
    "libseccomp": "sudo apt-get install libseccomp2",
    "find source path": "use a Python that every user may read, such as the one in /usr/bin",
    "mount proc": "let the container mount /proc: docker run --security-opt systempaths=unconfined …",
    "RTM_NEWADDR": "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    "uid map": "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
}
_CONTAINER = "allow user namespaces in this container: docker run --security-opt seccomp=unconfined …"
_NAMESPACES = "allow user namespaces: sudo sysctl user.max_user_namespaces=15000 (as root, on the machine itself)"
_TOLD = {
    WARM: "a bubblewrap that stays, and namespaces of its own per program",
    FRESH: "a fresh bubblewrap per program",
    UNWRAPPED: "no namespaces; Landlock, seccomp and a user of its own",
}
_REACHED = ", without network, files, environment or privileges"


@dataclass(frozen=True, slots=True)
class Probe:
    """What the canary found."""

    rung: int | None
    """1 to 3, or None when no program may be judged here."""
    detail: str
    hint: str
    """How to get a better rung; empty when there is none, or no way is known."""


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
            better = f"; not better because {missed[0]}" if missed else ""
            return Probe(rung, f"{told}{_REACHED}{better}", hint)
        missed += [why] if why not in missed else []
        hint = hint or _hint(why)
    return Probe(None, "; ".join(missed), hint)


def _obstacle(rung: int) -> str:
    """Say what makes it needless to try a rung."""
    if rung == UNWRAPPED:
        if os.geteuid() != 0:
            return "without namespaces only root can give programs a user of their own"
        version = landlock_version()
        return f"the kernel has no Landlock of version {LANDLOCK_LEAST}" if version < LANDLOCK_LEAST else ""
    if bubblewrap() is None:
        return "bubblewrap is not installed"
    return "" if rung == FRESH or namespaces.possible() else "this kind of processor is not known to rung 1"


def fault(rung: int) -> str:
    """Send the canary to a rung; say why it does not hold, nothing when it does."""
    try:
        with _bait() as canary, sandbox(rung) as box, box.run("main", canary, _LIMITS) as running:
            failed = running.end()
    except (BrokenSandboxError, StarvedError) as err:
        return f"{'Landlock' if rung == UNWRAPPED else 'bubblewrap'} does not work here: {err}"
    said = running.output.decode("utf-8", "replace").strip()
    if failed is not None:
        return f"a harmless program failed in the sandbox: {failed.detail}"
    return "" if said == _ALIVE else f"programs in the sandbox reach what they must not: {said.removesuffix(_ALIVE)}"


@contextmanager
def _bait() -> Iterator[str]:
    """Lay out a file and a port, and yield the canary that tries to reach them."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        file = Path(folder, "secret")
        file.write_text("secret")
        file.chmod(0o644)
        Path(folder).chmod(0o755)
        known = {"file": str(file), "folder": folder, "port": server.getsockname()[1], "process": os.getpid()}
        yield _CANARY.format(alive=_ALIVE, **known)


def _hint(why: str) -> str:
    if "not installed" in why:
        return "sudo apt-get install bubblewrap"
    known = next((hint for sign, hint in _HINTS.items() if sign.lower() in why.lower()), "")
    if known or not any(sign in why.lower() for sign in ("namespace", "permission", "permitted", "clone")):
        return known
    return _CONTAINER if _in_container() else _NAMESPACES


def _in_container() -> bool:
    """Tell whether this is a container, as far as one can see from inside."""
    return any(map(os.path.exists, ("/.dockerenv", "/run/.containerenv"))) or "container" in os.environ

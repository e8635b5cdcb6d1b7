"""How strongly programs are kept apart on this machine, found out by a canary: a program that tries what none may do.

Rungs: 2 is a fresh bubblewrap per judged program. Rung 1 (warm sandboxes), rung 3 (Landlock without namespaces) and
running unconfined are not here yet: without namespaces programs are not judged at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifiers.program.bubblewrap import bubblewrap
from verifiers.program.confined import Sandbox
from verifiers.program.running import BrokenSandboxError, Limits, StarvedError

_LIMITS = Limits(cpu_s=5, memory_mb=256, output_bytes=1 << 16, idle_s=10, wall_s=60)
_ALIVE = "the canary sings"
_CANARY = f"""
import os, socket
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
def can(attempt):
    try:
        attempt()
    except OSError:
        return False
    return True
seen = {{
    "capabilities": int(status["CapEff"], 16) != 0,
    "a way to gain privileges": status["NoNewPrivs"].strip() != "1",
    "root": os.getuid() == 0,
    "the environment": not set(os.environ) <= {{"PATH", "HOME", "LANG", "PYTHONHASHSEED", "PWD"}},
    "processes of the machine": sum(name.isdigit() for name in os.listdir("/proc")) > 4,
    "the network": [name for _, name in socket.if_nameindex()] not in ([], ["lo"]),
    "files of the machine": any(map(os.path.exists, ("/home", "/etc/passwd", "/var", "/sys"))),
    "a disk to write to": any(can(lambda: open(path + "/canary", "w")) for path in ("/", "/usr", "/dev", "/harness")),
    "unbounded memory in /tmp": os.statvfs("/tmp").f_blocks * os.statvfs("/tmp").f_frsize > 1 << 30,
}}
print(*(name for name, found in seen.items() if found), sep=", ", end="")
print({_ALIVE!r})
"""
_HINTS = {
    "Can't find source path": "use a Python that every user may read, such as the one in /usr/bin",
    "Can't mount proc": "let the container mount /proc: docker run --security-opt systempaths=unconfined …",
    "RTM_NEWADDR": "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    "uid map": "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    "amespace": "allow user namespaces: docker run --security-opt seccomp=unconfined …, "
    "or sudo sysctl user.max_user_namespaces=15000",
    "permission": "allow user namespaces: docker run --security-opt seccomp=unconfined …",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What the canary found."""

    rung: int | None
    """2, or None when no program may be judged here."""
    detail: str
    hint: str
    """What to do; empty when nothing is to be done."""


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
    if bubblewrap() is None:
        return Probe(None, "bubblewrap is not installed", "sudo apt-get install bubblewrap")
    try:
        with Sandbox() as sandbox, sandbox.run("main", _CANARY, _LIMITS) as canary:
            fault = canary.end()
            said = canary.output.decode("utf-8", "replace").strip()
    except (BrokenSandboxError, StarvedError) as err:
        hint = next((hint for sign, hint in _HINTS.items() if sign.lower() in str(err).lower()), "")
        return Probe(None, f"bubblewrap does not work here: {err}", hint)
    if fault is not None:
        return Probe(None, f"a harmless program failed in the sandbox: {fault.detail}", "")
    if said != _ALIVE:
        reached = said.removesuffix(_ALIVE)
        return Probe(None, f"programs in the sandbox reach what they must not: {reached}", "update bubblewrap")
    return Probe(2, "a fresh bubblewrap per program, without network, files, environment or privileges", "")

"""What a command says, once and before the first program, of how programs are kept apart on this machine.

Nothing where they are kept apart well: rungs 1 and 2 of `verifiers.program.ladder`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection

from curator.escape import plain
from verifiers.program.confined import FRESH, close_idle
from verifiers.program.ladder import Probe, probe
from verifiers.settings import CodeSettings

PROGRAMS = "code"
"""The verifier that runs programs."""
REFUSED = "programs cannot be judged here, and answers to code stay undecided"


class Isolation:
    """Tells it on standard error as soon as something asks for a program, however quiet the command is."""

    def __init__(self, settings: CodeSettings) -> None:
        self._settings = settings
        self.told = False
        """Whether it has been looked into, and nothing more will be said."""

    async def announce(self, verifiers: Collection[str]) -> None:
        """Find out and tell, if these verifiers are the first that run programs."""
        if self.told or PROGRAMS not in verifiers:
            return
        self.told = True
        if text := warning(await asyncio.to_thread(_probe), self._settings):
            sys.stderr.write(plain(text) + "\n")  # as it is now: a live display puts lines above itself


def warning(found: Probe, settings: CodeSettings) -> str:
    """Say what to know before programs are judged; nothing where they are kept apart well."""
    if found.rung is None and settings.unsafe_local_execution:
        return (
            "warning: programs run here without isolation (rung 4, as unsafe_local_execution is set), and may read "
            f"your files and use the network: {found.detail}"
        )
    if found.rung is None:
        hint = f"\nhint:  {found.hint}" if found.hint else ""
        return (
            f"warning: {REFUSED} (sandbox_unavailable) until "
            f"`curator verify` judges them where a sandbox can be had: {found.detail}{hint}"
        )
    if found.rung > FRESH:
        return (
            f"note: programs are judged on rung {found.rung} of 3, without namespaces: {found.missed}; "
            "`curator doctor` says how to get a better one"
        )
    return ""


def _probe() -> Probe:
    found = probe()
    close_idle()  # this process judges none itself
    return found

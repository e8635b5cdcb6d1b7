"""Runs inside the sandbox, in the program's own process: answers calls of the program's functions with plain data.

The program shares this interpreter and can answer in our place, but only with other values of its own. Beside what a
`Peer` answers, requests are {solve, style, args}: the function under test; {names, console}: which of these the program
defines, and whether what it prints is wanted, and what it reads is to be had, from over there.
"""

from __future__ import annotations

import builtins
import io
import os
import re
import sys
from types import ModuleType

from verifiers.program import plain
from verifiers.program.peer import Peer
from verifiers.program.script import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from asyncio import AbstractEventLoop
    from typing import Any

    from verifiers.program.remote import Remote

_PROGRAM = "program"


def serve(channel: socket.socket, source: str) -> None:
    """Load the program, then answer until the channel closes."""
    program = load(source, _PROGRAM)
    tests = Tests(channel, program, source)
    channel.sendall(plain.frame({"ready": True}))
    while True:
        channel.sendall(tests.reply(tests.heard()))


class Tests(Peer):
    """The tests, as the program's process sees them."""

    own = _PROGRAM
    crossing = BaseException

    def __init__(self, channel: socket.socket, program: ModuleType, source: str) -> None:
        super().__init__(channel)
        self._program = program
        statements = re.findall(r"^\s*global\s+(.*)", source, re.MULTILINE)
        self._bound_anew = [name for names in statements for name in re.findall(r"\w+", names)]
        self._printed: io.StringIO | None = None
        self._loop: AbstractEventLoop | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer also what only the tests ask."""
        if "names" in request:
            defined = vars(self._program)
            if request["console"]:
                self._printed = _console(self)
            found = [[name, self._named(defined[name])] for name in request["names"] if name in defined]
            return {"value": [[name, said] for name, said in found if said], "global": self._bound_anew}
        if "solve" in request:
            args = [plain.decode(arg, plain.opaque) for arg in request["args"]]
            value = self._function(request["solve"], request["style"])(*args)
            return {"value": self.encode(value)}
        return super().answer(request)

    def perform(self, do: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Do one thing; what is awaited shares one loop, as in a program of its own."""
        if do != "await":
            return super().perform(do, args, kwargs)
        from asyncio import new_event_loop  # noqa: PLC0415  few programs are asynchronous

        self._loop = self._loop or new_event_loop()
        return self._loop.run_until_complete(_awaited(*args))

    def said(self, message: dict[str, Any]) -> dict[str, Any]:
        """Add what the program printed since the last message."""
        if self._printed is None:
            return message
        printed = self._printed.getvalue()
        self._printed.seek(0)
        self._printed.truncate()
        return {**message, "printed": printed}

    def heard(self) -> dict[str, Any]:
        """Wait for a message; end when there is none."""
        message: dict[str, Any] | None = plain.receive(self._channel)
        if message is None:
            os._exit(0)  # all that was asked is answered; threads of the program need not be waited for
        return message

    def _named(self, value: Any) -> Any:
        """Describe a global: an exception by its bases' names, anything else as a value; no module, and no riddle."""
        if isinstance(value, type) and issubclass(value, Exception):
            return {"exception": [kind.__name__ for kind in value.__mro__], "value": self.encode(value)}
        if isinstance(value, ModuleType):
            return None
        kind = {"class": value.__name__} if isinstance(value, type) else {}
        held = isinstance(value, list | dict | set)  # it stays here, for the tests to look at again
        try:
            return {"value": self.handle(value) if held else self.encode(value), **kind}
        except RecursionError:  # as a list that holds itself
            return None

    def _function(self, name: str, style: str | None) -> Any:
        solution = getattr(self._program, "Solution", None)
        if style == "method" or (style is None and not hasattr(self._program, name) and solution):
            if solution is None:
                raise NameError("the program defines no class Solution")
            return getattr(solution(), name)
        if not hasattr(self._program, name):
            raise NameError(f"the program defines no function {name}")
        return getattr(self._program, name)

    def shaped(self, remote: Remote, signature: list[Any] | None) -> Any:
        """Make a function of what stands for one, with its parameters: programs look at these, or count them."""
        if signature is None:
            return remote
        name, documentation, parameters = signature
        given = ", ".join(parameters)
        function = eval(f"lambda {given}: call({given})", {"call": remote})  # noqa: S307  written by the tests' end
        function.__name__, function.__qualname__, function.__doc__ = name, name, documentation
        return function


async def _awaited(it: Any) -> Any:
    return await it


def _console(tests: Tests) -> io.StringIO:
    """Keep what the program prints; let it read, and ask, what the tests have for it."""
    sys.stdout = io.StringIO()
    sys.stdin = _Input(tests)
    builtins.input = lambda prompt="": tests.do("input", prompt)
    return sys.stdout


class _Input(io.TextIOBase):
    """Standard input as the tests have it."""

    def __init__(self, tests: Tests) -> None:
        self._tests = tests

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """Read a line."""
        return str(self._tests.do("readline", size))

    def read(self, size: int | None = -1) -> str:
        """Read all that is left."""
        return str(self._tests.do("read", size))

"""The program as test code sees it: what it may be told, what it may be asked, and what it may ask of the tests.

What is covered: the program gets at no more of the tests than what they hand it: it may call their functions, and use
the attributes and operators of their objects, but not reach what Python keeps behind them (`__globals__`, frames).

Not covered: a function of the tests that itself gives away what they expect.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import time
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, ModuleType, TracebackType

from verifiers.program import plain
from verifiers.program.peer import UNREADABLE, Peer
from verifiers.program.remote import SPECIAL, Remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any, NoReturn

TESTS = "tests"
_CALLBACKS, _CALLBACKS_S = 1_000, 8.0
"""How often the program may call the tests' functions in any case, and for how many CPU seconds if more often."""
_QUOTED = 200
_TOLD = frozenset({"__name__", "__qualname__", "__doc__", "__dict__"})
_CLOSED = (AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, ModuleType, TracebackType)
_STEPS = frozenset({"__next__", "send", "throw"})
_DRIVEN = frozenset({"send", "throw", "close"})


class UnusableError(BaseException):
    """The tests ask for what cannot be had; no `except` of theirs may hide it."""


class GarbledError(BaseException):
    """What the program answers cannot be read: it wrote it itself."""


class EndlessError(BaseException):
    """The program calls the tests' functions on and on."""


class Program(Peer):
    """The program, at the other end of the channel (`verifiers.program.server`)."""

    own = TESTS
    garbled = GarbledError

    def __init__(self, channel: socket.socket) -> None:
        super().__init__(channel)
        self._classes: set[str] = set()
        self._returned: list[Any] = []
        self._answered = 0
        self._namespace: dict[str, Any] = {}
        self._bound: dict[str, Any] = {}
        self.bound_anew: set[str] = set()
        """Globals that functions of the program bind anew."""
        self.raised: BaseException | None = None
        """The last exception that the program, not the tests, raised."""
        self.unusable = ""
        self.calls = 0

    def define_in(self, namespace: dict[str, Any], names: list[str], *, console: bool) -> None:
        """Define those of `names` that the program defines; what it binds anew later, anew.

        Args:
            namespace: The globals of the tests.
            names: Globals of the program.
            console: Whether it is to print, and to read, here.
        """
        self._namespace = namespace
        reply = self.ask({"names": names, "console": console})
        try:
            for name, said in reply["value"]:
                if "exception" in said and name in names:
                    self._bind(name, self.define([name, *said["exception"][1:]], said["value"]))
                elif "value" in said and name in names:
                    self._bind(name, self.decode(said["value"]))
                    self._classes |= {str(said["class"])} if "class" in said and name[:1].isupper() else set()
            self.bound_anew = {name for name in reply.get("global", ()) if name in names}
        except UNREADABLE as err:
            raise GarbledError from err

    def _bind(self, name: str, value: Any) -> None:
        """Define a global of the tests, unless they define, import or assign one of that name themselves."""
        if name not in self._namespace or self._namespace[name] is self._bound.get(name, self):
            self._namespace[name] = self._bound[name] = value

    def last(self) -> str:
        """Say what the last call returned."""
        if not self._returned:
            return "nothing was called"
        try:
            return f"the last call returned {plain.decode(self._returned[0], plain.opaque)!r:.{_QUOTED}}"
        except ValueError:
            return "the last call returned a number too long to be printed"

    def do(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Have it done over there, and remember how that went."""
        self.raised = None
        self.calls += 1
        try:
            value = super().do(name, *args, **kwargs)
            if self.bound_anew:
                self.define_in(self._namespace, sorted(self.bound_anew), console=False)
            return value
        except (UnusableError, GarbledError, EndlessError):
            raise
        except BaseException as err:  # noqa: BLE001  it goes on, as what it was
            self.raised = err
            if isinstance(err, StopIteration) and name not in _STEPS:  # it would end the loops of the tests, not fail
                self.raised = RuntimeError("the program raised StopIteration")
            raise self.raised from None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request, and remember what a call returned."""
        reply = super().ask(request)
        if request.get("do") == "__call__":
            self._returned = [reply.get("value")]
        return reply

    def heard(self) -> dict[str, Any]:
        """Wait for a message, and print what the program printed."""
        message = super().heard()
        if "printed" in message:
            sys.stdout.write(str(message["printed"]))
        return message

    def type_of(self, it: Any) -> Any:
        """Stand for the built-in `type` of one argument."""
        return self.do("builtins.type", it) if isinstance(it, Remote) else type(it)

    def apply_there(self, module: str, name: str) -> None:
        """From now on apply a function of a standard module over there to an object that is there."""
        home = importlib.import_module(module)
        own = getattr(home, name)

        def applied(it: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(it, Remote):
                return self.do(f"{module}.{name}", it, *args, **kwargs)
            return own(it, *args, **kwargs)

        setattr(home, name, applied)

    def may_tell(self, remote: Remote, name: str, other: Any) -> bool:
        """Only objects of classes that the tests name may be asked, as by any method, and never whether they equal.

        That they differ they may say: every wrong value does.
        """
        if type(remote).__name__ not in self._classes or (name == "__eq__" and other is None):
            return False
        if name == "__eq__" or (name == "__ne__" and not self.do(name, remote, other)):
            self.refuse(f"they compare an object of the program ({type(remote).__name__}) with data of their own")
        return True

    def refuse(self, what: str) -> NoReturn:
        """End the tests: what they do with the program cannot be done."""
        self.unusable = what
        raise UnusableError(what)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what the program asks, but not for ever."""
        self._answered += 1
        if self._answered > _CALLBACKS and time.process_time() > _CALLBACKS_S:
            raise EndlessError
        return super().answer(request)

    def perform(self, do: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Do one thing with an object of the tests, if it was handed over."""
        if do in ("readline", "read"):
            return getattr(sys.stdin, do)(*args)
        if do == "input":
            return builtins.input(*args)
        if not self._permitted(do, args):
            raise AttributeError(f"{args[1]!s:.{_QUOTED}}" if len(args) > 1 else do)
        return super().perform(do, args, kwargs)

    def _permitted(self, do: str, args: list[Any]) -> bool:
        if do in ("isinstance", "issubclass"):
            return self.lent(args[1])
        if not self.lent(args[0]):
            return False
        if do not in ("getattr", "setattr", "delattr"):
            return do in SPECIAL or do in ("plain", "copy.copy", "copy.deepcopy")
        name = args[1]
        if type(name) is not str or isinstance(args[0], _CLOSED):
            return name in _DRIVEN and do == "getattr"
        return not name.startswith("__") or (name in _TOLD and do == "getattr")

    def shaped(self, remote: Remote, signature: Any) -> Any:
        """Drive what must be a generator or a coroutine to be one."""
        match type(remote).__name__:
            case "generator":
                return _generator(self, remote)
            case "coroutine" | "async_generator_asend":
                return _coroutine(self, remote)
        return remote


def _generator(program: Program, remote: Remote) -> Any:
    """Go through a generator of the program; closing it is not passed on."""
    given: list[object] = []
    do = "__next__"
    while True:
        try:
            item = program.do(do, remote, *given)
        except StopIteration as end:
            return end.value
        try:
            sent = yield item
        except Exception as err:  # noqa: BLE001  thrown in by the tests
            do, given = "throw", [err]
        else:
            do, given = ("__next__", []) if sent is None else ("send", [sent])


async def _coroutine(program: Program, remote: Remote) -> Any:
    return program.do("await", remote)

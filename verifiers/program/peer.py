"""One end of a conversation between processes that do not trust each other: each lends objects, asks, and answers.

Plain data crosses as itself (`plain`); anything else is lent: it stays where it is, and over there a `Remote` stands
for it. A request is {do, args, kwargs}: a special method (`__call__`, `__add__`, …), one of `_FUNCTIONS`, or a function
of a standard module (`copy.deepcopy`). A reply is {value} or {raised, message, args, object} or {endless}, each with
{changed}: see `changes`. While one end waits for a reply, the other may ask in its turn (the tests' callback is called,
and calls the program again), so frames strictly alternate.

Not covered: a list or dictionary that crosses is a copy, but for what the call changes in it, or gives back of it; one
that is reached by an attribute or an index of an object, or is a global, is lent.
"""

from __future__ import annotations

import builtins
import importlib
from _thread import RLock
from types import FunctionType

from verifiers.program import plain
from verifiers.program.changes import Containers
from verifiers.program.remote import SPECIAL, Remote, special_methods, stand_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Any, NoReturn

_ARGS_OR_KWARGS = 0x04 | 0x08
_MESSAGE = 500
"""Most characters of an exception's text that cross."""
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
_LOOKED_UP = frozenset({"getattr", "__getitem__"})
_CHANGEABLE = (list, dict, set)
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "isinstance": isinstance,
    "issubclass": issubclass,
    "plain": plain.as_plain,
    "send": lambda it, value: it.send(value),
    "throw": lambda it, err: it.throw(err),
}


class Peer:
    """The other process, at the far end of the channel."""

    own = ""
    """Name of the module whose classes are at home here; what others derive from built-in types crosses as plain."""
    crossing: type[BaseException] = Exception
    """What crosses when it is raised by what was asked for."""
    garbled: type[BaseException] = ValueError
    """What is raised when a reply cannot be read."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._turn = RLock()  # threads of a program may call back at once
        self._lent: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._borrowed: dict[int, Any] = {}
        self._standing: dict[int, int] = {}
        self._exceptions: dict[str, type[BaseException]] = {}
        self._raised: list[tuple[BaseException, Any]] = []
        self._given: list[Any] = []
        self._held: dict[int, list[Any]] = {}

    def do(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Have it done over there.

        Raises:
            Exception: what was raised there, as the type of that name that is known here.
        """
        sent = [self.encode(arg) for arg in args]
        named = {key: self.encode(arg) for key, arg in kwargs.items()}
        given = Containers([*args, *kwargs.values()], self._crosses)
        reply = self.ask({"do": name, "args": sent, "kwargs": named})
        try:
            self._given = given.known
            given.apply(reply["changed"], self.decode)
            if "value" in reply:
                return self.decode(reply["value"])
        except UNREADABLE as err:
            raise self.garbled from err
        if "endless" in reply:
            self.refuse(f"a {reply['endless']} that holds itself, or is nested too deeply, cannot cross")
        raise self.rebuilt(reply)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request, answer what is asked meanwhile, and return the reply."""
        with self._turn:
            self._channel.sendall(plain.frame(self.said(request)))
            while "do" in (reply := self.heard()):
                self._channel.sendall(self.reply(reply))
        return reply

    def may_tell(self, remote: Remote, name: str, other: Any) -> bool:
        """Say whether they are asked to compare an object of theirs, or to calculate, with data of ours."""
        return True

    def refuse(self, what: str) -> NoReturn:
        """Say that something cannot be done."""
        raise TypeError(what)

    def said(self, message: dict[str, Any]) -> dict[str, Any]:
        """Look at a message before it goes."""
        return message

    def heard(self) -> dict[str, Any]:
        """Wait for a message."""
        try:
            return dict(plain.receive(self._channel))
        except UNREADABLE as err:
            raise self.garbled from err

    def reply(self, request: dict[str, Any]) -> bytes:
        """Answer, and say so when that raises."""
        try:
            return plain.frame(self.said(self.answer(request)))
        except self.crossing as err:
            return plain.frame(self.said({**self._told(err), "changed": []}))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked from over there."""
        args = [self.decode(arg) for arg in request["args"]]
        kwargs = {name: self.decode(arg) for name, arg in request["kwargs"].items()}
        given = Containers([*args, *kwargs.values()], self._crosses)
        given.remember()
        reply = self._performed(request["do"], args, kwargs, given.handles())
        known = given.handles()
        return {**reply, "changed": given.changes(lambda item: self.encode(item, known))}

    def _performed(self, do: str, args: list[Any], kwargs: dict[str, Any], known: dict[int, Any]) -> dict[str, Any]:
        try:
            value = self.perform(do, args, kwargs)
        except self.crossing as err:
            return self._told(err)
        try:
            held = do in _LOOKED_UP and type(value) in _CHANGEABLE  # it stays here, to be changed here
            return {"value": self.handle(value) if held else self.encode(value, known)}
        except RecursionError:
            return {"endless": type(value).__name__}

    def perform(self, do: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Do one thing with what is at home here."""
        if "." in do:
            module, _, name = do.rpartition(".")
            return getattr(importlib.import_module(module), name)(*args, **kwargs)
        if do in _FUNCTIONS:
            return _FUNCTIONS[do](*args)
        if do not in SPECIAL:
            raise AttributeError(do)
        return getattr(type(args[0]), do)(*args, **kwargs)

    def _told(self, err: BaseException) -> dict[str, Any]:
        """Describe an exception; one that came from over there goes back as what it was."""
        names = [kind.__name__ for kind in type(err).__mro__]
        return {"raised": names, "message": _text(err), "args": self._arguments(err), **self._handle(err)}

    def _arguments(self, err: BaseException) -> Any:
        try:
            return [self.encode(arg) for arg in err.args]
        except Exception:  # noqa: BLE001  they are the program's, too
            return []

    def encode(self, value: Any, known: dict[int, Any] | None = None) -> Any:
        """Turn a value into JSON data, lending what is no plain data; `known` as in `plain.encode`."""
        return plain.encode(value, self._handle, {**self._held, **known} if known else self._held)

    def decode(self, data: Any) -> Any:
        """Turn JSON data back into a value."""
        return plain.decode(data, self._arrived)

    def _handle(self, value: Any) -> Any:
        """Lend an object; an instance of a built-in type's subclass from elsewhere crosses as its plain value alone."""
        if id(value) in self._standing:
            return {"object": [self._standing[id(value)]]}
        inner = plain.as_plain(value)
        return self.handle(value) if inner is value or type(value).__module__ == self.own else self.encode(inner)

    def handle(self, value: Any) -> dict[str, Any]:
        """Lend an object; that of a built-in type, or of a subclass, with its plain value."""
        inner = plain.as_plain(value)
        kind = type(value)
        data = None if inner is value else [self.encode(inner)]
        handle = [self._lend(value), kind.__name__, data, special_methods(kind), _signature(value)]
        if kind in _CHANGEABLE:
            self._held[id(value)] = handle
        return {"object": handle}

    def _lend(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self._lent))
        if number == len(self._lent):
            self._lent.append(value)
        return number

    def lent(self, value: Any) -> bool:
        """Tell whether `value` is an object of ours that has been lent."""
        return id(value) in self._numbers

    def _arrived(self, handle: Any) -> Any:
        """Return an object of ours that comes back, or what stands for one of theirs: the same one each time."""
        if len(handle) == 1:
            return self._lent[handle[0]]
        if handle[0] == "same":
            return self._given[handle[1]]
        number, kind, data, special, signature = handle
        if number is None:
            return plain.array(self.decode(data[0]), special, signature)
        if number not in self._borrowed:
            known = [self.decode(item) for item in data or ()]
            remote = stand_in(self, number, str(kind), known, special)
            self._borrowed[number] = self.shaped(remote, signature)
            self._standing[id(remote)] = self._standing[id(self._borrowed[number])] = number
        return self._borrowed[number]

    def shaped(self, remote: Remote, signature: Any) -> Any:
        """Give a stand-in the shape that is expected of it here."""
        return remote

    def _crosses(self, value: Any) -> bool:
        """Tell whether an instance of a built-in type, or of a subclass, crosses as a copy."""
        return type(value).__module__ != self.own and not isinstance(value, Remote) and not self.lent(value)

    def _known(self, names: list[str]) -> type[BaseException]:
        """Return the exception class of these bases' names, itself first, as far as they are known here."""
        known = [self._exceptions.get(str(name)) or getattr(builtins, str(name), None) for name in names]
        kinds = [kind for kind in known if isinstance(kind, type) and issubclass(kind, BaseException)]
        least = [kind for kind in kinds if not any(issubclass(other, kind) for other in kinds if other is not kind)]
        return least[0] if len(least) == 1 else type(str(names[0]), tuple(least) or (RuntimeError,), {})

    def rebuilt(self, said: dict[str, Any]) -> BaseException:
        """Make an exception of what was told about one; one of ours that comes back is that."""
        try:
            remote = self._arrived(said["object"])
            args = [self.decode(arg) for arg in said["args"]]
            kind, message = self._known(said["raised"]), str(said["message"])
        except UNREADABLE as err:
            raise self.garbled from err
        if isinstance(remote, BaseException):
            return remote
        try:
            rebuilt = kind(*args)
        except Exception:  # noqa: BLE001  as UnicodeDecodeError, which wants five arguments
            rebuilt = RuntimeError(f"{kind.__name__}: {message}")
        self._standing[id(rebuilt)] = said["object"][0]
        self._raised.append((rebuilt, remote))
        return rebuilt

    def define(self, names: list[str], handle: Any) -> type[BaseException]:
        """Make a class for an exception that they define; its attributes are asked for."""

        def attribute(err: BaseException, wanted: str) -> Any:
            remote = next((remote for known, remote in reversed(self._raised) if known is err), None)
            return getattr(remote, wanted)

        said = {"__getattr__": attribute, "__str__": lambda err: attribute(err, "__str__")()}
        kind = type(str(names[0]), (self._known(names[1:]),), said)
        self._exceptions[kind.__name__] = kind
        self._standing[id(kind)] = handle["object"][0]
        return kind


def _text(err: BaseException) -> str:
    try:
        return str(err)[:_MESSAGE]
    except Exception:  # noqa: BLE001  its text is the program's code, too
        return ""


def _signature(value: Any) -> list[Any] | None:
    """Return a function's name, its text of documentation, and its parameters, `*args, **kwargs` if not plain names."""
    if not isinstance(value, FunctionType):
        return None
    code = value.__code__
    special = value.__defaults__ or code.co_kwonlyargcount or code.co_flags & _ARGS_OR_KWARGS
    parameters = ["*args", "**kwargs"] if special else list(code.co_varnames[: code.co_argcount])
    return [value.__name__, value.__doc__, parameters]

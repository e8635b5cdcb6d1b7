"""The program as test code sees it: functions, classes and objects that live in another process."""

from __future__ import annotations

import builtins

from verifiers.program import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from typing import Any

_QUOTED = 200
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class UnusableError(BaseException):
    """The tests ask for what cannot be had; no `except` of theirs may hide it."""


class GarbledError(BaseException):
    """What the program answers cannot be read: it wrote it itself."""


class Peer:
    """The program, at the other end of the channel (`verifiers.program.server`)."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._remotes: dict[int, Remote] = {}
        self._exceptions: dict[str, type[Exception]] = {}
        self._returned: Any = None
        self.raised: Exception | None = None
        """The last exception that the program, not the tests, raised."""
        self.unusable = ""
        self.calls = 0

    def named(self, names: list[str]) -> dict[str, Any]:
        """Return those of `names` that the program defines."""
        reply = self._ask({"names": names})
        found: dict[str, Any] = {}
        try:
            for name, said in reply["value"]:
                if "exception" in said:
                    base = self._known(said["exception"][1:]) or RuntimeError
                    found[name] = self._exceptions[name] = type(name, (base,), {})
                elif "value" in said:
                    found[name] = plain.decode(said["value"], self.remote)
        except _UNREADABLE as err:
            raise GarbledError from err
        return {name: found[name] for name in names if name in found}

    def apply(self, of: str, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Apply a function of `operator` or `builtins` in the program's process.

        Raises:
            Exception: what the program raised, as the built-in type of that name.
            UnusableError: an argument is no plain data.
        """
        sent = [plain.encode(arg, self._handle) for arg in args]
        named = {key: plain.encode(arg, self._handle) for key, arg in kwargs.items()}
        self.calls += name == "call"
        reply = self._ask({"of": of, "name": name, "args": sent, "kwargs": named})
        try:
            for place, data in reply["changed"]:
                _replace(args[place], plain.decode(data, self.remote))
            if name == "call":
                self._returned = reply["value"]
            return plain.decode(reply["value"], self.remote)
        except _UNREADABLE as err:
            raise GarbledError from err

    def last(self) -> str:
        """Say what the last call returned."""
        if not self.calls:
            return "nothing was called"
        return f"the last call returned {plain.decode(self._returned, plain.opaque)!r:.{_QUOTED}}"

    def remote(self, handle: Any) -> Remote:
        """Return what stands for an object of the program, the same one each time."""
        number, kind, data = handle
        if number not in self._remotes:
            known = [plain.decode(item, self.remote) for item in data or ()]
            self._remotes[number] = Remote(self, number, str(kind), known)
        return self._remotes[number]

    def _ask(self, request: dict[str, Any]) -> Any:
        self._channel.sendall(plain.frame(request))
        try:
            reply = plain.receive(self._channel)
            self.raised = self._rebuilt(reply["raised"], str(reply["message"])) if "raised" in reply else None
        except _UNREADABLE as err:
            raise GarbledError from err
        if self.raised:
            raise self.raised
        return reply

    def _handle(self, value: Any) -> Any:
        if isinstance(value, Remote):
            return {"object": [value._number]}
        inner = plain.as_plain(value)
        if inner is value:
            self.unusable = f"they hand the program an object of their own ({type(value).__name__})"
            raise UnusableError(self.unusable)
        return plain.encode(inner, self._handle)

    def _known(self, names: Iterable[str]) -> type[Exception] | None:
        """Return the first of these exceptions that is known here."""
        for name in names:
            kind = self._exceptions.get(name) or getattr(builtins, str(name), None)
            if isinstance(kind, type) and issubclass(kind, Exception):
                return kind
        return None

    def _rebuilt(self, names: list[str], message: str) -> Exception:
        try:
            return (self._known(names) or RuntimeError)(message)
        except TypeError:  # as of UnicodeDecodeError, which wants five arguments
            return RuntimeError(f"{names[0]}: {message}")


def _replace(old: Any, new: Any) -> None:
    """Make a list, set or dictionary of the tests what the program made of its copy."""
    if type(old) is not type(new):
        return
    old.clear()
    old.extend(new) if isinstance(old, list) else old.update(new)


def _asked(of: str, name: str) -> Callable[..., Any]:
    def method(self: Remote, /, *args: Any, **kwargs: Any) -> Any:
        return self._peer.apply(of, name, self, *args, **kwargs)

    return method


def _compared(name: str) -> Callable[[Remote, object], Any]:
    """Compare (or add, …) as data where there is plain data, over there where both are objects, else not at all."""

    def method(self: Remote, other: object, /) -> Any:
        if self._plain and not isinstance(other, Remote):
            return getattr(self._plain[0], name)(other)
        if not isinstance(other, Remote):
            return NotImplemented
        return self._peer.apply("operator", name, self, other)

    return method


class Remote:
    """An object of the program. Its attributes, items and calls are asked for; its equality with our data never is."""

    def __init__(self, peer: Peer, number: int, kind: str, known: list[Any]) -> None:
        vars(self).update(_peer=peer, _number=number, _kind=kind, _plain=known)

    if TYPE_CHECKING:
        _peer: Peer
        _number: int
        _kind: str
        _plain: list[Any]
        """Its value as plain data, when it is an instance of a built-in type's subclass; else empty."""

    __call__ = _asked("operator", "call")
    __getattr__ = _asked("builtins", "getattr")
    __setattr__ = _asked("builtins", "setattr")
    __getitem__ = _asked("operator", "getitem")
    __setitem__ = _asked("operator", "setitem")
    __delitem__ = _asked("operator", "delitem")
    __len__ = _asked("builtins", "len")
    __iter__ = _asked("builtins", "iter")
    __next__ = _asked("builtins", "next")
    __bool__ = _asked("builtins", "bool")
    __str__ = _asked("builtins", "str")
    __repr__ = _asked("builtins", "repr")
    __int__ = _asked("builtins", "int")
    __float__ = _asked("builtins", "float")
    __abs__ = _asked("operator", "abs")
    __neg__ = _asked("operator", "neg")
    __eq__ = _compared("__eq__")
    __lt__ = _compared("__lt__")
    __le__ = _compared("__le__")
    __gt__ = _compared("__gt__")
    __ge__ = _compared("__ge__")
    __add__ = _compared("__add__")
    __sub__ = _compared("__sub__")
    __mul__ = _compared("__mul__")
    __or__ = _compared("__or__")
    __and__ = _compared("__and__")

    def __hash__(self) -> int:
        return hash(self._plain[0]) if self._plain else self._number

    def __instancecheck__(self, other: object) -> bool:
        return isinstance(other, Remote) and bool(self._peer.apply("builtins", "isinstance", other, self))

"""What stands for an object of the other process: each thing done with it is asked for, over there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from verifiers.program.peer import Peer

_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul", "and", "or", "xor")
_SHIFTS = ("lshift", "rshift")
BINARY = frozenset(f"__{letter}{name}__" for name in _OPERATORS + _SHIFTS for letter in ("", "r", "i"))
COMPARED = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"})
ASKED = frozenset(
    {
        *("__call__", "__getitem__", "__setitem__", "__delitem__", "__len__", "__iter__", "__next__", "__reversed__"),
        *("__bool__", "__int__", "__float__", "__complex__", "__index__", "__abs__", "__neg__", "__pos__"),
        *("__invert__", "__round__", "__trunc__", "__floor__", "__ceil__", "__enter__", "__exit__", "__str__"),
        *("__repr__", "__hash__", "__format__", "__aenter__", "__aexit__", "__aiter__", "__anext__"),
    }
)
SPECIAL = tuple(sorted(ASKED | BINARY | COMPARED | {"__contains__"}))
"""The special methods that can be asked for; which of them an object has crosses with it."""

_known: dict[type, list[str]] = {}


def special_methods(kind: type) -> list[str]:
    """Return which of them a class has, but for what every object has."""
    if kind not in _known:
        found: dict[str, Any] = {}
        for base in kind.__mro__[-2::-1]:
            found.update(vars(base))
        _known[kind] = [name for name in SPECIAL if found.get(name) is not None]
    return _known[kind]


class Remote:
    """An object of the other process; its class has just those special methods that the object's own has."""

    __slots__ = ("__weakref__", "_number", "_peer", "_plain")

    def __init__(self, peer: Peer, number: int, known: list[Any]) -> None:
        for name, value in (("_peer", peer), ("_number", number), ("_plain", known)):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array"):
            raise AttributeError(name)  # numpy would read our memory at whatever address it is told
        return _peer(self).do("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _peer(self).do("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        _peer(self).do("delattr", self, name)

    def __str__(self) -> str:
        return str(_peer(self).do("__str__", self))

    def __repr__(self) -> str:
        return str(_peer(self).do("__repr__", self))

    def __hash__(self) -> int:
        known = _plain(self)
        return hash(known[0]) if known else hash(_number(self))

    def __copy__(self) -> Any:
        return _peer(self).do("copy.copy", self)

    def __deepcopy__(self, memo: object) -> Any:
        return _peer(self).do("copy.deepcopy", self)

    def __instancecheck__(self, other: object) -> bool:
        return isinstance(other, Remote) and bool(_peer(self).do("isinstance", other, self))

    def __subclasscheck__(self, other: object) -> bool:
        return isinstance(other, Remote) and bool(_peer(self).do("issubclass", other, self))

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        _peer(self).refuse("they derive a class from one of the program's")


def _peer(remote: Remote) -> Peer:
    peer: Peer = object.__getattribute__(remote, "_peer")
    return peer


def _number(remote: Remote) -> int:
    number: int = object.__getattribute__(remote, "_number")
    return number


def _plain(remote: Remote) -> list[Any]:
    """Return its value as plain data, when it is an instance of a built-in type's subclass; else nothing."""
    known: list[Any] = object.__getattribute__(remote, "_plain")
    changes = known and isinstance(known[0], list | dict | set)
    return [_peer(remote).do("plain", remote)] if changes else known


_classes: dict[tuple[str, bool, tuple[str, ...]], type[Remote]] = {}


def stand_in(peer: Peer, number: int, kind: str, known: list[Any], special: list[str]) -> Remote:
    """Return what stands for the object `number`, of a class called `kind`."""
    key = (kind, bool(known), tuple(special))
    if key not in _classes:
        methods: dict[str, Any] = {name: _method(name) for name in SPECIAL if name in special}
        if "__eq__" in methods:
            methods["__ne__"] = _method("__ne__")
        if known or "__hash__" not in methods:
            methods["__hash__"] = Remote.__hash__
        asked = {name: _attribute(name) for name in ("__doc__", "__annotations__")}
        if known:  # what it derives from it is
            asked["__class__"] = property(lambda self: type(object.__getattribute__(self, "_plain")[0]))
        _classes[key] = type(kind, (Remote,), {"__slots__": (), **asked, **methods})
    return _classes[key](peer, number, known)


def _attribute(name: str) -> property:
    return property(lambda self: _peer(self).do("getattr", self, name))


def _method(name: str) -> Callable[..., Any]:
    if name == "__contains__":
        return _contains
    if name in BINARY or name in COMPARED:
        return _binary(name)

    def method(self: Remote, /, *args: Any, **kwargs: Any) -> Any:
        return _peer(self).do(name, self, *args, **kwargs)

    return method


def _binary(name: str) -> Callable[[Remote, object], Any]:
    """Compare (or add, …) as data where there is plain data; over there where both are objects, or it may tell."""

    def method(self: Remote, other: object, /) -> Any:
        peer, known = _peer(self), _plain(self)
        if isinstance(other, Remote) or (not known and peer.may_tell(self, name, other)):
            return peer.do(name, self, other)
        on_data = getattr(type(known[0]), name, None) if known else None
        return on_data(known[0], other) if on_data else NotImplemented

    return method


def _contains(self: Remote, item: object) -> bool:
    """Look for it here, one by one, unless the other side may tell: it would be told what is looked for."""
    known = _plain(self)
    if known:
        return item in known[0]
    if _peer(self).may_tell(self, "__contains__", item):
        return bool(_peer(self).do("__contains__", self, item))
    if not hasattr(self, "__iter__") and not hasattr(self, "__getitem__"):
        _peer(self).refuse("they ask whether a value of theirs is in an object of the program")
    return any(item is other or item == other for other in _each(self))


def _each(remote: Any) -> Iterator[Any]:
    return iter(remote)

"""Plain data between processes that do not trust each other: JSON with tags for what JSON cannot say, never pickle.

Values arrive as values of the built-in types alone, so no method of the sender runs in the receiver: an object that
overrides `__eq__` is an `object` here, and a subclass of int is an int. What is no plain data crosses as a handle.

Not covered: identity and cycles. A list that holds itself is a RecursionError; one list held twice arrives as two.

This file and its neighbours `harness` and `examiner` are also read inside the sandbox, where every import delays every
program: no typing, no dataclasses.
"""

from __future__ import annotations

import builtins
import importlib
import json
import struct

from verifiers.program import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Handle = Callable[[Any], Any]
    """Turns what is no plain data into JSON, or that JSON into what stands for it."""

_HEADER = struct.Struct(">I")
_SMALL = 2**63
"""Integers below cross in decimal; larger ones in hexadecimal, which has no limit on its digits."""
_BUILT_IN = {
    tuple: "tuple",
    set: "set",
    frozenset: "frozenset",
    dict: "dict",
    bytes: "bytes",
    bytearray: "bytearray",
    complex: "complex",
    range: "range",
    slice: "slice",
    type({}.keys()): "dict_keys",
    type({}.values()): "dict_values",
    type({}.items()): "dict_items",
}
_NAMED = {"Ellipsis": ..., "NotImplemented": NotImplemented}
_LIBRARY: dict[str, Callable[[Any], Any]] = {
    "collections.deque": lambda it: (list(it), it.maxlen),
    "collections.OrderedDict": lambda it: ([*it.items()],),
    "collections.Counter": lambda it: (dict(it),),
    "collections.defaultdict": lambda it: (it.default_factory, dict(it)),
    "fractions.Fraction": lambda it: (it.numerator, it.denominator),
    "decimal.Decimal": lambda it: (str(it),),
    "datetime.date": lambda it: (it.year, it.month, it.day),
    "datetime.datetime": lambda it: (*it.timetuple()[:6], it.microsecond, it.tzinfo),
    "datetime.time": lambda it: (it.hour, it.minute, it.second, it.microsecond, it.tzinfo),
    "datetime.timedelta": lambda it: (it.days, it.seconds, it.microseconds),
    "datetime.timezone": lambda it: (it.utcoffset(None),),
    "uuid.UUID": lambda it: (str(it),),
    "pathlib.PosixPath": lambda it: (str(it),),
    "pathlib.PurePosixPath": lambda it: (str(it),),
}
"""What to call each of these types with, to have the value again."""


def encode(value: Any, handle: Handle, same: Mapping[int, Any] | None = None) -> Any:
    """Turn a value into JSON data.

    Args:
        value: Anything.
        handle: Is asked for what is no plain data.
        same: By identity, what the other side knows already, and the handle it knows it by.
    """
    kind = type(value)
    if value is None or kind in (bool, str, float):
        return value
    if kind is int:
        return value if -_SMALL < value < _SMALL else {"int": hex(value)}
    if same and id(value) in same:
        return {"object": same[id(value)]}
    if kind is list:
        return [encode(item, handle, same) for item in value]
    tag = _BUILT_IN.get(kind) or f"{kind.__module__}.{kind.__qualname__}"
    if kind in _BUILT_IN or tag in _LIBRARY:
        return {tag: _inner(tag, value, handle, same)}
    name = _name(value)
    if name:
        return {"name": name}
    return _from_numpy(value, handle) if kind.__module__ == "numpy" else handle(value)


def decode(data: Any, handle: Handle) -> Any:
    """Turn JSON data from `encode` back into a value.

    Raises:
        ValueError: `data` is nothing that `encode` writes.
    """
    if isinstance(data, list):
        return [decode(item, handle) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) != 1:
        raise ValueError("this is no plain data")
    ((tag, inner),) = data.items()
    try:
        return handle(inner) if tag == "object" else _outer(tag, inner, handle)
    except (TypeError, KeyError, IndexError, AttributeError, ArithmeticError, ImportError) as err:
        raise ValueError("this is no plain data") from err


class Opaque:
    """Stands for an object that is no plain data: equal to nothing but itself."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __repr__(self) -> str:
        return f"<{self._kind} object>"


def opaque(handle: Any) -> Any:
    """Stand for an object by its plain value, else by an `Opaque`: the `handle` of a `decode` that cannot ask."""
    _, kind, data, *_ = handle if len(handle) > len(("same", 0)) else (None, "given", None)
    return decode(data[0], opaque) if data else Opaque(str(kind))


def as_plain(value: Any) -> Any:
    """Return the plain value in an instance of a subclass of a built-in type; `value` itself when it is none."""
    for kind, plain in _BASES.items():
        if isinstance(value, kind):
            return plain(value)
    return value


_BASES: dict[type, Callable[[Any], Any]] = {
    int: lambda value: int.__add__(value, 0),
    float: float.__float__,
    str: str.__str__,
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
}


def _inner(tag: str, value: Any, handle: Handle, same: Mapping[int, Any] | None) -> Any:
    match tag:
        case "dict":
            return [[encode(key, handle, same), encode(item, handle, same)] for key, item in value.items()]
        case "bytes" | "bytearray":
            return value.hex()
        case "complex":
            return [value.real, value.imag]
        case "range" | "slice":
            return [encode(part, handle, same) for part in (value.start, value.stop, value.step)]
        case _ if tag in _LIBRARY:
            return [encode(part, handle, same) for part in _LIBRARY[tag](value)]
        case _:
            return [encode(item, handle, same) for item in value]


def _outer(tag: str, inner: Any, handle: Handle) -> Any:
    match tag:
        case "int":
            return int(inner, 16)
        case "dict":
            return {decode(key, handle): decode(item, handle) for key, item in inner}
        case "bytes" | "bytearray":
            return bytes.fromhex(inner) if tag == "bytes" else bytearray.fromhex(inner)
        case "complex":
            return complex(*inner)
        case "name":
            return _NAMED[inner] if inner in _NAMED else _type(inner)
        case _ if tag in _LIBRARY:
            return _library(tag, [decode(part, handle) for part in inner])
        case _:
            return _COLLECTIONS[tag]([decode(item, handle) for item in inner])


_COLLECTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "range": lambda parts: range(*parts),
    "slice": lambda parts: slice(*parts),
    "dict_keys": lambda items: dict.fromkeys(items).keys(),
    "dict_values": lambda items: dict(enumerate(items)).values(),
    "dict_items": lambda items: dict(items).items(),
}


def _library(tag: str, parts: list[Any]) -> Any:
    if any(isinstance(part, range) for part in parts):
        raise ValueError("a range is never a part")  # it could be made into a list beyond all memory
    module, _, name = tag.rpartition(".")
    return getattr(importlib.import_module(module), name)(*parts)


def _name(value: Any) -> str | None:
    """Return the name of a built-in type or constant; None for anything else."""
    if isinstance(value, type):
        name = str(value.__name__)
        return name if getattr(builtins, name, None) is value else None
    return next((name for name, known in _NAMED.items() if known is value), None)


def _type(name: str) -> type:
    kind = getattr(builtins, name)
    if not isinstance(kind, type):
        raise ValueError("only types are known by name")
    return kind


def _from_numpy(value: Any, handle: Handle) -> Any:
    """Encode a number of numpy's as a number, an array of numbers or text as a handle that `array` reads."""
    if not hasattr(value, "dtype") or value.dtype.kind not in _DTYPES:
        return handle(value)
    if not hasattr(value, "__setitem__"):
        number = value.item()
        return handle(value) if type(number) is type(value) else encode(number, handle)
    dtype = value.dtype.kind if value.dtype.kind in "SU" else value.dtype.str
    return {"object": [None, "ndarray", [encode(value.tolist(), handle)], dtype, list(value.shape)]}


_DTYPES = frozenset("biufcSU")


def array(items: Any, dtype: str, shape: list[int]) -> Any:
    """Make an array of numpy's.

    Raises:
        ValueError: it would be none, or numpy is not here.
    """
    size = dtype.lstrip("<>=|")
    if size[:1] not in _DTYPES or (size[0] in "SU" and size[1:]):
        raise ValueError("this is no type of an array")
    numpy = importlib.import_module("numpy")
    return numpy.array(items, dtype).reshape(shape)


def frame(message: Any) -> bytes:
    """Write a message with its length before it."""
    data = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _HEADER.pack(len(data)) + data


def framed(data: bytes | bytearray) -> tuple[int, int]:
    """Return where the first frame's message begins and ends; the end is unknown, 0, before its header is there."""
    return _HEADER.size, _HEADER.size + _HEADER.unpack_from(data)[0] if len(data) >= _HEADER.size else 0


def receive(stream: Any) -> Any:
    """Read one message from a socket; None at its end."""
    header = wire.read(stream, _HEADER.size)
    data = wire.read(stream, _HEADER.unpack(header)[0]) if header else b""
    return json.loads(data) if data else None

"""Plain data between processes that do not trust each other: JSON with tags for what JSON cannot say, never pickle.

Values arrive as values of the built-in types alone, so no method of the sender runs in the receiver: an object that
overrides `__eq__` is an `object` here, and a subclass of int is an int. What is no plain data crosses as a handle.

Not covered: identity and cycles. A list that holds itself is a RecursionError; one list held twice arrives as two.

This file and its neighbours `harness` and `examiner` are also read inside the sandbox, where every import delays every
program: no typing, no dataclasses.
"""

from __future__ import annotations

import importlib
import json
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
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
}
_LIBRARY = frozenset({"collections.deque", "fractions.Fraction", "decimal.Decimal"})


def encode(value: Any, handle: Handle) -> Any:
    """Turn a value into JSON data; `handle` is asked for what is no plain data."""
    kind = type(value)
    if value is None or kind in (bool, str, float):
        return value
    if kind is int:
        return value if -_SMALL < value < _SMALL else {"int": hex(value)}
    if kind is list:
        return [encode(item, handle) for item in value]
    tag = _BUILT_IN.get(kind) or f"{kind.__module__}.{kind.__qualname__}"
    return {tag: _inner(tag, value, handle)} if kind in _BUILT_IN or tag in _LIBRARY else handle(value)


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
    except (TypeError, KeyError, IndexError, ArithmeticError) as err:
        raise ValueError("this is no plain data") from err


class Opaque:
    """Stands for an object that is no plain data: equal to nothing but itself."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __repr__(self) -> str:
        return f"<{self._kind} object>"


def opaque(handle: Any) -> Any:
    """Stand for an object by its plain value, else by an `Opaque`: the `handle` of a `decode` that cannot ask."""
    _, kind, data = handle
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


def _inner(tag: str, value: Any, handle: Handle) -> Any:
    match tag:
        case "dict":
            return [[encode(key, handle), encode(item, handle)] for key, item in value.items()]
        case "bytes" | "bytearray":
            return value.hex()
        case "complex":
            return [value.real, value.imag]
        case "range":
            return [value.start, value.stop, value.step]
        case "fractions.Fraction":
            return [hex(value.numerator), hex(value.denominator)]
        case "decimal.Decimal":
            return str(value)
        case _:
            return [encode(item, handle) for item in value]


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
        case "range":
            return range(*inner)
        case "fractions.Fraction":
            return _library(tag)(int(inner[0], 16), int(inner[1], 16))
        case "decimal.Decimal":
            return _library(tag)(inner)
        case "collections.deque":
            return _library(tag)([decode(item, handle) for item in inner])
        case _:
            kind = {"tuple": tuple, "set": set, "frozenset": frozenset}[tag]
            return kind([decode(item, handle) for item in inner])


def _library(tag: str) -> Any:
    module, _, name = tag.rpartition(".")
    return getattr(importlib.import_module(module), name)


def frame(message: Any) -> bytes:
    """Write a message with its length before it."""
    data = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _HEADER.pack(len(data)) + data


def framed(data: bytes | bytearray) -> tuple[int, int]:
    """Return where the first frame's message begins and ends; the end is unknown, 0, before its header is there."""
    return _HEADER.size, _HEADER.size + _HEADER.unpack_from(data)[0] if len(data) >= _HEADER.size else 0


def receive(stream: Any) -> Any:
    """Read one message from a socket; None at its end."""
    header = _read(stream, _HEADER.size)
    data = _read(stream, _HEADER.unpack(header)[0]) if header else b""
    return json.loads(data) if data else None


def _read(stream: Any, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = stream.recv(min(size - len(data), 1 << 20))
        if not part:
            return b""
        data += part
    return bytes(data)

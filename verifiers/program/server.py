"""Runs inside the sandbox, in the program's own process: answers calls of the program's functions with plain data.

The program shares this interpreter and can answer in our place, but only with other values of its own. Requests are
{of, name, args, kwargs}: a function of `operator` or `builtins` on values and handles; {solve, style, args}: the
function under test; {names}: which of these the program defines. Replies are {value, changed}, or {raised, message}.
"""

from __future__ import annotations

import builtins
import operator
import os
from types import ModuleType

from verifiers.program import plain
from verifiers.program.script import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any

_MESSAGE = 500
"""Most characters of an exception's text that cross."""
_PROGRAM = "program"


def serve(channel: socket.socket, source: str) -> None:
    """Load the program, then answer until the channel closes."""
    program = load(source, _PROGRAM)
    server = _Server(program)
    channel.sendall(plain.frame({"ready": True}))
    while (request := plain.receive(channel)) is not None:
        try:
            reply = plain.frame(server.answer(request))
        except BaseException as err:  # noqa: BLE001  whatever the program raises crosses by name
            names = [kind.__name__ for kind in type(err).__mro__]
            reply = plain.frame({"raised": names, "message": _text(err)})
        channel.sendall(reply)
    os._exit(0)  # all that was asked is answered; threads of the program need not be waited for


def _text(err: BaseException) -> str:
    try:
        return str(err)[:_MESSAGE]
    except Exception:  # noqa: BLE001  its text is the program's code, too
        return ""


class _Server:
    """The program, and those of its objects that are no plain data, by number."""

    def __init__(self, program: ModuleType) -> None:
        self._program = program
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if "names" in request:
            defined = vars(self._program)
            return {"value": [[name, self._named(defined[name])] for name in request["names"] if name in defined]}
        args = [plain.decode(arg, self._object) for arg in request["args"]]
        kwargs = {name: plain.decode(arg, self._object) for name, arg in request.get("kwargs", {}).items()}
        if "solve" in request:
            return {"value": self._encode(self._function(request["solve"], request["style"])(*args))}
        module = {"operator": operator, "builtins": builtins}[request["of"]]
        value = self._encode(getattr(module, request["name"])(*args, **kwargs))
        return {"value": value, "changed": self._changed(args, request["args"])}

    def _named(self, value: Any) -> Any:
        """Describe a global: an exception by its bases' names, a module not at all, anything else as a value."""
        if isinstance(value, type) and issubclass(value, Exception):
            return {"exception": [kind.__name__ for kind in value.__mro__]}
        return {"module": True} if isinstance(value, ModuleType) else {"value": self._encode(value)}

    def _function(self, name: str, style: str | None) -> Any:
        solution = getattr(self._program, "Solution", None)
        if style == "method" or (style is None and not hasattr(self._program, name) and solution):
            if solution is None:
                raise NameError("the program defines no class Solution")
            return getattr(solution(), name)
        if not hasattr(self._program, name):
            raise NameError(f"the program defines no function {name}")
        return getattr(self._program, name)

    def _changed(self, args: list[Any], sent: list[Any]) -> list[list[Any]]:
        """Return position and new value of each argument that the call changed in place."""
        now = [(place, self._encode(arg)) for place, arg in enumerate(args) if isinstance(arg, list | dict | set)]
        return [[place, data] for place, data in now if data != sent[place]]

    def _encode(self, value: Any) -> Any:
        return plain.encode(value, self._handle)

    def _handle(self, value: Any) -> Any:
        """Number an object; an instance of a built-in type's subclass goes with its plain value, or as that alone."""
        inner = plain.as_plain(value)
        data = None if inner is value else [self._encode(inner)]
        if data and type(value).__module__ != _PROGRAM:
            return data[0]
        number = self._numbers.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        return {"object": [number, type(value).__name__, data]}

    def _object(self, handle: Any) -> Any:
        return self._objects[handle[0]]

"""Runs inside a sandbox of its own: test code, which reaches the program only through calls by plain data.

Expected values stay in here. The program's functions, classes and objects are `Remote`s; what they return comes as
plain data or as a Remote again. A Remote is never asked to compare itself, or to calculate, with data of the tests:
it could claim to be equal. Arguments that a call changes in place are changed here, too.

Not covered: what tests take from the program besides the function under test (its helpers, its own classes' equality)
is the program's word. Tests that pass a function of theirs, or read what the program prints, cannot be used.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import sys
import traceback

from verifiers.program import plain
from verifiers.program.remote import GarbledError, Peer, UnusableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any

_QUOTED = 200
_PRINTS = re.compile(r"\b(?:redirect_stdout|sys\s*\.\s*std(?:in|out)|capsys|getsource)\b")


def examine(channel: socket.socket) -> None:
    """Receive {setup, code, entry_point}; send {end, detail, passed, of, calls} when the test code has run."""
    tests = plain.receive(channel)
    peer = Peer(channel)
    try:
        end, detail, passed, of = _examine(peer, **tests)
    except GarbledError:
        end, detail, passed, of = "raised RuntimeError", "what the program answers cannot be read", 0, 1
    except BaseException as err:  # noqa: BLE001  what the tests raise must not look like their success
        told = str(err) if isinstance(err, UnusableError) else f"{type(err).__name__}: {err}"
        end, detail, passed, of = "unusable", told, 0, 0
    if peer.unusable:
        end, detail = "unusable", peer.unusable
    channel.sendall(plain.frame({"end": end, "detail": detail, "passed": passed, "of": of, "calls": peer.calls}))


def _examine(peer: Peer, setup: str, code: str, entry_point: str | None) -> tuple[str, str, int, int]:
    tree = ast.parse(code)
    if _PRINTS.search(setup + code):
        raise UnusableError("they look at the program's source, or at what it prints, not at what it returns")
    asserts = sorted(node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert))
    namespace: dict[str, Any] = {"__name__": "tests"}
    _fill(namespace, peer, [ast.parse(setup), tree, ast.parse(entry_point or "None")], entry_point)
    if re.search(r"\brandom\b", setup + code):
        importlib.import_module("random").seed(0)  # the same verdict every time
    try:
        _run(compile(setup, "setup.py", "exec", dont_inherit=True), namespace)
        _run(compile(tree, "tests.py", "exec", dont_inherit=True), namespace)
        _check(namespace, tree, entry_point)
    except Exception as err:
        if isinstance(err, ImportError | MemoryError) and err is not peer.raised:
            raise UnusableError(f"they need what the sandbox lacks: {err or 'memory'}") from err
        line, text = _where(err, code)
        told = peer.last() if isinstance(err, AssertionError) else f"{type(err).__name__}: {err}"
        end = "failed" if isinstance(err, AssertionError) else f"raised {type(err).__name__}"
        return end, f"{text[:_QUOTED]}; {told[:_QUOTED]}", sum(place < line for place in asserts), len(asserts)
    return "passed", "", len(asserts), len(asserts)


def _run(code: Any, namespace: dict[str, Any]) -> None:
    exec(code, namespace)  # noqa: S102  the tests are a program as well


def _fill(namespace: dict[str, Any], peer: Peer, trees: list[ast.AST], entry_point: str | None) -> None:
    """Define what the tests refer to: standard modules as they are, else what the program defines.

    A built-in name stays what it is, unless it is the function under test: the tests may compare with it.
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    bases = {node.value.id for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
    modules = {name for name in bases if name in sys.stdlib_module_names} - {entry_point}
    used = {node.id for node in nodes if isinstance(node, ast.Name)} - modules
    names = sorted(name for name in used if name == entry_point or not hasattr(builtins, name))
    namespace.update({name: importlib.import_module(name) for name in modules})
    namespace.update(peer.named(names))
    if entry_point and entry_point in namespace:
        namespace.setdefault("candidate", namespace[entry_point])


def _check(namespace: dict[str, Any], tree: ast.Module, entry_point: str | None) -> None:
    """Call `check` with the function under test, where the test code only defines it."""
    defined = any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body)
    called = any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check"
        for node in ast.walk(tree)
    )
    if defined and not called:
        if not entry_point:
            raise UnusableError("they define check(candidate), and no entry_point says what the candidate is")
        namespace["check"](eval(entry_point, namespace))  # noqa: S307  part of the tests


def _where(err: Exception, code: str) -> tuple[int, str]:
    """Return number and text of the test line that failed; the number is 0 outside the test code."""
    lines = [frame.lineno for frame in traceback.extract_tb(err.__traceback__) if frame.filename == "tests.py"]
    written = code.splitlines()
    line = lines[-1] or 0 if lines else 0
    return line, written[line - 1].strip() if 0 < line <= len(written) else "the set-up of the tests"

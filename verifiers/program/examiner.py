"""Runs inside a sandbox of its own: test code, which reaches the program only through what it asks of it.

Expected values stay in here. The program's functions, classes and objects are `Remote`s; what they return comes as
plain data or as a Remote again. A Remote is never asked to compare itself, or to calculate, with data of the tests:
it could claim to be equal. What the tests hand over, functions and objects of their own, stays here as well, and the
program asks for what it does with them (`outside`).

Test code may be plain asserts, a function check(candidate), functions named test_…, or classes of unittest.

Not covered: what tests take from the program besides the function under test (its helpers, its own classes' methods
and their equality with each other) is the program's word. Comparisons that anything empty passes, such as numpy's with
an empty array, stay what the tests make of them.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import sys
import traceback

from verifiers.program import plain, suites
from verifiers.program.outside import TESTS, EndlessError, GarbledError, Program, UnusableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from typing import Any

_QUOTED = 200
_CONSOLE = re.compile(r"\b(?:redirect_stdout|sys\s*\.\s*std(?:in|out)|capsys|builtins\s*\.\s*input)\b")
_BEYOND = re.compile(
    r"\b(?:redirect_stderr|sys\s*\.\s*stderr|getsource|monkeypatch|catch_warnings|assertWarns|assertLogs"
    r"|patch\(\s*(?![\'\"](?:builtins\.input|sys\.std(?:in|out))\b)[^)]*)"
)
_OVER_THERE = {
    "dataclasses": ("asdict", "astuple", "fields", "is_dataclass", "replace"),
    "inspect": ("getdoc", "isclass", "iscoroutinefunction", "isfunction", "isgeneratorfunction", "signature"),
}
"""What is not done with an object of the program but where it is."""


def examine(channel: socket.socket) -> None:
    """Receive {setup, code, entry_point}; send {end, detail, passed, of, calls} when the test code has run."""
    tests = plain.receive(channel)
    program = Program(channel)
    try:
        end, detail, passed, of = _examine(program, **tests)
    except GarbledError:
        end, detail, passed, of = "raised RuntimeError", "what the program answers cannot be read", 0, 1
    except EndlessError:
        end, detail, passed, of = "raised EndlessError", "it calls the functions of the tests on and on", 0, 1
    except BaseException as err:  # noqa: BLE001  what the tests raise must not look like their success
        told = str(err) if isinstance(err, UnusableError) else f"{type(err).__name__}: {err}"
        end, detail, passed, of = "unusable", told, 0, 0
    if program.unusable:
        end, detail = "unusable", program.unusable
    channel.sendall(plain.frame({"end": end, "detail": detail, "passed": passed, "of": of, "calls": program.calls}))


def _examine(program: Program, setup: str, code: str, entry_point: str | None) -> tuple[str, str, int, int]:
    tree = ast.parse(code)
    if beyond := _BEYOND.search(setup + code):
        raise UnusableError(f"they need {beyond[0]}, which does not reach the program")
    asserts = sorted(_asserts(tree))
    namespace: dict[str, Any] = {"__name__": TESTS}
    console = bool(_CONSOLE.search(setup + code))
    _fill(namespace, program, [ast.parse(setup), tree, ast.parse(entry_point or "None")], entry_point, console=console)
    _prepare(program, setup + code)
    try:
        _run(compile(setup, "setup.py", "exec", dont_inherit=True), namespace)
        _run(compile(tree, "tests.py", "exec", dont_inherit=True), namespace)
        suites.run(namespace, tree, entry_point)
    except BaseException as err:
        if not isinstance(err, Exception) and err is not program.raised:
            raise
        if isinstance(err, suites.NoCandidateError):
            raise UnusableError(str(err)) from err
        if isinstance(err, ImportError | MemoryError) and err is not program.raised:
            raise UnusableError(f"they need what the sandbox lacks: {err or 'memory'}") from err
        line, text = _where(err, code)
        failed = isinstance(err, AssertionError) and err is not program.raised
        told = program.last() if failed else f"{type(err).__name__}: {err}"
        end = "failed" if failed else f"raised {type(err).__name__}"
        return end, f"{text[:_QUOTED]}; {told[:_QUOTED]}", sum(place < line for place in asserts), len(asserts)
    return "passed", "", len(asserts), len(asserts)


def _prepare(program: Program, code: str) -> None:
    """Make the modules that the tests use fit for objects of the program."""
    suites.prepare(code)
    for module, names in _OVER_THERE.items():
        for name in names if re.search(rf"\b{module}\b", code) else ():
            program.apply_there(module, name)
    if re.search(r"\brandom\b", code):
        random: Any = importlib.import_module("random")
        random.seed(0)  # the same verdict every time
        own = random.seed
        random.seed = lambda *args: own(*args) or program.do("random.seed", *args)


def _run(code: Any, namespace: dict[str, Any]) -> None:
    exec(code, namespace)  # noqa: S102  the tests are a program as well


def _fill(
    namespace: dict[str, Any], program: Program, trees: list[ast.AST], entry_point: str | None, *, console: bool
) -> None:
    """Define what the tests refer to: standard modules as they are, else what the program defines.

    A built-in name stays what it is, unless it is the function under test: the tests may compare with it.
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    bases = {node.value.id for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
    modules = {name for name in bases if name in sys.stdlib_module_names} - {entry_point}
    known = [node for node in nodes if isinstance(node, ast.Name)]
    used = {node.id for node in known} - modules
    names = sorted(name for name in used if name == entry_point or not hasattr(builtins, name))
    namespace.update({name: importlib.import_module(name) for name in modules})
    program.define_in(namespace, names, console=console)
    if sum(map(_asks_type, nodes)) == sum(node.id == "type" for node in known):
        namespace["type"] = program.type_of
    if entry_point and entry_point in namespace:
        namespace.setdefault("candidate", namespace[entry_point])


def _asks_type(node: ast.AST) -> bool:
    """Tell whether this is a call of `type` with one argument, not its other uses."""
    called = node.func if isinstance(node, ast.Call) and len(node.args) == 1 else None
    return isinstance(called, ast.Name) and called.id == "type"


def _asserts(tree: ast.Module) -> Iterator[int]:
    """Yield the line of each assert, and of each call of one of unittest's."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from [node.lineno] * node.func.attr.startswith("assert")


def _where(err: BaseException, code: str) -> tuple[int, str]:
    """Return number and text of the test line that failed; the number is 0 outside the test code."""
    lines = [frame.lineno for frame in traceback.extract_tb(err.__traceback__) if frame.filename == "tests.py"]
    written = code.splitlines()
    line = lines[-1] or 0 if lines else 0
    return line, written[line - 1].strip() if 0 < line <= len(written) else "the set-up of the tests"

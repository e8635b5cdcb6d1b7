"""Runs what test code only defines: check(candidate), functions named test…, and classes of unittest.

Not covered: pytest itself is not here, so tests that import it cannot be used; of its fixtures there is `capsys`.
"""

from __future__ import annotations

import ast
import io
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class NoCandidateError(Exception):
    """Nothing says what the tests are to check."""


def prepare(code: str) -> None:
    """Let unittest.main() do nothing: what it would run is run by `run`."""
    if "unittest" in code:
        import unittest  # noqa: PLC0415  few tests need it

        unittest.main = lambda *_, **__: None  # type: ignore[assignment]


def run(namespace: dict[str, Any], tree: ast.Module, candidate: str | None) -> None:
    """Run it all, in the order of definition, but for what the test code calls itself.

    Args:
        namespace: What the test code defined.
        tree: The test code.
        candidate: An expression for the function under test, for those who want it.

    Raises:
        NoCandidateError: there is a check(candidate), and nothing says what the candidate is.
        BaseException: whatever the tests raise.
    """
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            _run_cases(namespace[node.name])
        elif isinstance(node, ast.FunctionDef) and node.name not in called:
            wanted = [arg.arg for arg in node.args.args[: len(node.args.args) - len(node.args.defaults)]]
            if node.name == "check":
                namespace["check"](_candidate(namespace, candidate))
            elif node.name.startswith("test") and wanted in ([], ["capsys"]):
                namespace[node.name](*(_Capture() for _ in wanted))


def _candidate(namespace: dict[str, Any], expression: str | None) -> Any:
    if not expression:
        raise NoCandidateError("they define check(candidate), and no entry_point says what the candidate is")
    return eval(expression, namespace)  # noqa: S307  part of the tests


def _run_cases(defined: Any) -> None:
    """Run the methods of a unittest class, whatever fails raising at once."""
    unittest: Any = sys.modules.get("unittest")
    if unittest is None or not issubclass(defined, unittest.TestCase):
        return
    defined.setUpClass()
    suite: Any = unittest.defaultTestLoader.loadTestsFromTestCase(defined)
    for case in suite:
        try:
            case.debug()
        except unittest.SkipTest:
            continue


class _Capture:
    """What pytest calls capsys: what is printed from now on."""

    def __init__(self) -> None:
        self._printed = sys.stdout = io.StringIO()

    def readouterr(self) -> Any:
        """Return what was printed since the last time; nothing of it is an error's."""
        from types import SimpleNamespace  # noqa: PLC0415  few tests need it

        out = self._printed.getvalue()
        self._printed = sys.stdout = io.StringIO()
        return SimpleNamespace(out=out, err="")

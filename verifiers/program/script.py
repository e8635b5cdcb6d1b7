"""Runs inside: executes a program, as a module or as a script from beginning to end.

A script ends as the interpreter would let it end: threads are waited for, what `atexit` knows is called, its own
objects are finalised, its streams flushed. What the interpreter does then, taking every module apart, takes it longer
than most programs run, and is left out.

Not covered: `__del__` of objects that only a standard module holds.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

COMPILE_FAILED = 119
"""Exit status of a program that is no Python."""
_FLUSH_FAILED = 120
"""The interpreter's own exit status for it."""


def load(source: str, name: str) -> ModuleType:
    """Execute a program as the module `name`, exactly as it is; end this process when it is no Python."""
    module = ModuleType(name)
    module.__dict__["__file__"] = f"{os.getcwd()}/{sys.argv[0]}"  # noqa: PTH109  pathlib would delay every program
    sys.modules[name] = module
    try:
        code = compile(source, sys.argv[0], "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError) as err:
        os.write(2, f"{type(err).__name__}: {err}".encode("utf-8", "replace"))
        os._exit(COMPILE_FAILED)
    exec(code, module.__dict__)  # noqa: S102  running it is what the sandbox is for
    return module


def run(work: Callable[[], object]) -> NoReturn:
    """Do the work of a script, and end this process with the status that a script would have had."""
    status = 0
    try:
        work()
    except BaseException as err:  # noqa: BLE001  whatever it raises is for its excepthook to report
        status = _told(err)
    finally:
        status = _end() or status
        os._exit(status)


def _told(err: BaseException) -> int:
    """Report what a script raised; return its exit status."""
    if not isinstance(err, SystemExit):
        sys.excepthook(type(err), err, err.__traceback__)
        return 1
    if isinstance(err.code, int):
        return err.code & 0xFF
    if err.code is not None:
        sys.stderr.write(f"{err.code}\n")
    return 0 if err.code is None else 1


def _end() -> int:
    """Do what the interpreter does at a script's end; return an exit status other than 0 when that failed."""
    if threading := sys.modules.get("threading"):
        threading._shutdown()
    atexit._run_exitfuncs()
    status = max(_flush(sys.stdout), _flush(sys.stderr))  # before the names are gone that they may need
    sys.modules["__main__"].__dict__.clear()
    gc.collect()
    return max(status, _flush(sys.__stdout__), _flush(sys.__stderr__))


def _flush(stream: Any) -> int:
    try:
        if not stream.closed:
            stream.flush()
    except AttributeError:
        return 0  # it was replaced by something of the program's own
    except Exception:  # noqa: BLE001  the streams may be the program's code, too
        return _FLUSH_FAILED
    return 0

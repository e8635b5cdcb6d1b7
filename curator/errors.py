"""The errors a person is expected to meet. Library code raises them; only `curator.cli.main` prints and exits.

`CuratorError` is the root; the command line shows its message and hint without a traceback, and exits with
`exit_code`. Anything else that escapes is our bug and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CuratorError(Exception):
    """Something went wrong that a person can mend.

    Args:
        message: What happened, to which value, in the words the user typed. No key, no full trace.
        hint: What to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CuratorError):
    """The command, the TOML or an input file asks for something that does not make sense."""

    exit_code = 2


class StoreError(CuratorError):
    """The store cannot do what was asked: newer schema, no space, a query past its limits, …"""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Guess what a name that is not known was to be, as the end of a message; empty without a guess."""
    near = get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""

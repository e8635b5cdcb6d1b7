"""Faults that a user can mend: printed without a traceback by `trainer.__main__`."""

from __future__ import annotations


class TrainerError(Exception):
    """Training cannot go on.

    Args:
        message: What happened, to which value.
        hint: What to do next; empty when there is nothing to say.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(TrainerError):
    """Something that was given cannot be used."""

    exit_code = 2

"""What keeps two answers from being compared."""

from __future__ import annotations

from typing import Literal


class TooLargeError(Exception):
    """An expression that we refuse to evaluate; it is neither equal nor different."""


class UnreadableError(Exception):
    """A text that is no mathematics we can read; `text` says which."""

    def __init__(self, text: Literal["gold", "answer"]) -> None:
        super().__init__(f"the {text} cannot be read as mathematics")
        self.text = text


class NotReadError(ValueError):
    """A text that is none of the expressions read by `syntax`."""

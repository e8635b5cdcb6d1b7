"""Model text is hostile: it is shown as plain text, with everything a terminal would obey made visible."""

from __future__ import annotations

import unicodedata

_VISIBLE = {"\n", "\t"}
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}
"""Zero-width (non-)joiners: ordinary in Persian, Hindi and emoji, harmless in a terminal."""


def plain(text: str) -> str:
    r"""Escape control, format and surrogate characters (`\x1b`, `\u202e`); keep new lines and tabs.

    Covers terminal escape sequences, C1 controls and text-direction overrides. Not covered: letters that merely
    look like others.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) for char in text)


def one_line(text: str, width: int | None = None) -> str:
    """Escape like `plain`, new lines and tabs too, and cut at `width` characters with an ellipsis."""
    if width is not None and len(text) > width:
        text = text[: width - 1] + "…"
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


def _escape(char: str) -> str:
    if char in _VISIBLE or char in _JOINERS or unicodedata.category(char) not in _HIDDEN_CATEGORIES:
        return char
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

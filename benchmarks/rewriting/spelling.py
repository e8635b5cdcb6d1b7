r"""The spelling of golds: dollar signs and torn braces, top-level commas and terms, what is one formula."""

from __future__ import annotations

import re

TORN = re.compile(r"(?P<number>-?[\d.]+(?:e-?\d+)?)\}\s*(?P<unit>.+)", re.DOTALL)
r"""`3e8} \mathrm{~m`: what stood between the first brace and the last of `\boxed{{3e8} \mathrm{~m}}`."""
_COMMANDS = frozenset(
    (
        *(r"\frac", r"\dfrac", r"\tfrac", r"\sqrt", r"\cdot", r"\lfloor", r"\rfloor", r"\pi", r"\tau", r"\theta"),
        *(r"\sin", r"\cos", r"\tan", r"\cot", r"\arcsin", r"\ln", r"\log", r"\omega", r"\sigma", r"\Delta"),
    )
)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_PLAIN = re.compile(r"[0-9A-Za-z+\-/^_{}(). ]+")
_LETTERS = re.compile(r"[A-Za-z]{3,}")


def tidy(gold: str) -> str:
    r"""Return a gold without dollar signs, the full stop after it and `\left`, and with torn braces closed."""
    text = " ".join(re.sub(r"(?<!\\)\$", "", gold).split())
    text = re.sub(r"(?<=[\d})a-z ])\s*\.$", "", text).strip()
    text = re.sub(r"\\(?:left|right)(?![A-Za-z])", "", text)
    if torn := TORN.fullmatch(text):
        return f"{torn['number']} {torn['unit']}" + "}" * (torn["unit"].count("{") - torn["unit"].count("}"))
    return text


def is_formula(text: str) -> bool:
    """Whether a text is one formula: known commands, closed brackets, no words and no constant of integration."""
    bare = _COMMAND.sub(" ", text)
    known = set(_COMMAND.findall(text)) <= _COMMANDS and bool(_PLAIN.fullmatch(bare)) and bool(text.strip())
    words = _LETTERS.search(bare) or re.search(r"\bC\b|C_|\. |\de-?\d", bare)
    return known and not words and _depths(text)[-1:] == [0] and min(_depths(text)) >= 0


def _depths(text: str) -> list[int]:
    """Tell how many brackets are open after each character."""
    depth, depths = 0, []
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        depths.append(depth)
    return depths


def split(text: str) -> tuple[str, ...]:
    """Part a text at the commas that no bracket holds."""
    cuts = [at for at, (sign, depth) in enumerate(zip(text, _depths(text), strict=True)) if sign == "," and depth == 0]
    return tuple(
        text[start:end].strip() for start, end in zip([0, *(cut + 1 for cut in cuts)], [*cuts, None], strict=True)
    )


def terms(text: str) -> tuple[str, ...]:
    """Part a sum at the signs that no bracket holds; every term but the first keeps its sign."""
    depths = _depths(text)
    cuts = [
        at for at, sign in enumerate(text)
        if at and sign in "+-" and depths[at] == 0 and text[:at].rstrip()[-1:] not in ("^", "_", "/", "", "+", "-")
    ]  # fmt: skip
    return tuple(text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, None], strict=True))

r"""The signs of mathematical notation: how a normalised text falls into tokens, and which of them belong together."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"\s+|(?P<repeating>\d+\.\d*\\(?:overline|dot) ?\{? ?\d+ ?\}?)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<command>\\[A-Za-z]+|\\[{}|])"
    r"|(?P<word>(?:arc)?(?:sin|cos|tan|cot)|sinh|cosh|tanh|sec|csc|sqrt|log|ln|lg|exp|pi|gcd|lcm|min|max|mod)(?![A-Za-z])"
    r"|(?P<sign>\S)"
)
FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh ln lg log exp gcd lcm min max".split()  # noqa: SIM905
)
INVERSES = {"sin": "arcsin", "cos": "arccos", "tan": "arctan", "cot": "arccot"}
"""What the power -1 of a function means."""
UNKNOWN = frozenset("fghFGH")
"""Letters that name functions when brackets follow."""
APPLIED = re.compile(r"\((?:[a-z]|\d+|\d*[a-z](?:[+-]\d+)?|[A-Z](?:\|[A-Z])?)\)")
"""Brackets behind a capital letter, or behind y, u, v, phi or psi, that hold an argument rather than a factor."""
TIMES = frozenset({r"\times", r"\cdot", "*", r"\ast"})
OVER = frozenset({"/", r"\div"})
MODULO = frozenset({r"\bmod", r"\mod", "mod"})
CLOSER = {
    "(": ")", "[": "]", "{": "}", r"\{": r"\}", "|": "|",
    r"\lvert": r"\rvert", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil",
}  # fmt: skip
AROUND = {"|": "abs", r"\lvert": "abs", r"\lfloor": "floor", r"\lceil": "ceil"}
"""Brackets that are functions."""
GROUPS = frozenset({"(", "[", "{"})
"""Brackets that are none."""
LETTER = re.compile(
    r"[A-Za-z]|\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|(?:var)?rho"
    r"|sigma|tau|upsilon|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Sigma|Phi|Psi|Omega|infty|ell|hbar|partial)"
)
MARKS = frozenset(
    rf"\{name}"
    for name in "mathbb mathcal overline bar hat widehat vec overrightarrow angle triangle".split()  # noqa: SIM905
)
"""Commands that make a name of what follows."""
BARS = frozenset({r"\overline", r"\bar"})
RUNNING = re.compile(r"(?<![A-Za-z\\])[i-n](?![A-Za-z])")
"""A letter that runs through whole numbers, in an index."""
LONG_WORD = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{7,}")
"""Prose: no product has so many letters side by side."""

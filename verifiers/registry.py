"""Every verifier by its name."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.verdict import Reason
from verifiers.absent import Absent
from verifiers.base import Verifier
from verifiers.choice import Choice
from verifiers.code import Code
from verifiers.codeblocks import Codeblocks
from verifiers.exact import Exact
from verifiers.format import Format
from verifiers.judge import Judge
from verifiers.language import Language
from verifiers.length import Length
from verifiers.math import Math
from verifiers.paragraphs import Paragraphs
from verifiers.procedural import Procedural
from verifiers.repetition import Repetition

VERIFIERS: Mapping[str, Verifier] = {
    "format": Format(),
    "math": Math(),
    "choice": Choice(),
    "exact": Exact(),
    "procedural": Procedural(),
    "language": Language(),
    "length": Length(),
    "repetition": Repetition(),
    "code": Code(),
    "paragraphs": Paragraphs(),
    "codeblocks": Codeblocks(),
    "judge": Judge(),
}


def verifier(name: str) -> Verifier:
    """Return the verifier called `name`; an unknown one abstains."""
    return VERIFIERS.get(name) or Absent(name, Reason.NO_VERIFIER, f"there is no verifier called {name!r}")

"""How the student is asked: the named templates of `data/students.toml` and of `[students]` in `curator.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from curator.errors import UsageError, did_you_mean
from curator.prompts import SLOT

DEFAULT_STUDENT = "bare"

_SHIPPED = Path(__file__).parent / "data" / "students.toml"


def student_template(name: str, own: Mapping[str, str]) -> str:
    """Return the template called `name`; the user's own go before the shipped ones.

    Raises:
        UsageError: There is none, or it has no place for the problem.
    """
    known: dict[str, str] = {**tomllib.loads(_SHIPPED.read_text("utf-8")), **own}
    if name not in known:
        raise UsageError(
            f"--student {name}: there is no such template{did_you_mean(name, known)}",
            hint=f"templates: {', '.join(known)}; [students] in curator.toml adds your own",
        )
    if SLOT not in known[name]:
        raise UsageError(f"[students] {name}: it must contain {SLOT}, where the problem goes")
    return known[name]


def student_prompt(template: str, prompt: str) -> str:
    """Put a problem to the student."""
    return template.replace(SLOT, prompt)

"""A second opinion from math-verify on what our own reader cannot read.

Only its 'equal' is heard: its 'not equal' may hide an expression that it could not read or had no memory for. It runs
inside a worker, under the worker's limits; its own time-outs rest on SIGALRM and are switched off.
"""

from __future__ import annotations

import logging

from math_verify import LatexExtractionConfig, parse, verify

logging.getLogger("math_verify").setLevel(logging.CRITICAL)  # a failure is an answer here, not an event

_WHOLE = (LatexExtractionConfig(),)


def says_equal(gold: str, given: str) -> bool:
    r"""Whether math-verify reads both texts, as one LaTeX formula each, and finds them equal.

    Texts with `\text` are not asked about: math-verify drops units, so that cm² would equal cm³.
    """
    if r"\text" in gold + given:
        return False
    left, right = (
        parse(f"${text}$", _WHOLE, fallback_mode="no_fallback", parsing_timeout=None) for text in (gold, given)
    )
    return bool(left and right and verify(left, right, strict=True, timeout_seconds=None))

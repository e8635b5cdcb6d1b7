"""What a run came to on held-out problems: pass@k and shares with intervals, tokens and seconds. Pure statistics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Z95 = 1.959963984540054
"""The normal distribution holds 95 % within this many standard deviations of its mean."""


@dataclass(frozen=True, slots=True)
class Share:
    """A mean over problems of something between 0 and 1, with its 95 % interval."""

    value: float | None
    """None where no problem could be counted; the interval is then all that is possible, 0 to 1."""
    low: float
    high: float
    problems: int
    """Problems that the mean is taken over."""
    left_out: int
    """Problems with too few candidates that could be told."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of one run on the problems it was asked."""

    k: int
    problems: int
    """Problems asked about, those without any candidate included."""
    candidates: int
    undecided: int
    """Candidates that nobody could judge: neither right nor wrong in any share of decisions."""
    pass1: Share
    """Chance that one attempt is accepted."""
    passk: Share
    """Chance that at least one of `k` attempts is accepted."""
    answer_right: Share
    """By the answer verifier alone, whatever the format."""
    valid_format: Share
    truncated: Share
    """Ended by the limit on tokens."""
    mean_tokens: float | None
    """Tokens per completion; None where no one counted them."""
    median_s: float | None
    """Seconds from sending a request to its last byte; None where no one took the time."""
    tokens_per_s: float | None
    """Completion tokens per second of one stream, its waiting included; concurrent streams add up to more."""

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return asdict(self)


def measured(rows: Iterable[Mapping[str, Any]], k: int) -> Measured:
    """Sum one run up from the rows of `eval_queries.OUTCOMES`, the one over all problems included."""
    *problems, total = rows
    return Measured(
        k=k,
        problems=len(problems),
        candidates=total["candidates"],
        undecided=total["undecided"],
        pass1=_passed(problems, 1),
        passk=_passed(problems, k),
        answer_right=_told(problems, "answer"),
        valid_format=_told(problems, "format"),
        truncated=share([row["truncated"] / row["candidates"] if row["candidates"] else None for row in problems]),
        mean_tokens=_ratio(total["completion_tokens"], total["counted"]),
        median_s=total["median_s"],
        tokens_per_s=_ratio(total["timed_tokens"], total["timed_s"]),
    )


def pass_at_k(n: int, c: int, k: int) -> float:
    """Estimate without bias the chance that at least one of `k` attempts passes.

    The share of all choices of `k` out of `n` attempts that hold one of the `c` that passed (Chen et al. 2021,
    "Evaluating Large Language Models Trained on Code", equation 1).

    Raises:
        ValueError: `k` is less than 1 or more than `n`, or `c` is no part of `n`.
    """
    if not (1 <= k <= n and 0 <= c <= n):
        raise ValueError(f"pass@{k} of {c} among {n} attempts is not defined")
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def wilson(p: float, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a mean `p` of `n` independent values between 0 and 1 (Wilson 1927).

    It holds every mean from which `p` is at most `Z95` standard errors away, where the standard error is the widest
    that values between 0 and 1 can have: such a value's square is no larger than itself, so that a mean of m means a
    variance of at most m(1 - m). Here n counts problems, not candidates: those of one problem resemble each other, and
    their share is one value. Where problems are sometimes solved and sometimes not, it is wider than it needs to be
    (conservative); it is never a point, not at 0 or 1 either, and without problems it is 0 to 1.

    Not covered: problems that resemble each other count as independent; and with one attempt per problem coverage is
    that of Wilson's interval for a binomial, which is near 95 % and may be a little less.
    """
    if not n:
        return 0.0, 1.0
    weight = Z95 * Z95 / n
    middle = (p + weight / 2) / (1 + weight)
    half = math.sqrt(weight * (p * (1 - p) + weight / 4)) / (1 + weight)
    # The ends lie around p and within 0 and 1, but for rounding.
    return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))


def share(values: Sequence[float | None]) -> Share:
    """Average one value per problem; None is a problem that cannot be counted."""
    known = [value for value in values if value is not None]
    mean = _ratio(math.fsum(known), len(known))
    low, high = wilson(mean or 0.0, len(known))
    return Share(mean, low, high, len(known), len(values) - len(known))


def _passed(problems: Sequence[Mapping[str, Any]], k: int) -> Share:
    """Estimate pass@k from decided candidates; problems with fewer than `k` of them are left out."""
    decided = [(row["accepted"] + row["rejected"], row["accepted"]) for row in problems]
    return share([pass_at_k(n, c, k) if n >= k else None for n, c in decided])


def _told(problems: Sequence[Mapping[str, Any]], verifier: str) -> Share:
    counts = [(row[f"{verifier}_accepted"], row[f"{verifier}_rejected"]) for row in problems]
    return share([_ratio(accepted, accepted + rejected) for accepted, rejected in counts])


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None

"""When a problem has been sampled enough: an explicit rule over what became of its candidates.

The pass rate of a problem has the prior Beta(1/2, 1/2). After `s` accepted of `m` candidates the next one is expected
to be accepted with (s + 1/2) / (m + 1). Below `give_up_below` a problem is hopeless, above `enough_above` it is
trivial: neither is worth more tokens. What is not accepted counts against a problem, cut and undecided candidates too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.policy import Decision
from schemas.sampling_plan import StopReason
from schemas.verdict import CUTS, Reason

GIVE_UP_BELOW = 0.05
"""Reached when none of 10 candidates was accepted."""
ENOUGH_ABOVE = 0.95
"""Reached when all of 10 candidates were accepted."""
UNTOLD = 2
"""Candidates that nobody could judge, none being judged, after which nobody asks for another one."""

UNJUDGEABLE = frozenset(
    {Reason.NO_GOLD, Reason.GOLD_UNPARSABLE, Reason.NO_VERIFIER, Reason.NO_JUDGE, Reason.SANDBOX_UNAVAILABLE}
)
"""Reasons that lie with the problem or the machine, and so hold for every candidate of the problem."""


@dataclass(frozen=True, slots=True)
class StopRule:
    """How many candidates of a problem are wanted."""

    max_n: int
    """Most candidates."""
    until: int | None = None
    """Accepted ones that are enough; None asks for `max_n`, whatever comes of them."""
    give_up_below: float = GIVE_UP_BELOW
    """0 gives no problem up."""
    enough_above: float = ENOUGH_ABOVE
    """1 takes no problem for trivial."""
    cut_siblings: bool = False
    """Whether all candidates are asked for at once, and those that still run are dropped once `until` are accepted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a problem's candidates."""

    accepted: int = 0
    rejected: int = 0
    cut: int = 0
    untold: int = 0
    """Undecided ones that ended by themselves."""
    unjudgeable: bool = False
    """Whether the reason of one of them holds for all."""

    @property
    def tries(self) -> int:
        """Candidates that came to an end."""
        return self.accepted + self.rejected + self.cut + self.untold

    def plus(self, decision: Decision) -> Tally:
        """Count one more."""
        if decision.decision == "accepted":
            return replace(self, accepted=self.accepted + 1)
        if decision.decision == "rejected":
            return replace(self, rejected=self.rejected + 1)
        if decision.reason in CUTS:
            return replace(self, cut=self.cut + 1)
        unjudgeable = self.unjudgeable or decision.reason in UNJUDGEABLE
        return replace(self, untold=self.untold + 1, unjudgeable=unjudgeable)


def expected_rate(accepted: int, tries: int) -> float:
    """Return the chance that the next candidate is accepted, after `accepted` of `tries`."""
    return (accepted + 0.5) / (tries + 1)


def stop_reason(rule: StopRule, tally: Tally) -> StopReason | None:
    """Say why no further candidate is wanted; None while one is."""
    if rule.until is not None:
        if tally.accepted >= rule.until:
            return "solved"
        if _cannot_be_judged(tally):
            return "unjudgeable"
        if expected_rate(tally.accepted, tally.tries) < rule.give_up_below:
            return "hopeless"
        if expected_rate(tally.accepted, tally.tries) > rule.enough_above:
            return "trivial"
    return "max_n" if tally.tries >= rule.max_n else None


def wanted_now(rule: StopRule, tally: Tally, in_flight: int) -> int:
    """Return how many candidates to ask for beside those in flight, before more is known.

    No more than still lack, and none that would be too many if all before it were accepted, or rejected, or could not
    be judged.
    """
    if stop_reason(rule, tally) is not None:
        return 0
    left = rule.max_n - tally.tries - in_flight
    if rule.until is None or rule.cut_siblings:
        return max(0, left)
    left = min(left, rule.until - tally.accepted - in_flight)
    while left > 0 and _too_many(rule, tally, in_flight + left - 1):
        left -= 1
    return max(0, left)


def _too_many(rule: StopRule, tally: Tally, in_flight: int) -> bool:
    """Whether nothing more is wanted if those in flight all end alike."""
    alike = (
        replace(tally, accepted=tally.accepted + in_flight),
        replace(tally, rejected=tally.rejected + in_flight),
        replace(tally, untold=tally.untold + in_flight),
    )
    return any(stop_reason(rule, case) is not None for case in alike)


def _cannot_be_judged(tally: Tally) -> bool:
    return tally.unjudgeable or (tally.untold >= UNTOLD and not tally.accepted + tally.rejected)

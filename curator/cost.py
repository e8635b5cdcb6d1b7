"""What teachers and judges cost: tokens by the prices of `[price]` in curator.toml.

Not covered: failed and repeated tries, whose tokens no server reports; discounts for cached prompts or off-peak hours;
and the rent of a machine, which is paid whether or not it generates.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from curator.config import ModelPrice, PriceSection
from curator.escape import one_line

NO_PRICES = PriceSection()
Role = Literal["teacher", "judge"]


@dataclass(frozen=True, slots=True)
class TokenSums:
    """Tokens of some requests, each of which brought a reply."""

    prompt_tokens: int
    completion_tokens: int
    estimated: int
    """Requests of which a count was estimated from the text."""
    unknown: int
    """Requests of which a count is neither known nor estimated, and so left out of the sums."""


_TOKEN_SUMS = tuple(field.name for field in fields(TokenSums))


@dataclass(frozen=True, slots=True)
class Expense:
    """What one model was asked for."""

    model: str
    role: Role
    tokens: TokenSums
    price: ModelPrice | None
    """None where curator.toml has none: what it cost is then not known, rather than nothing."""
    accepted: int | None = None
    """Accepted candidates of this model; None where they are not told apart."""
    solved: int | None = None
    """Problems with an accepted candidate of this model."""

    @property
    def cost(self) -> float | None:
        """In the currency of the prices; None without a price."""
        if self.price is None:
            return None
        tokens = self.tokens
        return (tokens.prompt_tokens * self.price.prompt + tokens.completion_tokens * self.price.completion) / 1e6

    @property
    def name(self) -> str:
        """The model, and that it judges where it does."""
        return one_line("judge " * (self.role == "judge") + self.model)

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "model": self.model,
            "role": self.role,
            **asdict(self.tokens),
            "cost": self.cost,
            "per_accepted": per(self.cost, self.accepted),
            "per_solved": per(self.cost, self.solved),
        }


@dataclass(frozen=True, slots=True)
class Bill:
    """All that some runs cost."""

    currency: str
    expenses: Sequence[Expense]
    accepted: int
    solved: int

    @property
    def total(self) -> float:
        """Of every model that has a price."""
        return math.fsum(one.cost or 0.0 for one in self.expenses)

    @property
    def unpriced(self) -> list[Expense]:
        """The models without a price."""
        return [one for one in self.expenses if one.price is None]

    @property
    def whole(self) -> float | None:
        """The total; None where a model has no price, because what it came to per trace cannot be told then."""
        return None if self.unpriced else self.total

    @property
    def estimated(self) -> int:
        """Requests of which a count was estimated."""
        return sum(one.tokens.estimated for one in self.expenses)

    @property
    def unknown(self) -> int:
        """Requests of which a count is not known: the total is at least what it says."""
        return sum(one.tokens.unknown for one in self.expenses)

    def money(self, amount: float | None) -> str:
        """Write an amount with its currency; a dash where there is none."""
        return "–" if amount is None else f"{digits(amount)} {one_line(self.currency)}"

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "currency": self.currency,
            "total": self.total,
            "per_accepted": per(self.whole, self.accepted),
            "per_solved": per(self.whole, self.solved),
            "without_price": [one.model for one in self.unpriced],
            "requests_estimated": self.estimated,
            "requests_unknown": self.unknown,
            "models": [one.as_json() for one in self.expenses],
        }


def bill_of(prices: PriceSection, expenses: Sequence[Expense], accepted: int, solved: int) -> Bill | None:
    """Add the expenses up; None where nobody set a price."""
    return Bill(prices.currency, expenses, accepted, solved) if prices.models else None


def expenses(prices: PriceSection, role: Role, rows: Iterable[Mapping[str, Any]]) -> list[Expense]:
    """Add rows with a `model` and the fields of `TokenSums` up, the model with most completion tokens first."""
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        sums.setdefault(row["model"], Counter()).update({name: row[name] for name in _TOKEN_SUMS})
    found = [Expense(model, role, TokenSums(**own), prices.models.get(model)) for model, own in sums.items()]
    return sorted(found, key=lambda one: (-one.tokens.completion_tokens, one.model))


def per(cost: float | None, number: int | None) -> float | None:
    """Divide a cost; None where there is nothing to divide, or nothing to divide it by."""
    return cost / number if cost is not None and number else None


def digits(amount: float) -> str:
    """Write an amount with two decimals, a small one with three significant digits."""
    if amount == 0 or amount >= 1:
        return f"{amount:,.2f}"
    return f"{amount:.{2 - math.floor(math.log10(amount))}f}"


def bill_lines(bill: Bill) -> list[str]:
    """Say it in lines: one for each model where there are several or one has no price, and one in all."""
    lines = [_line(bill, one) for one in bill.expenses] if len(bill.expenses) > 1 or bill.unpriced else []
    if len(bill.expenses) == len(bill.unpriced):
        return lines
    shares = _shares(bill, bill.whole, bill.accepted, bill.solved)
    told = f"{'at least ' * bool(bill.unknown)}{bill.money(bill.total)}{shares}{_remarks(bill)}"
    return [*lines, f"cost{' in all' * bool(lines)}: {told}"]


def _remarks(bill: Bill) -> str:
    remarks = [
        *[f"without {one.name}" for one in bill.unpriced],
        *[f"tokens of {_requests(bill.estimated)} estimated"] * bool(bill.estimated),
        *[f"tokens of {_requests(bill.unknown)} not known and left out"] * bool(bill.unknown),
    ]
    return f" ({'; '.join(remarks)})" if remarks else ""


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number:,} requests"


def _line(bill: Bill, one: Expense) -> str:
    if one.cost is None:
        key = one_line(json.dumps(one.model, ensure_ascii=False))
        return f"cost of {one.name}: no price; [price.{key}] in curator.toml sets one"
    return f"cost of {one.name}: {bill.money(one.cost)}{_shares(bill, one.cost, one.accepted, one.solved)}"


def _shares(bill: Bill, cost: float | None, accepted: int | None, solved: int | None) -> str:
    parts = ((per(cost, accepted), "per accepted trace"), (per(cost, solved), "per solved problem"))
    return "".join(f", {bill.money(amount)} {what}" for amount, what in parts if amount is not None)

"""What runs cost: prices per million tokens, each model apart, and no sum that leaves something out in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.config import ModelPrice, PriceSection, load_settings
from curator.cost import NO_PRICES, TokenSums, bill_lines, bill_of, digits, expenses
from curator.errors import UsageError
from curator.teacher.counting import count_tokens
from schemas.tokens import estimate_tokens

PRICES = PriceSection.model_validate(
    {"currency": "CNY", "r1": {"prompt": 1, "completion": 2}, "j": {"prompt": 4, "completion": 8}}
)
TELLS = {"estimated": 0, "unknown": 0}
R1 = {"model": "r1", "prompt_tokens": 1_000_000, "completion_tokens": 3_000_000, **TELLS}
JUDGE = {"model": "j", "prompt_tokens": 500_000, "completion_tokens": 125_000, **TELLS}


@pytest.fixture
def loaded(tmp_path):
    """Read settings from a text."""

    def do(text: str):
        path = tmp_path / "curator.toml"
        path.write_text(text, "utf-8")
        return load_settings(path)

    return do


def _bill(*teachers, judges=(), accepted=2, solved=1, prices=PRICES):
    asked = [*expenses(prices, "teacher", teachers), *expenses(prices, "judge", judges)]
    return bill_of(prices, asked, accepted, solved)


def test_nobody_is_told_of_cost_who_set_no_price() -> None:
    """Without `[price]` there is no bill."""
    assert _bill(R1, prices=NO_PRICES) is None


def test_a_run_is_priced_by_its_tokens() -> None:
    """Prompts and completions by their own price; shared among accepted traces and solved problems."""
    bill = _bill(R1)
    assert bill_lines(bill) == ["cost: 7.00 CNY, 3.50 CNY per accepted trace, 7.00 CNY per solved problem"]
    data = bill.as_json()
    assert (data["total"], data["per_accepted"], data["per_solved"], data["without_price"]) == (7, 3.5, 7, [])


def test_the_judge_costs_too() -> None:
    """Each model has its own line, and the sum is what a trace cost."""
    first, judge, total = bill_lines(_bill(R1, judges=[JUDGE]))
    assert first == "cost of r1: 7.00 CNY"
    assert judge == "cost of judge j: 3.00 CNY"
    assert total == "cost in all: 10.00 CNY, 5.00 CNY per accepted trace, 10.00 CNY per solved problem"


def test_each_model_of_several_has_its_own() -> None:
    """What it cost, by its own accepted traces."""
    bill = _bill(R1, R1 | {"model": "j"})
    bill = replace(bill, expenses=[replace(one, accepted=4, solved=2) for one in bill.expenses])
    lines = bill_lines(bill)
    assert lines[0] == "cost of j: 28.00 CNY, 7.00 CNY per accepted trace, 14.00 CNY per solved problem"
    assert [one["per_accepted"] for one in bill.as_json()["models"]] == [7, 1.75]


def test_a_model_without_a_price_is_not_free() -> None:
    """It is named, with what would price it; a share of an unknown whole is not told."""
    bill = _bill(R1, R1 | {"model": 'new "one"\x1b[2J'})
    lines = bill_lines(bill)
    assert r'cost of new "one"\x1b[2J: no price; [price."new \"one\"\u001b[2J"] in curator.toml sets one' in lines
    assert lines[-1] == r'cost in all: 7.00 CNY (without new "one"\x1b[2J)'
    assert bill.as_json()["per_accepted"] is bill.as_json()["models"][0]["cost"] is None
    only = _bill(R1 | {"model": "new"})
    assert bill_lines(only) == ['cost of new: no price; [price."new"] in curator.toml sets one']


def test_what_is_estimated_or_not_known_is_said() -> None:
    """A sum that leaves requests out is a least one."""
    [line] = bill_lines(_bill(R1 | {"estimated": 3, "unknown": 2}, accepted=0, solved=0))
    assert line == (
        "cost: at least 7.00 CNY (tokens of 3 requests estimated; tokens of 2 requests not known and left out)"
    )


ROWS = st.lists(st.fixed_dictionaries({"model": st.sampled_from("abc"), **dict.fromkeys(
    ("prompt_tokens", "completion_tokens", "estimated", "unknown"), st.integers(0, 10**9))}))  # fmt: skip
SOME = PriceSection.model_validate({name: {"prompt": 0.25, "completion": 0.5} for name in "abc"})


@given(ROWS)
def test_expenses_add_up(rows) -> None:
    """However the rows are cut up, each model has one expense, and together they are all tokens and all cost."""
    found = expenses(SOME, "teacher", rows)
    assert sorted({one["model"] for one in rows}) == sorted(one.model for one in found)
    for name in TokenSums.__dataclass_fields__:
        assert sum(getattr(one.tokens, name) for one in found) == sum(row[name] for row in rows)
    whole = sum(row["prompt_tokens"] + 2 * row["completion_tokens"] for row in rows) / 4e6
    assert bill_of(SOME, found, 1, 1).total == pytest.approx(whole)


@given(st.floats(1e-12, 1e9))
def test_an_amount_is_written_to_three_digits_or_a_hundredth(amount) -> None:
    """Small amounts do not become nothing, and none is written as a power of ten."""
    text = digits(amount)
    assert "e" not in text
    assert float(text.replace(",", "")) == pytest.approx(amount, abs=0.0051 if amount >= 1 else amount / 100)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('[price."m"]\nprompt = 1', r"\[price.m\] completion: Field required"),
        ('[price."m"]\nprompt = -1\ncompletion = 1', r"\[price.m\] prompt: Input should be greater than or equal to 0"),
        ("[price]\nm = 3", r"\[price\] m: "),
        ('[price."m"]\nprompt = 1\ncompletion = 1\ncached = 1', r"unknown key \[price.m\] cached"),
        ('[price."m"]\nprompt = nan\ncompletion = 1', r"\[price.m\] prompt: "),
    ],
)
def test_a_price_that_is_none_is_refused(loaded, line, fault) -> None:
    """Named in the words of the file."""
    with pytest.raises(UsageError, match=fault):
        loaded(line)


def test_prices_are_read_by_model(loaded) -> None:
    """As its SPEC names it; the currency is any text."""
    prices = loaded('[price]\ncurrency = "元"\n[price."qwen3:8b"]\nprompt = 0\ncompletion = 2.5').price
    assert (prices.currency, prices.models) == ("元", {"qwen3:8b": ModelPrice(prompt=0, completion=2.5)})


def test_tokens_are_counted_by_the_server_or_estimated(bench) -> None:
    """Each count by itself: a cut stream has no usage, and a server may leave out a prompt that it had cached."""
    messages = [{"role": "system", "content": "Think."}, {"role": "user", "content": "2+2 等于几?"}]
    asked = sum(estimate_tokens(turn["content"]) for turn in messages)
    said = bench.completion("a b", reasoning="想 想")
    assert count_tokens(messages, said) == (7, 10, False, False)
    assert count_tokens(messages, replace(said, prompt_tokens=None)) == (asked, 10, True, False)
    neither = replace(said, prompt_tokens=None, completion_tokens=None)
    assert count_tokens(messages, neither) == (asked, estimate_tokens("想 想a b"), True, True)

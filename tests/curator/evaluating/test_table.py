"""The table: what stands in it, what it says when something is missing, and whether a difference is chance."""

from __future__ import annotations

from curator.evaluating.result import Evaluation
from curator.evaluating.table import caveats, heads, sign_sentence, table_rows
from tests.curator.evaluating.made import LOSS, NOWHERE, column, evaluation


def cells(found: Evaluation) -> dict[str, tuple[str, ...]]:
    return {row.name: (*row.values, row.difference) for row in table_rows(found)}


def test_before_and_after_stand_side_by_side() -> None:
    """Each figure with its interval, and the difference after less before."""
    after = column("new", "aa", "aa", "ar", loss=LOSS.model_copy(update={"loss": 0.25}))
    found = evaluation(after, before=column("old", "rr", "ar", "rr"))
    assert heads(found) == ["before", "after"]
    rows = cells(found)
    assert rows["validation loss per token"] == ("1.500", "0.250", "-1.250")
    assert rows["pass@1"] == ("16.7% (1.8% – 69.0%)", "83.3% (31.0% – 98.2%)", "+66.7 points")
    assert rows["pass@2"][2] == "+66.7 points"
    assert rows["tokens per completion, mean"] == ("10.0", "10.0", "+0.0")
    assert rows["seconds per sample, median"][0] == "0.50"
    assert rows["parameters"] == ("134.5 M", "134.5 M", "+0")
    assert rows["size on disk"][0] == "269.0 MB"


def test_one_model_has_one_column() -> None:
    """Without a baseline there is neither difference nor comparison; one sample has no pass@k of its own."""
    found = evaluation(column("new", "a", "r", k=1))
    assert heads(found) == ["value"]
    assert cells(found)["pass@1"] == ("50.0% (9.5% – 90.5%)", "")
    assert len([row.name for row in table_rows(found) if row.name.startswith("pass@")]) == 1
    assert sign_sentence(found) == ""


def test_what_was_not_measured_says_why() -> None:
    """A missing loss leaves everything else as it is; there is no difference to nothing."""
    rows = cells(evaluation(column("new", "aa"), before=column("old", "rr", loss=NOWHERE)))
    said = ("not measured: its weights are behind a server", "1.500", "")
    assert rows["validation loss per token"] == said
    assert rows["size on disk"] == ("not measured", "269.0 MB", "")
    assert rows["pass@1"][2] == "+100.0 points"


def test_models_with_other_tokens_are_compared_by_the_character() -> None:
    """A loss per token of a larger vocabulary is higher for the same text."""
    other = LOSS.model_copy(update={"tokens": 50, "loss": 3.0})
    rows = cells(evaluation(column("new", "aa", loss=other), before=column("old", "rr")))
    assert rows["validation loss per character"] == ("0.500", "0.500", "+0.000")
    assert "validation loss per character" not in cells(evaluation(column("new", "aa"), before=column("old", "rr")))


def test_what_rounds_to_nothing_has_no_sign_of_loss() -> None:
    """A difference that no digit shows is not called a fall."""
    after = column("new", "aa", loss=LOSS.model_copy(update={"loss": 1.49999}))
    assert cells(evaluation(after, before=column("old", "aa")))["validation loss per token"][2] == "+0.000"


def test_a_difference_is_tested_problem_by_problem() -> None:
    """Six problems that all became better are more than chance, one is not, none is no difference."""
    better = evaluation(column("new", *["aa"] * 6), before=column("old", *["ar"] * 6))
    assert sign_sentence(better) == (
        "Of 6 problems decided under both, after does better on 6, before on 0, they tie on 0: more than chance "
        "(exact sign test over problems, p = 0.031)."
    )
    one = evaluation(column("new", "aa", "uu"), before=column("old", "ar", "aa"))
    assert "Of 1 problems" in sign_sentence(one)
    assert "this may be chance" in sign_sentence(one)
    assert "no difference" in sign_sentence(evaluation(column("new", "aa"), before=column("old", "aa")))


def test_what_the_figures_leave_out_is_said() -> None:
    """Undecided candidates, problems with too few decided ones, traces that are too long."""
    long = LOSS.model_copy(update={"left_out": 2})
    found = evaluation(column("new", "au", "aa", loss=long), before=column("old", "rr", "rr"))
    assert caveats(found) == [
        "after: 1 of 4 candidates are undecided: not right, not wrong",
        "after: pass@2 leaves out 1 problems with fewer decided samples",
        "after: the loss leaves out 2 traces beyond the model's context",
    ]

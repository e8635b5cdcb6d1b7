"""Corrected golds find the stored problems that they mean, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curator.errors import StoreError
from curator.golds import Rule, correct_golds
from schemas.problem import Problem


@pytest.fixture
def unnamed(bench):
    """Make a problem that has no id of its own."""

    def do(answer: str, number: int = 0) -> Problem:
        problem = bench.problem(number, answer=answer)
        return replace(problem, id=problem.content_hash)

    return do


def _answers(bench, *ids: str) -> list[str]:
    query = "SELECT answer FROM problems WHERE id IN (SELECT unnest(?::VARCHAR[])) ORDER BY answer"
    return [row["answer"] for row in bench.store.rows(query, [list(ids)])]


def test_a_problem_is_known_by_its_id(bench) -> None:
    """Answer and notes are the file's now; the same file again corrects nothing."""
    bench.store.write([bench.problem(answer="A")])
    assert correct_golds(bench.store, [bench.problem(answer="B")]).corrected == 1
    assert _answers(bench, bench.problem().id) == ["B"]
    assert correct_golds(bench.store, [bench.problem(answer="B", source="errata")]).corrected == 0


def test_a_problem_without_id_is_known_by_its_prompt(bench, unnamed) -> None:
    """It keeps the id it has, also when it is corrected twice, and back."""
    stored = unnamed("A")
    bench.store.write([stored])
    for answer in ("B", "C", "A"):
        assert correct_golds(bench.store, [unnamed(answer)]).corrected == 1
        assert _answers(bench, stored.id) == [answer]
    assert _answers(bench, unnamed("B").id, unnamed("C").id) == []


def test_what_is_not_stored_is_counted_and_left_out(bench, unnamed) -> None:
    """Neither another prompt, nor the prompt of a problem with an id of its own, nor another domain."""
    bench.store.write([bench.problem(0, answer="A"), unnamed("A", 1)])
    strangers = [unnamed("B", 2), unnamed("B", 0), replace(unnamed("B", 1), domain="logic")]
    corrections = correct_golds(bench.store, strangers)
    assert (corrections.corrected, corrections.unknown) == (0, 3)
    assert corrections.notes("golds.jsonl")[1] == "problems of the file that are not in the store: 3"
    assert _answers(bench, *(problem.id for problem in strangers)) == []


def test_one_prompt_with_two_golds_needs_an_id(bench, unnamed) -> None:
    """Nobody can tell which of the two a third gold corrects; each of the two is itself."""
    bench.store.write([unnamed("A"), unnamed("B")])
    assert correct_golds(bench.store, [unnamed("C")]).unclear == 1
    assert correct_golds(bench.store, [unnamed("B")]).unclear == 0
    assert _answers(bench, unnamed("A").id, unnamed("B").id) == ["A", "B"]


def test_what_chose_the_verifiers_before_is_remembered(bench) -> None:
    """So that decisions can be compared with those by the old ones."""
    bench.store.write([bench.problem()])
    corrections = correct_golds(bench.store, [bench.problem(verifier="exact")])
    assert corrections.former == {bench.problem().id: Rule("choice", None)}


def test_an_id_with_another_prompt_is_refused(bench) -> None:
    """Another file's numbering never overwrites these problems."""
    bench.store.write([bench.problem()])
    with pytest.raises(StoreError, match="with another prompt"):
        correct_golds(bench.store, [bench.problem(prompt="something else")])

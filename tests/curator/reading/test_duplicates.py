from __future__ import annotations

import pytest

from curator.reading.duplicates import Ledger, RowFault
from schemas.problem import Problem


def problem(name: str | None, prompt: str, answer: str | None = None) -> Problem:
    bare = Problem(id=name or "", domain="math", prompt=prompt, answer=answer)
    return bare if name else Problem(id=bare.content_hash, domain="math", prompt=prompt, answer=answer)


@pytest.mark.parametrize("importing", [False, True])
def test_the_first_of_equal_problems_is_kept(importing: bool) -> None:
    """Equal content is one problem under its first id, named or not, in sampling and in imports."""
    ledger = Ledger(golds_may_differ=importing)
    assert ledger.place(problem("a", "p", "1"), 1) is None
    for line, again in enumerate([problem("a", "p", "1"), problem("b", "p", "1"), problem(None, "p", "1")], start=2):
        first = ledger.place(again, line)
        assert first is not None and (first.id, first.line) == ("a", 1)
    assert len(ledger) == 1


def test_golds_may_differ_only_in_imports() -> None:
    """Sampling cannot tell the candidates of one prompt with two golds apart; imports can."""
    sampling, importing = Ledger(golds_may_differ=False), Ledger(golds_may_differ=True)
    for ledger in (sampling, importing):
        ledger.place(problem(None, "p", "1"), 1)
    assert importing.place(problem(None, "p", "2"), 2) is None
    with pytest.raises(RowFault, match="the prompt of line 1 again"):
        sampling.place(problem(None, "p", "2"), 2)
    assert (len(sampling), len(importing)) == (1, 2)


@pytest.mark.parametrize("importing", [False, True])
def test_an_id_keeps_its_meaning_after_a_fault(importing: bool) -> None:
    """A contradicting row changes nothing: the id still stands for what it stood for first."""
    ledger = Ledger(golds_may_differ=importing)
    ledger.place(problem("a", "p", "1"), 1)
    with pytest.raises(RowFault, match="id 'a' has another prompt on line 1"):
        ledger.place(problem("a", "q", "1"), 2)
    assert ledger.place(problem("a", "p", "1"), 3) is not None
    assert ledger.place(problem("b", "q", "1"), 4) is None


def test_a_second_id_is_bound_too() -> None:
    """An id that was dropped for an earlier one cannot come back with another prompt."""
    ledger = Ledger(golds_may_differ=False)
    ledger.place(problem("a", "p"), 1)
    ledger.place(problem("b", "p"), 2)
    with pytest.raises(RowFault, match="id 'b' has another prompt on line 2"):
        ledger.place(problem("b", "q"), 3)

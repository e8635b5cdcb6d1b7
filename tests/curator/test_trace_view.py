"""One candidate as a person reads it; what the teacher wrote is only ever text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from curator.errors import UsageError
from curator.trace_view import View, find_candidate, print_candidate
from schemas.review import Review

HOSTILE = "[bold red]x[/] \x1b[2J\x1b]0;owned\x07 \x9b31m \u202egnp.exe"
WRONG = "<think>hm</think><answer>A</answer>"


def _shown(view: View, capsys: pytest.CaptureFixture[str], *, as_json: bool = False) -> str:
    print_candidate(view, as_json=as_json)
    return capsys.readouterr().out


@pytest.fixture
def shows(bench, capsys, monkeypatch):
    """Sample one completion and show it on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "160")

    def do(content: str, *, as_json: bool = False, rules=(), problem=None, **fields: object) -> str:
        problem = problem or bench.problem()
        bench.sample(bench.teacher(bench.completion(content, **fields)), problem, rules=rules)
        return _shown(find_candidate(bench.store, bench.id(problem)), capsys, as_json=as_json)

    return do


def test_the_whole_story_is_on_one_page(bench, shows) -> None:
    """Problem, gold, trace, decision, and each verdict with what it extracted."""
    out = shows(WRONG, rules=bench.rules)
    for expected in (
        "rejected (wrong_answer, by choice)",
        "A. x",
        "gold answer",
        WRONG,
        "10 tokens",
        "format",
        "length",
    ):
        assert expected in out
    (verdict,) = [words for words in map(str.split, out.splitlines()) if words[:2] == ["choice", "reject"]]
    assert verdict[2] == "wrong_answer"


def test_a_beginning_of_the_id_is_enough(bench) -> None:
    """With or without `b2:`."""
    bench.sample(bench.teacher(bench.completion()), bench.problem())
    name = bench.id(bench.problem())
    for prefix in (name, name[:20], name[3:20]):
        assert find_candidate(bench.store, prefix).candidate["id"] == name


def test_an_ambiguous_beginning_asks_for_more(bench) -> None:
    """No candidate is picked by chance."""
    bench.sample(bench.teacher(bench.completion()), *bench.problems(2))
    with pytest.raises(UsageError, match="several candidates' ids begin with 'b2:'") as err:
        find_candidate(bench.store, "b2:")
    assert err.value.hint == "give more of the id"


@pytest.mark.parametrize("prefix", ["zz", "%", "_", "b2:'"])
def test_an_unknown_beginning_is_said(bench, prefix: str) -> None:
    """Wildcards and quotes are letters like others; the hint shows where ids come from."""
    bench.sample(bench.teacher(bench.completion()), bench.problem())
    with pytest.raises(UsageError, match="no candidate's id begins with") as err:
        find_candidate(bench.store, prefix)
    assert "curator sql" in err.value.hint


def test_reasoning_in_a_field_of_its_own_is_shown(shows) -> None:
    """As a part of its own, before the content."""
    out = shows("答案：B", reasoning="先想一想", reasoning_field="reasoning_content")
    assert out.index("reasoning ─") < out.index("先想一想") < out.index("content ─") < out.index("答案：B")


def test_estimated_tokens_are_marked(shows) -> None:
    """A number that nobody counted does not look like one."""
    assert "tokens (estimated), ended by length" in shows("B", completion_tokens=None, finish_reason="length")


def test_hostile_text_is_shown_as_text(bench, shows) -> None:
    """Escapes, direction overrides and markup in any of a trace's texts do nothing."""
    problem = bench.problem(prompt=f"{bench.run} {HOSTILE}", answer=HOSTILE)
    out = shows(HOSTILE, reasoning=HOSTILE, problem=problem)
    assert out.count(r"[bold red]x[/] \x1b[2J\x1b]0;owned\x07 \x9b31m \u202egnp.exe") == 4
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out)


def test_json_gives_the_exact_text(bench, shows) -> None:
    """A program reads what was sent; the line itself holds nothing that a terminal obeys."""
    out = shows(HOSTILE, as_json=True, rules=bench.rules)
    assert out.isascii()
    data = json.loads(out)
    assert (data["content"], data["decision"]) == (HOSTILE, "rejected")
    assert [verdict["verifier"] for verdict in data["verdicts"]] == [
        "format", "choice", "language", "length", "repetition", "paragraphs", "codeblocks",
    ]  # fmt: skip


def test_what_is_only_advisory_is_marked_where_it_rejects(shows, bench) -> None:
    """Nobody wonders why a trace is accepted above a rejection."""
    out = shows("<think>\n```\nx = 1\n```\nSo it is B.</think><answer>B</answer>", rules=bench.rules)
    assert (out.count("(advisory)"), "code_block" in out) == (1, True)


def test_a_candidate_without_verdicts_can_be_shown(shows) -> None:
    """One that a crash left behind."""
    out = shows("B")
    assert "verdicts" in out


def test_what_people_decided_is_shown(bench, shows, capsys) -> None:
    """Who, what and why, the oldest first; their words are plain text too."""
    shows(WRONG, rules=bench.rules)
    name = bench.id(bench.problem())
    for minute, outcome in enumerate(("accept", "withdraw")):
        when = datetime(2026, 1, 1, 12, minute, tzinfo=UTC)
        bench.store.write([Review(name, "anna", outcome, HOSTILE if outcome == "accept" else "", when)])
    view = find_candidate(bench.store, name)
    *_, first, second = _shown(view, capsys).splitlines()
    assert first.startswith(r"review: anna accepted it on 2026-01-01 12:00 UTC: [bold red]x[/] \x1b[2J")
    assert second == "review: anna took the decision back on 2026-01-01 12:01 UTC"
    assert [row["outcome"] for row in json.loads(_shown(view, capsys, as_json=True))["reviews"]] == [
        "accept",
        "withdraw",
    ]

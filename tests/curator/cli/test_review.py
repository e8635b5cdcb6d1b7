"""`curator review` at a real pseudo-terminal: what a person sees, and what their keys store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from curator.store.client import Store
from curator.store.tables import RunPolicy
from schemas.candidate import Candidate, Run
from schemas.policy import default_policy
from schemas.problem import Problem
from schemas.review import Review
from schemas.verdict import Outcome, Reason, Verdict
from tests.conftest import User
from tests.curator.cli.terminal import OURS, Terminal

START = datetime(2026, 1, 1, tzinfo=UTC)
MARKUP = "[bold red]x[/] [/] [link=http://e.example]y[/link]"
HOSTILE = f"{MARKUP} \x1b[2J\x1b[31m\x1b]52;c;aGk=\x07\x1b]0;own\x07 \x9b1m \u202egnp"
VISIBLE = r"\x1b[2J\x1b[31m\x1b]52;c;aGk=\x07\x1b]0;own\x07 \x9b1m \u202egnp"
READY = "(?)help"
RUNS = count()


class Stock:
    """Candidates that wait for a person, under a run of this story's own."""

    def __init__(self, store: Store, run: str) -> None:
        self.store, self.run = store, run
        policy = [RunPolicy(run, rule) for rule in default_policy()]
        store.write([Run(run, "scripted", "teacher-7b", None, "b2:t", START), *policy])

    def id(self, name: str) -> str:
        return f"b2:{name}-{self.run}"

    def holds(self, *names: str, prompt: str = "prompt of", content: str = "") -> None:
        """Store candidates that lack a judge."""
        for name in names:
            problem = Problem(name, "general", f"{prompt} {name}")
            self._put(problem, content, {"judge": (Outcome.ABSTAIN, Reason.NO_JUDGE, "")})

    def holds_disputed(self, name: str) -> None:
        """Store a candidate whose answer the rule rejects and the judge accepts."""
        rule = (Outcome.REJECT, Reason.WRONG_ANSWER, "the answer differs from the gold")
        judge = (Outcome.ACCEPT, Reason.OK, "五成就是一半")
        self._put(Problem(name, "math", f"prompt of {name}", "0.5"), "", {"judge": judge, "math": rule})

    def _put(self, problem: Problem, content: str, said: dict[str, tuple[Outcome, Reason, str]]) -> None:
        name = problem.id
        text = content or f"<think>thought of {name}</think>answer of {name}"
        candidate = Candidate(self.id(name), self.run, name, 0, None, text, "inline", "stop", "teacher-7b")
        accepts = dict.fromkeys(("format", "language", "length", "repetition"), (Outcome.ACCEPT, Reason.OK, ""))
        verdicts = [
            Verdict(candidate.id, verifier, "1", "c", *what, None, None, None, 1, START)
            for verifier, what in (accepts | said).items()
        ]
        self.store.write([problem, candidate, *verdicts])

    def reviews(self) -> list[tuple[object, ...]]:
        rows = self.store.rows(
            """SELECT problem_id, outcome, note FROM reviews JOIN candidates ON candidates.id = candidate_id
            WHERE run_id = ? ORDER BY reviews.created_at""",
            [self.run],
        )
        return [tuple(row.values()) for row in rows]

    def decisions(self) -> dict[object, object]:
        rows = self.store.rows("SELECT problem_id, decision FROM decisions WHERE run_id = ?", [self.run])
        return {row["problem_id"]: row["decision"] for row in rows}


@pytest.fixture
def stock(bench) -> Stock:
    """A store that is open meanwhile, as during a run."""
    return Stock(bench.store, f"r{next(RUNS)}")


@pytest.fixture
def reviewer(user, bench) -> User:
    """A user beside that store."""
    user.env["XDG_RUNTIME_DIR"] = str(bench.path.parent)
    return user


@pytest.fixture
def sits(reviewer, bench, stock) -> Iterator[Callable[..., Terminal]]:
    """Sit down at a terminal and type `curator review …`."""
    opened: list[Terminal] = []

    def sit(*words: object, **size: int) -> Terminal:
        words = words or ("--run", stock.run)
        opened.append(Terminal(reviewer, "review", "--store", bench.path, "--reviewer", "anna", *words, **size))
        return opened[-1]

    yield sit
    for terminal in opened:
        terminal.leave()


def test_a_hostile_trace_does_nothing_to_the_terminal(stock, sits) -> None:
    """Escapes, markup and overrides are visible text, in the excerpt and in the whole trace."""
    stock.holds("evil", prompt=f"Why? {HOSTILE}", content=f"<think>{HOSTILE}\nso\n{HOSTILE}</think>{HOSTILE} fin")
    terminal = sits()
    page = terminal.reads("Why?", READY)
    whole = terminal.presses("t", "<think>", "fin", READY)
    terminal.presses("a", "any other key ends")
    terminal.presses("q", "1 accepted")
    assert terminal.ends() == 0
    for text in (VISIBLE, MARKUP):
        assert (page.count(text), whole.count(text)) == (4, 8)  # the whole trace, and the page again
    assert not set("\x1b\x07\x9b\u202e") & set(OURS.sub("", terminal.screen))
    assert stock.decisions() == {"evil": "accepted"}


def test_the_disputed_come_first_both_words_side_by_side(stock, sits) -> None:
    """The rule's verdict, the judge's under it, the gold beside the answer; then the others as stored."""
    stock.holds("poem")
    stock.holds_disputed("half")
    terminal = sits()
    page = terminal.reads("1 of 2", READY)
    lines = [line.strip() for line in page.splitlines()]
    assert "undecided: the rules reject the answer, the judge accepts it" in lines
    rule = lines.index("math rejects (wrong_answer): the answer differs from the gold")
    assert lines[rule + 1] == "judge accepts: 五成就是一半"
    assert lines.index("0.5") > lines.index("answer of half") > lines.index("thought of half")
    assert "judge cannot tell (no_judge)" in terminal.presses("s", "2 of 2", READY)


def test_every_key_does_what_it_says(stock, sits) -> None:
    """Accept, reject and skip decide and move on at once; the note goes with its own candidate only."""
    stock.holds("one", "two", "three")
    terminal = sits()
    terminal.reads("prompt of one", READY)
    terminal.presses("n", "note: ")
    terminal.types("很好\r")
    terminal.reads("your note: 很好", READY)
    terminal.presses("a", "accepted b2:one", "prompt of two", READY)
    assert stock.reviews() == [("one", "accept", "很好")]
    terminal.presses("r", "rejected b2:two", "prompt of three", READY)
    terminal.presses("s", "skipped b2:three", "any other key ends")
    terminal.presses("q", "1 accepted, 1 rejected, 1 skipped; 1 left: the same command goes on")
    assert terminal.ends() == 0
    assert stock.reviews()[1:] == [("two", "reject", "")]
    assert stock.decisions() == {"one": "accepted", "two": "rejected", "three": "undecided"}


def test_undo_goes_back_step_by_step(stock, sits) -> None:
    """Also past a skip and from the end; what was stored is withdrawn by a row of its own."""
    stock.holds("one", "two")
    terminal = sits()
    terminal.reads("prompt of one", READY)
    assert "prompt of" not in terminal.presses("u", "nothing to take back", READY)
    terminal.presses("a", "prompt of two", READY)
    terminal.presses("s", "any other key ends")
    terminal.presses("u", "back to b2:two", "prompt of two", READY)
    terminal.presses("u", "back to b2:one", "prompt of one", "anna took the decision back", READY)
    assert stock.decisions() == {"one": "undecided", "two": "undecided"}
    terminal.presses("r", "prompt of two", READY)
    terminal.presses("q", "0 accepted, 1 rejected, 0 skipped; 1 left")
    assert [outcome for _, outcome, _ in stock.reviews()] == ["accept", "withdraw", "reject"]
    assert stock.decisions() == {"one": "rejected", "two": "undecided"}


def test_only_a_key_of_ours_decides(stock, sits) -> None:
    """Keys typed before the page is there, other letters, arrows and pasted text decide nothing; `?` explains."""
    stock.holds("one")
    terminal = sits()
    terminal.types("aaa")
    terminal.reads(READY)
    terminal.presses("x", "x is no key here", READY)
    terminal.presses("ar", "ar is no key here", READY)
    terminal.presses("\x1b[A", r"\x1b[a is no key here", READY)
    terminal.presses("?", "accept: the trace is right", READY)
    assert stock.reviews() == []


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("\x04", 0), ("\x03", 130)], ids=["q", "ctrl-d", "ctrl-c"])
def test_leaving_keeps_what_was_decided(stock, sits, key: str, code: int) -> None:
    """However one leaves, the terminal is as it was, the decision is stored, and the rest waits."""
    stock.holds("one", "two")
    terminal = sits()
    terminal.reads("prompt of one", READY)
    terminal.presses("a", "prompt of two", READY)
    terminal.presses(key, "1 accepted, 0 rejected, 0 skipped; 1 left")
    assert terminal.ends() == code
    assert terminal.settings() == terminal.before
    assert stock.decisions() == {"one": "accepted", "two": "undecided"}


def test_two_people_never_have_the_same_candidate(stock, sits) -> None:
    """What another has on the screen or decided meanwhile is passed over, and is not counted as left."""
    stock.holds("one", "two", "three")
    anna = sits()
    anna.reads("prompt of one", READY)
    ben = sits()
    ben.reads("prompt of two", READY)
    stock.store.write([Review(stock.id("three"), "carl", "reject", "", datetime.now(UTC))])
    anna.presses("a", "any other key ends")
    anna.presses("q", "1 accepted, 0 rejected, 0 skipped; 0 left")


def test_any_candidate_can_be_looked_at(stock, sits) -> None:
    """By the reason of its decision, or by its id: then a decision of before is shown, and can be changed."""
    stock.holds("one")
    terminal = sits("--run", stock.run, "--reason", "no_judge", "--limit", 1)
    terminal.reads("prompt of one", READY)
    terminal.presses("a", "any other key ends")
    terminal.presses("q")
    again = sits(stock.id("one"))
    again.reads("accepted (ok, by review)", "review: anna accepted it", READY)
    again.presses("r", "rejected b2:one")
    assert stock.decisions() == {"one": "rejected"}


@pytest.mark.parametrize(("columns", "rows"), [(40, 24), (80, 30)])
def test_a_long_trace_fits_the_screen(stock, sits, columns: int, rows: int) -> None:
    """The end of the reasoning, the answer and the keys are in view; `t` shows the middle as well."""
    steps = "\n".join(f"第{number}步：先把两边同时乘以二，再移项，得到新的方程。" for number in range(3000))
    stock.holds("long", content=f"<think>{steps}</think>答案")
    terminal = sits(columns=columns, rows=rows)
    page = terminal.reads("第2999步", READY)
    assert page.count("\n") < rows
    assert "第1500步" not in page
    assert "第1500步" in terminal.presses("t", "第2999步", READY)


def test_without_a_terminal_nothing_is_asked(reviewer, bench) -> None:
    """Keys cannot be read from a pipe: that is usage, and the hint says what a script can do."""
    done = reviewer.types("review", "--store", bench.path)
    assert done.returncode == 2
    assert "no terminal" in done.stderr
    assert "--json" in done.stderr


def test_a_script_reads_the_queue(stock, reviewer, bench) -> None:
    """As JSON, disputed ones first; what is beyond the limit is counted."""
    stock.holds("poem")
    stock.holds_disputed("half")
    words = ("review", "--store", bench.path, "--run", stock.run, "--json")
    queue = json.loads(reviewer.does(*words, "--limit", 1))
    assert queue == {
        "waiting": 2,
        "candidates": [
            {
                "candidate_id": stock.id("half"), "problem_id": "half", "run_id": stock.run,
                "decision": "undecided", "reason": "judge_disagrees", "decided_by": "judge",
            }
        ],
    }  # fmt: skip


def test_when_nothing_waits_it_says_what_could_be_looked_at(stock, sits) -> None:
    """An empty queue is no error, and names the reasons there are."""
    stock.holds("one")
    terminal = sits("--run", stock.run, "--reason", "mixed_language")
    assert "review --reason no_judge" in terminal.reads("Nothing waits", "candidates")
    assert terminal.ends() == 0

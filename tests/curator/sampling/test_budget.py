"""A budget of tokens is kept, and spent where most accepted traces per token are expected."""

from __future__ import annotations

import heapq
import random

import pytest

from curator.sampling.budget import Budget
from curator.sampling.plan import Course
from curator.sampling.stopping import StopRule, Tally

LONGEST = 32_768


def spend(tokens: int, slots: int, seed: int) -> int:
    """Ask with lognormal lengths (median 3,000, long tail) as the budget allows; return the tokens that came."""
    draw = random.Random(seed)
    flying: list[tuple[int, int, float]] = []
    now, spent = 0, 0
    budget, course = Budget(tokens, LONGEST, 0, 0, clock=lambda: now), Course("p", [])
    while True:
        while len(flying) < slots and budget.has_room(course):
            length = min(LONGEST, round(draw.lognormvariate(8, 0.8)))
            heapq.heappush(flying, (now + length, length, budget.reserve()))
        if not flying:
            return spent
        now, length, began = heapq.heappop(flying)
        budget.settle(began, length)
        course.received, course.tokens, spent = course.received + 1, course.tokens + length, spent + length


@pytest.mark.parametrize(("tokens", "slots", "over"), [(10**7, 256, 0.03), (10**6, 32, 0.15), (10**6, 256, 0.20)])
def test_a_budget_is_hardly_passed(tokens: int, slots: int, over: float) -> None:
    """It is spent, and passed by a few completions at most: their lengths are known only when they end."""
    spent = [spend(tokens, slots, seed) for seed in range(20)]
    assert max(spent) <= tokens * (1 + over)
    assert min(spent) >= 0.9 * tokens


def test_nothing_is_asked_for_when_it_is_spent() -> None:
    """Earlier commands' tokens count; one that was passed leaves nothing."""
    assert not Budget(1000, 100, spent=1000, received=10).has_room(Course("p", []))


def test_the_first_candidate_is_asked_for_alone_where_its_length_could_be_too_much() -> None:
    """Nobody knows yet how long completions are."""
    budget = Budget(1000, LONGEST, 0, 0)
    assert budget.has_room(Course("p", []))
    budget.reserve()
    assert not budget.has_room(Course("p", []))


def test_a_large_budget_fills_all_slots_at_once() -> None:
    """What cannot be passed even by the longest completions needs no caution."""
    budget = Budget(300 * LONGEST, LONGEST, 0, 0)
    for _ in range(256):
        assert budget.has_room(Course("p", []))
        budget.reserve()


def test_the_value_of_a_problem_falls_with_rejections_and_with_length() -> None:
    """Accepted traces per token: what a problem's own candidates showed, and the run's where there are few."""
    budget = Budget(10**6, LONGEST, spent=1000, received=10)

    def value(accepted: int = 0, rejected: int = 0, tokens: int = 300) -> float:
        return budget.value(Course("p", [], Tally(accepted, rejected), received=3, tokens=tokens))

    assert value(accepted=2, rejected=1) > value(accepted=1, rejected=2) > value(rejected=3)
    assert value(accepted=1, tokens=300) > value(accepted=1, tokens=3000)


def fixed(tokens: int, n: int) -> dict[str, object]:
    return {"stop": StopRule(n), "budget_tokens": tokens, "concurrency": 2}


def test_every_problem_gets_one_before_any_gets_two(bench) -> None:
    """In the order of the file, as far as the tokens go."""
    bench.sample(bench.teacher(bench.completion()), *bench.problems(6), **fixed(80, 4))
    found = bench.rows("problem_id, min(sample_index), count(*)", "candidates", "1", "problem_id")
    assert [row[:2] for row in found] == [(problem.id, 0) for problem in bench.problems(6)]
    assert sum(row[2] for row in found) == 8


def test_the_same_command_spends_nothing_more(bench) -> None:
    """What earlier commands spent is read from the store; problems that want more are known to be left open."""
    bench.sample(bench.teacher(bench.completion()), *bench.problems(6), **fixed(85, 4))
    assert bench.rows("sum(completion_tokens), count(*)", "candidates") == [(80, 8)]
    teacher = bench.teacher(None)
    progress = bench.sample(teacher, *bench.problems(6), **fixed(85, 4))
    assert (teacher.asked, progress.ended["budget"]) == ([], 6)
    assert bench.rows("DISTINCT reason", "stops") == [("budget",)]


def test_more_tokens_go_on_where_the_last_ones_ended(bench) -> None:
    """A larger budget asks for what is left, and the stops of the smaller one are replaced."""
    bench.sample(bench.teacher(bench.completion()), *bench.problems(3), **fixed(40, 2))
    bench.sample(bench.teacher(bench.completion()), *bench.problems(3), **fixed(1000, 2))
    assert bench.rows("count(*)", "candidates") == [(6,)]
    assert bench.rows("reason, count(*)", "stops", "1", "reason") == [("max_n", 3)]


def test_tokens_go_where_traces_are_accepted(bench) -> None:
    """After one candidate of each, what is left goes to the problems that were solved; fewer to the others."""
    wrong, problems = bench.completion("<think>hm</think><answer>A</answer>"), bench.problems(20)

    class Teacher(bench.teacher):
        async def complete(self, request):
            await super().complete(request)
            number = int(request.messages[-1]["content"].partition("?")[0].rpartition(" ")[2])
            return bench.completion() if number % 2 else wrong

    bench.sample(Teacher(wrong), *problems, **fixed(500, 4), rules=bench.rules)
    found = bench.rows("decision, count(*)", "decisions", "1", "decision")
    assert found[0][0] == "accepted" and found[0][1] >= 10 + 26

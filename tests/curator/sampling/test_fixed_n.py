"""What is asked, when it is given up, and what is left behind: owed candidates come to the store once."""

from __future__ import annotations

import pytest

from curator.errors import CuratorError
from curator.store.client import Store
from schemas.tokens import estimate_tokens


def test_every_candidate_is_asked_for_once(bench) -> None:
    """As many per problem as wanted, every one with a seed of its own and the problem's own prompt."""
    teacher = bench.teacher(bench.completion())
    progress = bench.sample(teacher, *bench.problems(3), n=4)
    assert (progress.sampled, progress.owed, len(teacher.asked)) == (12, 0, 12)
    assert len({request.seed for request in teacher.asked}) == 12
    found = bench.rows("problem_id, sample_index", "candidates", "ALL")
    assert found == [(problem.id, index) for problem in bench.problems(3) for index in range(4)]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_concurrency_is_used_and_never_exceeded(bench, concurrency: int) -> None:
    """As many requests are in flight as were allowed, and no more."""
    teacher = bench.teacher(bench.completion())
    bench.sample(teacher, *bench.problems(5), n=4, concurrency=concurrency)
    assert teacher.most == concurrency


def test_owed_is_wanted_less_stored(bench) -> None:
    """Asked again with a larger n and one more problem, only what is missing is sampled."""
    bench.sample(bench.teacher(bench.completion()), *bench.problems(2), n=2)
    teacher = bench.teacher(bench.completion())
    progress = bench.sample(teacher, *bench.problems(3), n=3)
    assert (progress.stored, progress.sampled, len(teacher.asked)) == (4, 5, 5)
    assert bench.rows("count(*), count(DISTINCT id)", "candidates") == [(9, 9)]


def test_more_problems_than_a_page_are_all_sampled(bench) -> None:
    """The store is asked in pages; nothing falls between two of them."""
    assert bench.sample(bench.teacher(bench.completion()), *bench.problems(130), concurrency=16).sampled == 130
    assert bench.sample(bench.teacher(None), *bench.problems(130)).stored == 130


def test_what_the_teacher_sent_is_kept(bench) -> None:
    """Reasoning field, endings and measurements are stored as they came."""
    sent = bench.completion(
        "B",
        reasoning="想",
        reasoning_field="thinking",
        finish_reason="aborted",
        abort_reason="cut",
        endpoint="http://h",
    )
    bench.sample(bench.teacher(sent), bench.problem())
    columns = "reasoning, content, reasoning_field, finish_reason, abort_reason, endpoint, elapsed_s, ttft_s, model"
    assert bench.rows(columns, "candidates") == [
        ("想", "B", "thinking", "aborted", "cut", "http://h", 0.5, 0.1, "teacher-7b")
    ]


@pytest.mark.parametrize(("said", "stored"), [(10, (10, False)), (None, (estimate_tokens("想一想B"), True))])
def test_missing_usage_is_estimated_and_marked(bench, said, stored) -> None:
    """A teacher that counts is believed; for another the text of both parts is measured."""
    sent = bench.completion("B", reasoning="想一想", completion_tokens=said)
    bench.sample(bench.teacher(sent), bench.problem())
    assert bench.rows("completion_tokens, tokens_estimated", "candidates") == [stored]
    assert bench.progress.completion_tokens == stored[0]


def test_retries_are_counted(bench) -> None:
    """A hiccup costs a retry and no candidate."""
    teacher = bench.teacher(bench.fault("stalled"), bench.fault("server_error"), bench.completion())
    progress = bench.sample(teacher, bench.problem())
    assert (progress.retries, progress.sampled, progress.failed) == (2, 1, 0)


def test_a_lost_candidate_is_an_attempt_and_owed_again(bench) -> None:
    """The reason, the tries and the words of the last failure are stored; the next run asks again."""
    problems = bench.problems(2)
    teacher = bench.teacher(bench.completion(), *[bench.fault("stalled")] * 3)
    progress = bench.sample(teacher, *problems, concurrency=1)
    assert (progress.failed, dict(progress.failures)) == (1, {"stalled": 1})
    assert progress.last_failure == "it says stalled (look)"
    assert bench.rows("candidate_id, reason, tries, last_error", "attempts") == [
        (bench.id(problems[1]), "stalled", 3, "it says stalled")
    ]
    assert bench.sample(bench.teacher(bench.completion()), *problems).sampled == 1


def test_a_wrong_key_ends_the_run_at_once(bench) -> None:
    """Nobody waits for a thousand refusals; the error keeps the teacher's hint."""
    teacher = bench.teacher(bench.fault("unauthorized"))
    with pytest.raises(CuratorError, match="it says unauthorized") as err:
        bench.sample(teacher, *bench.problems(30), concurrency=2)
    assert err.value.hint == "look"
    assert len(teacher.asked) <= 4


def test_a_teacher_that_goes_away_ends_the_run(bench) -> None:
    """After eight candidates in a row the run stops in order; what came before is stored."""
    teacher = bench.teacher(*[bench.completion()] * 2, bench.fault("unreachable"))
    with pytest.raises(CuratorError, match="8 requests in a row failed"):
        bench.sample(teacher, *bench.problems(30), concurrency=1)
    assert 2 + 8 * 3 <= len(teacher.asked) < 2 + 16 * 3
    assert bench.rows("count(*)", "candidates") == [(2,)]
    assert bench.rows("DISTINCT reason", "attempts") == [("unreachable",)]


def test_refusals_before_any_success_end_the_run(bench) -> None:
    """A teacher that never answered is misconfigured."""
    teacher = bench.teacher(bench.fault("refused"))
    with pytest.raises(CuratorError, match="8 requests in a row failed, the last: it says refused"):
        bench.sample(teacher, *bench.problems(30), concurrency=1)
    assert len(teacher.asked) <= 9


def test_refusals_after_a_success_do_not(bench) -> None:
    """A teacher that works may refuse any number of problems."""
    progress = bench.sample(
        bench.teacher(bench.completion(), bench.fault("refused")), *bench.problems(20), concurrency=1
    )
    assert (progress.sampled, progress.failed) == (1, 19)


def test_what_another_client_asks_for_is_left_to_it(bench) -> None:
    """Reserved candidates are counted as elsewhere, neither asked for nor owed here."""
    problems = bench.problems(4)
    teacher = bench.teacher(bench.completion())
    with Store.open(bench.path) as other:
        other.claim([bench.id(problem) for problem in problems[:3]])
        progress = bench.sample(teacher, *problems)
    assert (progress.elsewhere, progress.sampled, progress.owed) == (3, 1, 0)
    assert len(teacher.asked) == 1


def test_a_problem_keeps_the_id_it_was_stored_under(bench) -> None:
    """Two files that name one problem differently share its candidates."""
    bench.sample(bench.teacher(bench.completion()), bench.problem(id="first"), n=2)
    progress = bench.sample(bench.teacher(bench.completion()), bench.problem(id="second"), n=3)
    assert (progress.stored, progress.sampled) == (2, 1)
    assert bench.rows("DISTINCT problem_id", "candidates") == [("first",)]


def test_problems_in_the_same_words_are_told_apart_by_run(bench) -> None:
    """Another run's candidates are not this run's."""
    bench.sample(bench.teacher(bench.completion()), bench.problem())
    bench.run += "-again"
    assert bench.sample(bench.teacher(bench.completion()), bench.problem()).sampled == 1


def test_odd_characters_of_a_teacher_do_not_end_the_run(bench) -> None:
    """Half an emoji or a control character is one candidate's matter."""
    texts = ["\ud83d lone", "nul \x00 here", "\x1b[2J \u202e"]
    progress = bench.sample(bench.teacher(*map(bench.completion, texts)), *bench.problems(3))
    assert progress.sampled == 3
    assert bench.rows("count(*)", "candidates") == [(3,)]

"""What is asked: the split's held-out problems in the student's own words, under a name that says what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pytest

from curator.errors import UsageError
from curator.evaluating.models import Student
from curator.evaluating.task import Task, held_out, leaks, plan_of
from curator.splits import save_split
from curator.store.client import Store
from curator.teacher.spec import TeacherSpec
from schemas.problem import Problem
from schemas.split import Split
from tests.curator.conftest import Teacher
from tests.curator.curating.stock import stock
from tests.curator.evaluating.made import SAMPLING, TIME, trained

SPLIT = Split("s", {"student": {"template": "{prompt}\n回答:"}}, [], "b2:s", TIME)
PROBLEMS = [Problem(f"p{number}", "math", f"{number}+{number}=?", str(2 * number)) for number in range(8)]
TASK = Task(SPLIT, PROBLEMS, 2, SAMPLING, ())
STUDENT = Student(TeacherSpec("vllm", "/out/merged"), "/out/merged", "out@1")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A split that holds the second half out, and one that holds nothing out."""
    folder = tmp_path_factory.mktemp("task")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        with Store.open(folder / "s.duckdb") as opened:
            stock(opened, [(problem, "aa") for problem in PROBLEMS])
            rows = opened.rows("SELECT candidate_id, problem_id FROM decisions")
            parts = [(row["candidate_id"], "test" if row["problem_id"] >= "p4" else "train") for row in rows]
            members = pl.DataFrame(parts, ["candidate_id", "part"], orient="row")
            save_split(opened, SPLIT, members, [])
            save_split(opened, replace(SPLIT, name="all"), members.with_columns(part=pl.lit("train")), [])
            yield opened


def test_the_problems_are_those_of_the_test_part(store) -> None:
    """Each one once, however many traces it has, with its gold."""
    split, problems = held_out(store, "s", None)
    assert (split.fingerprint, problems) == ("b2:s", PROBLEMS[4:])


def test_a_limit_draws_the_same_problems_each_time(store) -> None:
    """Fewer are among more, and they are not simply the first."""
    drawn = [{problem.id for problem in held_out(store, "s", limit)[1]} for limit in (1, 2, 3, 9)]
    assert [len(one) for one in drawn] == [1, 2, 3, 4]
    assert drawn[0] < drawn[1] < drawn[2] < drawn[3]


def test_a_split_must_hold_something_out(store) -> None:
    """The hint is the option that does so."""
    with pytest.raises(UsageError, match="holds no problems out") as caught:
        held_out(store, "all", None)
    assert "--test-fraction" in caught.value.hint


def test_problems_that_were_trained_on_are_counted(store, tmp_path) -> None:
    """The student's own split holds out what is asked; of another one it is counted; a lost one may hold anything."""
    record, ids = trained(tmp_path), [problem.id for problem in PROBLEMS]
    assert leaks(store, record, SPLIT, ids) == []
    other, held = replace(SPLIT, name="t", fingerprint="b2:t"), [problem.id for problem in PROBLEMS[4:]]
    assert leaks(store, record, other, held) == []
    assert "trained on 4 of the 8 held-out problems: they are in split s" in leaks(store, record, other, ids)[0]
    lost = record.model_copy(update={"fingerprint": "b2:lost"})
    assert "may have been among them" in leaks(store, lost, other, ids)[0]


@pytest.mark.parametrize("fields", [{}, {"language": "zh"}, {"domain": "code", "language": "fr"}])
def test_a_student_gets_one_turn(fields) -> None:
    """The template of its training, in every domain and language: no system turn, no worked example, no stop text."""
    plan = plan_of(TASK, STUDENT, Teacher(), 4)
    problem = replace(PROBLEMS[1], **fields)
    assert plan.templates.messages(problem, few_shot=plan.few_shot) == [{"role": "user", "content": "1+1=?\n回答:"}]
    assert plan.sampling.stop == ()
    assert plan.run.purpose == "evaluation"


def test_the_name_of_a_run_says_what_was_asked_of_whom() -> None:
    """The same question resumes; other rows, weights or parameters are another run, more samples are not."""

    def name(task: Task = TASK, student: Student = STUDENT) -> str:
        return plan_of(task, student, Teacher(), 4).run.id

    others = {
        name(replace(TASK, split=replace(SPLIT, fingerprint="b2:other"))),
        name(replace(TASK, split=replace(SPLIT, recipe={}))),
        name(replace(TASK, sampling=replace(SAMPLING, temperature=0.1))),
        name(student=replace(STUDENT, content="out@2")),
    }
    assert len(others | {name()}) == 5
    assert name(replace(TASK, n=9, problems=PROBLEMS[:1])) == name()
    assert name().startswith("eval-s-")

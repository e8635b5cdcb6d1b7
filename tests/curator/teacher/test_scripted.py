"""A user tries the pipeline without a model: the teacher is a file."""

from __future__ import annotations

import asyncio
import json
from functools import partial

import pytest

from curator.errors import UsageError
from curator.teacher.base import Request, TeacherError
from curator.teacher.scripted import ScriptedTeacher
from schemas.candidate import SamplingParameters
from schemas.problem import Problem
from verifiers.settings import VerifierSettings
from verifiers.watch import Watch

REPLIES = ["<think>a</think>5", {"content": "6", "reasoning": "b", "finish_reason": "length", "tokens": 9}]


def script(tmp_path, *rows):
    path = tmp_path / "teacher.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def ask(teacher, prompt="2+3?", seed=0, watch=None):
    turns = [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2"}]
    request = Request([*turns, {"role": "user", "content": prompt}], SamplingParameters(), seed, watch)
    return asyncio.run(teacher.complete(request))


def test_texts_and_objects_are_replies(tmp_path):
    """A text is an inline completion; an object sets whatever a real teacher could send."""
    teacher = ScriptedTeacher(script(tmp_path, {"replies": REPLIES}))
    asyncio.run(teacher.check())
    first, second = ask(teacher, seed=0), ask(teacher, seed=1)
    assert (first.content, first.reasoning, first.reasoning_field) == ("<think>a</think>5", None, "inline")
    assert (second.reasoning, second.reasoning_field, second.finish_reason) == ("b", "reasoning", "length")
    assert (first.completion_tokens, second.completion_tokens) == (None, 9)


def test_the_reply_depends_on_the_request_alone(tmp_path):
    """Order and a new process change nothing: seed modulo the number of replies decides."""
    path = script(tmp_path, {"replies": REPLIES})
    forwards = [ask(ScriptedTeacher(path), seed=seed).content for seed in range(4)]
    teacher = ScriptedTeacher(path)
    backwards = [ask(teacher, seed=seed).content for seed in (3, 2, 1, 0)]
    assert forwards == backwards[::-1] == ["<think>a</think>5", "6"] * 2


def test_the_closest_row_answers(tmp_path):
    """Exact prompts go before parts, parts before the default; earlier turns do not count."""
    rows = [{"replies": ["any"]}, {"prompt": "2+3", "replies": ["part"]}, {"prompt": "2+3?", "replies": ["exact"]}]
    teacher = ScriptedTeacher(script(tmp_path, *rows, "", {"prompt": "1+1", "replies": ["earlier"]}))
    assert [ask(teacher, prompt).content for prompt in ("2+3?", "问：2+3=", "9")] == ["exact", "part", "any"]


@pytest.mark.parametrize("field", ["content", "reasoning"])
def test_a_dry_run_shows_what_would_be_cut(tmp_path, field):
    """A watched reply that is lost ends there, as a stream would; unwatched it comes whole."""
    loop = "Wait, let me check that again, the farmer has too many. " * 100
    teacher = ScriptedTeacher(script(tmp_path, {"replies": [{field: loop, "tokens": 1400}, REPLIES[0]]}))
    problem = Problem("p", "math", "How many?", "4")
    watched = partial(ask, teacher, watch=lambda: Watch(problem, VerifierSettings()))
    cut, whole = watched(), ask(teacher)
    assert (cut.finish_reason, cut.abort_reason[:10], cut.completion_tokens) == ("aborted", "cut_loop: ", None)
    assert loop.startswith(getattr(cut, field)) and 400 < len(getattr(cut, field)) < 2000
    assert (getattr(whole, field), whole.finish_reason, whole.completion_tokens) == (loop, "stop", 1400)
    assert watched(seed=1).content == REPLIES[0]


def test_a_prompt_without_a_row_is_refused(tmp_path):
    """The fake does not invent answers."""
    teacher = ScriptedTeacher(script(tmp_path, {"prompt": "7*6", "replies": ["42"]}))
    with pytest.raises(TeacherError, match=r"no row for the prompt '2\+3\?'") as caught:
        ask(teacher)
    assert caught.value.reason == "refused"


def test_errors_are_played_as_often_as_asked(tmp_path):
    """`error_times` fails the first asks of a request; without it every ask fails."""
    once = {"content": "5", "error": "server_error", "error_times": 1}
    teacher = ScriptedTeacher(
        script(tmp_path, {"prompt": "2+3?", "replies": [once]}, {"replies": [{"error": "stalled"}]})
    )
    for prompt, reason in (("2+3?", "server_error"), ("9", "stalled"), ("9", "stalled")):
        with pytest.raises(TeacherError) as caught:
            ask(teacher, prompt)
        assert caught.value.reason == reason
    assert ask(teacher, "2+3?").content == "5"


def test_a_delay_is_kept(tmp_path):
    """`delay_s` is waited and measured."""
    assert ask(ScriptedTeacher(script(tmp_path, {"replies": [{"content": "5", "delay_s": 0.02}]}))).elapsed_s >= 0.02


def test_every_faulty_row_is_named(tmp_path):
    """All faults are said at once, each with its line."""
    rows = ['{"replies": []}', {"replies": ["5"]}, "{oops", {"replies": [{"contents": "5"}]}]
    with pytest.raises(UsageError) as caught:
        ScriptedTeacher(script(tmp_path, *rows))
    lines = caught.value.message.splitlines()
    assert [line.split("teacher.jsonl:")[1].partition(":")[0] for line in lines] == ["1", "3", "4"]
    assert "replies" in caught.value.hint


@pytest.mark.parametrize("text", [None, "", "\n\n"])
def test_a_missing_or_empty_script_is_said_so(tmp_path, text):
    """No file and no row both end in plain words."""
    path = tmp_path / "teacher.jsonl"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=r"teacher\.jsonl"):
        ScriptedTeacher(path)

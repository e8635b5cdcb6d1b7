"""Several endpoints of one model share its load, and stand in for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from curator.errors import CuratorError, UsageError
from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.several import SeveralTeachers
from curator.teacher.spec import parse_specs
from schemas.candidate import SamplingParameters

REQUEST = Request([{"role": "user", "content": "2+3?"}], SamplingParameters(max_tokens=64), seed=7)


class Endpoint:
    """Answers, or fails with `fault` while there is one; holds its replies back while the gate is closed."""

    kind, model = "openai", "m"

    def __init__(self, name: str, fault: str | None = None) -> None:
        self.name, self.fault = name, fault
        self.asked = self.checks = self.in_flight = self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def check(self) -> None:
        self.checks += 1
        self._fail()

    async def complete(self, request: Request) -> Completion:
        self.asked += 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
            self._fail()
        finally:
            self.in_flight -= 1
        return Completion(None, "5", "none", "stop", 1, 1, 0.1, None, self.name)

    async def aclose(self) -> None:
        self.closed = True

    def _fail(self) -> None:
        if self.fault == "model":
            raise CuratorError(f"{self.name} does not serve the model 'm'", hint="it serves: n")
        if self.fault:
            raise TeacherError(f"{self.name} is {self.fault}", reason=self.fault, hint="look")


class Group:
    """Endpoints a, b, … behind one teacher, and a clock that only the story moves."""

    def __init__(self, *faults: str | None, concurrency: int = 4) -> None:
        self.endpoints = [Endpoint("abcd"[at], fault) for at, fault in enumerate(faults)]
        self.told: list[str] = []
        self.now = 1.0
        self.teacher = SeveralTeachers(self.endpoints, concurrency, self.told.append, lambda: self.now)

    async def ask(self, count: int = 1) -> list[str]:
        """Ask at once; return which endpoint answered, or the reason of the failure."""
        self.now += 0.001
        asked = (self.teacher.complete(REQUEST) for _ in range(count))
        replies = await asyncio.gather(*asked, return_exceptions=True)
        return [reply.endpoint if isinstance(reply, Completion) else reply.reason for reply in replies]


def tell(story: Callable[[Group], object], *faults: str | None, **options: int) -> Group:
    """Live a story with a group of endpoints whose faults are given, checked already."""

    async def run() -> Group:
        group = Group(*faults, **options)
        await group.teacher.check()
        await story(group)
        return group

    return asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


def test_requests_go_to_the_least_busy_endpoint() -> None:
    """Equal endpoints get equal shares, one after the other too; a slow one gets fewer."""

    async def story(group):
        assert sorted(await group.ask(6)) == ["a", "a", "b", "b", "c", "c"]
        assert sorted([(await group.ask())[0] for _ in range(3)]) == ["a", "b", "c"]
        group.endpoints[0].gate.clear()
        slow = asyncio.create_task(group.ask(3))
        await until(lambda: group.endpoints[0].in_flight == 1)
        assert [(await group.ask())[0] for _ in range(4)].count("a") == 0
        group.endpoints[0].gate.set()
        await slow

    tell(story, None, None, None)


def test_no_endpoint_gets_more_than_its_share() -> None:
    """`--concurrency` is per endpoint, even when another one is out; what is too much waits."""

    async def story(group):
        group.endpoints[1].gate.clear()
        asking = asyncio.create_task(group.ask(6))
        await until(lambda: group.endpoints[1].in_flight == 2)
        group.endpoints[1].gate.set()
        assert await asking == ["b"] * 6

    assert tell(story, "unreachable", None, concurrency=2).endpoints[1].most == 2


@pytest.mark.parametrize("reason", ["unreachable", "stalled", "server_error", "bad_reply", "rate_limited"])
def test_an_endpoint_that_fails_is_left_alone_for_a_while(reason) -> None:
    """The retry goes elsewhere; half a minute later one request tries again, and success restores it."""

    async def story(group):
        broken = group.endpoints[0]
        broken.fault = reason
        assert sorted(await group.ask(2)) == sorted([reason, "b"])
        assert await group.ask(3) == ["b"] * 3
        broken.fault = None
        group.now += 30
        assert sorted(await group.ask(4)) == ["a", "b", "b", "b"]
        assert sorted(await group.ask(4)) == ["a", "a", "b", "b"]

    assert tell(story, None, None).told == [f"left out for now: a is {reason} (look)"]


def test_each_failed_try_doubles_the_wait() -> None:
    """30 s, 60 s, 120 s, …, five minutes at most; what failed at once counts as one failure."""

    async def story(group):
        broken, waits = group.endpoints[0], []
        broken.fault = "unreachable"
        await group.ask(8)
        for _ in range(6):
            before, began = broken.asked, group.now
            while broken.asked == before:
                group.now += 1
                await group.ask()
            waits.append(group.now - began)
        assert waits == pytest.approx([30, 60, 120, 240, 300, 300], abs=1.5)

    tell(story, None, None)


def test_a_request_that_is_at_fault_itself_harms_no_endpoint() -> None:
    """A refusal says nothing about the endpoint."""

    async def story(group):
        group.endpoints[0].fault = "refused"
        assert sorted(await group.ask(4)) == ["b", "b", "refused", "refused"]

    assert tell(story, None, None).told == []


def test_when_all_are_out_the_one_due_soonest_is_asked() -> None:
    """Somebody must be asked, or nothing would ever be found to work again."""

    async def story(group):
        for endpoint in group.endpoints:
            endpoint.fault = "stalled"
        assert await group.ask(2) == ["stalled"] * 2
        assert [(await group.ask())[0], (await group.ask())[0]] == ["stalled"] * 2
        assert [endpoint.asked for endpoint in group.endpoints] == [2, 2]
        group.endpoints[0].fault = None
        assert "a" in [(await group.ask())[0], (await group.ask())[0]]

    tell(story, None, None)


@pytest.mark.parametrize("reason", ["ended", "unauthorized"])
def test_an_endpoint_that_is_lost_hands_its_requests_over(reason) -> None:
    """Nothing fails while another endpoint is left; when the last one is lost, its reason ends the run."""

    async def story(group):
        group.endpoints[0].fault = reason
        assert await group.ask(4) == ["b"] * 4
        group.now += 10_000
        assert await group.ask(2) == ["b"] * 2
        group.endpoints[1].fault = reason
        assert await group.ask(3) == [reason] * 3

    assert tell(story, None, None).told[0] == f"left out for good: a is {reason} (look)"


def test_an_endpoint_out_of_order_at_the_start_is_named_and_may_come_back() -> None:
    """The run goes on with the others; later the endpoint is checked again before it is asked."""

    async def story(group):
        assert await group.ask(2) == ["b"] * 2
        group.now += 30
        assert sorted(await group.ask(2)) == ["b", "unreachable"]
        group.endpoints[0].fault = None
        group.now += 60
        assert sorted(await group.ask(2)) == ["a", "b"]

    group = tell(story, "model", None)
    assert group.told == ["left out for now: a does not serve the model 'm' (it serves: n)"]
    assert (group.endpoints[0].checks, group.endpoints[0].asked) == (3, 1)


def test_a_wrong_key_at_the_start_is_not_tried_again() -> None:
    """It would be wrong the next time, too."""

    async def story(group):
        group.now += 10_000
        assert await group.ask(2) == ["b"] * 2

    assert tell(story, "unauthorized", None).endpoints[0].checks == 1


def test_no_endpoint_in_order_is_an_error_that_names_each() -> None:
    """The run does not begin."""
    with pytest.raises(CuratorError, match="a is unreachable\nb does not serve") as caught:
        tell(lambda group: None, "unreachable", "model")
    assert caught.value.hint == "look\nit serves: n"


def test_cancelled_requests_free_their_places() -> None:
    """An interrupt leaves nothing counted."""

    async def story(group):
        for endpoint in group.endpoints:
            endpoint.gate.clear()
        asking = asyncio.create_task(group.ask(9))
        await until(lambda: sum(endpoint.in_flight for endpoint in group.endpoints) == 4)
        asking.cancel()
        await asyncio.wait({asking})
        for endpoint in group.endpoints:
            endpoint.gate.set()
        assert sorted(await group.ask(4)) == ["a", "a", "b", "b"]
        await group.teacher.aclose()

    assert all(endpoint.closed for endpoint in tell(story, None, None, concurrency=2).endpoints)


def test_endpoints_of_one_model_go_together() -> None:
    """Kinds may differ where the same weights can be behind both."""
    specs = parse_specs(["openai:m@http://a/v1", "vllm:m@http://b", "vllm:m"])
    assert [spec.kind for spec in specs] == ["openai", "vllm", "vllm"]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["vllm:m@http://a", "vllm:n@http://b"], "are two models, 'm' and 'n'"),
        (["openai:m@http://u:s3cret@a/v1", "local"], "cannot share a run"),
        (["scripted:x.jsonl", "scripted:y.jsonl"], "cannot share a run"),
        (["ollama:m", "vllm:m"], "cannot share a run"),
        (
            ["openai:m@http://u:s3cret@a/v1", "vllm:m@http://a"],
            "openai:m@http://a/v1 and vllm:m@http://a are one endpoint",
        ),
        (["vllm:m", "vllm:m"], "vllm:m and vllm:m are one endpoint"),
    ],
)
def test_what_does_not_go_together_is_refused(texts, words) -> None:
    """Both SPECs are named, without passwords, and what to do."""
    with pytest.raises(UsageError, match=words) as caught:
        parse_specs(texts)
    assert caught.value.hint
    assert "s3cret" not in caught.value.message

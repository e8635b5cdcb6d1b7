"""One model behind one or several endpoints: each is asked for what it can take, and they stand in for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from operator import sub

import pytest

from curator.errors import CuratorError, UsageError
from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.pool import TeacherPool
from curator.teacher.spec import parse_specs
from schemas.candidate import SamplingParameters
from tests.leaping import clock, live

REQUEST = Request([{"role": "user", "content": "2+3?"}], SamplingParameters(max_tokens=64), seed=7)


class Endpoint:
    """Answers, or fails with `fault` while there is one; holds its replies back while the gate is closed."""

    kind, model = "openai", "m"

    def __init__(self, name: str, fault: str | None = None) -> None:
        self.name, self.fault = name, fault
        self.asked_at: list[float] = []
        self.checks = self.in_flight = self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False
        self.said = Completion(None, "5", "none", "stop", 1, 1, 0.1, None, name)

    @property
    def asked(self) -> int:
        return len(self.asked_at)

    async def check(self) -> None:
        self.checks += 1
        self._fail()

    async def complete(self, request: Request) -> Completion:
        self.asked_at.append(clock())
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
            self._fail()
        finally:
            self.in_flight -= 1
        return self.said

    async def aclose(self) -> None:
        self.closed = True

    def _fail(self) -> None:
        if self.fault == "model":
            raise CuratorError(f"{self.name} does not serve the model 'm'", hint="it serves: n")
        if self.fault:
            raise TeacherError(f"{self.name} is {self.fault}", reason=self.fault, hint="look")


class Group:
    """Endpoints a, b, … behind one teacher."""

    def __init__(self, *faults: str | None, concurrency: int = 4) -> None:
        self.endpoints = [Endpoint("abcd"[at], fault) for at, fault in enumerate(faults)]
        self.told: list[str] = []
        self.teacher = TeacherPool(self.endpoints, concurrency, self.told.append)

    async def ask(self, count: int = 1, request: Request = REQUEST) -> list[str]:
        """Ask at once; return which endpoint answered, or the reason of the failure."""
        asked = (self.teacher.complete(request) for _ in range(count))
        replies = await asyncio.gather(*asked, return_exceptions=True)
        return [reply.endpoint if isinstance(reply, Completion) else reply.reason for reply in replies]


def tell(story: Callable[[Group], object], *faults: str | None, **options: int) -> Group:
    """Live a story with a group of endpoints whose faults are given, checked already."""

    async def run() -> Group:
        group = Group(*faults, **options)
        await group.teacher.check()
        await story(group)
        return group

    return live(run())


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


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


@pytest.mark.parametrize("faults", [(None,), (None, "unreachable")])
def test_no_endpoint_gets_more_than_its_share(faults) -> None:
    """`--concurrency` is per endpoint, alone or when another one is out; what is too much waits."""

    async def story(group):
        group.endpoints[0].gate.clear()
        asking = asyncio.create_task(group.ask(6))
        await until(lambda: group.endpoints[0].in_flight == 2)
        group.endpoints[0].gate.set()
        assert await asking == ["a"] * 6

    assert tell(story, *faults, concurrency=2).endpoints[0].most == 2


def test_first_come_first_served_but_what_comes_back_goes_first() -> None:
    """A request that failed before is not sent to the end of the queue."""

    async def story(group):
        served = []

        async def one(name: str, tries: int) -> None:
            await group.ask(request=Request([], REQUEST.sampling, 1, tries=tries))
            served.append(name)

        group.endpoints[0].gate.clear()
        waiting = [asyncio.create_task(one(name, name.isupper())) for name in "abcDE"]
        await until(lambda: group.endpoints[0].in_flight == 1)
        group.endpoints[0].gate.set()
        await asyncio.gather(*waiting)
        assert served == ["a", "D", "E", "b", "c"]

    tell(story, None, concurrency=1)


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


def test_a_request_cancelled_while_its_turn_comes_gives_it_back() -> None:
    """The place goes to whoever waits next, though nobody was asked."""

    async def story(group):
        (only,) = group.endpoints
        only.gate.clear()
        first, second, third = (asyncio.create_task(group.ask()) for _ in range(3))
        await until(lambda: only.in_flight == 1)
        first.add_done_callback(lambda _: second.cancel())
        only.gate.set()
        await asyncio.wait({first, second, third})
        assert third.result() == ["a"]

    tell(story, None, concurrency=1)


@pytest.mark.parametrize("reason", ["unreachable", "stalled", "server_error", "bad_reply"])
def test_an_endpoint_where_nothing_gets_through_is_left_alone(reason) -> None:
    """The others stand in; a little later one request tries again, and success restores it."""

    async def story(group):
        broken = group.endpoints[0]
        broken.fault = reason
        while reason in await group.ask(4):
            pass
        assert broken.asked <= 20
        assert await group.ask(4) == ["b"] * 4
        broken.fault = None
        await asyncio.sleep(2)
        assert sorted(await group.ask(4)) == ["a", "b", "b", "b"]
        assert sorted(await group.ask(4)) == ["a", "a", "b", "b"]

    tell(story, None, None)


def test_a_failure_among_successes_is_bad_luck() -> None:
    """An endpoint that serves every third request stays in use."""

    async def story(group):
        for at in range(300):
            group.endpoints[0].fault = None if at % 3 == 0 else "stalled"
            await group.ask()

    only = tell(story, None).endpoints[0]
    assert (only.asked, only.asked_at[-1]) == (300, 0)


def test_each_failed_try_doubles_the_pause() -> None:
    """1 s, 2 s, 4 s, … two minutes at most, up to a quarter more by chance; the user is told once."""

    async def story(group):
        group.endpoints[0].fault = "unreachable"
        while clock() < 1000:
            await group.ask()
            await asyncio.sleep(0.25)

    group = tell(story, None, None)
    pauses = [pause for pause in map(sub, group.endpoints[0].asked_at[1:], group.endpoints[0].asked_at) if pause > 0.5]
    assert pauses[0] == pytest.approx(1, abs=0.3)
    assert pauses[:6] == sorted(pauses[:6])
    assert (len(pauses) <= 14, max(pauses) <= 151) == (True, True)
    assert group.told == ["left out for now: a is unreachable (look)"]


def test_a_request_that_is_at_fault_itself_harms_no_endpoint() -> None:
    """A refusal says nothing about the endpoint."""

    async def story(group):
        group.endpoints[0].fault = "refused"
        for _ in range(20):
            assert sorted(await group.ask(4)) == ["b", "b", "refused", "refused"]
            await asyncio.sleep(0)

    assert tell(story, None, None).told == []


def test_a_teacher_that_only_fails_is_given_up_in_about_a_minute() -> None:
    """All that wait fail, new requests too and without a wait; few tries were spent on it."""

    async def story(group):
        (only,) = group.endpoints
        only.fault = "unreachable"
        while clock() < 40:
            assert set(await group.ask(8)) == {"unreachable"}
        assert 45 <= clock() <= 100
        asked, now = only.asked, clock()
        with pytest.raises(TeacherError, match="nothing gets through any more: a is unreach") as caught:
            await group.teacher.complete(REQUEST)
        assert (caught.value.retryable, only.asked, clock()) == (False, asked, now)
        assert asked <= 40

    tell(story, None)


def test_a_teacher_that_was_given_up_may_come_back() -> None:
    """Once its pause is over one request tries it, and its success lets all others in."""

    async def story(group):
        (only,) = group.endpoints
        only.fault = "unreachable"
        while clock() < 40:
            await group.ask()
        only.fault = None
        await asyncio.sleep(300)
        assert (await group.ask(), await group.ask(3)) == (["a"], ["a"] * 3)

    tell(story, None)


@pytest.mark.parametrize("reason", ["ended", "unauthorized"])
def test_an_endpoint_that_is_lost_hands_its_requests_over(reason) -> None:
    """Nothing fails while another endpoint is left; when the last one is lost, its reason ends the run."""

    async def story(group):
        group.endpoints[0].fault = reason
        assert await group.ask(4) == ["b"] * 4
        await asyncio.sleep(10_000)
        assert await group.ask(2) == ["b"] * 2
        group.endpoints[1].fault = reason
        assert await group.ask(3) == [reason] * 3

    assert tell(story, None, None).told[0] == f"left out for good: a is {reason} (look)"


def test_an_endpoint_out_of_order_at_the_start_is_named_and_may_come_back() -> None:
    """The run goes on with the others; later the endpoint is checked again before it is asked."""

    async def story(group):
        assert await group.ask(2) == ["b"] * 2
        await asyncio.sleep(2)
        assert sorted(await group.ask(2)) == ["b", "unreachable"]
        group.endpoints[0].fault = None
        await asyncio.sleep(4)
        assert sorted(await group.ask(2)) == ["a", "b"]

    group = tell(story, "model", None)
    assert group.told == ["left out for now: a does not serve the model 'm' (it serves: n)"]
    assert (group.endpoints[0].checks, group.endpoints[0].asked) == (3, 1)


def test_a_wrong_key_at_the_start_is_not_tried_again() -> None:
    """It would be wrong the next time, too."""

    async def story(group):
        await asyncio.sleep(10_000)
        assert await group.ask(2) == ["b"] * 2

    assert tell(story, "unauthorized", None).endpoints[0].checks == 1


def test_no_endpoint_in_order_is_an_error_that_names_each() -> None:
    """The run does not begin."""
    with pytest.raises(CuratorError, match="a is unreachable\nb does not serve") as caught:
        tell(lambda group: None, "unreachable", "model")
    assert caught.value.hint == "look\nit serves: n"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"completion_tokens": None}, "bad_reply"),
        ({"completion_tokens": 0}, "bad_reply"),
        ({"completion_tokens": 1}, "a"),
        ({"completion_tokens": 0, "finish_reason": "length"}, "a"),
        ({"completion_tokens": 0, "reasoning": "hm"}, "a"),
        ({"completion_tokens": 0, "endpoint": None}, None),
    ],
)
def test_a_reply_that_holds_nothing_and_cost_nothing_is_a_fault(fields, outcome) -> None:
    """A model that ends at once has said nothing, which is data: it generated a token. So is what is no server's."""

    async def story(group):
        group.endpoints[0].said = replace(group.endpoints[0].said, content="", **fields)
        assert await group.ask() == [outcome]

    tell(story, None)


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

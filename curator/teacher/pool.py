"""The teacher that every command asks: one model behind one or several endpoints, each asked for what it can take.

Requests wait here, first come first served, those that come back before new ones. Each goes to the endpoint that is
least busy for what it takes (see `endpoint`), so that the share served follows capacity. While all endpoints are set
aside, requests wait; once all are given up, they fail, which ends the run in order.

Not covered: endpoints that answer, but serve other weights under the same name.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from curator.errors import CuratorError
from curator.teacher.base import FATAL, Completion, Request, Teacher, TeacherError
from curator.teacher.endpoint import HELD_S, Endpoint, Try

WORTH_TELLING_S = 2.0
"""A longer pause of an endpoint than this is told to the user, once."""
_Turn = tuple[Endpoint, Try]
_Queue = deque[asyncio.Future[_Turn]]


class TeacherPool:
    """Asks whichever of its teachers is least busy, and none for more than it takes.

    Args:
        teachers: Of one model, at least one.
        concurrency: Most requests in flight per teacher; more of them wait.
        tell: Takes a line for the user when an endpoint is left out.
    """

    def __init__(self, teachers: Sequence[Teacher], concurrency: int, tell: Callable[[str], None]) -> None:
        self.kind = teachers[0].kind
        self.model = teachers[0].model
        self._endpoints = [Endpoint(teacher, concurrency) for teacher in teachers]
        self._tell = tell
        self._told: set[Endpoint] = set()
        self._returning: _Queue = deque()
        self._new: _Queue = deque()
        self._alarm: asyncio.TimerHandle | None = None

    async def check(self) -> None:
        """Check all of them at once; go on with those that are in order.

        Raises:
            CuratorError: None of them is.
        """
        found = await asyncio.gather(*(self._check(endpoint) for endpoint in self._endpoints))
        faults = [fault for fault in found if fault is not None]
        if len(faults) == len(self._endpoints):
            raise _none_in_order(faults)
        for endpoint, fault in zip(self._endpoints, found, strict=True):
            if fault is not None:
                endpoint.set_aside(_as_failure(fault), self._now())
                self._tell_once(endpoint, fault)

    async def complete(self, request: Request) -> Completion:
        """Ask one endpoint as soon as one may be asked; one that is lost for good hands its request to another.

        Raises:
            TeacherError: The request failed; its `failing` says how usual that is, `hopeless` that nothing answers.
        """
        while True:
            endpoint, attempt = await self._turn(request)
            try:
                completion = await self._ask(endpoint, request)
            except TeacherError as err:
                self._learn(endpoint, attempt, err)
                if (hopeless := self._hopeless()) and err.retryable:
                    raise hopeless from err
                if endpoint.lost is None:
                    raise
            else:
                endpoint.succeeded(attempt)
                return completion
            finally:
                self._end(endpoint, attempt)

    async def aclose(self) -> None:
        """Close all of them."""
        if self._alarm is not None:
            self._alarm.cancel()
        await asyncio.gather(*(endpoint.teacher.aclose() for endpoint in self._endpoints))

    async def _check(self, endpoint: Endpoint) -> CuratorError | None:
        """Check one; return what is wrong with it."""
        try:
            await endpoint.teacher.check()
        except CuratorError as err:
            if isinstance(err, TeacherError) and err.reason in FATAL:
                endpoint.lost = err
            return err
        endpoint.checked = True
        return None

    async def _ask(self, endpoint: Endpoint, request: Request) -> Completion:
        """Ask one endpoint, checked first if it was not in order at the start; it may be by now."""
        if not endpoint.checked and (fault := await self._check(endpoint)):
            raise _as_failure(fault)
        completion = await endpoint.teacher.complete(request)
        if _is_void(completion):
            raise TeacherError(f"{completion.endpoint} answered nothing at all", reason="bad_reply")
        return completion

    async def _turn(self, request: Request) -> _Turn:
        """Wait for an endpoint that may be asked."""
        turn: asyncio.Future[_Turn] = asyncio.get_running_loop().create_future()
        (self._returning if request.tries else self._new).append(turn)
        self._serve()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and not turn.exception():
                self._end(*turn.result())
            raise

    def _end(self, endpoint: Endpoint, attempt: Try) -> None:
        endpoint.end(attempt)
        if attempt.refused:
            asyncio.get_running_loop().call_later(HELD_S, self._release, endpoint)
        self._serve()

    def _release(self, endpoint: Endpoint) -> None:
        endpoint.held -= 1
        self._serve()

    def _serve(self) -> None:
        """Hand endpoints out as long as somebody waits and one of them may be asked."""
        now = self._now()
        while queue := self._returning or self._new:
            if queue[0].done():  # cancelled
                queue.popleft()
                continue
            ready = [endpoint for endpoint in self._endpoints if endpoint.open(now)]
            if ready:
                endpoint = min(ready, key=lambda one: (one.load, one.sent))
                queue.popleft().set_result((endpoint, endpoint.begin(now)))
            elif hopeless := self._hopeless():
                queue.popleft().set_exception(hopeless)
            else:
                self._come_back(now)
                return

    def _come_back(self, now: float) -> None:
        """Serve again when the first endpoint that was set aside is due; any other is heard of by its replies."""
        due = min((one.opens_at for one in self._endpoints if one.lost is None and one.opens_at > now), default=None)
        if due is None or (self._alarm is not None and self._alarm.when() == due):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(due, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._serve()

    def _learn(self, endpoint: Endpoint, attempt: Try, fault: TeacherError) -> None:
        if fault.reason in FATAL:
            endpoint.lost = fault
            self._tell_once(endpoint, fault)
        elif not fault.retryable:
            endpoint.alive(attempt)  # it answered
        else:
            endpoint.failed(attempt, fault, self._now())
            if endpoint.pause_s > WORTH_TELLING_S:
                self._tell_once(endpoint, fault)

    def _hopeless(self) -> TeacherError | None:
        """Explain why no endpoint is worth waiting for; None while one is."""
        if any(one.lost is None and one.given_up is None for one in self._endpoints):
            return None
        fault = next((one.given_up for one in self._endpoints if one.lost is None), None)
        if fault is None:
            fault = self._endpoints[-1].lost
            assert fault is not None
            return TeacherError(fault.message, reason=fault.reason, hint=fault.hint)
        error = TeacherError(f"nothing gets through any more: {fault.message}", reason="unreachable", hint=fault.hint)
        error.hopeless = True
        return error

    def _tell_once(self, endpoint: Endpoint, fault: CuratorError) -> None:
        if endpoint in self._told:
            return
        self._told.add(endpoint)
        how = "left out" if len(self._endpoints) > 1 else "not asked"
        how += " for now" if endpoint.lost is None else " for good"
        self._tell(f"{how}: {fault.message}" + (f" ({fault.hint})" if fault.hint else ""))

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _is_void(completion: Completion) -> bool:
    """Tell a server's reply that holds nothing and cost nothing from a model that ended at once, which is data."""
    said = completion.content or completion.reasoning
    served = completion.endpoint is not None
    return served and not said and completion.finish_reason == "stop" and not completion.completion_tokens


def _as_failure(fault: CuratorError) -> TeacherError:
    """Take what a check found as the failure of a request."""
    if isinstance(fault, TeacherError):
        return fault
    return TeacherError(fault.message, reason="unreachable", hint=fault.hint)


def _none_in_order(faults: Sequence[CuratorError]) -> CuratorError:
    if len(faults) == 1:
        return faults[0]
    message = "no teacher is in order:\n" + "\n".join(fault.message for fault in faults)
    return CuratorError(message, hint="\n".join(dict.fromkeys(fault.hint for fault in faults if fault.hint)))

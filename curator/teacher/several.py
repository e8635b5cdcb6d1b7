"""Several endpoints of one model that share its load.

Each request goes to the endpoint with the fewest in flight. An endpoint that fails is set aside for a while, so that
a retry goes elsewhere; then one request at a time tries it, and any success restores it. When all are set aside, the
one that is due soonest is asked.

Not covered: endpoints that answer, but serve other weights under the same name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from curator.errors import CuratorError
from curator.teacher.base import FATAL, Completion, Request, Teacher, TeacherError

FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 300.0


class _Endpoint:
    """One teacher, how busy it is, and whether it can be asked."""

    def __init__(self, teacher: Teacher) -> None:
        self.teacher = teacher
        self.in_flight = 0
        self.asked = 0
        self.checked = False
        self.lost: TeacherError | None = None
        """Why it will never be asked again."""
        self.failed_at = float("-inf")
        self.pause_s = 0.0
        """How long it was set aside last; 0 while it is in order."""

    @property
    def due(self) -> float:
        """When it may be asked again."""
        return self.failed_at + self.pause_s

    def ready(self, now: float) -> bool:
        """Whether it is in order, or due for a try by a single request."""
        return not self.pause_s or (now >= self.due and not self.in_flight)

    def set_aside(self, began: float, now: float) -> None:
        """Leave it alone for a while, unless the request began before that was decided."""
        if began > self.failed_at:
            self.failed_at = now
            self.pause_s = min(max(FIRST_PAUSE_S, 2 * self.pause_s), LONGEST_PAUSE_S)


class SeveralTeachers:
    """Asks whichever of several teachers is least busy.

    Args:
        teachers: Of one model, at least one.
        concurrency: Most requests in flight per teacher; more of them wait.
        tell: Takes a line for the user when an endpoint is left out.
        clock: Seconds, as `time.monotonic` counts them.
    """

    def __init__(
        self,
        teachers: Sequence[Teacher],
        concurrency: int,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kind = teachers[0].kind
        self.model = teachers[0].model
        self._endpoints = [_Endpoint(teacher) for teacher in teachers]
        self._concurrency = concurrency
        self._freed = asyncio.Event()
        self._tell = tell
        self._told: set[_Endpoint] = set()
        self._clock = clock

    async def check(self) -> None:
        """Check all of them at once; go on with those that are in order.

        Raises:
            CuratorError: None of them is.
        """
        found = await asyncio.gather(*(self._check(endpoint) for endpoint in self._endpoints))
        faults = [fault for fault in found if fault is not None]
        if len(faults) == len(self._endpoints):
            raise CuratorError(
                "no teacher is in order:\n" + "\n".join(fault.message for fault in faults),
                hint="\n".join(dict.fromkeys(fault.hint for fault in faults if fault.hint)),
            )
        for endpoint, fault in zip(self._endpoints, found, strict=True):
            if fault is not None:
                self._tell_once(endpoint, fault)

    async def complete(self, request: Request) -> Completion:
        """Ask one endpoint; one that is lost for good hands its request to another.

        Raises:
            TeacherError: The request failed; another try goes to another endpoint where there is one.
        """
        while True:
            endpoint = await self._free_one()
            endpoint.in_flight += 1
            endpoint.asked += 1
            try:
                return await self._ask(endpoint, request)
            except TeacherError:
                if endpoint.lost is None:
                    raise
            finally:
                endpoint.in_flight -= 1
                self._freed.set()

    async def aclose(self) -> None:
        """Close all of them."""
        await asyncio.gather(*(endpoint.teacher.aclose() for endpoint in self._endpoints))

    async def _check(self, endpoint: _Endpoint) -> CuratorError | None:
        """Check one; return what is wrong with it."""
        began = self._clock()
        try:
            await endpoint.teacher.check()
        except CuratorError as err:
            if isinstance(err, TeacherError) and err.reason in FATAL:
                endpoint.lost = err
            endpoint.set_aside(began, self._clock())
            return err
        endpoint.checked = True
        return None

    async def _free_one(self) -> _Endpoint:
        """Wait for an endpoint that can take one more request."""
        while (endpoint := self._pick()) is None:
            self._freed.clear()
            await self._freed.wait()
        return endpoint

    def _pick(self) -> _Endpoint | None:
        """Choose the endpoint to ask; None while all that can be asked are busy."""
        here = [endpoint for endpoint in self._endpoints if endpoint.lost is None]
        if not here:
            last = self._endpoints[-1].lost
            assert last is not None
            raise TeacherError(last.message, reason=last.reason, hint=last.hint)
        now = self._clock()
        ready = [endpoint for endpoint in here if endpoint.ready(now)] or [min(here, key=lambda found: found.due)]
        free = [endpoint for endpoint in ready if endpoint.in_flight < self._concurrency]
        return min(free, key=lambda endpoint: (endpoint.in_flight, endpoint.asked), default=None)

    async def _ask(self, endpoint: _Endpoint, request: Request) -> Completion:
        began = self._clock()
        try:
            if not endpoint.checked:
                await self._check_late(endpoint)
            completion = await endpoint.teacher.complete(request)
        except TeacherError as err:
            if err.reason in FATAL:
                endpoint.lost = err
                self._tell_once(endpoint, err)
            elif err.retryable:
                endpoint.set_aside(began, self._clock())
                self._tell_once(endpoint, err)
            raise
        endpoint.pause_s = 0.0
        return completion

    async def _check_late(self, endpoint: _Endpoint) -> None:
        """Check an endpoint that was not in order at the start; it may be by now."""
        fault = await self._check(endpoint)
        if endpoint.lost is not None:
            raise endpoint.lost
        if fault is not None:
            raise TeacherError(fault.message, reason="unreachable", hint=fault.hint)

    def _tell_once(self, endpoint: _Endpoint, fault: CuratorError) -> None:
        if endpoint in self._told:
            return
        self._told.add(endpoint)
        others = "for good" if endpoint.lost else "for now"
        self._tell(f"left out {others}: {fault.message}" + (f" ({fault.hint})" if fault.hint else ""))

"""Asks a judge model about candidates: the same question once, every reply kept, whatever fails a verdict too."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import NamedTuple, cast

from curator.escape import one_line
from curator.judge.setup import JudgeSetup
from curator.judge.tally import Tally
from curator.store import queries
from curator.store.client import Store
from curator.teacher.base import FATAL, Completion, Request, TeacherError
from curator.teacher.counting import count_tokens
from curator.teacher.retry import complete_with_retries
from curator.writer import Writer
from schemas.candidate import Candidate, FinishReason, Message, seed_of
from schemas.identity import content_hash
from schemas.judge_reply import JudgeReply
from schemas.policy import JUDGE
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason, Verdict
from verifiers.base import answer_text
from verifiers.judge import judged, messages
from verifiers.run import failure, verdict_of
from verifiers.settings import VerifierSettings

GIVE_UP_AFTER = 4
"""Questions lost in a row, each with all its tries, until the judge is not asked any more."""
KEPT = 1024
"""Replies that are remembered beside those in flight: those that the store may not hold yet among them."""
_DETAIL = 300


@dataclass(frozen=True, slots=True)
class _Question:
    """What the model is asked about one candidate."""

    id: str
    messages: list[Message]
    candidate_id: str


class _Reply(NamedTuple):
    text: str
    finish_reason: FinishReason


class AskingJudge:
    """Gives the verdicts of `judge` in one command.

    Args:
        setup: The model and how it is asked.
        settings: What verdicts are attributed to; names this model.
        store: Holds the replies of earlier commands.
        writer: Takes each reply, before any verdict that was made of it.
        tally: Counts.
    """

    def __init__(
        self, setup: JudgeSetup, settings: VerifierSettings, store: Store, writer: Writer, tally: Tally
    ) -> None:
        self._setup = setup
        self._settings = settings
        self._store = store
        self._writer = writer
        self._tally = tally
        self._slots = asyncio.Semaphore(setup.concurrency)
        self._replies: dict[str, asyncio.Task[_Reply]] = {}
        """By question, the oldest first: in flight, or given."""
        self._lost_in_a_row = 0
        self._lost: TeacherError | None = None
        """Why nothing is asked any more."""

    async def verdict(self, problem: Problem, candidate: Candidate) -> Verdict:
        """Ask about one candidate; a model that cannot be asked is an `error`, which the next verify tries again."""
        started = time.perf_counter()
        judgement = await self._judgement(problem, candidate)
        self._tally.add_verdict(judgement)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return verdict_of(JUDGE, problem, candidate, self._settings, judgement, elapsed_ms)

    async def _judgement(self, problem: Problem, candidate: Candidate) -> Judgement:
        answer = answer_text(candidate)
        if not answer:
            return Judgement(Outcome.REJECT, Reason.NO_ANSWER, "no answer was found", expected=problem.answer)
        try:
            reply = await self._reply(self._question(problem, answer, candidate.id))
        except TeacherError as err:
            return failure(Reason.JUDGE_UNAVAILABLE, one_line(f"the judge could not be asked: {err.message}", _DETAIL))
        return judged(problem, answer, reply.text, reply.finish_reason)

    def _question(self, problem: Problem, answer: str, candidate_id: str) -> _Question:
        asked = messages(problem, answer, self._setup.rubrics.of(problem))
        shaped = [JUDGE, asked, self._setup.teacher.model, asdict(self._setup.sampling)]
        return _Question(content_hash(shaped), asked, candidate_id)

    async def _reply(self, question: _Question) -> _Reply:
        """Wait for the one reply to a question, whoever asked it first."""
        task = self._replies.get(question.id)
        if task is None:
            task = self._replies[question.id] = asyncio.create_task(self._find(question))
            self._forget()
        try:
            return await task
        except TeacherError:
            self._replies.pop(question.id, None)
            raise

    def _forget(self) -> None:
        """Keep memory flat: what was given long ago is in the store."""
        excess = len(self._replies) - KEPT
        for name in [name for name, task in self._replies.items() if task.done()][: max(0, excess)]:
            del self._replies[name]

    async def _find(self, question: _Question) -> _Reply:
        rows = await asyncio.to_thread(self._store.rows, queries.JUDGE_REPLY, [question.id])
        for row in rows:
            self._tally.known += 1
            return _Reply(str(row["reply"]), cast(FinishReason, row["finish_reason"]))
        async with self._slots:
            await self._writer.room()
            completion = await self._complete(question)
        reply = self._record(question, completion)
        self._writer.put(reply)
        self._tally.add_reply(reply)
        return _Reply(reply.reply, reply.finish_reason)

    async def _complete(self, question: _Question) -> Completion:
        if self._lost is not None:
            raise self._lost
        request = Request(question.messages, self._setup.sampling, seed_of(question.id))
        try:
            completion, _ = await complete_with_retries(self._setup.teacher, request, self._setup.retry)
        except TeacherError as err:
            self._count_loss(err)
            raise
        self._lost_in_a_row = 0
        return completion

    def _count_loss(self, err: TeacherError) -> None:
        """Stop asking when it is hopeless; a refusal is about one question and says nothing of the others."""
        self._lost_in_a_row += err.reason != "refused"
        hopeless = err.reason in FATAL or self._lost_in_a_row >= GIVE_UP_AFTER
        if hopeless and self._lost is None:
            self._lost = err
            told = f"the judge is not asked any more: {err.message}" + (f" ({err.hint})" if err.hint else "")
            self._setup.tell(f"{told}; `curator verify` asks again about what is left")

    def _record(self, question: _Question, completion: Completion) -> JudgeReply:
        tokens = count_tokens(question.messages, completion)
        return JudgeReply(
            id=question.id,
            candidate_id=question.candidate_id,
            model=self._setup.teacher.model,
            reply=completion.content,
            finish_reason=completion.finish_reason,
            prompt_tokens=tokens.prompt,
            completion_tokens=tokens.completion,
            tokens_estimated=tokens.prompt_estimated or tokens.completion_estimated,
            elapsed_s=completion.elapsed_s,
            created_at=datetime.now(UTC),
        )

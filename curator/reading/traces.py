"""Traces made elsewhere: each row is a problem and one completion of it.

Several rows of one problem are several candidates; one prompt with two golds is two problems. A file is read twice
and never held: `scan_traces` validates it whole and counts, `traces` streams.

Not covered: whether a completion is well formed or its answer right (verdicts tell), and columns that hold a list of
several completions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, StrictStr, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from curator.reading.columns import Columns
from curator.reading.duplicates import Known, Ledger, RowFault
from curator.reading.problem_rows import PROBLEM_FIELDS, validated
from curator.reading.problems import ReadOptions, ReadSummary, Tally
from curator.reading.rows import Source, kind_of
from curator.teacher.wording import FINISH_REASONS, REASONING_FIELDS, inline_field
from schemas.candidate import Candidate, FinishReason, ReasoningField, imported_id
from schemas.problem import Problem
from schemas.tokens import estimate_tokens
from schemas.trace import THINK_CLOSE

TEXT_FIELDS = ("completion", "content", *REASONING_FIELDS)
TRACE_FIELDS = (*TEXT_FIELDS, "model", "finish_reason", "completion_tokens", "prompt_tokens")
UNKNOWN_MODEL = "unknown"


@dataclass(frozen=True, slots=True)
class Text:
    """What a teacher wrote, as the file has it."""

    content: str
    reasoning: str | None
    reasoning_field: ReasoningField


@dataclass(frozen=True, slots=True)
class Sample:
    """What a row says of one completion."""

    text: Text
    model: str
    finish_reason: FinishReason
    abort_reason: str | None
    completion_tokens: int | None
    prompt_tokens: int | None


def scan_traces(path: Source, options: ReadOptions) -> ReadSummary:
    """Validate a file of traces to its end (or limit) and count; candidates are `rows - skipped_rows`.

    Raises:
        BadRows: some rows cannot be used, and `skip_bad` is not set; or no row at all can be.
        UsageError: the file cannot be read, or the mapping does not fit it.
    """
    tally = Tally(path, options, _columns(options))
    for _ in _walk(tally):
        pass
    tally.columns.check(path, ("prompt",))
    return tally.summary(TEXT_FIELDS)


def traces(path: Source, options: ReadOptions, run_id: str) -> Iterator[tuple[Problem, Candidate]]:
    """Stream every completion of a file with its problem; a repeated problem keeps its first id.

    A limit counts problems: the reading ends where the next problem would begin.

    Raises:
        BadRows: on reaching a row that cannot be used, unless `skip_bad` is set.
        UsageError: the file cannot be read, or `fields` names a field that is not ours.
    """
    texts: Counter[bytes] = Counter()
    samples: Counter[str] = Counter()
    now = datetime.now(UTC)
    for problem, sample in _walk(Tally(path, options, _columns(options), streaming=True)):
        yield problem, _candidate(problem, sample, run_id, _identify(problem, sample, run_id, texts), samples, now)
        samples[problem.id] += 1


def _columns(options: ReadOptions) -> Columns:
    return Columns(options.fields, (*PROBLEM_FIELDS, *TRACE_FIELDS), bulky=TEXT_FIELDS)


def _walk(tally: Tally) -> Iterator[tuple[Problem, Sample]]:
    ledger = Ledger(golds_may_differ=True)
    limit = tally.options.limit
    for row in tally.rows():
        try:
            parsed = tally.parse(row)
            sample = _sample(tally.columns.pick(row.values), tally.columns)
            first = ledger.place(parsed.problem, row.line)
        except RowFault as fault:
            tally.fault(row.line, fault)
            continue
        if first is None and limit is not None and len(ledger) > limit:
            tally.unread()
            return
        if first is None:
            tally.add(parsed)
        else:
            tally.duplicate(parsed.problem.id, first.id)
        yield _first_named(parsed.problem, first), sample


def _first_named(problem: Problem, first: Known | None) -> Problem:
    return problem if first is None else replace(problem, id=first.id)


def _identify(problem: Problem, sample: Sample, run_id: str, texts: Counter[bytes]) -> str:
    """Name the candidate: equal texts of one problem are told apart by how often they came before."""
    named = (run_id, problem.content_hash, sample.text.reasoning, sample.text.content)
    first = imported_id(*named, 0)
    key = bytes.fromhex(first.rpartition(":")[2])
    texts[key] += 1
    return first if texts[key] == 1 else imported_id(*named, texts[key] - 1)


def _candidate(
    problem: Problem, sample: Sample, run_id: str, name: str, samples: Counter[str], now: datetime
) -> Candidate:
    return Candidate(
        id=name,
        run_id=run_id,
        problem_id=problem.id,
        sample_index=samples[problem.id],
        reasoning=sample.text.reasoning,
        content=sample.text.content,
        reasoning_field=sample.text.reasoning_field,
        finish_reason=sample.finish_reason,
        model=sample.model,
        abort_reason=sample.abort_reason,
        prompt_tokens=sample.prompt_tokens,
        completion_tokens=_estimate(sample.text) if sample.completion_tokens is None else sample.completion_tokens,
        tokens_estimated=sample.completion_tokens is None,
        created_at=now,
    )


def _estimate(text: Text) -> int:
    return estimate_tokens((text.reasoning or "") + text.content)


_Tokens = Annotated[int, Field(ge=0)]


@checked(frozen=True, slots=True)
class _Fields:
    """What a row may say of a completion."""

    completion: StrictStr | dict[str, Any] | list[Any] | None = None
    content: StrictStr | None = None
    reasoning: StrictStr | None = None
    reasoning_content: StrictStr | None = None
    thinking: StrictStr | None = None
    model: StrictStr | None = None
    finish_reason: StrictStr | None = None
    completion_tokens: _Tokens | None = None
    prompt_tokens: _Tokens | None = None


_FIELDS = TypeAdapter(_Fields)
_WANTED = {
    **dict.fromkeys(TRACE_FIELDS, "text"),
    "completion": "text, or one message with its content",
    "completion_tokens": "a whole number of 0 or more",
    "prompt_tokens": "a whole number of 0 or more",
}


def _sample(picked: Mapping[str, Any], columns: Columns) -> Sample:
    said = validated(_FIELDS, {name: picked[name] for name in TRACE_FIELDS if name in picked}, _WANTED, columns)
    if not any(name in picked for name in TEXT_FIELDS):
        raise RowFault(f"no {columns.label('completion')}", hint=columns.proposal())
    finish, abort_reason = _finish(said.finish_reason)
    return Sample(
        text=_text(said, columns),
        model=said.model or UNKNOWN_MODEL,
        finish_reason=finish,
        abort_reason=abort_reason,
        completion_tokens=said.completion_tokens,
        prompt_tokens=said.prompt_tokens,
    )


def _finish(said: str | None) -> tuple[FinishReason, str | None]:
    """Say in our words how a completion ended; what is no known end counts as a cut, whose end nobody knows."""
    if not said:
        return "stop", None
    known = FINISH_REASONS.get(said.strip().lower())
    return (known, None) if known else ("aborted", said[:80])


def _text(said: _Fields, columns: Columns) -> Text:
    if isinstance(said.completion, str | None):
        content = said.content if said.completion is None else said.completion
        return _placed(content or "", said)
    several = said.completion if isinstance(said.completion, list) else [said.completion]
    message = several[0] if len(several) == 1 else None
    if not isinstance(message, dict):
        raise RowFault(f"{columns.label('completion')} must be {_WANTED['completion']}, not {kind_of(said.completion)}")
    texts = {name: message.get(name) for name in ("content", *REASONING_FIELDS)}
    inner = validated(_FIELDS, texts, _WANTED, columns)
    return _placed(inner.content or "", inner)


def _placed(content: str, said: _Fields) -> Text:
    """Say where the reasoning is; a column that only repeats the inline reasoning is no second reasoning."""
    inline = content.rpartition(THINK_CLOSE)[0]
    for name in REASONING_FIELDS:
        reasoning: str | None = getattr(said, name)
        if reasoning is not None and not (inline and reasoning.strip() in inline):
            return Text(content, reasoning, "inline" if inline else name)
    return Text(content, None, inline_field(content))

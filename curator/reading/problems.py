"""Problems out of a file: rows are checked, mapped, completed by what can be inferred, and told apart.

A file is read twice and never held: `scan` validates it whole and counts, `problems` streams.

Not covered: whether a gold answer is right or can be parsed (`curator check` tells), near-duplicates, and tests of
code beyond being an object or a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from curator.reading.columns import Columns
from curator.reading.duplicates import Ledger, RowFault
from curator.reading.problem_rows import PROBLEM_FIELDS, Parsed, read_problem
from curator.reading.rows import BadRows, Fault, Row, Source, Table, rows
from curator.reading.shapes import Shapes
from schemas.problem import Domain, Problem

KEPT_FAULTS = 1000
"""Faults that are kept; of the others only the number is known."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file of problems or traces."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """Their column by our field; a column may be a path such as `extra.answer` or `messages.0.content`."""
    id_prefix: str = ""
    """Put before the ids of the file; content hashes stay as they are."""
    domain: Domain | None = None
    """Domain of rows that name none; None infers it."""
    limit: int | None = None
    """Only the first so many problems; rows after them are not read. None reads all."""
    skip_bad: bool = False
    """Go on without faulty rows."""


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What a file holds."""

    rows: int
    """Rows read, faulty ones included."""
    problems: int
    duplicates: int
    """Rows whose problem an earlier row had already."""
    skipped_rows: int
    skipped: tuple[Fault, ...]
    """The first `KEPT_FAULTS` of the skipped rows."""
    inferred: Counter[Domain]
    """Problems whose domain no row named, by the domain inferred."""
    aliases: Mapping[str, str]
    """Ids that were given to a problem which already had one: the id dropped → the id kept."""
    hint: str
    """A mapping that was probably forgotten (no row has an answer, but one has a `gold`); else empty."""
    shape: str = ""
    """As which well-known dataset the rows were read (`MATH-500: problem → prompt`); empty when as none."""


def scan(path: Source, options: ReadOptions) -> ReadSummary:
    """Validate a file of problems to its end (or limit) and count.

    Raises:
        BadRows: some rows cannot be used, and `skip_bad` is not set; or no row at all can be.
        UsageError: the file cannot be read, or the mapping does not fit it.
    """
    tally = Tally(path, options, Columns(options.fields, PROBLEM_FIELDS))
    for _ in _walk(tally):
        pass
    return tally.summary(("prompt",))


def problems(path: Source, options: ReadOptions) -> Iterator[Problem]:
    """Stream the distinct problems of a file in its order.

    Raises:
        BadRows: on reaching a row that cannot be used, unless `skip_bad` is set.
        UsageError: the file cannot be read, or `fields` names a field that is not ours.
    """
    return _walk(Tally(path, options, Columns(options.fields, PROBLEM_FIELDS), streaming=True))


def _walk(tally: Tally) -> Iterator[Problem]:
    ledger = Ledger(golds_may_differ=False)
    limit = tally.options.limit
    if limit == 0:
        return
    for row in tally.rows():
        try:
            parsed = tally.parse(row)
            first = ledger.place(parsed.problem, row.line)
        except RowFault as fault:
            tally.fault(row.line, fault)
            continue
        if first is not None:
            tally.duplicate(parsed.problem.id, first.id)
            continue
        tally.add(parsed)
        yield parsed.problem
        if limit is not None and len(ledger) >= limit:
            return


class Tally:
    """Reads rows and keeps count of them; while streaming, the first fault ends the reading unless it is skipped."""

    def __init__(self, path: Source, options: ReadOptions, columns: Columns, *, streaming: bool = False) -> None:
        self.path, self.options, self.columns, self.streaming = path, options, columns, streaming
        self._shapes = Shapes(columns)
        self._rows = self._problems = self._duplicates = self._faulty = self._answered = 0
        self._faults: list[Fault] = []
        self._inferred: Counter[Domain] = Counter()
        self._aliases: dict[str, str] = {}

    def rows(self) -> Iterator[Row]:
        """Stream the rows that can be read."""
        for row in map(self._shapes.read, rows(self.path)):
            self._rows += 1
            if isinstance(row, Row):
                yield row
            else:
                self._note(row)

    def parse(self, row: Row) -> Parsed:
        """Make a problem of a row.

        Raises:
            RowFault: see `read_problem`.
        """
        parsed = read_problem(row.values, self.columns, id_prefix=self.options.id_prefix, domain=self.options.domain)
        origin = self.path.origin if isinstance(self.path, Table) else None
        if origin is None or parsed.problem.source is not None:
            return parsed
        return replace(parsed, problem=replace(parsed.problem, source=origin))

    def fault(self, line: int, fault: RowFault) -> None:
        """Note a row that can be read but not used."""
        self._note(Fault(line, fault.message, fault.hint))

    def _note(self, fault: Fault) -> None:
        if self.streaming and not self.options.skip_bad:
            raise BadRows(self.path, [fault], 1)
        self._faulty += 1
        if len(self._faults) < KEPT_FAULTS and not self.streaming:
            self._faults.append(fault)

    def add(self, parsed: Parsed) -> None:
        """Count a new problem."""
        self._problems += 1
        self._answered += parsed.problem.answer is not None or parsed.problem.tests is not None
        if parsed.inferred:
            self._inferred[parsed.problem.domain] += 1

    def unread(self) -> None:
        """Take back the last row: it lies beyond the limit."""
        self._rows -= 1

    def duplicate(self, dropped: str, kept: str) -> None:
        """Count a row of a problem that is known."""
        self._duplicates += 1
        if dropped != kept and not self.streaming:
            self._aliases[dropped] = kept

    def summary(self, needed: tuple[str, ...]) -> ReadSummary:
        """Sum up; `needed` are the fields of which some row must have one.

        Raises:
            BadRows: see `scan`.
            UsageError: no row has a column that is needed or mapped.
        """
        self.columns.check(self.path, needed)
        if self._faulty and not (self.options.skip_bad and self._problems):
            raise BadRows(self.path, self._faults, self._faulty)
        proposal = "" if self._answered else self.columns.proposal()
        return ReadSummary(
            rows=self._rows,
            problems=self._problems,
            duplicates=self._duplicates,
            skipped_rows=self._faulty,
            skipped=tuple(self._faults),
            inferred=self._inferred,
            aliases=self._aliases,
            hint=f"No row has an answer or tests. {proposal}" if proposal else "",
            shape=self._shapes.note(),
        )

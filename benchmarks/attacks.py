"""Hostile programs against the code verifier, in an arena: which get away with what, rung by rung.

    python -m benchmarks.attacks FILE [--rung N …] [--only TEXT]

FILE holds a JSON row per line: {id, kind: attack or control, category, program, test_type, tests, limits, expect}; that
of a call also has fn_name and call_style, others may have a checker. An attack that passes is a breach unless `expect`
has it; a control must pass; what cannot be told is a miss. After every row the arena is looked at: processes, files,
namespaces, memory, canaries (`benchmarks.arena_checks`); what is found is harm, and the verifier is started anew. Needs
root and control groups; without them nothing is run. Ends with 1 when there was a breach, harm, a control that did not
pass, or a rung that does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from benchmarks.arena import Arena, ArenaError, Service, arena
from benchmarks.arena_canaries import ALL, ENVIRONMENT, Canaries, canaries
from benchmarks.arena_checks import Watch, memory_kb
from benchmarks.attack_service import PASS, RAISED

RUNGS = (1, 2, 3)
CANNOT_TELL = ("sandbox_unavailable", "verifier_timeout", "gold_unparsable")
HANGS, DIED = "hangs", "died"
NO_VERDICT = (HANGS, DIED, RAISED)
NAMES = {"time_limit": "timeout"}
"""What the rows call our reasons."""
COLUMNS = ("rows", "stopped", "breaches", "misses", "harm", "unexpected")
_ENDING = (signal.SIGINT, signal.SIGTERM)
_ROOT = Path(__file__).parents[1]
_LIMITS = {"time_limit_s": 10, "memory_mb": 512, "output_mb": 8}
_SQUARES = {"args": [3], "expected": 9}
HARMLESS: tuple[dict[str, Any], ...] = (
    {"program": "print(int(input())**2)", "test_type": "stdin", "tests": [{"input": "3", "output": "9"}]},
    {"program": "def f(x): return x*x", "test_type": "call", "fn_name": "f", "tests": [_SQUARES]},
    {"program": "def f(x): return x*x", "test_type": "assert", "tests": {"code": "assert f(3) == 9"}},
)
"""Judged first: what is there after these is what belongs to the verifier."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier said of a program."""

    outcome: str
    detail: str


class RungError(Exception):
    """A rung does not hold here: harmless programs are not judged right."""


def main() -> None:
    """Run the rows on every rung."""
    options = _options()
    rows = [row for row in _read(options.file) if options.only in row["id"]]
    if not rows:
        sys.exit(f"no row of {options.file} has {options.only!r} in its id")
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        with arena() as place:
            bad = [_on_rung(rows, place, rung) for rung in options.rung]
    except ArenaError as err:
        sys.exit(str(err))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(1 if any(bad) else 0)


def _on_rung(rows: Sequence[Mapping[str, Any]], place: Arena, rung: int) -> bool:
    """Judge all rows on one rung and print what came of it; return whether anything went wrong."""
    print(f"rung {rung}", flush=True)
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    todo, starts, grown = list(rows), 0, []
    while todo:
        starts += 1
        try:
            with canaries() as placed, _service(place) as service:
                watch = _warm_up(service, place, placed, rung)
                first, harmed = memory_kb(service.pid, "VmRSS"), False
                while todo and not harmed:
                    harmed = _row(todo.pop(0), service, place, watch, rung, table)
                grown.append(f"{first >> 10} → {memory_kb(service.pid, 'VmRSS') >> 10}")
        except RungError as err:
            print(f"  does not hold here: {err}")
            return True
    _show(table)
    print(f"  the verifier was started {starts} time(s); resident MiB after the first and last row: {', '.join(grown)}")
    return any(counts["breaches"] or counts["harm"] or counts["failed"] for counts in table.values())


def _row(
    row: Mapping[str, Any],
    service: Service,
    place: Arena,
    watch: Watch,
    rung: int,
    table: Mapping[str, Counter[str]],
) -> bool:
    """Judge one row, count it and say what went wrong; return whether the verifier must be started anew."""
    watch.begin()
    verdict = _ask(row, service, place, rung)
    harm = watch.harm()
    if verdict.outcome in NO_VERDICT:
        harm.append(verdict.outcome)
    if any(text in verdict.detail.rpartition(", got ")[2] for text in ALL if ", got " in verdict.detail):
        harm.append("it said a canary")
    seen = _counted(row, verdict)
    table[row["category"]].update([*seen, "rows", *(["harm"] if harm else [])])
    if harm or seen != ["stopped"]:
        what = "; ".join([*seen, *harm])
        print(f"  {row['id']}: {what} [{verdict.outcome}: {verdict.detail[:160]!r}]", flush=True)
    return bool(harm)


def _counted(row: Mapping[str, Any], verdict: Verdict) -> list[str]:
    """Return the columns in which a row counts, harm left out; "failed" is none, but decides the exit."""
    outcome = NAMES.get(verdict.outcome, verdict.outcome)
    expected = outcome in row["expect"]
    if row["kind"] == "control":
        return ["stopped"] if outcome == PASS else ["misses", "failed"]
    if outcome in (*CANNOT_TELL, *NO_VERDICT):
        return ["misses"]
    if outcome == PASS and not expected:
        return ["breaches"]
    return ["stopped"] if expected else ["stopped", "unexpected"]


@contextmanager
def _service(place: Arena) -> Iterator[Service]:
    """Start the verifier in the arena; in the end the arena is as empty as before."""
    command = [sys.executable, "-m", "benchmarks.attack_service"]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(_ROOT)}
    cwd = Path(tempfile.mkdtemp())  # the arena deletes it, with whatever a program has left there
    with tempfile.TemporaryFile() as errors:
        service = place.start(command, environment, cwd, errors)
        try:
            yield service
        finally:
            place.empty()
            service.communicate()
            _quote(errors)


def _quote(errors: IO[bytes]) -> None:
    """Show the end of what the verifier complained about, if it did."""
    errors.seek(0)
    for line in errors.read().decode("utf-8", "replace").splitlines()[-3:]:
        print(f"  the verifier's standard error: {line[:200]!r}")


def _warm_up(service: Service, place: Arena, placed: Canaries, rung: int) -> Watch:
    """Judge harmless programs, so that all that belongs to the verifier is there."""
    for row in HARMLESS:
        verdict = _ask({**row, "limits": _LIMITS}, service, place, rung)
        if verdict.outcome != PASS:
            raise RungError(f"{row['test_type']}: {verdict.outcome}: {verdict.detail}")
    return Watch(place, placed, service.pid, _libraries())


def _libraries() -> list[str]:
    """Return the folders that Python imports from."""
    return sorted({str(_ROOT), *(path for path in sys.path if Path(path).is_dir())})


def _ask(row: Mapping[str, Any], service: Service, place: Arena, rung: int) -> Verdict:
    """Have a row judged; a verifier that is late is killed with all that runs in the arena."""
    assert service.stdin and service.stdout
    limits = row["limits"]
    cases = len(row["tests"]) if isinstance(row["tests"], list) else 1
    late = threading.Timer(limits["time_limit_s"] * cases * 10 + 30, place.empty)
    late.start()
    try:
        service.stdin.write(json.dumps(_job(row, rung)) + "\n")
        service.stdin.flush()
        said = service.stdout.readline()
    except BrokenPipeError:
        said = ""
    finally:
        hung = not late.is_alive()
        late.cancel()
    return Verdict(**json.loads(said)) if said else Verdict(HANGS if hung else DIED, "")


def _job(row: Mapping[str, Any], rung: int) -> dict[str, Any]:
    """Write a row as the verifier's tests and settings."""
    if row["test_type"] == "assert":
        tests = {"type": "assert", **row["tests"]}
    else:
        tests = {"type": row["test_type"], "cases": row["tests"]}
    tests |= {key: row.get(key) for key in ("fn_name", "call_style", "entry_point", "checker")}
    tests |= {key: row["limits"][key] for key in ("time_limit_s", "memory_mb")}
    return {
        "program": row["program"],
        "tests": {key: value for key, value in tests.items() if value is not None},
        "settings": {"output_mb": row["limits"]["output_mb"]},
        "rung": rung,
    }


def _show(table: Mapping[str, Counter[str]]) -> None:
    print(f"  {'':10}" + "".join(f"{name:>12}" for name in COLUMNS))
    total: Counter[str] = sum(table.values(), Counter())
    for category, counts in [*sorted(table.items()), ("all", total)]:
        print(f"  {category:10}" + "".join(f"{counts[name]:12}" for name in COLUMNS), flush=True)


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
    except (OSError, ValueError) as err:
        sys.exit(f"{file} cannot be read as JSONL: {err}")


def _interrupt(_number: int, _frame: object) -> NoReturn:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)  # what follows tidies up, and must not be cut short
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="rows, JSONL")
    parser.add_argument("--rung", type=int, nargs="+", choices=RUNGS, default=RUNGS, help="all by default")
    parser.add_argument("--only", default="", help="keep rows whose id contains this text")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""One candidate on one screen, for a person who is to decide about it.

All that others wrote is shown as plain text. Long texts lose their middle, so that problem, answer and verdicts stand
together above the keys; the whole trace is `curator.trace_view`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from curator.escape import one_line, plain
from curator.trace_view import STYLES, View, decision_text, review_lines
from schemas.policy import ANSWERING, JUDGE
from schemas.trace import parse
from schemas.verdict import JUDGE_DISAGREES

KEYS = ("accept", "reject", "skip", "undo", "note", "trace", "quit", "?help")
"""What the keys do; each key is the first letter."""
HELP: Mapping[str, str] = {
    "a": "accept: the trace is right and worth training on",
    "r": "reject: it is wrong, or nobody should learn from it",
    "s": "skip: decide nothing now; it stays in the queue",
    "u": "undo: take your last decision back, or return to what you skipped",
    "n": "note: one line that is stored with your decision about this candidate; an empty one removes it",
    "t": "trace: everything as the model sent it, in your pager",
    "q": "quit: what you decided is stored already",
}
SAYS: Mapping[str, str] = {"accept": "accepts", "reject": "rejects", "abstain": "cannot tell", "error": "failed"}
DISPUTED = "undecided: the rules reject the answer, the judge accepts it"
CUT = "⋯ t shows all ⋯"
SHARES: Mapping[str, float] = {"problem": 0.25, "answer": 0.25, "gold": 0.1}
"""Most of the free rows that a text may take; the reasoning takes what is left."""
FEWEST_LINES = 3
INDENT = "  "
"""Before what others wrote: no line of a trace can be taken for one of ours."""
FEWEST_ROWS = 24
"""Rows that a screen is taken to have at least; on a lower one the top scrolls away."""


def print_page(console: Console, view: View, place: str, note: str) -> None:
    """Print a candidate so that it fits the screen, what matters most at the bottom."""
    above: list[RenderableType] = [Rule(Text(place), align="left", characters="━"), _facts(view.candidate)]
    below: list[RenderableType] = [_title("verdicts"), *_verdicts(view.verdicts), *review_lines(view)]
    below += [*note_line(note), key_line()]
    taken = sum(len(console.render_lines(part, pad=False)) for part in above + below)
    taken += len(SHARES) + 2  # the texts' titles, and the line where the cursor stands
    for part in (*above, *_texts(console, view, max(console.height, FEWEST_ROWS) - taken), *below):
        console.print(part)


def key_line() -> Text:
    """Name the keys."""
    line = Text()
    for word in KEYS:
        line.append("(").append(word[0], style="bold").append(f"){word[1:]} ")
    line.rstrip()
    return line


def print_help(console: Console) -> None:
    """Explain the keys."""
    table = Table.grid(padding=(0, 2))
    for key, text in HELP.items():
        table.add_row(Text(key, style="bold"), Text(text))
    console.print(table)


def note_line(note: str) -> list[Text]:
    """Show the note that goes with the decision to come; nothing without one."""
    return [Text(f"your note: {one_line(note)}", style="cyan")] if note else []


def excerpt(console: Console, text: str, rows: int, beginning: float) -> Sequence[Text]:
    """Wrap text into at most `rows` lines, with a mark where something is left out.

    Args:
        console: Gives the width.
        text: What others wrote.
        rows: At least 3.
        beginning: Share of the rows that show the beginning; the others show the end.
    """
    width = console.width - len(INDENT)
    text, most = text.strip(), rows * width
    if not text:
        return [Text("(none)", style="dim")]
    if len(text) > 2 * most:  # wrapping takes time, and no more than this can be shown
        text = f"{text[:most]}\n{CUT}\n{text[-most:]}"
    lines = [Text(INDENT).append_text(line) for line in Text(plain(text)).wrap(console, width)]
    if len(lines) <= rows:
        return lines
    head = int((rows - 1) * beginning)
    return [*lines[:head], Text(CUT, style="dim"), *lines[len(lines) - (rows - 1 - head) :]]


def _texts(console: Console, view: View, rows: int) -> Iterator[Text | Rule]:
    """Yield what others wrote under its titles; the end of the reasoning gets the rows that the others leave."""
    row, trace = view.candidate, parse(view.candidate["content"], view.candidate["reasoning"])
    texts = {"problem": row["prompt"], "reasoning": trace.reasoning, "answer": trace.answer, "gold": row["answer"]}
    shown = {
        name: excerpt(console, texts[name] or "", max(FEWEST_LINES, int(rows * share)), 0.5)
        for name, share in SHARES.items()
    }
    rest = rows - sum(map(len, shown.values()))
    shown["reasoning"] = excerpt(console, trace.reasoning or "", max(FEWEST_LINES, rest), 0.0)
    for name in texts:
        yield _title(name)
        yield Text("\n").join(shown[name])


def _title(name: str) -> Rule:
    return Rule(name, align="left", style="dim")


def _facts(row: Mapping[str, Any]) -> Text:
    who = f"{row['id'][:11]}, {row['problem_id']} ({row['domain']}, {row['language']}), by {row['model']}"
    disputed = row["decision_reason"] == JUDGE_DISAGREES
    decision = Text(DISPUTED, style=STYLES["abstain"]) if disputed else decision_text(row)
    return Text(one_line(who, 200) + "\n").append_text(decision)


def _verdicts(rows: Sequence[Mapping[str, Any]]) -> Iterator[Text]:
    """Set the judge's word under the answer verifier's, then whatever else does not accept."""
    told = [row for row in rows if row["verifier"] in ANSWERING or row["outcome"] != "accept"]
    for row in sorted(told, key=lambda row: (row["verifier"] not in ANSWERING, row["verifier"] == JUDGE)):
        outcome = str(row["outcome"])
        advisory = ", which is advisory," * (row["requirement"] == "advisory" and row["verifier"] != JUDGE)
        line = Text(one_line(str(row["verifier"])), style="bold").append(advisory, "not bold")
        yield line.append(f" {SAYS[outcome]}", f"not bold {STYLES[outcome]}").append(_why(row), "not bold")
    content = [one_line(str(row["verifier"])) for row in rows if row not in told]
    if content:
        yield Text(f"nothing against it: {', '.join(content)}")


def _why(row: Mapping[str, Any]) -> str:
    reason = "" if row["outcome"] == "accept" else f" ({row['reason']})"
    values = {"it found": row["extracted"], "expected": row["expected"]}
    said = [one_line(str(row["detail"]), 240)] * bool(row["detail"])
    said += [f"{name} {one_line(value, 80)}" for name, value in values.items() if value]
    return f"{reason}: {'; '.join(said)}" if said else reason

"""A person at the queue: one candidate after another, one key for each decision, stored at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import click
from rich.console import Console
from rich.text import Text

from curator.escape import one_line
from curator.reviewing.queue import Queue
from curator.reviewing.screen import key_line, note_line, print_help, print_page
from curator.store.client import Store
from curator.trace_view import View, load_view, print_whole
from schemas.review import Review, ReviewOutcome

StepName = Literal["accept", "reject", "skip"]
STEPS: Mapping[str, StepName] = {"a": "accept", "r": "reject", "s": "skip"}
DONE: Mapping[StepName, tuple[str, str]] = {
    "accept": ("accepted", "green"),
    "reject": ("rejected", "red"),
    "skip": ("skipped", "yellow"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with a candidate in this sitting."""

    candidate_id: str
    name: StepName


class Desk:
    """Shows what waits and stores what the person decides.

    Somebody else may review the same store meanwhile: what they have on their screen, or decided, is passed over.

    Args:
        store: Where decisions go.
        queue: What waits.
        reviewer: Who decides.
        console: A terminal.
    """

    def __init__(self, store: Store, queue: Queue, reviewer: str, console: Console) -> None:
        self._store, self._queue, self._reviewer, self._console = store, queue, reviewer, console
        self._ahead = queue.ids()
        self._again: list[str] = []
        self._notes: dict[str, str] = {}
        self._steps: list[Step] = []
        self._elsewhere = 0

    def work(self) -> None:
        """Go through the queue until its end, or until the person quits.

        Raises:
            KeyboardInterrupt: Ctrl-C. EOFError: Ctrl-D. What was decided is stored.
        """
        while True:
            view = self._next()
            if view is None:
                self._say("That was the last one. u takes your last decision back, any other key ends.", "bold")
                if _read_key() != "u" or not self._undo():
                    return
            elif not self._handle(view):
                return

    def print_summary(self) -> None:
        """Say what this sitting came to, and what is left."""
        counts = Counter(step.name for step in self._steps)
        left = self._queue.waiting - counts["accept"] - counts["reject"] - self._elsewhere
        done = ", ".join(f"{counts[name]:,} {word}" for name, (word, _) in DONE.items())
        self._say(f"{done}; {left:,} left" + (": the same command goes on with them" if left else ""), "bold")

    def _next(self) -> View | None:
        """Read the next candidate that nobody else has in hand."""
        if self._again:
            return load_view(self._store, self._again.pop())
        for candidate_id in self._ahead:
            if self._queue.named:
                return load_view(self._store, candidate_id)
            if self._store.claim([f"review:{candidate_id}"]):
                view = load_view(self._store, candidate_id)
                if view.candidate["decided_by"] != "review":
                    return view
            self._elsewhere += 1
        return None

    def _handle(self, view: View) -> bool:
        """Show a candidate until a key leads on to another; return whether to go on at all."""
        candidate_id = str(view.candidate["id"])
        self._show(view)
        while (key := _read_key()) not in ("q", ""):
            if key in STEPS:
                self._step(candidate_id, STEPS[key])
                return True
            if key == "u" and self._undo(candidate_id):
                return True
            self._look(view, key)
        return False

    def _look(self, view: View, key: str) -> None:
        """Do what a key asks that leads nowhere else."""
        if key == "t":
            with self._console.pager():
                print_whole(self._console, view)
            self._show(view)
            return
        if key == "n":
            self._ask_note(str(view.candidate["id"]))
        elif key == "u":
            self._say("There is nothing to take back in this sitting.")
        elif key == "?":
            print_help(self._console)
        else:  # several characters at once are a pasted text or an arrow
            self._say(f"{one_line(key, 20)} is no key here.")
        self._console.print(key_line())

    def _show(self, view: View) -> None:
        candidate_id = str(view.candidate["id"])
        place = f"{len(self._steps) + self._elsewhere + 1:,} of {len(self._queue):,}"
        print_page(self._console, view, place, self._notes.get(candidate_id, ""))

    def _step(self, candidate_id: str, name: StepName) -> None:
        if name != "skip":
            self._store_review(candidate_id, name, self._notes.get(candidate_id, ""))
        self._steps.append(Step(candidate_id, name))
        word, style = DONE[name]
        self._say(f"{word} {candidate_id[:11]}", style)

    def _undo(self, shown: str | None = None) -> bool:
        """Take the last step back and show its candidate next, then `shown` again; False when there is none."""
        if not self._steps:
            return False
        step = self._steps.pop()
        if step.name != "skip":
            self._store_review(step.candidate_id, "withdraw", "")
        self._again += [shown, step.candidate_id] if shown else [step.candidate_id]
        self._say(f"back to {step.candidate_id[:11]}", "yellow")
        return True

    def _store_review(self, candidate_id: str, outcome: ReviewOutcome, note: str) -> None:
        self._store.write([Review(candidate_id, self._reviewer, outcome, note, datetime.now(UTC))])

    def _ask_note(self, candidate_id: str) -> None:
        try:
            self._notes[candidate_id] = input("note: ").strip()
        except (KeyboardInterrupt, EOFError):
            self._console.print()  # what is said next does not stand on the note's line
            raise
        for line in note_line(self._notes[candidate_id]):
            self._console.print(line)

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style))


def _read_key() -> str:
    """Wait for a key, without Enter; empty when the terminal is gone. What was typed before is thrown away."""
    return click.getchar().lower()

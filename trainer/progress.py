"""What a person sees while a training goes on: a bar on a terminal, plain lines elsewhere. All on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text
from transformers import TrainerCallback

PLAIN_EVERY_S = 10.0
_BAR = 20
"""Columns; with the text beside it two lines fit a terminal of 80."""
_SHOWN = {
    "loss": "loss {:.4g}",
    "eval_loss": "eval loss {:.4g}",
    "learning_rate": "lr {:.2g}",
    "tokens_per_s": "{:,.0f} tokens/s",
}


class Display(TrainerCallback):
    """Shows how far a training is; leaving it as a context takes the bar away, however the training ended.

    Args:
        quiet: Print nothing at all; for every process but the main one, and where the user wants it so.
        console: Where to print; stderr when not given.
        clock: Seconds that only ever rise.
    """

    def __init__(
        self, *, quiet: bool = False, console: Console | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console or Console(stderr=True)
        self._console.quiet = quiet
        self._clock = clock
        self._bar: Progress | None = None
        self._began = self._told = 0.0
        self._first_step = 0
        self._latest: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._take_bar_away()

    def say(self, text: str) -> None:
        """Print lines above the bar, as plain text: no markup, and what would steer the terminal made visible."""
        self._console.print(Text(plain(text)), soft_wrap=True)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Put the bar up."""
        self._began = self._told = self._clock()
        self._first_step = state.global_step
        self._latest = {}
        if self._console.is_terminal and not self._console.quiet:
            self._bar = Progress(
                BarColumn(bar_width=_BAR),
                TextColumn("{task.description}", markup=False),
                console=self._console,
                transient=True,
                redirect_stdout=False,
            )
            self._bar.add_task("", total=state.max_steps)
            self._bar.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move on by a step; where its figures are about to be logged, they come with it."""
        if not control.should_log:
            self._show(state)

    def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Show new figures; each stays until there is a newer one."""
        logs: Mapping[str, float] = given["logs"]
        self._latest |= {name: logs[name] for name in _SHOWN if name in logs}
        if "num_tokens" in logs:
            self._latest["tokens_per_s"] = logs["num_tokens"] / max(self._elapsed_s(), 1e-9)
        self._show(state)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Leave one line in place of the bar."""
        self._take_bar_away()
        self.say(", ".join(self._parts(state, f"in {_span(self._elapsed_s())}")))

    def _show(self, state: Any) -> None:
        now = self._clock()
        if self._bar:
            text = "\n".join(self._parts(state, self._left(state)))
            self._bar.update(self._bar.task_ids[0], completed=state.global_step, description=text)
        elif now - self._told >= PLAIN_EVERY_S:
            self._told = now
            self.say(", ".join(self._parts(state, self._left(state))))

    def _parts(self, state: Any, when: str) -> Iterator[str]:
        """Say where the training is, then how it goes."""
        where = (f"step {state.global_step:,} of {state.max_steps:,}", f"epoch {state.epoch or 0:.2f}", when)
        yield ", ".join(filter(None, where))
        figures = [form.format(self._latest[name]) for name, form in _SHOWN.items() if name in self._latest]
        if figures:
            yield ", ".join(figures)

    def _left(self, state: Any) -> str:
        done = state.global_step - self._first_step
        return f"{_span((state.max_steps - state.global_step) * self._elapsed_s() / done)} left" if done else ""

    def _elapsed_s(self) -> float:
        return self._clock() - self._began

    def _take_bar_away(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None


def plain(text: str) -> str:
    r"""Make visible what a terminal would obey (`\x1b`, text direction); new lines, tabs and wide spaces stay."""
    return "".join(char if char.isprintable() or char in "\n\t\u3000" else ascii(char)[1:-1] for char in text)


def _span(seconds: float) -> str:
    """Write a duration as 0:03:20."""
    return str(timedelta(seconds=round(seconds)))

"""What a person reads while a student is trained."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl")

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from transformers import TrainerCallback

from tests.tiny import tiny_student
from tests.trainer.watched import PulledPlug, PullsPlug, train
from trainer.progress import Display, plain

CURSOR_HIDDEN, CURSOR_SHOWN = "\x1b[?25l", "\x1b[?25h"
STEP_S = 3.0


class Clock(TrainerCallback):
    """A clock by which every step takes three seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.now += STEP_S


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny student."""
    return tiny_student(tmp_path_factory.mktemp("student"))


@pytest.fixture
def clock() -> Clock:
    """Time that only training takes."""
    return Clock()


def test_a_log_file_gets_a_line_every_ten_seconds_and_one_at_the_end(student, tmp_path, clock) -> None:
    """Eight steps of three seconds make lines at 12 and 24 seconds; there is no bar."""
    console = _console(terminal=False)
    with Display(console=console, clock=clock) as display:
        train(student, tmp_path, clock, display)
    first, second, last = _printed(console).splitlines()
    assert first.startswith("step 4 of 8, epoch 0.50, 0:00:12 left, loss ")
    assert second.startswith("step 8 of 8, epoch 1.00, 0:00:00 left, loss ")
    assert last.startswith("step 8 of 8, epoch 1.00, in 0:00:24, loss ")
    assert all(word in last for word in ("eval loss", "lr 0.00", "tokens/s"))


def test_a_terminal_gets_a_bar_that_makes_way_for_one_line(student, tmp_path) -> None:
    """The bar moves with the steps, fits 80 columns and is gone at the end."""
    console = _console()
    with Display(console=console) as display:
        train(student, tmp_path, display)
    shown, _, rest = _printed(console).partition(CURSOR_SHOWN)
    assert CURSOR_HIDDEN in shown and "━" in shown
    assert "…" not in shown
    assert "━" not in rest and "step 8 of 8, epoch 1.00, in 0:0" in rest


def test_a_bar_fits_eighty_columns() -> None:
    """Long figures take a second line; nothing is cut."""
    console, display, state = _begun(max_steps=12_345)
    state.global_step = 1_234
    display.on_log(None, state, None, logs={"loss": 1.2345, "eval_loss": 1.3456, "learning_rate": 9.8e-4})
    with display:
        display.say("note")
    assert "step 1,234 of 12,345, epoch 1.00, " in _printed(console)
    assert "loss 1.234, eval loss 1.346, lr 0.00098" in _printed(console)
    assert "…" not in _printed(console)


def test_time_left_counts_from_where_it_went_on() -> None:
    """Steps of before a kill took no time now."""
    clock = Clock()
    console, display, state = _begun(max_steps=200, step=100, clock=clock, terminal=False)
    clock.now, state.global_step = 50.0, 150
    display.on_log(None, state, None, logs={"loss": 1.0, "num_tokens": 5_000.0})
    assert _printed(console) == "step 150 of 200, epoch 1.00, 0:00:50 left, loss 1, 100 tokens/s\n"


def test_a_training_that_breaks_off_leaves_no_bar(student, tmp_path) -> None:
    """The cursor is back before the error is printed."""
    console = _console()
    with pytest.raises(PulledPlug), Display(console=console) as display:
        train(student, tmp_path, display, PullsPlug(2))
    assert CURSOR_SHOWN in _printed(console).rpartition(CURSOR_HIDDEN)[2]
    assert "in 0:0" not in _printed(console)


def test_quiet_says_nothing(student, tmp_path) -> None:
    """Neither bar nor lines nor notes."""
    console = _console()
    with Display(quiet=True, console=console) as display:
        display.say("note")
        train(student, tmp_path, display)
    assert _printed(console) == ""


def test_what_is_said_is_never_obeyed() -> None:
    """Markup and terminal escapes of a model's text are shown; Chinese stays as it is."""
    console = _console()
    Display(console=console).say("[red]x[/red] [/b] \x1b[2J\u202e \x9b 中文，\u3000好\nnext")
    assert _printed(console) == "[red]x[/red] [/b] \\x1b[2J\\u202e \\x9b 中文，\u3000好\nnext\n"


@given(st.text())
def test_plain_text_steers_nothing(text) -> None:
    """No character is left that a terminal would obey, and what was printable is untouched."""
    shown = plain(text)
    assert all(char.isprintable() or char in "\n\t\u3000" for char in shown)
    assert shown == text or not text.isprintable()


def _console(*, terminal: bool = True) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=80, color_system=None)


def _printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _begun(
    *, max_steps: int, step: int = 0, clock: Clock | None = None, terminal: bool = True
) -> tuple[Console, Display, SimpleNamespace]:
    """Return a display of a training that has just begun, and the training's state."""
    console = _console(terminal=terminal)
    display = Display(console=console, clock=clock or Clock())
    state = SimpleNamespace(global_step=step, max_steps=max_steps, epoch=1.0)
    display.on_train_begin(None, state, None)
    return console, display, state

"""Ctrl-C and SIGTERM: the step under way is finished and kept; a second one ends at once."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any

from transformers import TrainerCallback

_WAIT = b"\nending after the step under way, which is kept; once more ends at once\n"


class Stopping(TrainerCallback):
    """Ends a training after the current step when the user wants it to end."""

    def __init__(self) -> None:
        self.asked = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take the signals over."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep a checkpoint and stop."""
        if self.asked:
            control.should_save = control.should_training_stop = True

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Give the signals back."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        os.write(2, _WAIT)  # as this may come in the midst of another write
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.default_int_handler)

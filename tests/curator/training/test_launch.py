"""The trainer's process: started apart, told of signals once, its end told truthfully."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from curator.errors import CuratorError
from curator.training.launch import accelerate_command, require_trainer, run_trainer, trainer_words

Program = Callable[[str], list[str]]


@pytest.fixture
def run(tmp_path):
    """Run words as the trainer is run; by a process that heeds signals, though the tests may be run by nohup."""
    lock = os.open(tmp_path, os.O_RDONLY)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    yield lambda words, quiet=False: run_trainer(words, holding=lock, quiet=quiet)
    for number, handler in before.items():
        signal.signal(number, handler)
    os.close(lock)


def test_the_words_are_those_of_the_trainer() -> None:
    """What is started and what is printed for several GPUs are the same command."""
    folder = Path("my students/a")
    assert trainer_words(folder, merge=True, dry_run=True) == ["trainer", "sft", str(folder), "--merge", "--dry-run"]
    command = accelerate_command(folder, merge=False)
    assert command == "accelerate launch --num_processes N -m trainer sft 'my students/a'"


@pytest.mark.parametrize("code", [0, 1, 2])
def test_its_exit_code_is_ours(run, program: Program, code: int) -> None:
    """It has said itself what was wrong."""
    assert run(program(f"raise SystemExit({code})")) == code


def test_a_folder_of_that_name_where_the_user_is_does_no_harm(run, tmp_path, program, monkeypatch) -> None:
    """The working folder is not searched for modules."""
    words = program("raise SystemExit(5)")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "standin.py").write_text("raise SystemExit(6)")
    monkeypatch.chdir(tmp_path / "here")
    assert run(words) == 5


def test_stdout_stays_free_for_json(run, program: Program, capfd) -> None:
    """With --json all that the trainer prints goes to stderr."""
    run(program("print('loss 1.0')"), quiet=True)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "loss 1.0\n")


SIGNALS = """
import os, signal
both = {signal.SIGINT, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, both)
for number in (signal.SIGINT, signal.SIGTERM):
    os.kill(os.getppid(), number)
    assert signal.sigwait(both) == number
os.kill(os.getppid(), signal.SIGHUP)
assert signal.sigwait(both) == signal.SIGTERM
assert not signal.sigpending()
raise SystemExit(130)
"""


def test_signals_reach_it_once(run, program: Program) -> None:
    """Ctrl-C, SIGTERM and the end of the terminal, each as often as it came; then the command was interrupted."""
    with pytest.raises(KeyboardInterrupt):
        run(program(SIGNALS))


def test_a_training_that_was_done_anyway_is_done(run, program: Program) -> None:
    """Ctrl-C in the last moment is no failure."""
    text = "import os, signal\nsignal.pthread_sigmask(0, {2})\nos.kill(os.getppid(), 2)\nsignal.sigwait({2})"
    assert run(program(text)) == 0


def test_a_killed_trainer_is_named(run, program: Program) -> None:
    """The kernel kills for lack of memory and says nothing; the hint does."""
    with pytest.raises(CuratorError, match="ended by SIGKILL, perhaps for lack of memory") as caught:
        run(program("import os; os.kill(os.getpid(), 9)"))
    assert "--batch-size" in caught.value.hint


def test_missing_packages_are_named_with_the_command(monkeypatch) -> None:
    """Nothing is imported to find out; here they are all there, but for one."""
    monkeypatch.setitem(sys.modules, "trl", None)
    with pytest.raises(CuratorError, match="not installed: trl") as caught:
        require_trainer()
    assert caught.value.hint == "pip install 'r1-curator[train]'"


def test_a_strangers_trainer_is_refused(tmp_path, monkeypatch) -> None:
    """Another project's package of that name is never started."""
    (tmp_path / "trainer").mkdir()
    (tmp_path / "trainer" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "trainer", raising=False)  # the trainer's own tests may have loaded ours
    with pytest.raises(CuratorError, match="is not r1-curator's"):
        require_trainer()

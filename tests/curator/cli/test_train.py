"""From sampled traces to a trained student, as a user types it: the real trainer on a tiny student."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable
from importlib.util import find_spec

import psutil
import pytest
from click.testing import CliRunner

from curator.cli.main import cli
from curator.cli.train import train as command
from curator.errors import UsageError
from schemas.training import PRESET_NAMES, TrainingConfig
from tests.conftest import User
from tests.curator.cli.summing import summing_user

pytestmark = pytest.mark.skipif(not find_spec("trl"), reason="needs the extra train")

QUICK = ("--max-steps", 3, "--batch-size", 2, "--rank", 2)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> User:
    """A user with a student and, sampled from a scripted teacher, a split of which two problems are held out."""
    user = summing_user(tmp_path_factory.mktemp("home"))
    user.does("curate", "all")
    return user


@pytest.fixture(scope="module")
def trained(home) -> User:
    """The same user, with a training in `out`; what it printed is in `out.txt` and `out.err`."""
    done = home.types("train", "sums", "--model", "student", "--to", "out", *QUICK)
    assert done.returncode == 0, done.stderr
    (home.folder / "out.txt").write_text(done.stdout, "utf-8")
    (home.folder / "out.err").write_text(done.stderr, "utf-8")
    return home


def record(user: User, folder: str = "out") -> dict:
    return json.loads((user.folder / folder / "training.json").read_bytes())


def until(condition: Callable[[], object]) -> None:
    """Wait for a state that must come."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_a_dry_run_looks_and_trains_nothing(home) -> None:
    """The folder is prepared, the guards speak, several GPUs have their command."""
    done = home.types("train", "all", "--model", "student", "--to", "dry", "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert (told["rows"], told["record"], told["adapter"]) == ({"train": 10}, None, None)
    assert "accelerate launch --num_processes N -m trainer sft dry" in done.stderr
    assert "holds nothing out; curate it with --test-fraction" in done.stderr
    assert "10 rows of " in done.stderr, "the guards' report"
    assert {path.name for path in (home.folder / "dry").iterdir()} >= {"train.json", "dataset"}
    assert not (home.folder / "dry" / "adapter").exists()


def test_one_command_trains_a_student(trained) -> None:
    """It says what was made, where it lies, and what comes next."""
    out = (trained.folder / "out.txt").read_text("utf-8")
    assert re.search(r"Trained \S*/student on split sums: 8 rows, 3 steps in \d+s, [\d,]+ tokens/s", out)
    assert re.search(r"^loss +\d\.\d{3} → \d\.\d{3}$", out, re.MULTILINE)
    assert re.search(r"^validation loss +\d\.\d{3} → \d\.\d{3}$", out, re.MULTILINE)
    assert re.search(r"^adapter +out/adapter$", out, re.MULTILINE)
    assert " eval --model out --split sums" in out and "--teacher local:out" in out
    assert (trained.folder / "out" / "adapter" / "adapter_model.safetensors").is_file()
    assert record(trained)["config"]["model"] == str(trained.folder / "student")


def test_the_same_command_again_has_nothing_to_do(trained) -> None:
    """It reports what is there, without starting the trainer; also for a script."""
    before = record(trained)
    done = trained.types("train", "sums", "--model", "student", "--to", "out", *QUICK)
    assert "All of it was there already" in done.stdout and "accelerate" not in done.stderr
    told = json.loads(trained.does("train", "sums", "--model", "./student", "--to", "out", *QUICK, "--json"))
    assert (told["unchanged"], told["merged"], told["record"]) == (True, None, before)


def test_other_settings_need_another_folder(trained) -> None:
    """Every difference is listed; nothing is touched."""
    before = record(trained)
    done = trained.types("train", "all", "--model", "student", "--to", "out", *QUICK, "--rank", 4)
    assert done.returncode == 2
    assert "--rank 2 → 4" in done.stderr and "split sums → all" in done.stderr and "--overwrite" in done.stderr
    assert record(trained) == before


def test_merge_adds_what_is_missing(trained) -> None:
    """Nothing is trained again; the merged model is a student of its own."""
    before = record(trained)
    out = trained.does("train", "sums", "--model", "student", "--to", "out", *QUICK, "--merge")
    assert re.search(r"^merged +out/merged$", out, re.MULTILINE)
    assert record(trained) == before


def test_an_interrupted_training_goes_on(home) -> None:
    """Ctrl-C ends both processes in order; the same command keeps what was learnt and trains the rest."""
    words = ("train", "sums", "--model", "student", "--to", "long", "--max-steps", 200, "--batch-size", 8)
    process = home.start(*words)
    metrics = home.folder / "long" / "metrics.jsonl"
    until(lambda: (metrics.exists() and metrics.stat().st_size) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "the same command goes on from there" in err and "Traceback" not in err
    assert not (home.folder / "long" / "training.json").exists()
    done = home.types(*words)
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line).get("step") for line in metrics.read_text().splitlines()]
    assert record(home, "long")["steps"] == 200 and steps == sorted(steps)


def test_a_killed_command_leaves_its_trainer_in_charge(home) -> None:
    """`kill -9` of the command alone: a second one does not train beside the first one's trainer."""
    words = ("train", "sums", "--model", "student", "--to", "orphan", "--max-steps", 100_000)
    process = home.start(*words)
    until(lambda: trainers(process.pid))
    (trainer,) = trainers(process.pid)
    process.kill()
    process.stderr.close()
    process.stdout.close()
    process.wait()
    done = home.types(*words)
    trainer.kill()
    assert done.returncode == 2 and "a training is running in it" in done.stderr


def trainers(command: int) -> list[psutil.Process]:
    found = psutil.process_iter(["ppid", "cmdline"])
    return [one for one in found if one.info["ppid"] == command and "trainer" in (one.info["cmdline"] or ())]


def test_missing_packages_are_said_before_anything_is_written(home) -> None:
    """With the command that installs them."""
    (home.folder / "without").mkdir()
    (home.folder / "without" / "sitecustomize.py").write_text("import sys; sys.modules['peft'] = None")
    home.env, before = {**home.env, "PYTHONPATH": str(home.folder / "without")}, home.env
    done = home.types("train", "sums", "--model", "student", "--to", "new")
    home.env = before
    assert done.returncode == 1
    assert "not installed: peft" in done.stderr and "pip install 'r1-curator[train]'" in done.stderr
    assert not (home.folder / "new").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sum", "--model", "student", "--to", "new"), "there is no split 'sum' in the store (did you mean 'sums'?)"),
        (("sums", "--to", "new"), "no model is named"),
        (("sums", "--model", "nowhere", "--to", "new"), "--model nowhere: there is no such folder"),
        (("sums", "--model", "student", "--to", "new", "--rank", 0, "--epochs", 0), "--epochs 0.0: "),
        (("sums", "--model", "student", "--to", "student"), "--to student: the model"),
        (("sums", "--model", "local", "--to", "."), "holds files that are no training's: "),
        (("sums", "--model", "student", "--to", "sums.jsonl"), "--to sums.jsonl: File exists"),
        (("sums", "--model", "student", "--to", "new", "--config", "no.toml"), "no.toml does not exist"),
    ],
)
def test_bad_input_is_said_and_nothing_is_written(home, monkeypatch, words: tuple[str, ...], said: str) -> None:
    """In the words that were typed; the trainer is not started."""
    monkeypatch.chdir(home.folder)
    monkeypatch.setenv("XDG_RUNTIME_DIR", home.env["XDG_RUNTIME_DIR"])
    before = set(home.folder.iterdir())
    error = CliRunner().invoke(cli, ["train", *map(str, words)], standalone_mode=False).exception
    assert isinstance(error, UsageError) and said in error.message
    assert set(home.folder.iterdir()) == before


def test_the_faults_that_the_trainer_finds_are_its_own_words(home) -> None:
    """Its message and exit code are the command's; nothing has begun, so another try may use the same folder."""
    words = ("train", "sums", "--model", "student", "--to", "faulty", *QUICK)
    done = home.types(*words, "--target-modules", "no_proj")
    assert done.returncode == 2
    assert done.stderr.count("no_proj") == 1 and done.stdout == ""
    left = {path.name for path in (home.folder / "faulty").iterdir() if not path.is_dir() or any(path.iterdir())}
    assert not left & {"metrics.jsonl", "checkpoints", "adapter"}


def test_the_help_names_the_schema_s_choices_and_defaults() -> None:
    """The command imports no schema before it runs, so this keeps the two the same."""
    options = {option.name: option for option in command.params}
    assert tuple(options["preset"].type.choices) == PRESET_NAMES
    assert set(TrainingConfig.model_fields) <= set(options)
    for name, field in TrainingConfig.model_fields.items():
        said = re.search(r"\(default ([^ )]+)\)", options[name].help or "")
        default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        assert said is None or said[1] in {str(default), f"{default:g}" if isinstance(default, float) else ""}, name

"""`python -m trainer`: trains what `curator train` prepared, and measures the loss of models.

python -m trainer sft DIR [--merge] [--dry-run]       or: accelerate launch --num_processes N -m trainer sft DIR
python -m trainer loss MODEL FILE.jsonl [--whole-text]
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainer.errors import TrainerError

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Train a student on a curated split, or measure its loss."""


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--merge", is_flag=True, help="Write the merged model too.")
@click.option("--dry-run", is_flag=True, help="Look at the rows, and train nothing.")
def sft(folder: Path, merge: bool, dry_run: bool) -> None:
    """Train DIR/train.json on DIR/dataset; the same command again goes on where it was stopped."""
    use_one_device(os.environ)
    from trainer.sft import train  # noqa: PLC0415 - help needs no torch

    train(folder, merge=merge, dry_run=dry_run)


@cli.command()
@click.argument("model")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--whole-text", is_flag=True, help="Count the prompt too.")
def loss(model: str, file: Path, whole_text: bool) -> None:
    """Print the loss of MODEL on the completions of FILE, as JSON."""
    from trainer.loss import measure_loss  # noqa: PLC0415

    click.echo(measure_loss(model, file, whole_text=whole_text).model_dump_json())


def use_one_device(environment: MutableMapping[str, str]) -> None:
    """Hide all GPUs but the first from a process that no launcher started: trl refuses to share rows out by itself."""
    if "LOCAL_RANK" not in environment:
        environment["CUDA_VISIBLE_DEVICES"] = environment.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]


def main() -> None:
    """Run a command; faults that a user can mend print without a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    warnings.simplefilter("ignore", FutureWarning)  # what libraries tell each other
    sys.exit(_code(lambda: cli.main(standalone_mode=False)))


def _code(command: Callable[[], object]) -> int:
    try:
        command()
    except click.ClickException as err:
        err.show()
        return err.exit_code
    except TrainerError as err:
        return _told(err)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except MemoryError as err:
        return _told(_no_memory(str(err)))
    except RuntimeError as err:
        if "out of memory" not in str(err) and "allocate memory" not in str(err):
            raise
        return _told(_no_memory(str(err).partition("\n")[0]))
    return 0


def _no_memory(text: str) -> TrainerError:
    hint = (
        "a smaller --batch-size (with --accumulate), --max-length, --gradient-checkpointing or --load-4bit needs less"
    )
    return TrainerError(f"there is not enough memory: {text}", hint=hint)


def _told(err: TrainerError) -> int:
    click.echo(f"error: {err.message}" + (f"\nhint:  {err.hint}" if err.hint else ""), err=True)
    return err.exit_code


if __name__ == "__main__":
    main()

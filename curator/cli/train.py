"""`curator train`: a split → a LoRA adapter, by the trainer in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from curator.cli.options import as_json, config, layout_option, program, settings_from, store
from curator.exporting.facts import LayoutName

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("name")
@click.option("--model", metavar="M", help="The student: a folder, a .gguf file, OWNER/NAME on the hub, or local.")
@click.option("--to", "folder", type=_FILE, required=True, metavar="DIR", help="The folder of this training.")
@click.option("--preset", type=click.Choice(["lora", "tutorial", "r1"]), help="What all else begins with.")
@click.option("--epochs", type=float, help="Times that every row is read (default 3).")
@click.option("--max-steps", type=int, help="Optimizer steps in all, in place of --epochs.")
@click.option("--learning-rate", type=float, help="Its highest value (default: by the size of the student).")
@click.option("--schedule", type=click.Choice(["cosine", "linear", "constant"]), help="How it falls (default cosine).")
@click.option("--warmup", type=float, help="Share of the steps in which it rises (default 0.03).")
@click.option("--batch-size", type=int, help="Rows that a device reads at a time (default 8).")
@click.option("--accumulate", type=int, help="Batches of one optimizer step (default 1).")
@click.option("--max-length", type=int, help="Most tokens of a row; longer ones are left out (default: the longest).")
@click.option("--packing/--no-packing", default=None, help="Put several short rows into one of --max-length tokens.")
@click.option("--whole-text", is_flag=True, help="Learn the prompts too, not the completions alone.")
@click.option("--rank", type=int, help="Size of the adapter (default 16).")
@click.option("--alpha", type=int, help="Weight of the adapter (default 32).")
@click.option("--dropout", type=float, help="Share of the adapter that is left out of each step (default 0).")
@click.option("--target-modules", metavar="NAME,…", help="Layers that get an adapter (default all-linear).")
@click.option("--add-think-tokens", is_flag=True, help="Make <think>, <answer> and their ends tokens of their own.")
@click.option("--chat-template", type=_FILE, metavar="FILE", help="In place of the student's own.")
@click.option("--load-4bit", is_flag=True, help="Hold the student in 4 bits (bitsandbytes, on a GPU).")
@click.option("--flash-attention", is_flag=True, help="Use the package flash-attn, on a GPU.")
@click.option(
    "--gradient-checkpointing/--no-gradient-checkpointing",
    default=None,
    help="Compute twice to save memory (default: on a GPU).",
)
@click.option("--seed", type=int, help="Of every random choice (default 0).")
@layout_option
@click.option("--merge", is_flag=True, help="Write a model of its own too, as vLLM and others serve it.")
@click.option("--dry-run", is_flag=True, help="Write DIR and look at its rows; train nothing.")
@click.option("--overwrite", is_flag=True, help="Remove the training that DIR holds, and train anew.")
@config
@store
@as_json
def train(
    name: str, folder: Path, layout: LayoutName, merge: bool, dry_run: bool, overwrite: bool, json_: bool, **flags: Any
) -> int:
    """Train a LoRA adapter for the model M on the split NAME.

    DIR gets the rows, the adapter with tokenizer and chat template, training.json, the curves and, with --merge, a
    model that needs no adapter. Rows that are held out are only measured. The same command again goes on where it
    was stopped, or adds what is missing. Defaults may stand in curator.toml under [train].

    \b
    lora      learns in a few dozen steps (the default)
    tutorial  the recipe of common tutorials: rank 8, four layers, added tokens, learning rate 2e-5
    r1        as DeepSeek-R1 was distilled, for large splits: batch 64, 2 epochs, learning rate 1e-4 to 7e-5
    \b
    Example:
      curator train r1-math --model Qwen/Qwen2.5-1.5B-Instruct --to students/r1-math --merge
    """
    from curator.training.choices import chosen
    from curator.training.report import as_json, print_outcome
    from curator.training.train import Asked
    from curator.training.train import train as run

    settings = settings_from(flags)
    asked = Asked(name, folder, chosen(settings.train, flags), layout, merge, dry_run, overwrite)
    outcome = run(asked, settings.store, quiet=json_)
    if json_ and not outcome.exit_code:
        click.echo(json.dumps(as_json(outcome), ensure_ascii=False))
    elif not outcome.exit_code:
        print_outcome(outcome, program())
    return outcome.exit_code

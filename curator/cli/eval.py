"""`curator eval`: a student before and after training, on the problems that its split holds out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from curator.cli.options import as_json, config, program, settings_from, store, unsafe

MODELS = "a folder (model, adapter or training), local, OWNER/NAME, vllm:FOLDER, or a teacher as of `curator sample`"


@click.command("eval")
@click.option("--model", required=True, metavar="MODEL", help=f"The student after: {MODELS}.")
@click.option("--baseline", metavar="MODEL", help="The student before (default: what --model was trained from).")
@click.option("--split", metavar="NAME", help="Whose held-out problems (default: those of the training).")
@click.option("--n", type=click.IntRange(min=1), default=4, show_default=True, help="Samples per problem.")
@click.option("--temperature", type=click.FloatRange(min=0), help="Sampling temperature.")
@click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), help="Nucleus sampling.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Most tokens of one completion.")
@click.option("--concurrency", type=click.IntRange(min=1), help="Requests in flight.")
@click.option("--vllm-command", metavar="TEXT", help="Starts a server for vllm:FOLDER; holds {model} and {port}.")
@click.option("--limit", type=click.IntRange(min=1), help="Use only N of the problems.")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="For eval.md and eval.json (default: eval in the training's folder, else eval-NAME).",
)
@unsafe
@config
@store
@as_json
def eval_(
    model: str,
    baseline: str | None,
    split: str | None,
    limit: int | None,
    folder: Path | None,
    json_: bool,
    **flags: Any,
) -> int:
    """Measure a student before and after on held-out problems, judged as its training data was.

    Both models get the bare problems and the same sampling parameters, by default those of --model's kind of teacher.
    Each is a run in the store, so the same command again asks for nothing anew.

    \b
    Examples:
      curator eval --model out/student
      curator eval --model vllm:out/student --n 8 --max-tokens 1024
      curator eval --model out/merged --baseline local --split r1-math
    """
    from curator.evaluating.evaluate import Asked, evaluate
    from curator.evaluating.report import print_evaluation
    from curator.evaluating.saving import as_json

    sampling = {name: flags.pop(name) for name in ("temperature", "top_p", "max_tokens")}
    asked = Asked(model, baseline, split, flags.pop("n"), limit, folder, sampling)
    found = evaluate(settings_from(flags), asked, quiet=json_)
    if json_:
        click.echo(json.dumps(as_json(found), ensure_ascii=True))
    else:
        print_evaluation(found, program())
    return 3 if found.failed else 0

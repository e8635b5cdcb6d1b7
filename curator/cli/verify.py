"""`curator verify`: judge what is stored again; say which decisions flip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from curator.cli.options import as_json, config, fields, judge, program, reading, settings_from, store, unsafe


@click.command()
@click.argument("problems", type=click.Path(path_type=Path), required=False)
@click.option("--run", "runs", multiple=True, metavar="NAME", help="Only this run; may be repeated (default: all).")
@click.option("--verifier", "verifiers", multiple=True, metavar="NAME", help="Only this verifier; may be repeated.")
@judge
@unsafe
@click.option("--dry-run", is_flag=True, help="Store nothing; only say which decisions would flip.")
@fields
@reading
@config
@store
@as_json
def verify(
    problems: Path | None, runs: tuple[str, ...], verifiers: tuple[str, ...], dry_run: bool, json_: bool, **flags: Any
) -> None:
    """Judge stored candidates again, with the current verifiers, settings and policy.

    Only what is owed is judged: verdicts of another version, settings, gold or tests, and those that ended in an
    error. Verdicts are added, never replaced. PROBLEMS, here or in curator.toml, corrects the golds of the stored
    problems it holds. No teacher is asked, and a judge only where one is named. The same command again goes on where
    it stopped. --dry-run tries settings out; what a judge replies is kept even then.

    A verifier that is in no policy can be asked by name; its verdicts decide nothing.

    \b
    Example:
      curator verify problems.jsonl --field answer=gold
      curator verify --run run-1f0c9a2b --verifier language
      curator verify --dry-run
      curator verify --judge vllm:Qwen/Qwen3-8B
    """
    from curator.flips import print_flips, write_json
    from curator.verifying import verify_stored

    settings = settings_from(flags, problems)
    report = verify_stored(
        settings, runs=runs, verifiers=verifiers, skip_bad=flags["skip_bad"], quiet=json_, dry_run=dry_run
    )
    if json_:
        write_json(report)
    else:
        print_flips(report, program())

"""`curator check`: every gold through its own verifier, before any token is spent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from curator.cli.options import as_json, config, fields, reading, settings_from, unsafe


@click.command()
@click.argument("problems", type=click.Path(path_type=Path), required=False)
@click.option("--limit", type=click.IntRange(min=1), help="Check only the first N problems.")
@unsafe
@fields
@reading
@config
@as_json
def check(problems: Path | None, limit: int | None, json_: bool, **flags: Any) -> int:
    """See that each problem's known answer passes its own verifier.

    A gold that its verifier rejects or cannot read would make every right answer look wrong or leave it undecided.
    PROBLEMS is whatever `curator sample` takes, also from curator.toml. Nothing is sampled and nothing is stored. Exit
    code 1 when some gold does not pass.

    \b
    Example:
      curator check problems.jsonl --field prompt=problem --field answer=gold
    """
    from curator.check_report import print_check
    from curator.checking import KEPT_FAILURES, check_problems

    settings = settings_from(flags, problems)
    keep = None if json_ else KEPT_FAILURES
    report = check_problems(settings, limit=limit, skip_bad=flags["skip_bad"], keep=keep, quiet=json_)
    if json_:
        click.echo(json.dumps(report.as_json(), ensure_ascii=True))
    else:
        print_check(report)
    return 1 if report.failed else 0

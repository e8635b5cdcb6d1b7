"""`curator import`: traces made elsewhere → candidates with verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from curator.cli.options import as_json, config, fields, finish, judge, reading, settings_from, store, unsafe


@click.command(name="import")
@click.argument("traces", type=click.Path(path_type=Path))
@click.option("--run", "run_name", default="import", show_default=True, metavar="NAME", help="Run they belong to.")
@judge
@unsafe
@fields
@reading
@config
@store
@as_json
def import_(traces: Path, run_name: str, json_: bool, **flags: Any) -> int:
    """Store and judge existing traces.

    TRACES is a file, a folder with a dataset or hf:OWNER/NAME, and holds a problem's columns and `completion` (or
    `reasoning` and `content`) per row; several rows of one problem are several candidates. Importing again adds only
    what is new.

    \b
    Example:
      curator import traces.jsonl.gz --field prompt=problem --field answer=gold --field completion=trace
    """
    from curator.importing import import_traces

    settings = settings_from(flags, traces)
    report = import_traces(settings, traces, run_name=run_name, skip_bad=flags["skip_bad"], quiet=json_)
    return finish(report, json_)

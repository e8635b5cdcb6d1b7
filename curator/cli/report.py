"""`curator report`: yield and funnel of what is stored."""

from __future__ import annotations

import json
from typing import Any

import click

from curator.cli.options import as_json, config, program, settings_from, store


@click.command()
@click.option("--run", "runs", multiple=True, metavar="NAME", help="Only this run; may be repeated (default: all).")
@config
@store
@as_json
def report(runs: tuple[str, ...], json_: bool, **flags: Any) -> None:
    """Show what runs came to: decisions by reason, pass rates, tokens, and accepted traces per million of them.

    \b
    Example:
      curator report --run run-1f0c9a2b
    """
    from curator.yield_report import print_yield
    from curator.yields import yield_report

    found = yield_report(settings_from(flags).store, runs)
    if json_:
        click.echo(json.dumps(found.as_json(), ensure_ascii=True))
    else:
        print_yield(found, program())

"""`curator show`: one trace with its verdicts."""

from __future__ import annotations

from typing import Any

import click

from curator.cli.options import as_json, config, settings_from, store


@click.command()
@click.argument("candidate")
@config
@store
@as_json
def show(candidate: str, json_: bool, **flags: Any) -> None:
    """Show a candidate: its problem, what the teacher wrote, and every verdict.

    CANDIDATE is an id or the beginning of one.

    \b
    Example:
      curator show b2:3f2a91
    """
    from curator.store.client import Store
    from curator.trace_view import find_candidate, print_candidate

    settings = settings_from(flags)
    with Store.open(settings.store, create=False) as opened:
        view = find_candidate(opened, candidate)
    print_candidate(view, as_json=json_)

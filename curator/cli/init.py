"""`curator init`: a commented curator.toml to edit."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.option("--force", is_flag=True, help="Overwrite an existing curator.toml.")
def init(force: bool) -> None:
    """Write a commented curator.toml into this folder, with the teachers that run on this machine.

    Every line of it is optional; flags override it.
    """
    from importlib.resources import files

    from curator.discovery import running_teachers
    from curator.errors import UsageError
    from curator.escape import plain

    target = Path("curator.toml")
    if target.exists() and not force:
        raise UsageError(f"{target} exists already", hint="edit it, or overwrite it with: curator init --force")
    found = running_teachers()
    text = files("curator").joinpath("templates", "curator.toml").read_text("utf-8")
    # A JSON string is a TOML string too, whatever a server calls its models.
    lines = ["# " * (at > 0) + f"spec = {json.dumps(spec, ensure_ascii=False)}" for at, spec in enumerate(found)]
    target.write_text(text.replace('spec = "local"', "\n".join(lines) or 'spec = "local"'), "utf-8")
    click.echo(f"wrote {target}")
    click.echo(f"teacher: {plain(found[0])}" if found else "teacher: local (none was found running on this machine)")
    for spec in found[1:]:
        click.echo(f"found too, as a comment: {plain(spec)}")
    click.echo("next: set [problems] path, then run: curator sample --n 4")

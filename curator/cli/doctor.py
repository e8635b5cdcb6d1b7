"""`curator doctor`: what works here, what does not, what to do."""

from __future__ import annotations

from typing import Any

import click

from curator.cli.options import as_json, config, settings_from, store


@click.command()
@config
@store
@as_json
def doctor(json_: bool, **flags: Any) -> int:
    """Say what works on this machine, what does not, and what to do about it.

    Looks at the installation, curator.toml, the teacher, the store and the sandbox, and lets every verifier judge
    completions that it must accept or reject. Starts no server and makes no file. Exit code 1 when something that is
    needed or configured is broken; warnings are none.

    \b
    Example:
      curator doctor --config curator.toml
    """
    from curator.doctor.diagnosis import diagnose
    from curator.doctor.printing import print_findings

    findings = diagnose(flags["config"], lambda: settings_from(flags))
    return print_findings(findings, as_json=json_)

"""Findings for a person, a line each as they are made, or as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click
from rich.console import Console
from rich.text import Text

from curator.doctor.finding import Finding, Status
from curator.escape import one_line, plain

STYLES = {Status.OK: "green", Status.INFO: "cyan", Status.WARN: "yellow", Status.FAIL: "bold red"}
_SUBJECT_WIDTH = 19


def print_findings(findings: Iterator[Finding], *, as_json: bool) -> int:
    """Print all findings and return the exit code: 1 when one of them is a failure, else 0."""
    made = []
    console = Console()
    for finding in findings:
        made.append(finding)
        if not as_json:
            console.print(_lines(finding), soft_wrap=True)
    failed = sum(finding.status is Status.FAIL for finding in made)
    warned = sum(finding.status is Status.WARN for finding in made)
    if as_json:
        click.echo(json.dumps({"ok": not failed, "findings": [asdict(finding) for finding in made]}))
    else:
        console.print(Text(f"\n{_verdict(failed, warned)}", style="bold"))
    return 1 if failed else 0


def _lines(finding: Finding) -> Text:
    text = Text(f"{finding.status:<5}", style=STYLES[finding.status])
    text.append(f"{one_line(finding.subject):<{_SUBJECT_WIDTH}} ", style="not bold default")
    text.append("\n      ".join(map(one_line, finding.detail.splitlines())), style="not bold default")
    if finding.advice:
        advice = plain(finding.advice).replace("\n", "\n        ")
        text.append(f"\n      → {advice}", style="not bold default")
    return text


def _verdict(failed: int, warned: int) -> str:
    if failed:
        return f"{failed} broken, {warned} to look at"
    return f"nothing is broken{f', {warned} to look at' if warned else ''}"

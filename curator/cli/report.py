"""`curator report`: yield and funnel of what is stored, and two runs side by side."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curator.cli.options import as_json, config, program, settings_from, store
from curator.errors import UsageError

if TYPE_CHECKING:
    from curator.config import PriceSection
    from curator.store.client import Store


@click.command()
@click.option("--run", "runs", multiple=True, metavar="NAME", help="Only this run; may be repeated (default: all).")
@click.option("--compare", nargs=2, metavar="RUN_A RUN_B", help="Set two runs side by side, also problem by problem.")
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="Write it as one HTML page, with a few traces."
)
@config
@store
@as_json
def report(
    runs: tuple[str, ...], compare: tuple[str, str] | None, html: Path | None, json_: bool, **flags: Any
) -> None:
    """Show what runs came to: decisions by reason, pass rates, lengths, and accepted traces per million tokens.

    \b
    Examples:
      curator report --run run-1f0c9a2b
      curator report --html report.html
      curator report --compare first second
    """
    from curator.page import check_target
    from curator.store.client import Store

    if runs and compare:
        raise UsageError("--run and --compare do not go together", hint="--compare names its two runs itself")
    if html:
        check_target(html)
    settings = settings_from(flags)
    path = settings.store
    with Store.open(path, create=False) as opened:
        if compare:
            _compare(opened, path, *compare, html=html, json_=json_)
        else:
            _report(opened, path, runs, settings.price, html=html, json_=json_)


def _report(
    opened: Store, path: Path, runs: tuple[str, ...], prices: PriceSection, *, html: Path | None, json_: bool
) -> None:
    from curator.html_report import report_page
    from curator.trace_examples import trace_examples
    from curator.yield_report import print_yield
    from curator.yields import yield_report

    found = yield_report(opened, path, runs, prices)
    if html:
        _write(html, report_page(found, trace_examples(opened, list(found.runs)), datetime.now(UTC)), quiet=json_)
    if json_:
        click.echo(json.dumps(found.as_json(), ensure_ascii=True))
    elif not html:
        print_yield(found, program())


def _compare(opened: Store, path: Path, first: str, second: str, *, html: Path | None, json_: bool) -> None:
    from curator.comparison import check_runs, compare
    from curator.comparison_report import print_comparison
    from curator.html_report import comparison_page
    from curator.yields import yield_report

    check_runs(first, second)
    found = compare(opened, yield_report(opened, path, (first, second)), first, second)
    if html:
        _write(html, comparison_page(found, datetime.now(UTC)), quiet=json_)
    if json_:
        click.echo(json.dumps(found.as_json(), ensure_ascii=True))
    elif not html:
        print_comparison(found)


def _write(path: Path, page: str, *, quiet: bool) -> None:
    from curator.page import write_page

    write_page(path, page)
    if not quiet:
        click.echo(f"wrote {path}")

"""`curator sql`: read-only SQL over everything stored, also while a run is going."""

from __future__ import annotations

from typing import Any

import click

from curator.cli.options import config, settings_from, store


@click.command()
@click.argument("statement")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "csv", "parquet"]), default="table", show_default=True
)
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, help="Seconds."
)
@config
@store
def sql(statement: str, format_: str, time_limit: float, **flags: Any) -> None:
    """Run one SQL query; nothing can be changed by it.

    Tables: problems, runs, policies, candidates, attempts, verdicts, flips, judge_replies, reviews, sampling_plans,
    stops, splits, split_members, split_drops. Views: accepted, rejected, undecided, decisions, latest_verdicts,
    problem_stats, run_stats, evaluation_runs, pool, split_rows, verdict_changes, disagreements, judge_stats,
    latest_reviews, applied_policies.

    \b
    Example:
      curator sql "SELECT reason, count(*) FROM rejected GROUP BY 1 ORDER BY 2 DESC"
    """
    from curator.cli.tables import write_result
    from curator.store.client import Store

    settings = settings_from(flags)
    with Store.open(settings.store, create=False) as opened:
        write_result(opened.sql(statement, time_limit_s=time_limit), format_)

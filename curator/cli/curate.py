"""`curator curate`: accepted traces → a named, reproducible split."""

from __future__ import annotations

import json
from typing import Any

import click

from curator.cli.options import as_json, config, program, settings_from, store


@click.command()
@click.argument("name")
@click.option("--where", metavar="SQL", help="A condition over the view `pool`, e.g. pass_rate BETWEEN 0.2 AND 0.8.")
@click.option("--unverified", is_flag=True, help="Take every complete trace, whatever was decided.")
@click.option("--undecided", is_flag=True, help="Take the complete traces that nobody could judge.")
@click.option(
    "--dedup", is_flag=True, help="Leave out copies of a trace, and problems that say the same as another one."
)
@click.option(
    "--decontaminate", multiple=True, metavar="FILE", help="Leave out problems of this benchmark; may be repeated."
)
@click.option("--benchmark-field", metavar="COLUMN", help="The benchmarks' column with the problem.")
@click.option("--per-problem", type=click.IntRange(min=1), metavar="K", help="Keep at most K traces of a problem.")
@click.option(
    "--select",
    type=click.Choice(["random", "shortest", "longest", "diverse"]),
    help="Which K (default random; diverse: those that share the fewest phrases).",
)
@click.option("--mix", metavar="KIND:VALUE=SHARE,…", help="Shares by domain, source or language.")
@click.option("--mix-by", type=click.Choice(["rows", "tokens"]), help="What the shares count (default rows).")
@click.option(
    "--test-of",
    multiple=True,
    metavar="SPLIT",
    help="Hold out the problems that SPLIT holds out, and near duplicates of them; may be repeated.",
)
@click.option(
    "--test-fraction", type=click.FloatRange(0, 1, max_open=True), default=0.0, help="Share of problems held out."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of every random choice.")
@click.option("--student", default="bare", show_default=True, help="Prompt template of the student.")
@click.option("--overwrite", is_flag=True, help="Replace a split of this name that was made otherwise.")
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), default=60.0, help="Seconds for --where.")
@config
@store
@as_json
def curate(name: str, overwrite: bool, time_limit: float, json_: bool, **flags: Any) -> None:
    """Make a split called NAME out of the store, in the order of the options above.

    Only accepted traces, unless told otherwise. The recipe is stored with the split; the same command gives the same
    rows. `curator export NAME` writes them.

    \b
    Example:
      curator curate r1-math --dedup --decontaminate aime.jsonl --per-problem 2 --test-fraction 0.1
    """
    from curator.curate_report import as_json, print_curated
    from curator.curating.curate import curate as make
    from curator.curating.recipe import recipe_from

    settings = settings_from(flags)
    curated = make(
        settings.store, name, recipe_from(flags), settings.students, overwrite=overwrite, time_limit_s=time_limit
    )
    if json_:
        click.echo(json.dumps(as_json(curated), ensure_ascii=False))
    else:
        print_curated(curated, program())

"""`curator export`: a split → files that people train on and publish."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from curator.cli.options import as_json, config, layout_option, settings_from, store
from curator.exporting.facts import FORMAT_NAMES, FormatName, LayoutName


@click.command()
@click.argument("name")
@click.option("--format", "format_", type=click.Choice(FORMAT_NAMES), required=True, help="For what it is.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), required=True, metavar="DIR", help="A folder, which is made."
)
@layout_option
@click.option("--overwrite", is_flag=True, help="Replace an export that lies in DIR.")
@click.option("--push-to-hub", "repo", metavar="OWNER/NAME", help="Upload it to the Hugging Face hub afterwards.")
@click.option("--private", is_flag=True, help="Make the dataset on the hub a private one.")
@config
@store
@as_json
def export(
    name: str,
    format_: FormatName,
    folder: Path,
    layout: LayoutName,
    overwrite: bool,
    repo: str | None,
    private: bool,
    json_: bool,
    **flags: Any,
) -> None:
    """Write the split NAME into DIR, with a dataset card.

    \b
    hf                          datasets.load_from_disk
    parquet                     the same columns, for datasets.load_dataset
    messages prompt-completion  trl's SFTTrainer
    dpo                         trl's DPOTrainer: accepted against wrong traces
    sharegpt alpaca             LLaMA-Factory
    openr1                      the columns of OpenR1-Math-220k
    \b
    Example:
      curator export r1-math --format messages --to exports/r1-math
    """
    from curator.display import waiting
    from curator.exporting.export import export as write
    from curator.exporting.hub import check_name, push
    from curator.exporting.report import as_json, print_exported
    from curator.store.client import Store

    if repo:
        check_name(repo)
    with Store.open(settings_from(flags).store, create=False) as opened:
        with waiting(f"writing {folder}", quiet=json_):
            exported = write(opened, name, folder, format_, layout, overwrite=overwrite)
        address = push(opened, exported, repo, private=private) if repo else None
    if json_:
        click.echo(json.dumps(as_json(exported, address), ensure_ascii=False))
    else:
        print_exported(exported, address)

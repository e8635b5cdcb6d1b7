"""`curator sample`: problems × n → verified candidates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from curator.cli.options import as_json, config, fields, finish, judge, reading, settings_from, store, unsafe

TEACHERS = (
    "vllm:MODEL[@URL], ollama:MODEL[@URL], openai:MODEL@URL, local[:PATH] or scripted:FILE; given several times, "
    "endpoints of one model share the load"
)


@click.command()
@click.argument("problems", type=click.Path(path_type=Path), required=False)
@click.option("--n", type=click.IntRange(min=1), help="Candidates per problem (default 4).")
@click.option("--until", type=click.IntRange(min=1), metavar="K", help="Ask until K are accepted, instead of --n.")
@click.option("--max-n", type=click.IntRange(min=1), metavar="M", help="With --until, most candidates (default 16).")
@click.option("--budget-tokens", type=click.IntRange(min=1), metavar="N", help="Most completion tokens of the run.")
@click.option("--cut-siblings", is_flag=True, help="Drop a problem's others once one is accepted (favours short ones).")
@click.option("--teacher", "specs", multiple=True, metavar="SPEC", help=f"{TEACHERS}.")
@click.option("--run", "run_name", metavar="NAME", help="Name of the run (default: hash of its configuration).")
@click.option("--concurrency", type=click.IntRange(min=1), help="Requests in flight, per endpoint.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Most tokens of one completion.")
@click.option("--temperature", type=click.FloatRange(min=0), help="Sampling temperature.")
@click.option("--top-p", type=click.FloatRange(min=0, max=1, min_open=True), help="Nucleus sampling.")
@click.option("--few-shot/--no-few-shot", default=None, help="Show the teacher worked examples (default: only local).")
@click.option("--stall-timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds without a byte.")
@click.option("--no-cut", is_flag=True, help="Let streams end by themselves that a required verifier would reject.")
@click.option("--no-stream", is_flag=True, help="Ask for plain replies instead of streams.")
@click.option("--api-key-env", metavar="NAME", help="Environment variable with the teacher's key.")
@click.option("--vllm-command", metavar="TEXT", help="Starts a server for vllm:MODEL; holds {model} and {port}.")
@click.option("--limit", type=click.IntRange(min=1), help="Use only the first N problems.")
@judge
@unsafe
@fields
@reading
@config
@store
@as_json
def sample(problems: Path | None, run_name: str | None, limit: int | None, json_: bool, **flags: Any) -> int:
    """Ask the teacher for n traces per problem, or until enough are accepted, and verify each one.

    PROBLEMS is JSONL (.gz), CSV or Parquet with a prompt and an answer per row, a folder with a dataset, hf:OWNER/NAME
    on the Hugging Face hub, or reasoning-gym:TASK:SIZE. Without PROBLEMS and teacher, here or in curator.toml, about 40
    starter problems go to a small local model. The same command again resumes.

    \b
    Example:
      curator sample problems.jsonl --n 4 --teacher openai:MODEL@http://127.0.0.1:8000/v1 --field answer=gold
      curator sample problems.jsonl --until 1 --max-n 16 --budget-tokens 50000000 --teacher vllm:MODEL
    """
    from curator.sampling.run import sample_run

    settings = settings_from(flags, problems)
    report = sample_run(settings, run_name=run_name, limit=limit, skip_bad=flags["skip_bad"], quiet=json_)
    return finish(report, json_)

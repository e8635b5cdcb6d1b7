"""Options that several commands share, and how flags override `curator.toml`."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from curator.errors import UsageError
from curator.exporting.facts import LAYOUT_NAMES

if TYPE_CHECKING:
    from curator.config import SamplingSection, Settings
    from curator.report import RunReport

F = TypeVar("F", bound=Callable[..., object])

store = click.option("--store", type=click.Path(path_type=Path), help="The DuckDB file (default curator.duckdb).")
config = click.option("--config", type=click.Path(path_type=Path), help="Settings (default ./curator.toml).")
layout_option = click.option(
    "--layout",
    type=click.Choice(LAYOUT_NAMES),
    default="tags",
    show_default=True,
    help="The answer in <answer> and </answer>, or plain after </think>.",
)
judge = click.option(
    "--judge",
    "judge_spec",
    metavar="SPEC",
    help="A model that judges general answers, and math answers that the rules reject; a SPEC as of --teacher.",
)
unsafe = click.option(
    "--unsafe-local-execution",
    is_flag=True,
    help="Run programs even where no sandbox can be had; they may then do whatever they like on this machine.",
)
as_json = click.option("--json", "json_", is_flag=True, help="Print the summary as JSON.")


def fields(command: F) -> F:
    """Add `--field ours=theirs`."""
    text = "What a column is called in the file, e.g. prompt=problem, answer=gold; may be repeated."
    return click.option("--field", "fields", multiple=True, metavar="OURS=THEIRS", help=text)(command)


def reading(command: F) -> F:
    """Add what every reader of rows takes."""
    command = click.option("--subset", metavar="NAME", help="Subset of a dataset that has several.")(command)
    command = click.option("--split", metavar="NAME", help="Split of a dataset (default: the only one, or train).")(
        command
    )
    command = click.option("--skip-bad", is_flag=True, help="Go on without faulty rows instead of stopping.")(command)
    return click.option("--id-prefix", metavar="TEXT", help="Put TEXT before every id of the file.")(command)


def settings_from(flags: Mapping[str, Any], problems: Path | None = None) -> Settings:
    """Read `curator.toml` and lay the flags that were given over it."""
    from curator.config import load_settings

    settings = load_settings(flags["config"])
    mapping = {**settings.problems.fields, **parse_fields(flags.get("fields", ()))}
    dataset = {name: flags.get(name) for name in ("split", "subset")}
    if problems:  # what curator.toml says of its own problems is not said of these
        own = settings.problems.model_copy(update=dict.fromkeys(dataset))
        settings = settings.model_copy(update={"problems": own})
    sections: dict[str, dict[str, Any]] = {
        "problems": {"path": problems, "id_prefix": flags.get("id_prefix"), "fields": mapping, **dataset},
        "teacher": {name: flags.get(name) for name in ("api_key_env", "concurrency", "stall_timeout", "vllm_command")},
        "sampling": {name: flags.get(name) for name in ("n", "temperature", "top_p", "max_tokens", "few_shot")},
    }
    settings = _with_plan(settings, flags)
    sections["judge"] = {"spec": flags.get("judge_spec")}
    if flags.get("specs"):
        sections["teacher"]["spec"] = list(flags["specs"])
    if flags.get("no_stream"):
        sections["teacher"]["stream"] = False
    if flags.get("no_cut"):
        sections["sampling"]["cut"] = False
    update: dict[str, Any] = {
        name: getattr(settings, name).model_copy(
            update={key: value for key, value in section.items() if value is not None}
        )
        for name, section in sections.items()
    }
    if flags.get("store"):
        update["store"] = flags["store"]
    if flags.get("unsafe_local_execution"):
        code = replace(settings.verifiers.code, unsafe_local_execution=True)
        update["verifiers"] = replace(settings.verifiers, code=code)
    return settings.model_copy(update=update)


def _with_plan(settings: Settings, flags: Mapping[str, Any]) -> Settings:
    """Lay over it how many candidates are wanted; `--n` and `--until` replace each other's key of the file."""
    names = ("until", "max_n", "budget_tokens", "cut_siblings")
    given = {name: flags[name] for name in names if flags.get(name)}
    if flags.get("n") and "until" not in given:
        given["until"] = None
    section = settings.sampling.model_copy(update=given)
    _refuse_contradictions(flags, section)
    return settings.model_copy(update={"sampling": section})


def _refuse_contradictions(flags: Mapping[str, Any], wanted: SamplingSection) -> None:
    if flags.get("n") and flags.get("until"):
        hint = f"choose one: --n {flags['n']} for that many of every problem, or --until {flags['until']} --max-n 16"
        raise UsageError("--n and --until do not go together", hint=hint)
    if flags.get("max_n") and wanted.until is None:
        raise UsageError("--max-n without --until", hint="add --until K, the accepted candidates that are enough")
    if wanted.until is not None and wanted.until > wanted.max_n:
        text = f"--until {wanted.until} cannot be reached with at most {wanted.max_n} candidates of a problem"
        raise UsageError(text, hint=f"raise the limit: --max-n {4 * wanted.until}")
    if wanted.until is not None and wanted.cut_siblings:
        hint = "it is of use with --n only: with --until no more candidates are asked for than still lack"
        raise UsageError("--cut-siblings and --until do not go together", hint=hint)


def parse_fields(pairs: tuple[str, ...]) -> dict[str, str]:
    """Read `--field ours=theirs` pairs."""
    mapping = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise UsageError(f"--field {pair}: expected OURS=THEIRS", hint="for example: --field prompt=problem")
        mapping[ours] = theirs
    return mapping


def finish(report: RunReport, json_: bool) -> int:
    """Print a run's report and return its exit code: 3 when candidates failed, else 0."""
    if json_:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        from curator.report import print_report

        print_report(report, command=program())
    return 3 if report.failed else 0


def program() -> str:
    """Say how the user can call us: `curator`, or the path that was typed where that is not on PATH."""
    if shutil.which("curator"):
        return "curator"
    return shlex.quote(sys.argv[0])

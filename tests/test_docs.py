"""What the READMEs say is so: commands, reasons, the tree; and both say the same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from curator.cli.main import cli
from schemas.verdict import JUDGE_DISAGREES, NOT_JUDGED, Reason

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_reason_is_in_the_table(readme: Path) -> None:
    """A reason that a user meets in SQL can be looked up."""
    table = "\n".join(line for line in readme.read_text("utf-8").splitlines() if line.startswith("|"))
    assert not {f"`{reason}`" for reason in [*Reason, NOT_JUDGED, JUDGE_DISAGREES] if f"`{reason}`" not in table}


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_commands_shown_exist(readme: Path) -> None:
    """Every `curator COMMAND --option` in a README is understood by the command line."""
    for command, words in re.findall(
        r"curator (sample|import|check|verify|review|report|doctor|sql|show|init|curate|export|train|eval)\b([^\n`]*)",
        readme.read_text("utf-8"),
    ):
        options = [param for param in cli.commands[command].params if isinstance(param, click.Option)]
        known = {name for option in options for name in [*option.opts, *option.secondary_opts]}
        assert set(re.findall(r"--[a-z-]+", words)) <= known, command


def test_both_readmes_have_the_same_shape() -> None:
    """Chinese and English are equals: the same headings, commands and tables."""
    english, chinese = (path.read_text("utf-8") for path in READMES)
    for pattern in (r"^#+ ", r"^```", r"^\|"):
        assert len(re.findall(pattern, english, re.MULTILINE)) == len(re.findall(pattern, chinese, re.MULTILINE))


def test_every_command_is_documented() -> None:
    """No command without a word in the README."""
    text = READMES[0].read_text("utf-8")
    assert not [name for name in cli.commands if f"curator {name}" not in text]


def test_the_tree_in_the_readme_is_the_tree_on_disk() -> None:
    """A reader finds every module where the README says it is."""
    done = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    packages = ("schemas/", "verifiers/", "curator/", "trainer/")
    modules = [Path(name) for name in done.stdout.split() if name.startswith(packages)]
    expected = {path.stem for path in modules if path.stem not in {"__init__", "__main__"}}
    tree = READMES[0].read_text("utf-8").split("## The tree")[1]
    assert not {name for name in expected if not re.search(rf"\b{re.escape(name)}\b", tree)}

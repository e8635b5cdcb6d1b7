"""`curator`: the commands, and the one place where an error becomes words and an exit code.

Exit codes: 0 done, 1 failed, 2 usage, 3 finished but some candidates failed, 130 interrupted.
Command modules import nothing heavy before they run, so that help is instant.
"""

from __future__ import annotations

import os
import sys

import click

import verifiers
from curator.cli.check import check
from curator.cli.curate import curate
from curator.cli.doctor import doctor
from curator.cli.eval import eval_
from curator.cli.export import export
from curator.cli.import_ import import_
from curator.cli.init import init
from curator.cli.report import report
from curator.cli.review import review
from curator.cli.sample import sample
from curator.cli.show import show
from curator.cli.sql import sql
from curator.cli.train import train
from curator.cli.verify import verify
from curator.errors import CuratorError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="r1-curator", prog_name="curator")
def cli() -> None:
    """Sample reasoning traces from a teacher, verify every one, keep the reasons in SQL.

    \b
    Start here:
      curator sample --n 4                 starter problems on a small local model
      curator init                         write a commented curator.toml for your own
      curator sql "SELECT reason, count(*) FROM rejected GROUP BY 1"
    """


for command in (init, doctor, check, sample, import_, verify, review, curate, export, train, eval_, report, sql, show):
    cli.add_command(command)


RESUMABLE = {"sample", "import", "verify", "review", "train", "eval"}
RESUMES = ": what was done is saved, and the same command goes on from there"


def main() -> None:
    """Run the command line; expected faults print without a traceback."""
    try:
        _refuse_strangers()
        code = cli.main(standalone_mode=False)
    except click.ClickException as err:
        err.show()
        code = err.exit_code
    except CuratorError as err:
        _print_error(err)
        code = err.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted" + RESUMES * bool(RESUMABLE & set(sys.argv[1:2])), err=True)
        code = 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`): point stdout elsewhere so that the exit stays quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _print_error(err: CuratorError) -> None:
    from curator.escape import plain

    click.echo(f"{click.style('error:', fg='red', bold=True)} {plain(err.message)}", err=True)
    if err.hint:
        click.echo(f"{click.style('hint:', fg='cyan')}  {plain(err.hint)}", err=True)


def _refuse_strangers() -> None:
    """Stop when another project's package answers to the name `verifiers`."""
    if getattr(verifiers, "DISTRIBUTION", None) != "r1-curator":
        raise CuratorError(
            f"the Python package 'verifiers' in {getattr(verifiers, '__file__', None)} is not r1-curator's",
            hint="another installed project uses the same import name: install r1-curator into a fresh "
            "virtual environment (python3 -m venv .venv)",
        )

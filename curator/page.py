"""HTML pages of reports: one file that needs nothing else, runs nothing, and shows whatever text it holds as text.

Three things keep hostile text from being obeyed, each enough alone: every value is escaped by the template engine
unless it is markup of ours; characters that would steer (controls, text direction) are made visible first; and the
page's own policy forbids scripts, images, connections, forms and any style but its one sheet.
"""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.errors import CuratorError, UsageError
from curator.escape import plain

if TYPE_CHECKING:
    from jinja2 import Environment

GENERATOR = "r1-curator report"
"""By this mark in a file's head a report of ours is known again."""

_HEAD_BYTES = 2000
_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """Fill `template` of `curator/templates` with values that may be anything."""
    from markupsafe import Markup  # noqa: PLC0415 - only pages need it

    style = (_TEMPLATES / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = _environment().get_template(template)
    return page.render(style=Markup(style), policy=policy, generator=GENERATOR, **values)  # noqa: S704 - our own file


def check_target(path: Path) -> None:
    """Refuse to write a page to `path`, before any work is done for it; a report of ours there may be replaced.

    Raises:
        UsageError: Its folder does not exist, or something else lies there.
    """
    try:
        fault = _fault(path)
    except OSError as err:
        fault = str(err.strerror)
    if fault:
        raise UsageError(f"--html {path}: {fault}", hint="name another file, or make way for it")


def write_page(path: Path, page: str) -> None:
    """Write a page whole or not at all.

    Raises:
        CuratorError: The folder cannot be written to, or the disk is full.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        draft.write_text(page, "utf-8")
        draft.replace(path)
    except OSError as err:
        with suppress(OSError):
            draft.unlink()
        raise CuratorError(f"cannot write {path}: {err.strerror}", hint="name another file with --html") from err


def _fault(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if path.is_dir():
        return "this is a folder"
    if path.exists() and not _is_ours(path):
        return "this file is there already and is no report of ours"
    return ""


def _is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return f'content="{GENERATOR}"'.encode() in file.read(_HEAD_BYTES)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = "{:,}".format
    environment.filters["percent"] = "{:.1%}".format
    return environment


def _visible(value: object) -> object:
    from markupsafe import Markup  # noqa: PLC0415 - only pages need it

    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value

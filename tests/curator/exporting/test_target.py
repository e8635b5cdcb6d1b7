"""The folder appears whole or not at all, and nothing that is not ours is lost."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from curator.errors import CuratorError, UsageError
from curator.exporting.target import MADE_BY, MANIFEST, draft_beside, new_folder


def write(target: Path, text: str = "rows", *, overwrite: bool = False) -> None:
    """Make what counts as an export: a file, and the manifest that names it."""
    with new_folder(target, overwrite=overwrite) as draft:
        (draft / "train.jsonl").write_text(text)
        (draft / MANIFEST).write_text(json.dumps({"made_by": MADE_BY, "files": ["train.jsonl"]}))


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_the_folder_appears_at_the_end(target) -> None:
    """Nobody sees it before it is whole; its mode is that of any new folder, and folders above it are made."""
    deep = target / "of" / "mine"
    with new_folder(deep, overwrite=False) as draft:
        (draft / "train.jsonl").write_text("rows")
        assert not deep.exists()
    assert left(target) == ["of", "of/mine", "of/mine/train.jsonl"]
    assert deep.stat().st_mode == target.stat().st_mode


def test_nothing_is_left_of_what_failed(tmp_path, target) -> None:
    """Not the draft, and not the folders above it that were made for it."""
    with pytest.raises(UsageError, match="no rows"), new_folder(target / "deep", overwrite=False) as draft:
        (draft / "train.jsonl").write_text("half")
        raise UsageError("no rows")
    assert left(tmp_path) == []


def test_an_export_is_replaced_only_when_told(tmp_path, target) -> None:
    """Without --overwrite it stays; with it nothing of the old one does."""
    write(target, "old")
    with pytest.raises(UsageError, match="there is an export already") as error:
        write(target)
    assert "--overwrite" in error.value.hint and (target / "train.jsonl").read_text() == "old"
    write(target, "new", overwrite=True)
    assert (target / "train.jsonl").read_text() == "new"
    assert left(tmp_path) == ["out", f"out/{MANIFEST}", "out/train.jsonl"]


def test_an_empty_folder_is_taken(target) -> None:
    """It holds nothing to lose."""
    target.mkdir()
    write(target)
    assert (target / MANIFEST).exists()


@pytest.mark.parametrize("manifest", [None, "{}", "[]", '{"made_by": "r1-curator", "files": ["a"]}', "no json"])
def test_what_is_not_ours_is_never_replaced(target, manifest) -> None:
    """Any folder with a file that no manifest of ours names, whatever --overwrite says."""
    target.mkdir()
    (target / "thesis.tex").write_text("years of work")
    if manifest:
        (target / MANIFEST).write_text(manifest)
    with pytest.raises(UsageError, match=r"files that are no export's: .*thesis\.tex"):
        write(target, overwrite=True)
    assert (target / "thesis.tex").read_text() == "years of work"


def test_a_failed_overwrite_leaves_the_old_export(tmp_path, target) -> None:
    """The old one goes only when the new one is whole."""
    write(target, "old")
    with pytest.raises(UsageError), new_folder(target, overwrite=True):
        raise UsageError("no rows")
    assert left(tmp_path) == ["out", f"out/{MANIFEST}", "out/train.jsonl"]


def test_a_link_stays_a_link(tmp_path, target) -> None:
    """What a link points to is replaced, not the link."""
    write(target, "old")
    link = tmp_path / "latest"
    link.symlink_to(target)
    write(link, "new", overwrite=True)
    assert link.is_symlink() and (target / "train.jsonl").read_text() == "new"


def test_drafts_of_the_killed_are_removed(tmp_path, target) -> None:
    """Whoever died in the middle; one that is still at work keeps its draft."""
    (tmp_path / ".out.draft-dead").mkdir()
    (tmp_path / ".out.draft-dead" / "train.jsonl").write_text("half")
    with draft_beside(target) as other:
        write(target)
        assert left(tmp_path) == sorted([other.name, "out", f"out/{MANIFEST}", "out/train.jsonl"])


def test_what_was_being_replaced_comes_back(tmp_path, target) -> None:
    """Killed after the old export had moved aside and before the new one had its place: the old one is put back."""
    write(target, "old")
    target.rename(tmp_path / ".out.replaced-dead")
    with pytest.raises(UsageError, match="there is an export already"):
        write(target)
    assert left(tmp_path) == ["out", f"out/{MANIFEST}", "out/train.jsonl"]


def test_a_file_in_the_way_is_said(tmp_path, target) -> None:
    """A file where the folder is to be, or above it, stays."""
    target.write_text("mine")
    with pytest.raises(UsageError, match="there is a file of that name"):
        write(target, overwrite=True)
    with pytest.raises(UsageError, match=r"out is a file"):
        write(target / "deep")
    assert target.read_text() == "mine" and left(tmp_path) == ["out"]


def test_a_place_that_cannot_be_written_is_said() -> None:
    """The kernel's own word for why, and what to do."""
    with pytest.raises(UsageError, match=r"--to /proc/export: it cannot be written: ") as error:
        write(Path("/proc/export"))
    assert "another folder" in error.value.hint


def test_a_full_disk_is_said(tmp_path) -> None:
    """No space: one line, and what was written of it is gone."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path]
    if os.getuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root and the right to mount")
    try:
        with pytest.raises(CuratorError, match=r"no space left for .*out"):
            write(tmp_path / "out", "x" * 3_000_000)
        assert left(tmp_path) == []
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)

"""The examinations come in order, and none keeps another from being made."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.config import JudgeSection, ProblemsSection, Settings, TeacherSection, load_settings
from curator.doctor.diagnosis import diagnose
from curator.doctor.finding import Finding, Status


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _quick(load=load_settings, file: Path | None = None) -> dict[str, Finding]:
    """Take the findings before the slow ones; the last of several on one subject counts."""
    found = {}
    for finding in diagnose(file, load):
        found[finding.subject] = finding
        if finding.subject in ("disk", "sandbox"):
            break
    return found


def test_broken_settings_do_not_hide_the_rest(folder: Path) -> None:
    """The fault is named like everywhere else, with its advice, and the defaults are examined."""
    (folder / "curator.toml").write_text("[samplign]\nn = 4\n")
    found = _quick()
    assert found["settings"].status is Status.FAIL
    assert "unknown key samplign (did you mean 'sampling'?)" in found["settings"].detail
    assert found["settings"].advice
    assert {"python", "packages", "teacher", "store", "disk"} <= found.keys()


def test_broken_prompts_are_broken_settings(folder: Path) -> None:
    """A template that lacks its problem would stop every run."""
    (folder / "curator.toml").write_text('[prompts.math.en]\nuser = "no slot"\n')
    assert _quick()["settings"].status is Status.FAIL


def test_valid_settings_name_their_file(folder: Path) -> None:
    """Which file holds is told; without any, the defaults do."""
    assert "defaults" in _quick()["settings"].detail
    (folder / "mine.toml").write_text("[sampling]\nn = 2\n")
    assert (
        "mine.toml is valid" in _quick(lambda: load_settings(Path("mine.toml")), Path("mine.toml"))["settings"].detail
    )


@pytest.mark.parametrize(
    ("path", "status"), [("there.jsonl", "ok"), ("none.jsonl", "fail"), ("hf:owner/name", "info"), (None, None)]
)
def test_configured_problems_are_looked_for(folder: Path, path: str | None, status: str | None) -> None:
    """A file must be there; what comes from elsewhere is not fetched for the doctor."""
    (folder / "there.jsonl").write_text("{}\n")
    settings = Settings(problems=ProblemsSection(path=path), teacher=TeacherSection(spec="local:nowhere"))
    found = _quick(lambda: settings)
    assert (found["problems"].status if "problems" in found else None) == status


def test_a_judge_is_examined_like_a_teacher(folder: Path) -> None:
    """It must answer, and its rubric be readable; without one there is nothing to say."""
    (folder / "judge.jsonl").write_text('{"replies": ["{}"]}\n')
    asked = JudgeSection(spec=f"scripted:{folder / 'judge.jsonl'}")
    assert _quick(lambda: Settings(judge=asked))["judge"].detail.endswith("answers")
    lost = JudgeSection(rubric=folder / "none.toml")
    assert (_quick(lambda: Settings(judge=lost))["judge"].status, "judge" in _quick(Settings)) == ("fail", False)

"""`curator.toml` is checked once, and its faults are named in its own words."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from curator.config import Settings, load_settings
from curator.errors import UsageError
from schemas.policy import default_policy


def _load(folder: Path, text: str) -> Settings:
    path = folder / "curator.toml"
    path.write_text(text, "utf-8")
    return load_settings(path)


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer needs no settings."""
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()


def test_the_shipped_template_is_valid(tmp_path: Path) -> None:
    """What `curator init` writes loads, commented lines included once they are switched on."""
    text = files("curator").joinpath("templates", "curator.toml").read_text("utf-8")
    assert _load(tmp_path, text).teacher.spec == "local"
    switched_on = re.sub(r"^# (?=\w+ = |\[)", "", text, flags=re.MULTILINE)
    settings = _load(tmp_path, switched_on)
    assert settings.problems.fields["answer"] == "gold"


def test_cutting_is_switched_off_in_the_file(tmp_path: Path) -> None:
    """Lost streams are cut unless somebody says otherwise."""
    assert Settings().sampling.cut
    assert not _load(tmp_path, "[sampling]\ncut = false\n").sampling.cut


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """The same file means the same from every folder."""
    settings = _load(tmp_path, 'store = "x.duckdb"\n[problems]\npath = "p.jsonl"\n')
    assert (settings.store, settings.problems.path) == (tmp_path / "x.duckdb", tmp_path / "p.jsonl")


def test_an_unknown_key_is_named_with_a_guess(tmp_path: Path) -> None:
    """A typo never passes silently."""
    with pytest.raises(UsageError, match=r"unknown key \[sampling\] temprature \(did you mean 'temperature'\?\)"):
        _load(tmp_path, "[sampling]\ntemprature = 0.5\n")


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    """Nobody mends a file one error at a time."""
    with pytest.raises(UsageError) as caught:
        _load(tmp_path, 'stoer = "x"\n[sampling]\nn = 0\n[verifiers.length]\nmaths = 5\n')
    assert "stoer" in caught.value.message
    assert "[sampling] n" in caught.value.message
    assert "maths" in caught.value.message


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ("length.math]\nmin_tokens = 50\nmax_tokens = 5", "min_tokens 50 is more than max_tokens 5"),
        ("language]\nforeign_share = 2", "less than or equal to 1"),
        ('language]\nallowed = "en"', "should be a valid list"),
        ("repetition]\ntimes = 1", "greater than or equal to 2"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(tmp_path: Path, section: str, fault: str) -> None:
    """A threshold that accepts all or nothing is a slip."""
    with pytest.raises(UsageError, match=fault):
        _load(tmp_path, f"[verifiers.{section}\n")


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    """The parser's position reaches the user."""
    with pytest.raises(UsageError, match="line 1"):
        _load(tmp_path, "n = = 4\n")


def test_a_missing_file_is_an_error_only_when_it_was_named(tmp_path: Path) -> None:
    """`--config FILE` promises that the file is read."""
    with pytest.raises(UsageError, match="does not exist"):
        load_settings(tmp_path / "other.toml")


def test_policy_changes_one_rule_and_keeps_the_rest(tmp_path: Path) -> None:
    """`[policy.math]` overrides single verifiers of one domain."""
    rules = _load(tmp_path, '[policy.math]\nlength = "advisory"\nformat = "off"\n').rules()
    math = {rule.verifier: rule.requirement for rule in rules if rule.domain == "math"}
    others = {rule.verifier: rule.requirement for rule in default_policy() if rule.domain == "math"}
    del others["format"]
    assert math == others | {"length": "advisory"}
    assert ("format", "required") in {(rule.verifier, rule.requirement) for rule in rules if rule.domain == "code"}


def test_a_domain_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """The table is called as it stands in the file."""
    with pytest.raises(UsageError, match=r"\[policy.maths\]: Input should be 'math'"):
        _load(tmp_path, '[policy.maths]\nlength = "off"\n')

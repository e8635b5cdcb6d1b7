"""What a judge is told: shipped texts in two languages, a user's own laid over them, faults named as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import UsageError
from curator.judge.rubric import Rubrics, load_rubrics
from schemas.problem import DOMAINS, Problem
from verifiers.judge import SLOTS

SHIPPED = load_rubrics()


def _load(folder: Path, text: str) -> Rubrics:
    path = folder / "rubric.toml"
    path.write_text(text, "utf-8")
    return load_rubrics(path)


def _problem(domain="math", language="en") -> Problem:
    return Problem("p", domain, "2+3?", "5", language=language)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_a_rubric_in_both_languages(domain) -> None:
    """Chinese answers are judged by a Chinese rubric; other languages by the English one."""
    english, chinese, french = (SHIPPED.of(_problem(domain, language)) for language in ("en", "zh", "fr"))
    assert all(slot in rubric.frame for slot in SLOTS for rubric in (english, chinese))
    assert "判断" in chinese.criteria
    assert french == english


def test_math_is_judged_by_the_gold_and_other_domains_by_the_general_text() -> None:
    """A text of its own goes before the general one."""
    assert "mathematically" in SHIPPED.of(_problem()).criteria
    assert SHIPPED.of(_problem("logic")) == SHIPPED.of(_problem("general")) != SHIPPED.of(_problem())


def test_a_user_replaces_what_he_names_and_keeps_the_rest(tmp_path) -> None:
    """Text by text; a language of his own is used where it is asked for."""
    mine = _load(tmp_path, '[math]\nen = "To the last digit."\n[logic]\nfr = "Mot pour mot."\n')
    assert mine.of(_problem()).criteria == "To the last digit."
    assert mine.of(_problem(language="zh")) == SHIPPED.of(_problem(language="zh"))
    assert mine.of(_problem("logic", "fr")).criteria == "Mot pour mot."
    assert mine.of(_problem("logic")) == SHIPPED.of(_problem("logic"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[maths]\nen = "x"', "unknown section [maths] (did you mean 'math'?)"),
        ('[math]\nenglish = "x"', "[math] english"),
        ('[math]\nen = "  "', "[math] en: String should have at least 1 character"),
        ("[math]\nen = 3", "[math] en: Input should be a valid string, not 3"),
        ('math = "x"', "[math]: Input should be a valid dictionary"),
        ('[frame]\nen = "Judge: {texts}"', "it must contain {criteria}, {mark}"),
        ("[math", "is not TOML"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(tmp_path, text, named) -> None:
    """Before a token is spent, with the file and the key as typed."""
    with pytest.raises(UsageError) as caught:
        _load(tmp_path, text)
    assert named in caught.value.message
    assert "rubric.toml" in caught.value.message
    assert caught.value.hint


def test_all_faults_are_named_at_once_and_a_missing_file_too(tmp_path) -> None:
    """Nobody mends a file one error at a time."""
    with pytest.raises(UsageError, match=r"(?s)\[general\] zh.*\[maths\]"):
        _load(tmp_path, '[maths]\nen = "x"\n[general]\nzh = ""\n')
    with pytest.raises(UsageError, match="cannot read the rubric"):
        load_rubrics(tmp_path / "none.toml")

"""Which languages a trace may be in: its prompt's, whatever the row says, and those that the user allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.config import load_settings
from curator.errors import UsageError
from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Verdict
from tests.growth import assert_linear
from verifiers.run import verify_one
from verifiers.settings import LanguageSettings, VerifierSettings

ENGLISH = "We add three to four, and then we multiply the sum by six."
CHINESE = "我们先把三和四相加，然后再乘以六。"
FRENCH = "On calcule d'abord la somme des deux nombres, puis on multiplie par six."
PROMPTS = {
    "zh": "求三与四的和的六倍。",
    "en": "What is six times the sum of three and four?",
    "fr": "Combien font six fois la somme de trois et de quatre ?",
}


def judged(language: str, reasoning: str, *allowed: str, answer: str = "42", prompt: str = "") -> Verdict:
    """The verdict on a trace for the prompt of a language, or another prompt."""
    problem = Problem("p", "math", prompt or PROMPTS[language], "42", language=language)
    given = Candidate("c", "r", "p", 0, reasoning, answer, "reasoning_content", "stop", "m")
    return verify_one("language", problem, given, VerifierSettings(language=LanguageSettings(allowed=allowed)))


@pytest.mark.parametrize(
    ("language", "reasoning", "allowed"), [("zh", ENGLISH, "en"), ("fr", ENGLISH, "en"), ("en", CHINESE, "zh")]
)
def test_a_whole_trace_may_be_in_an_allowed_language(language: str, reasoning: str, allowed: str) -> None:
    """Without the setting it is mixed; with it, it is accepted and no letter of it is foreign."""
    assert judged(language, reasoning).outcome == "reject"
    verdict = judged(language, reasoning, "ko", allowed)
    assert (verdict.outcome, verdict.score, verdict.expected) == ("accept", 0.0, language)


def test_reasoning_and_answer_may_each_be_in_a_language_of_their_own() -> None:
    """English thoughts before a Chinese answer are no mixture."""
    assert judged("zh", ENGLISH, "en", answer="答案是四十二。").outcome == "accept"
    assert judged("zh", CHINESE, "en", answer="The answer is forty-two.").outcome == "accept"


@pytest.mark.parametrize("reasoning", [f"{ENGLISH} {CHINESE}", f"Hmm, {CHINESE}", f"{ENGLISH} {FRENCH}"])
def test_an_allowed_language_may_not_be_mixed_in(reasoning: str) -> None:
    """What is allowed is a whole text, not words in it."""
    assert judged("zh", reasoning, "en").reason == "mixed_language"


def test_what_is_told_is_the_lesser_part() -> None:
    """Of a text in an allowed language, the verdict names what does not belong there."""
    verdict = judged("zh", f"{ENGLISH} {ENGLISH} 好的", "en")
    assert verdict.detail == "1 foreign span: '好的' (zh) at reasoning 118–120"


@pytest.mark.parametrize("codes", ['["klingon"]', '["en", "la"]', '["EN"]'])
def test_a_code_that_nothing_can_judge_is_a_fault_of_the_file(codes: str, tmp_path: Path) -> None:
    """It is named before a run begins, with the codes that there are."""
    file = tmp_path / "curator.toml"
    file.write_text(f"[verifiers.language]\nallowed = {codes}\n")
    with pytest.raises(UsageError, match=r"\[verifiers\.language\] allowed: .* (ar|de) .*en .*zh"):
        load_settings(file)


def test_allowed_languages_are_read_from_the_file(tmp_path: Path) -> None:
    """A list of codes, none by default."""
    file = tmp_path / "curator.toml"
    file.write_text('[verifiers.language]\nallowed = ["en", "zh"]\n')
    assert load_settings(file).verifiers.language.allowed == ("en", "zh")
    assert LanguageSettings().allowed == ()


@pytest.mark.parametrize(
    ("says", "prompt", "reasoning"),
    [
        ("en", "求和。", CHINESE),
        ("en", "合計は？", "まず合計を計算します。"),
        ("zh", "What is 3 + 4?", ENGLISH),
        ("fr", PROMPTS["en"], ENGLISH),
        ("en", PROMPTS["fr"], FRENCH),
    ],
)
def test_a_row_may_be_wrong_about_a_short_prompt(says: str, prompt: str, reasoning: str) -> None:
    """Few words tell which language a prompt is in, and whoever answers in it is right."""
    assert judged(says, reasoning, prompt=prompt).outcome == "accept"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "piece", ["$", "`", "(", "a/", "a", "é", "a中б", "a б 中 ", "¿que ", "le la les ", "Il faut une somme. ", '["a",']
)
def test_hostile_texts_take_linear_time(language: str, piece: str) -> None:
    """Time grows with the length and no faster, whatever the text repeats."""
    assert_linear(lambda text: judged(language, text), piece, 20_000)

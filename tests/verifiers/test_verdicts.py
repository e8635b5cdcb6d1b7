"""What each verifier says of a candidate, and how it is attributed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.candidate import Candidate
from schemas.problem import Domain, Problem
from schemas.verdict import CUTS, Outcome, Reason
from verifiers.base import quote
from verifiers.registry import VERIFIERS
from verifiers.run import config_hash, verify_one
from verifiers.settings import LengthBounds, LengthSettings, VerifierSettings
from verifiers.watch import Doom

SETTINGS = VerifierSettings()


def problem(domain: Domain, gold: str | None, prompt: str = "问题") -> Problem:
    """A problem with a known answer, or with none."""
    return Problem(id="p", domain=domain, prompt=prompt, answer=gold)


def candidate(answer: str) -> Candidate:
    """A well-formed trace that ends in `answer`."""
    return raw(f"<think>\nLet me see.\n</think>\n<answer>\n{answer}\n</answer>")


def raw(content: str) -> Candidate:
    """A completion exactly as a teacher sent it."""
    return Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m", completion_tokens=100)


def judged(name: str, asked: Problem, given: Candidate, settings: VerifierSettings = SETTINGS) -> tuple[str, str]:
    """Outcome and reason."""
    verdict = verify_one(name, asked, given, settings)
    return verdict.outcome.value, verdict.reason.value


def test_every_verifier_goes_by_its_name() -> None:
    """Policies, verdicts and settings name verifiers as the registry does."""
    assert {name: verifier.name for name, verifier in VERIFIERS.items()} == {name: name for name in VERIFIERS}


@given(st.sampled_from(sorted(CUTS)), st.text(min_size=1, max_size=80), st.sampled_from(sorted(VERIFIERS)))
def test_every_verifier_abstains_from_what_we_cut_and_says_why(cut: Reason, seen: str, name: str) -> None:
    """The reason of a watch's doom, and what it saw, come through the candidate to each verdict."""
    doom = Doom(cut, Reason.REPETITION, seen, 512)
    lost = replace(raw("<think>two and"), finish_reason="aborted", abort_reason=doom.abort_reason)
    verdict = verify_one(name, problem("math", "4"), lost, SETTINGS)
    assert (verdict.outcome, verdict.reason, verdict.detail) == (Outcome.ABSTAIN, cut, quote(seen))


@pytest.mark.parametrize(
    "said", ["cut_loop", "cut_loop: ", "loop: cut_loop: x", "ok: x", "wrong_answer: x", "content_filter"]
)
def test_what_a_teacher_calls_a_cut_is_none_of_ours(said: str) -> None:
    """Only a cut's own reason, with what was seen, is taken for one; no other reason can be smuggled in."""
    aborted = replace(raw("<think>two and"), finish_reason="aborted", abort_reason=said)
    assert judged("format", problem("math", "4"), aborted) == ("abstain", "no_verifier")


@pytest.mark.parametrize("name", ["format", "math", "length"])
def test_cut_stream_is_never_rejected(name: str) -> None:
    """Nobody knows how a stream that the teacher cut would have ended."""
    cut = replace(raw("<think>two and"), finish_reason="aborted", abort_reason="loop")
    verdict = verify_one(name, problem("math", "4"), cut, SETTINGS)
    assert verdict.outcome is Outcome.ABSTAIN
    assert "loop" in verdict.detail


@pytest.mark.parametrize(
    ("gold", "content", "expected"),
    [
        ("1/2", "<think>t</think><answer>答案是 \\boxed{二分之一}</answer>", ("accept", "ok")),
        ("1/2", "<think>t</think>0.6", ("reject", "wrong_answer")),
        ("1/2", "<think>so \\boxed{1/2}", ("reject", "no_answer")),
        ("1/2", "<think>t</think><answer></answer>", ("reject", "no_answer")),
        ("1/2", "<think>t</think>\\boxed{\\frac{1}{}", ("reject", "unparsable_answer")),
        ("\\frac{1}{", "<think>t</think>7", ("abstain", "gold_unparsable")),
        (None, "<think>t</think>7", ("abstain", "no_gold")),
        ("7", "<think>t</think>\\boxed{\\sin(9^{9^{9^9}})}", ("error", "verifier_timeout")),
    ],
)
def test_math_keeps_cannot_tell_apart_from_wrong(gold: str | None, content: str, expected: tuple[str, str]) -> None:
    """Wrong, missing, unreadable, unknown and too large are five different things."""
    assert judged("math", problem("math", gold), raw(content)) == expected


def test_math_says_what_it_compared() -> None:
    """A rejected answer can be read beside the gold without opening the trace."""
    verdict = verify_one("math", problem("math", "4"), candidate("so $\\boxed{5}$"), SETTINGS)
    assert (verdict.extracted, verdict.expected) == ("5", "4")


PROMPT = "首都是哪里？\nA. 上海\nB. 北京\nC. 广州\nD. 深圳"


@pytest.mark.parametrize(
    ("gold", "answer", "expected"),
    [
        ("B", "B", "accept"), ("B", "（Ｂ）", "accept"), ("B", "B. 北京", "accept"),
        ("B", "\\boxed{\\text{B}}", "accept"),
        ("B", "选 B", "accept"), ("B", "故选：B。", "accept"), ("B", "北京", "accept"), ("B", "b", "accept"),
        ("B", "C", "reject"), ("B", "A, B", "reject"), ("B", "A or B", "reject"), ("B", "广州", "reject"),
        ("ACD", "A、C、D", "accept"), ("A,C,D", "DCA", "accept"), ("ACD", "AC", "reject"), ("ACD", "ABCD", "reject"),
    ],
)  # fmt: skip
def test_choices_are_compared_as_sets(gold: str, answer: str, expected: str) -> None:
    """Letters in every dress, or an option's own text; several letters are no single choice."""
    assert judged("choice", problem("choice", gold, PROMPT), candidate(answer))[0] == expected


@pytest.mark.parametrize(
    "answer",
    [
        "B", "b", "B.", "(B)", "[B]", "【Ｂ】", "**B**", "$\\mathrm{(B)}$", "Option B", "option b", "choice: B",
        "The answer is B.", "#### B", "\\boxed{B}", "\\boxed{\\text{Option B}}", "选项B", "选择B", "应选B", "选B项",
        "B选项", "答案：B", "正确答案是 B。", "故选：B", "(B) Paris", "B: Paris", "B、巴黎", "\\boxed{选择B}",
    ],
)  # fmt: skip
def test_a_letter_is_read_in_both_languages(answer: str) -> None:
    """However a model names its choice, it is that choice and no other."""
    assert judged("choice", problem("choice", "B"), candidate(answer)) == ("accept", "ok")
    assert judged("choice", problem("choice", "C"), candidate(answer)) == ("reject", "wrong_answer")


@pytest.mark.parametrize(
    "answer",
    ["AC", "CA", "A, C", "A、C", "A和C", "A and C", "A & C", "A;C", "(A), (C)", "(A)(C)", "A C", "选AC", "Ａ，Ｃ"],
)
def test_several_letters_are_a_set(answer: str) -> None:
    """Order and connective do not matter; one letter more or less does."""
    outcomes = {
        gold: judged("choice", problem("choice", gold), candidate(answer))[0] for gold in ("AC", "ACD", "A", "C")
    }
    assert outcomes == {"AC": "accept", "ACD": "reject", "A": "reject", "C": "reject"}


@pytest.mark.parametrize("answer", ["bad", "Paris", "12", "K", "not B", "都不对"])
def test_what_names_no_option_is_unparsable(answer: str) -> None:
    """A word is no list of letters; the verdict says that nothing was chosen."""
    assert judged("choice", problem("choice", "B"), candidate(answer)) == ("reject", "unparsable_answer")


def test_option_text_counts_only_where_it_is_unique() -> None:
    """Two options with one text cannot be told apart by it, their letters can."""
    twice = problem("choice", "A", "Which? (A) one (B) one (C) two")
    assert judged("choice", twice, candidate("one")) == ("reject", "unparsable_answer")
    assert judged("choice", replace(twice, answer="C"), candidate("Two.")) == ("accept", "ok")
    assert judged("choice", twice, candidate("A")) == ("accept", "ok")


def test_choice_abstains_without_a_gold_it_can_read() -> None:
    """A gold that names no option is the problem's fault."""
    assert judged("choice", problem("choice", "maybe"), candidate("B")) == ("abstain", "gold_unparsable")
    assert judged("choice", problem("choice", None), candidate("B")) == ("abstain", "no_gold")


@pytest.mark.parametrize(
    ("gold", "answer", "expected"),
    [
        ("Alice is a knight", "alice is a Knight.", "accept"), ("是", "Yes", "accept"), ("False", "错误", "accept"),
        ("12", "１２", "accept"), ("0.5", "1/2", "accept"), ("[1, 2]", "[1,  2]", "accept"),
        ("1,000", "1000", "accept"), ("no", "不对", "accept"), ("50%", "0.5", "accept"), ("ａｂ", "AB", "accept"),
        ("()", "[]", "reject"), ("[1,2]", "[2,1]", "reject"), ("1/3", "0.33", "reject"), ("knight", "knave", "reject"),
        ("a,b\nc,d", "a,b\nc,d", "accept"), ("a,b\nc,d", "c,d", "reject"), ("Alice", "So \\boxed{Alice}", "accept"),
        ("是", "否", "reject"), ("Alice", "Bob", "reject"), ("12", "21", "reject"),
    ],
)  # fmt: skip
def test_logic_answers_are_compared_exactly(gold: str, answer: str, expected: str) -> None:
    """One answer, up to case, width, punctuation, number format, and yes and no in two languages."""
    assert judged("exact", problem("logic", gold), candidate(answer))[0] == expected


@pytest.mark.parametrize(("name", "reason"), [("judge", Reason.NO_JUDGE), ("nobody", Reason.NO_VERIFIER)])
def test_missing_verifiers_abstain(name: str, reason: Reason) -> None:
    """A verdict always comes, and says why it decides nothing."""
    verdict = verify_one(name, problem("general", None), candidate("4"), SETTINGS)
    assert (verdict.outcome, verdict.reason, verdict.verifier) == (Outcome.ABSTAIN, reason, name)


def test_hash_follows_gold_and_own_settings_only() -> None:
    """A corrected gold or a changed bound asks for new verdicts; another verifier's bound does not."""
    asked, narrow = problem("math", "4"), VerifierSettings(length=LengthSettings(math=LengthBounds(max_tokens=9)))
    assert config_hash("math", SETTINGS, asked) != config_hash("math", SETTINGS, replace(asked, answer="5"))
    assert config_hash("math", SETTINGS, asked) != config_hash("math", SETTINGS, replace(asked, answer_tolerance=0.1))
    assert config_hash("length", SETTINGS, asked) != config_hash("length", narrow, asked)
    assert config_hash("math", SETTINGS, asked) == config_hash("math", narrow, asked)


def test_hash_follows_the_tests() -> None:
    """Corrected tests of a code problem ask for new verdicts; its name, language and notes do not."""
    asked = replace(problem("code", None), tests={"inputs": ["1"]})
    other = replace(asked, tests={"inputs": ["2"]})
    renamed = replace(asked, id="q", language="zh", source="elsewhere", meta={"note": "x"})
    assert config_hash("code", SETTINGS, asked) != config_hash("code", SETTINGS, other)
    assert config_hash("code", SETTINGS, asked) == config_hash("code", SETTINGS, renamed)
    assert config_hash("code", SETTINGS, asked) != config_hash("judge", SETTINGS, asked)
    assert config_hash("judge", SETTINGS, asked) != config_hash("judge", SETTINGS, replace(asked, language="zh"))


def test_verdicts_are_dated_and_attributed() -> None:
    """A verdict tells whose, of which version, when and how long it took; judging again is another row."""
    first, second = (verify_one("math", problem("math", "4"), candidate("4"), SETTINGS) for _ in range(2))
    assert (first.candidate_id, first.verifier, first.version) == ("c", "math", VERIFIERS["math"].version)
    assert first.created_at.tzinfo is not None
    assert first.elapsed_ms >= 0
    assert first.id != second.id


def test_quotes_are_short_and_valid() -> None:
    """A verdict never carries a whole trace, nor text that UTF-8 cannot write."""
    verdict = verify_one("math", problem("math", "4"), candidate("\\boxed{\ud800" + "x" * 5_000 + "}"), SETTINGS)
    assert len(verdict.extracted or "") <= 500
    assert "\ud800" not in (verdict.extracted or "")


@pytest.mark.parametrize(
    ("gold", "answer"), [("Alice", "Alice is lying"), ("乙", "乙说的是真话"), ("red", "not the red box, the blue one")]
)
def test_a_logic_gold_within_a_longer_answer_cannot_be_told(gold: str, answer: str) -> None:
    """A sentence around the gold may say it or deny it: that is undecided, never wrong and never right."""
    assert judged("exact", problem("logic", gold), candidate(answer)) == ("abstain", "unclear_answer")


@pytest.mark.parametrize(
    ("gold", "answer"), [("yes", "Yes, it is."), ("否", "不是，他说了谎"), ("no", "No. Nobody did.")]
)
def test_yes_and_no_may_go_on(gold: str, answer: str) -> None:
    """What follows the word and its comma does not change it."""
    assert judged("exact", problem("logic", gold), candidate(answer)) == ("accept", "ok")


@pytest.mark.parametrize(("gold", "answer"), [("red", "bored"), ("132", "1320"), ("是", "不是"), ("yes", "not sure")])
def test_parts_of_words_and_numbers_are_no_gold(gold: str, answer: str) -> None:
    """Letters that happen to stand within another word say nothing."""
    assert judged("exact", problem("logic", gold), candidate(answer)) == ("reject", "wrong_answer")

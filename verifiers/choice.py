"""Multiple choice: the options that an answer chooses against those of the gold, as sets.

An option is named by its letter, by its text, or by both, which then must agree. The options are the list in the prompt
that the gold can be read in; where the prompt lists none, letters alone are compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.answer import final_answer
from verifiers.base import answer_text, no_answer, no_gold
from verifiers.boxes import boxes
from verifiers.chosen import LETTERS, LONGEST, NUMBERS, STEMS, leaves_open, mentioned, named, plain
from verifiers.equality import decide
from verifiers.equality.errors import TooLargeError, UnreadableError
from verifiers.equality.normalise import normalise, split_top, squeeze
from verifiers.equality.quantities.rational import rational
from verifiers.options import Options, listed
from verifiers.settings import VerifierSettings

_NUMBERED = re.compile("[①-⑳(（]")
_CIRCLES = frozenset(map(chr, range(ord("①"), ord("⑳") + 1)))
_STATEMENTS = re.compile(r"[①-⑳\s$,、，;；和与及以]+")
_LIST = re.compile(r"[,;]|\band\b|以?及|和|与")
_LABELLED = re.compile(
    r"[(\[]?\s*(\w{1,4}?)(?:\s*[)\].:,]+|\s(?:-\s)?|(?<=[A-Z])(?=[\u3400-\u9fff]))\s*(.*)", re.DOTALL
)
_OR = re.compile(r"\bor\b|或者?|还是")
_VALUE = re.compile(r"[\d\\^=<>+*/]")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}|[\u4e00-\u9fff]{5,}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a text chooses, and by what that is told; no labels when it chooses nothing."""

    labels: frozenset[str]
    by: str
    refused: Reason | None = None
    """Set where something is chosen that cannot stand: two options at once, or a letter with a doubtful text."""


class Choice:
    """Compares choices; several different letters against a single gold are wrong.

    Not covered: a gold that is an index (0 for A) is unreadable; options that only other columns of the row hold.
    """

    name = "choice"
    version = "2"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Read letters, or the text of an option of the prompt."""
        if not problem.answer or not problem.answer.strip():
            return no_gold()
        expected = _gold(problem.answer, problem.prompt)
        if expected is None:
            detail = "the gold is the letter or text of no option (for an index, write the letter)"
            return Judgement(Outcome.ABSTAIN, Reason.GOLD_UNPARSABLE, detail, expected=problem.answer)
        text = answer_text(candidate)
        given = final_answer(text) if text else None
        if text is None or given is None:
            return no_answer(problem.answer)
        gold, options = expected
        # a whole answer says more than its last line or first sentence: "The answer is B. Mars"
        whole = len(text) <= LONGEST and not boxes(text)
        chosen = read(text, options) if whole else _NOTHING
        if not chosen.labels and not chosen.refused:
            chosen = read(given, options)
        outcome, reason, detail = _judged(gold, chosen, text if chosen.refused and whole else given, options)
        return Judgement(outcome, reason, detail, given, problem.answer)


_NOTHING = Chosen(frozenset(), "the answer is no plain choice among the options")


def _gold(answer: str, prompt: str) -> tuple[frozenset[str], Options] | None:
    """Read the gold in the first list of options in which it can be read."""
    lists = list(listed(prompt))
    if not any("A" in options for options in lists):
        lists.append({})
    elif answer.strip().isdigit():
        lists = lists[:1]  # it may be an index
    for options in lists:
        if labels := read(answer, options).labels:
            return labels, options
    for kind in (NUMBERS, STEMS):
        if _NUMBERED.search(answer) or kind is STEMS:
            found = named(answer, kind)
            if found:
                return found.labels, dict.fromkeys(kind, "")
    return None


def _judged(gold: frozenset[str], chosen: Chosen, said: str, options: Options) -> tuple[Outcome, Reason, str]:
    if chosen.labels == gold:
        return Outcome.ACCEPT, Reason.OK, f"{_names(gold)} chosen {chosen.by}"
    if chosen.labels:
        return Outcome.REJECT, Reason.WRONG_ANSWER, f"{_names(chosen.labels)} chosen {chosen.by}, not {_names(gold)}"
    told = chosen.refused is Reason.UNPARSABLE_ANSWER or leaves_open(said)
    if not told and _speaks_of(said, gold, options):
        return Outcome.ABSTAIN, Reason.UNCLEAR_ANSWER, f"{chosen.by}, and it speaks of {_names(gold)}"
    return Outcome.REJECT, Reason.UNPARSABLE_ANSWER, chosen.by


def _names(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels))


def _speaks_of(text: str, gold: frozenset[str], options: Options) -> bool:
    """Whether an answer that chooses nothing still holds the gold's letters or texts."""
    if len(text) > LONGEST:
        return False
    letters_in = mentioned(text, _labels(options))
    return all(label in letters_in or _stands(options.get(label, ""), text) for label in gold)


def read(text: str, options: Options) -> Chosen:
    """Read what `text` chooses: one option or several, each by letter, text, or both."""
    one = _read_one(text, options)
    if one.labels or one.refused or len(text) > LONGEST:
        return one
    parts = [_read_one(part, options) for part in split_top(normalise(text.replace("\n", ";")), _LIST)]
    if refused := next((part for part in parts if part.refused), None):
        return refused
    labels = frozenset[str]().union(*(part.labels for part in parts))
    if len(parts) > 1 and all(part.labels for part in parts) and len(labels) == sum(len(part.labels) for part in parts):
        return Chosen(labels, "one by one")
    return one


def _read_one(text: str, options: Options) -> Chosen:
    if both := _with_text(text, options):
        return both
    found = named(text, _labels(options))
    spelled = _by_spelling(text, options)
    if found and not found.rest and (not spelled or spelled == found.labels or _is_letter(text)):
        return Chosen(found.labels, "by letter")
    if spelled and found and all(label.isdigit() for label in found.labels):
        return Chosen(frozenset(), "the number is one option's label and another's text", Reason.UNPARSABLE_ANSWER)
    if found and not spelled:
        (label,) = found.labels
        return _agreed(label, found.rest, options)
    return _by_text(text, options)


def _labels(options: Options) -> tuple[str, ...]:
    """Return what may be named; a list of capitals that was read in part may go on."""
    return tuple(dict.fromkeys((*options, *LETTERS))) if not options or "A" in options else tuple(options)


def _is_letter(text: str) -> bool:
    """Whether a text is one capital: a letter, even where another option's text is that letter."""
    return text.strip(" ()[]（）【】.。*$") in LETTERS


def _with_text(text: str, options: Options) -> Chosen | None:
    """Read a letter with an option's text, whatever letters that text holds; None when it is none of these."""
    found = _LABELLED.fullmatch(plain(text))
    same = _by_spelling(found[2], options) if found and found[1] in options else None
    if not found or not same:
        return None
    if found[1] in same:
        return Chosen(frozenset({found[1]}), "by letter and text")
    return _mismatched(found[1], same)


def _mismatched(label: str, others: frozenset[str]) -> Chosen:
    return Chosen(frozenset(), f"the answer names {label} with the text of {_names(others)}", Reason.UNPARSABLE_ANSWER)


def _agreed(label: str, rest: str, options: Options) -> Chosen:
    """Compare the text beside a letter with the options' texts."""
    chosen, own = Chosen(frozenset({label}), "by letter"), options.get(label, "")
    same = _by_text(rest, options).labels
    if not own or same == {label}:
        return chosen
    if same:
        return _mismatched(label, same)
    if rational(normalise(rest)) is not None and rational(normalise(own)) is not None:
        detail = f"the answer names {label} with a number that is not its"
        return Chosen(frozenset(), detail, Reason.UNPARSABLE_ANSWER)
    values = _is_value(rest) and _is_value(own)
    others = any(_stands(text, rest) for other, text in options.items() if other != label)
    if values or (others and not _stands(own, rest)):
        return Chosen(frozenset(), f"the text beside {label} may be that of another", Reason.UNCLEAR_ANSWER)
    return chosen


def _stands(own: str, text: str) -> bool:
    """Whether an option's text stands, whole, within another text."""
    own, edge = normalise(own), r"(?:(?<![A-Za-z\d.])|(?<=[^\x00-\x7f]))"
    return bool(own and re.search(rf"{edge}{re.escape(own)}(?![A-Za-z\d]|\.\d)", normalise(text), re.IGNORECASE))


def _by_text(text: str, options: Options) -> Chosen:
    spelled = _by_spelling(text, options)
    labels = spelled or _by_value(text, options)
    if len(labels) > 1:
        return Chosen(frozenset(), f"the answer is the text of {_names(labels)}", Reason.UNPARSABLE_ANSWER)
    alternatives = [] if spelled else split_top(normalise(text), _OR)
    if len(alternatives) > 1 and any(_by_text(one, options).labels for one in alternatives):
        return Chosen(frozenset(), "the answer leaves open which option is meant", Reason.UNPARSABLE_ANSWER)
    return Chosen(labels, "by the option's text") if labels else _NOTHING


def _by_spelling(text: str, options: Options) -> frozenset[str]:
    """Find the options that are spelled like a text, capitals included if that leaves any."""
    key = _key(text)
    exact = frozenset(label for label, own in options.items() if key and _key(own) == key)
    folded = (label for label, own in options.items() if key and _key(own).casefold() == key.casefold())
    return exact or frozenset(folded)


def _by_value(text: str, options: Options) -> frozenset[str]:
    """Find the options that equal a number or a formula."""
    if not _is_value(text):
        return frozenset()
    return frozenset(label for label, own in options.items() if _is_value(own) and _equal(own, text))


def _is_value(text: str) -> bool:
    text = normalise(text)
    return len(text) <= LONGEST and not _PROSE.search(text) and bool(_VALUE.search(text) or rational(text) is not None)


def _equal(own: str, given: str) -> bool:
    try:
        return decide.equal(own, given)
    except (TooLargeError, UnreadableError):
        return False


def _key(text: str) -> str:
    """Spell a text as options are compared; ①、③ and ③① are the same statements."""
    circled = _STATEMENTS.fullmatch(text) and sorted(set(text) & _CIRCLES)
    return squeeze(plain("".join(circled or text))) or text.strip("$ ")

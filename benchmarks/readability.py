"""Readability verdicts per CPU-second, beside langdetect, and what watching a stream costs per token event.

Traces of 20,000 characters in English and Chinese, with formulas and terms, written here from sentences and numbers;
`--traces FILE` takes real ones (JSONL or JSONL.gz with `trace` and `lang`), joined to that length. The baseline is
langdetect asked once about the whole text; asking it about every sentence is the naive combination. How often each is
right about short texts with and without one foreign sentence or word is told beside them. A stream is watched until it
is lost; real traces are streamed one by one. Fails below `LEAST_RATE` traces per CPU-second in either language, and
above `MOST_US` µs per event. Only CPU time is counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain, cycle, islice
from pathlib import Path
from typing import NamedTuple

from langdetect import DetectorFactory, LangDetectException, detect

from schemas.candidate import Candidate
from schemas.problem import Problem
from verifiers.registry import VERIFIERS
from verifiers.settings import VerifierSettings
from verifiers.watch import Watch

CHARACTERS, TRACES, LABELLED, ROUNDS, STREAMS = 20_000, 4, 60, 2, 100
LEAST_RATE, MOST_US = 20.0, 2.0
READABILITY = ("format", "language", "length", "repetition", "paragraphs", "codeblocks")
PIECE = {"en": 4, "zh": 2}
"""Characters of a token event."""
_SENTENCE = re.compile(r"[^.!?。！？\n]+")
_SETTINGS = VerifierSettings()

PROMPTS = {"en": "How many apples are left in the basket at the end?", "zh": "最后篮子里还剩下多少个苹果？"}
SENTENCES = {
    "en": (
        "Okay, let me first write down what is given: there are {} apples in {} baskets. ",
        "So we have \\( x_{} = \\frac{{{}}}{{7}} \\), which is what the second equation says. ",
        "Wait, that does not look right, because {} is larger than {}. ",
        "If the farmer sells {} of them on Monday, he keeps the other {} until the weekend.\n\n",
        "Let me check this with a small program in Python: `total = sum(range({}, {}))`. ",
        "Hmm, the API of my memory says that the sequence {}, {} goes on like that. ",
        "Adding both sides gives $$a + {}b = {}$$ and therefore we can divide by two. ",
        "Alternatively, one may count the {} rows by hand and multiply each with {}.\n\n",
        "But then there must be a remainder of {} when we divide by {}, as before.\n\n",
    ),
    "zh": (
        "好的，我先把已知条件写下来：一共有{}个苹果，分别放在{}个篮子里。",
        "所以我们得到 \\( x_{} = \\frac{{{}}}{{7}} \\)，这正是第二个方程所说的。",
        "等等，这里好像不对，因为{}比{}还要大。",
        "如果农夫在星期一卖掉{}个，那么剩下的{}个就要留到周末。\n\n",
        "我用 Python 写一小段程序来验证：`total = sum(range({}, {}))`。",
        "嗯，根据 API 的说明，数列{}、{}会一直这样继续下去。",
        "两边相加得到 $$a + {}b = {}$$ 因此可以同时除以二。",
        "另外也可以把这{}行一行一行地数出来，再分别乘以{}。\n\n",
        "但是用{}去除以{}的时候，应该还会剩下一个余数。\n\n",
    ),
}
FOREIGN = {
    "en": ("我们再检查一遍这个结果。", "Alors il faut encore diviser le nombre de pommes par deux. ", "所以"),
    "zh": ("Let us check this result once more.", "Потом нужно ещё раз всё проверить.", "therefore "),
}


class Text(NamedTuple):
    """A trace in the language of its problem, or not."""

    language: str
    text: str
    mixed: bool = False

    @property
    def problem(self) -> Problem:
        """A problem in that language."""
        return Problem("p", "math", PROMPTS[self.language], "42", language=self.language)

    @property
    def candidate(self) -> Candidate:
        """The text as the reasoning of a trace."""
        return Candidate("c", "r", "p", 0, self.text, "\\boxed{42}", "reasoning", "stop", "m")


def main() -> None:
    """Judge, watch, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--traces", type=Path, help="JSONL or JSONL.gz with `trace` and `lang` (en, zh)")
    path = parser.parse_args().traces
    labelled = [_labelled(number) for number in range(LABELLED)]
    failed = False
    for language in ("en", "zh"):
        source = _written(language) if path is None else _real(path, language)
        texts = list(islice(_of_length(source, language), TRACES))
        failed |= _compare(texts, [one for one in labelled if one.language == language])
        failed |= _stream(texts if path is None else [Text(language, text) for text in islice(source, STREAMS)])
    if failed:
        sys.exit("FAILED")


def _compare(texts: list[Text], labelled: list[Text]) -> bool:
    """Print the rate and accuracy of every way; tell whether ours are too slow."""
    DetectorFactory.seed = 0
    ways: dict[str, Callable[[Text], bool]] = {
        "langdetect alone (baseline)": lambda one: _detected(one.text) != one.language,
        "langdetect per sentence": _naive,
        "language": lambda one: _rejects(("language",), one),
        "all readability verifiers": lambda one: _rejects(READABILITY, one),
    }
    rates: dict[str, float] = {}
    for name, judge in ways.items():
        right = sum(judge(one) == one.mixed for one in labelled) / len(labelled)  # also loads what is loaded once
        rates[name] = len(texts) / min(_cpu(judge, texts) for _ in range(ROUNDS))
        ratio = rates[name] / rates["langdetect alone (baseline)"]
        told = f", {right:.0%} right" if "lang" in name else ""
        print(f"{texts[0].language} {name:28} {rates[name]:7.1f} traces/CPU-s, {ratio:5.2f} × baseline{told}")
    return min(rates["language"], rates["all readability verifiers"]) < LEAST_RATE


def _stream(texts: list[Text]) -> bool:
    """Print what a watched token event costs, and one that is only kept; tell whether the first costs too much."""
    language = texts[0].language
    streams = [_pieces(one) for one in texts]

    def keep() -> int:
        for stream in streams:
            kept: list[str] = []
            for piece in stream:
                kept.append(piece)
            "".join(kept)
        return sum(map(len, streams))

    def watch() -> int:
        events = 0
        for one, stream in zip(texts, streams, strict=True):
            watched = Watch(one.problem, _SETTINGS)
            for piece in stream:
                events += 1
                if watched.feed(piece):
                    break
        return events

    kept_us, watched_us = (min(_per_event(way) for _ in range(ROUNDS)) for way in (keep, watch))
    print(f"{language} stream: {watched_us:.2f} µs per watched event, {kept_us:.2f} µs per event only kept")
    return watched_us > MOST_US


def _per_event(way: Callable[[], int]) -> float:
    began, events = time.process_time(), way()
    return (time.process_time() - began) / events * 1e6


def _pieces(one: Text) -> list[str]:
    text, size = f"<think>\n{one.text}\n</think>\n\\boxed{{42}}", PIECE[one.language]
    return [text[at : at + size] for at in range(0, len(text), size)]


def _cpu(judge: Callable[[Text], bool], texts: list[Text]) -> float:
    began = time.process_time()
    for one in texts:
        judge(one)
    return time.process_time() - began


def _rejects(names: tuple[str, ...], one: Text) -> bool:
    judged = [VERIFIERS[name].check(one.problem, one.candidate, _SETTINGS) for name in names]
    return any(each.outcome == "reject" for each in judged)


def _naive(one: Text) -> bool:
    found = {_detected(sentence) for sentence in _SENTENCE.findall(one.text)}
    return not found <= {one.language, None}


def _detected(text: str) -> str | None:
    try:
        return str(detect(text)).partition("-")[0]
    except LangDetectException:
        return None


def _labelled(number: int) -> Text:
    """Make a short text, every second one with something foreign in it."""
    language = ("en", "zh")[number // 2 % 2]
    sentences = list(islice(_written(language, seed=number), 24))
    if number % 2:
        sentences.insert(12, FOREIGN[language][number // 4 % len(FOREIGN[language])])
    return Text(language, "".join(sentences), mixed=bool(number % 2))


def _written(language: str, seed: int = 0) -> Iterator[str]:
    draw = random.Random(seed)
    while True:
        yield draw.choice(SENTENCES[language]).format(draw.randrange(1000), draw.randrange(1000))


def _real(path: Path, language: str) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["lang"] == language]
    random.Random(0).shuffle(rows)
    return cycle(re.sub("</?(?:think|answer)>", "", row["trace"]) + "\n\n" for row in rows)


def _of_length(source: Iterator[str], language: str) -> Iterator[Text]:
    """Yield texts of `CHARACTERS` from what comes."""
    characters = chain.from_iterable(source)
    while True:
        yield Text(language, "".join(islice(characters, CHARACTERS)))


if __name__ == "__main__":
    main()

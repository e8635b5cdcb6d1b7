"""A problem's text as hashes: its words, the triples of them, and what alone tells two problems apart."""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

import numpy as np

from curator.curating.minhash import Hashes, mix
from curator.curating.wording import tokens

SHINGLE = 3
"""Words of a triple."""

_FIGURE = re.compile(
    r"[\d+|/=<>^±×←-⯿\U0001f000-\U0001faff-].*|[〇零一二两三四五六七八九十百千万半]"
    "|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    "|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|half|twice"
)
_ITEM = re.compile(r"\s*(?:[(（]\d{1,3}[)）]|\d{1,3}\s*[.)、．）](?!\d))")
_DRAWING = re.compile(
    r"(?:^(?![A-Z][.)、．:])(?:(?=.*[|#])|(?=.*[^\w\s]|.*_)(?!.*\d))"
    r"(?:[^A-Za-z\u00aa-\uffff\n$&=\\]|[A-Za-z](?![A-Za-z])|\\(?![()\[\]])|[─-◿]){4,}$\n?){2,}",
    re.MULTILINE,
)
"""Lines of signs and single letters that follow each other; digits only beside `|` or `#`."""


_NO_DIGITS = re.compile(r"\D+")


@dataclass(frozen=True, slots=True)
class Text:
    """What all prompts have in common that read the same word for word."""

    words: array[int]
    """Hashes of 32 bits."""
    kind: int
    """Hash of 64 bits of what must be equal in near copies: numbers, signs, drawings."""

    def digest(self) -> bytes:
        """Return what equal texts have in common and others have not."""
        return _digest(self.words.tobytes() + self.kind.to_bytes(8))

    def triples(self) -> Hashes:
        """Hash every `SHINGLE` words that follow each other, the text's ends included; distinct, sorted, never none."""
        ends = SHINGLE - 1
        padded = np.zeros(len(self.words) + 2 * ends, np.uint64)
        padded[ends : len(padded) - ends] = self.words
        runs = np.zeros(len(self.words) + ends, np.uint64)
        for at in range(SHINGLE):
            runs = mix(runs, padded[at : at + len(runs)])
        runs.sort()
        distinct: Hashes = runs[np.append(True, runs[1:] != runs[:-1])]
        return distinct


def digits(prompt: str) -> str:
    """Return the digits of a prompt, which are the same in all that may be its copies: a quick look before `read`."""
    numbered = _ITEM.match(prompt)
    text = html.unescape(prompt[numbered.end() :] if numbered else prompt)
    return _NO_DIGITS.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text))


class Vocabulary:
    """The words of a collection and their hashes."""

    def __init__(self) -> None:
        self._hashes: dict[str, int] = {}
        self._words: dict[int, str] = {}

    def read(self, prompt: str) -> Text:
        """Read a prompt, without the number that a list gives it. One without words is like no other."""
        numbered = _ITEM.match(prompt)
        words = tokens(prompt[numbered.end() :] if numbered else prompt)
        known = self._hashes
        hashed = array("I", [known.get(word) or self._add(word) for word in words])
        drawn = "".join(_DRAWING.findall(prompt)) if words else prompt
        decisive = "\0".join([drawn, *filter(_is_figure, words)])
        return Text(hashed, int.from_bytes(_digest(decisive.encode("utf-8", "surrogatepass"))[:8]))

    def spell(self, hashes: Iterable[int]) -> Sequence[str]:
        """Look words up by their hashes; of two with one hash, the first that was read."""
        return [self._words[one] for one in hashes]

    def _add(self, word: str) -> int:
        hashed = self._hashes[word] = crc32(word.encode())
        self._words.setdefault(hashed, word)
        return hashed


@lru_cache(maxsize=1 << 16)
def _is_figure(word: str) -> bool:
    return _FIGURE.fullmatch(word) is not None


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()

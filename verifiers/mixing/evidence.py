"""What the words of a sentence tell about its language: which are frequent in another one, and which are English.

Not covered: languages outside `FREQUENT`, and sentences without a frequent word of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verifiers.mixing.frequent import FREQUENT, frequent_hits, languages_with
from verifiers.mixing.words import is_english

_ORDER = {code: at for at, code in enumerate(FREQUENT)}
"""Of two languages that are as likely, the larger one comes first."""
_FEWEST = 4
"""Words of a sentence that words alone may tell."""
_SURE = 3
"""Telling words that need no other sign."""
_ENGLISH_SHARE = 0.7
_WORD = re.compile(r"[^\W\d_]{2,}")
_CONTENT = 4
"""Letters of a word in lower case that is neither an article nor a name."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many words of a sentence speak for another language, and how many for English."""

    language: str
    telling: int
    """Words that are frequent in `language` and no English; a sign as `¿` counts as one, and so do all accents."""
    english: int
    """Words that are English and not frequent in `language`."""
    words: int
    """Words, each counted once."""
    has_content: bool
    """Whether a word in lower case that is no English is long enough for a verb or a noun."""

    @property
    def is_plain(self) -> bool:
        """Whether the words alone tell that this is no English; borrowed phrases such as coup de grâce do not."""
        enough = self.words >= _FEWEST and self.telling >= _SURE - self.has_content
        return enough and self.english < self.telling

    @property
    def is_likely(self) -> bool:
        """Whether something speaks for another language, and little for English."""
        return self.telling > 0 and self.has_content and self.english * 4 <= self.words


def telling_words(words: Iterable[str]) -> frozenset[str]:
    """Return the words, in lower case, that are no English: frequent in another language, or written with accents."""
    return frozenset(word for word in words if (languages_with(word) or not word.isascii()) and not is_english(word))


def weigh(written: Sequence[str], sign: str = "") -> Evidence:
    """Weigh the words of a sentence as they are written; a capital inside of it makes a name, which tells nothing.

    Args:
        written: The words, the first one first.
        sign: The language that the punctuation speaks for, if any.
    """
    words = {word.lower() for word in written}
    spoken = {word.lower() for at, word in enumerate(written) if word.islower() or not at}
    hits = frequent_hits(word for word in spoken if not is_english(word))
    if sign:
        hits[sign] += 1
    language = max(hits, key=lambda code: (hits[code], -_ORDER[code]), default="Latin")
    accented = any(word.islower() and not (word.isascii() or languages_with(word)) for word in written)
    english = sum(is_english(word) and language not in languages_with(word) for word in words)
    content = any(len(word) >= _CONTENT and word.islower() and not is_english(word) for word in written)
    return Evidence(language, hits[language] + accented, english, len(words), content)


def is_english_text(text: str) -> bool:
    """Whether nearly all words of a text, and more than one, are English."""
    words = {word.lower() for word in _WORD.findall(text)}
    known = sum(map(is_english, words))
    return known > 1 and known >= _ENGLISH_SHARE * len(words)

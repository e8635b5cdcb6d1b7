"""What words alone tell about the language of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.mixing.evidence import is_english_text, telling_words, weigh
from verifiers.mixing.frequent import FREQUENT
from verifiers.mixing.profiles import PROFILES, can_judge


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Wie viel kostet ein Heft", "de"),
        ("Il y a six boîtes de crayons", "fr"),
        ("Cuánto cuesta cada lápiz", "es"),
        ("Hoeveel potloden heeft hij nog", "nl"),
        ("Ile kosztuje każdy z nich", "pl"),
    ],
)
def test_a_few_words_tell_a_language(sentence: str, language: str) -> None:
    """Its frequent words outnumber the English ones."""
    evidence = weigh(sentence.split())
    assert (evidence.is_plain, evidence.language) == (True, language)


@pytest.mark.parametrize(
    "sentence",
    [
        "The die was in the van",
        "Tour de France",
        "coup de grâce",
        "So we visit La Paz and then the Rio de la Plata",
        "",
    ],
)
def test_english_and_borrowed_words_are_not_told(sentence: str) -> None:
    """Words that two languages share speak for neither, and names are no sentence."""
    assert not weigh(sentence.split()).is_plain


def test_a_sign_counts_as_a_word() -> None:
    """An opening question mark is as good as a frequent word."""
    words = ["Tienes", "lápices", "azules", "aquí"]
    assert not weigh(words[:2]).is_plain
    assert weigh(words, "es").telling == weigh(words).telling + 1


def test_english_words_tell_nothing() -> None:
    """`die`, `in` and `an` are German too; `café` is marked by its accent."""
    assert telling_words(["die", "in", "an", "der", "café", "sum"]) == {"der", "café"}


@given(st.lists(st.sampled_from([word for words in FREQUENT.values() for word in words.split()]), max_size=12))
def test_the_order_of_words_does_not_matter(words: list[str]) -> None:
    """What is plain stays plain, backwards and in any number."""
    assert weigh(words).is_plain == weigh(words[::-1] * 2).is_plain


def test_a_text_of_known_words_is_english() -> None:
    """Two at least, and nearly all."""
    assert is_english_text("What is the sum of 3 and 4?")
    assert not any(map(is_english_text, ["sum", "", "Combien font trois plus quatre", "la suma de los números es"]))


def test_languages_with_profiles_can_be_judged() -> None:
    """All of them, those with a script of their own, and no other."""
    assert all(can_judge(code) for codes in PROFILES.values() for code in codes)
    assert can_judge("zh")
    assert not any(map(can_judge, ["", "la", "xx", "ZH"]))

"""Which languages a prompt asks for."""

from __future__ import annotations

import pytest

from verifiers.mixing.asked import asked_languages


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("Translate it from German into FRENCH, please.", {"de", "fr"}),
        ("What is the Spanish word for the Chinese text below?", {"es", "zh"}),
        ("Which English letter does a Greek\nsentence lack?", {"en", "el"}),
        ("把下面的法语句子翻译成西班牙语", {"fr", "es"}),
        ("英文单词“time”用汉语怎么说？用 朝鲜语呢？", {"en", "zh", "ko"}),
        ("French cooks like Polish sausages; 中国文化和语言", set()),
        ("Englishmen in Frenchtown wordlessly italicised text.", set()),
    ],
)
def test_a_prompt_asks_for_the_languages_that_it_names_as_such(prompt: str, asked: set[str]) -> None:
    """A language counts where it is one to speak or write in, and not where it is a people, or part of a word."""
    assert asked_languages(prompt) == asked

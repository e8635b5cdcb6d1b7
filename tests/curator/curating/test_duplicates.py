"""A collection in which problems repeat: what is left out, what is kept, and what must stay together."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.curating.duplicates import STOCK, Repeat, Repeats, find
from curator.curating.minhash import REACH
from tests.growth import assert_linear

FARM = (
    "A farmer keeps chickens and rabbits in one yard. Together the animals have 35 heads and 94 feet. The farmer wants "
    "to know how many chickens live there before he buys food for the winter at the market."
)
SCHOOL = "学校图书馆新买来240本故事书，比科技书的3倍还多15本，学校图书馆新买来的科技书有多少本？"
CURVE = r"Let $f(x)=\frac{x^2}{2}$ for $x \le 5$. Find the area between the graph of $f$, the axis and the line $x=3$."


def dropped(repeats: Repeats, *order: str) -> dict[str, Repeat]:
    return {repeat.problem_id: repeat for repeat in repeats.drops(order)}


def near(one: str, other: str) -> Repeat | None:
    """What comes of two problems, the first preferred."""
    return dropped(find([("one", one), ("other", other)]), "one", "other").get("other")


@pytest.mark.parametrize(
    ("problem", "copy"),
    [
        (FARM, FARM.upper().replace(". ", " ;\n")),
        (FARM, FARM.replace("35", "３５").replace(",", "，")),
        (FARM, f"17. {FARM}"),
        (SCHOOL, SCHOOL.replace("，", " , ").replace("240", "２４０").replace("本", "本 ")),
        (CURVE, r"Let \(f(x) = \dfrac{x^{2}}2\) for \(x\leq5\). find the area between the graph of f, the axis and "
                r"the line \(x = 3\)"),
    ],
)  # fmt: skip
def test_a_copy_in_another_spelling_is_exact(problem, copy):
    """Case, punctuation, widths, LaTeX, spaces, the number in a list: still the same word for word."""
    found = near(problem, copy)
    assert found is not None
    assert (found.kept, found.exact, found.overlap) == ("one", True, 1.0)


@pytest.mark.parametrize(
    ("problem", "copy", "words"),
    [
        (FARM, FARM.replace("market", "fair"), "a farmer keeps chickens"),
        (FARM, FARM + " Please reason step by step, and put your final answer within a box.", "a farmer keeps"),
        ("Solve this: " + FARM, FARM, "a farmer keeps"),
        (SCHOOL, SCHOOL.replace("新", "刚", 1), "买来240本"),
        (SCHOOL, SCHOOL + "请给出最终答案。", "学校图书馆"),
    ],
)
def test_a_copy_with_a_few_other_words_is_near(problem, copy, words):
    """A changed word or character, a sentence more; the detail shows words that both have."""
    found = near(problem, copy)
    assert found is not None
    assert not found.exact
    assert 0.5 <= found.overlap < 1
    assert words in found.detail


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FARM, FARM.replace("35", "36")),
        (FARM, FARM.replace("35", "94 ").replace("94 feet", "35 feet")),
        (FARM, FARM.replace("one yard", "two yards")),
        (SCHOOL, SCHOOL.replace("240", "280")),
        (CURVE, CURVE.replace("le", "ge")),
        ("Find the area of a circle with the given radius.", "Find the area of a sphere with the given radius."),
        ("How many rectangles?\n####\n#  #\n####", "How many rectangles?\n####\n## #\n####"),
        ("Read this:\n| |_\n|__ |", "Read this:\n|_|_\n|  _|"),
        ("???", "!!!"),
        (FARM, SCHOOL),
    ],
)
def test_other_numbers_signs_drawings_or_a_word_of_a_short_text_make_another_problem(one, other):
    """What alone tells two problems apart is never overlooked."""
    assert near(one, other) is None


def test_the_earlier_in_the_order_is_kept():
    """The caller says which problem is preferred."""
    repeats = find([("a", FARM), ("b", FARM.replace("market", "fair")), ("c", FARM), ("d", SCHOOL)])
    assert {one: repeat.kept for one, repeat in dropped(repeats, "a", "b", "c", "d").items()} == {"b": "a", "c": "a"}
    assert {one: repeat.kept for one, repeat in dropped(repeats, "d", "c", "b", "a").items()} == {"b": "c", "a": "c"}
    assert dropped(repeats, "b", "d") == {}


PLACES = [at for at, word in enumerate(FARM.split()) if word.isalpha() and word != "one"]
"""Where a word can be changed and the numbers stay."""


def chain() -> list[tuple[str, str]]:
    """Each text has two words other than the text before."""
    words, texts = FARM.split(), []
    for link in range(6):
        texts.append((f"link {link}", " ".join(words)))
        for at in PLACES[link * 3 : link * 3 + 2]:
            words[at] = "other" + "abcdef"[link]
    return texts


def test_nothing_is_dropped_for_a_problem_that_is_dropped_itself():
    """In a chain the second repeats the first and goes; a later one, far from the first, stays."""
    links = chain()
    repeats = dropped(find(links), *(one for one, _ in links))
    assert "link 1" in repeats
    assert set(repeats) != {one for one, _ in links[1:]}
    assert not {repeat.kept for repeat in repeats.values()} & set(repeats)


def test_a_chain_is_one_group_though_its_ends_are_far_apart():
    """Whoever splits by group has no near copy on the other side; problems without repeats have no group."""
    groups = find([*chain(), ("alone", SCHOOL)]).groups()
    assert groups == {f"link {link}": "link 0" for link in range(6)}


NOUNS = ["lake", "mountain", "river", "hill", "forest", "sea", "meadow", "ice", "island", "fog", "valley", "dune"]


@pytest.mark.parametrize(
    "template",
    [
        "Sort these letters by the alphabet, write them in one line, and say how you found the order: {}",
        "Write the word {} from its end to its beginning, and say in a sentence how you found the answer.",
    ],
)
def test_the_fillings_of_a_template_are_problems_of_their_own(template):
    """What many texts share tells nothing about two of them; a copy of one filling is still found."""
    fillings = [(noun, template.format(noun)) for noun in NOUNS]
    problems = [*fillings, ("copy", fillings[4][1].replace("and say", "and also say"))]
    assert [one for one, repeat in dropped(find(problems), *NOUNS, "copy").items()] == ["copy"]


def changed(*places: int) -> str:
    """The farm with other words in some places."""
    return " ".join(word[::-1] + "s" if at in places else word for at, word in enumerate(FARM.split()))


def test_near_copies_of_one_problem_are_no_template():
    """More texts than make a phrase stock, each with a word of its own in another place: one problem is left."""
    pile = [(f"pile {at}", changed(at)) for at in PLACES[4:-4]]
    assert len(pile) > STOCK
    repeats = find([("first", FARM), *pile])
    assert set(dropped(repeats, "first", *(one for one, _ in pile))) == {one for one, _ in pile}
    assert repeats.groups() == dict.fromkeys(["first", *(one for one, _ in pile)], "first")


def test_a_heap_of_copies_leaves_one_problem_in_a_moment():
    """Copies by the thousand, and more near copies than a bucket holds, are not compared each with each."""
    copies = [(f"copy {at}", FARM) for at in range(20_000)]
    pile = [(f"near {one} {other}", changed(one, other)) for one, other in combinations(PLACES[4:-4], 2)]
    assert len(pile) > 5 * REACH
    repeats = find([*copies, *pile])
    assert len(repeats.drops([one for one, _ in [*copies, *pile]])) == len(copies) + len(pile) - 1
    assert set(repeats.groups().values()) == {"copy 0"}


WORDS = st.sampled_from(["river", "cat", "sings", "under", "seven", "3", "4", "小", "明", "有", "苹", "果", "+", "="])
PROMPTS = st.lists(st.lists(WORDS, max_size=30).map(" ".join), max_size=16)


@given(PROMPTS, st.randoms(use_true_random=False))
def test_any_collection_is_divided_into_kept_and_repeated(prompts, random):
    """A problem is kept or repeats a kept one of its group; what is kept has no exact copy; twice gives the same."""
    problems = [(str(at), prompt) for at, prompt in enumerate(prompts)]
    order = random.sample([one for one, _ in problems], len(problems))
    repeats, groups = find(problems), find(problems).groups()
    found = dropped(repeats, *order)
    assert list(dropped(find(problems), *order).values()) == list(found.values())
    kept = [one for one in order if one not in found]
    assert len({prompts[int(one)] for one in kept}) == len(kept)
    for repeat in found.values():
        assert repeat.kept in kept
        assert groups[repeat.problem_id] == groups[repeat.kept]


def test_an_empty_collection_has_no_repeats():
    """No problems, no drops, no groups."""
    assert (find([]).drops([]), find([]).groups()) == ([], {})


@pytest.mark.parametrize("unit", ["#.", "# .\n", "|\n", "_ ", "\\(\n", "a#1\n", "((((\n", "1. ", "\ud800 "])
def test_hostile_text_is_read_like_other_text(unit):
    """Drawings without end, list numbers, half a character: read in linear time, and equal to themselves only."""

    def judged(text: str) -> None:
        repeats = find([("one", text), ("same", text), ("other", text[: len(text) // 5 * 4] + "?!")])
        assert set(dropped(repeats, "one", "same", "other")) == {"same"}

    assert_linear(judged, unit, 150_000)

"""Answers with parts: lists, tuples, matrices, cases and statements are compared part by part."""

from __future__ import annotations

import pytest

from verifiers.equality.decide import decide
from verifiers.equality.errors import TooLargeError, UnreadableError

SAME = [
    ("x=2,y=3", "y=3, x=2", "a list of 2"),
    ("x=2,y=3", "2, 3", "a list of 2, in order"),
    ("(2,3)", "x=2, y=3", "same text"),
    ("x_1=1,x_2=-3", "x_1=-3,x_2=1", "a list of 2"),
    (r"1\pm\sqrt{2}", r"1-\sqrt2, 1+\sqrt2", "a list of 2"),
    (r"\{\{1\},\{1,2\}\}", r"\{\{2,1\},\{1\}\}", "a list of 2"),
    ("长8米，宽6米", "宽6米，长8米", "words"),
    ("甲是骑士，乙是无赖", "乙是无赖，甲是骑士", "words"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix}1&2\\3&2^2\end{bmatrix}", "a matrix of 2 rows"),
    (r"\begin{pmatrix}1&3\\2&4\end{pmatrix}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^T", "a matrix of 2 rows"),
    ("-2", r"\det\begin{pmatrix}1&2\\3&4\end{pmatrix}", "exact numbers"),
    (r"a_n=\begin{cases}2,&n=1\\2n,&n\ge2\end{cases}", r"a_n=\begin{cases}2n,&n\geq2\\2,&n=1\end{cases}", "2 cases"),
    (r"AB\parallel CD", "CD∥AB", "a relation: parallel"),
    (r"\sin 3<\sin 1<\sin 2", r"\sin2>\sin1>\sin3", "a chain of relations"),
    (r"x\equiv 7\pmod{12}", "x≡19 (mod 12)", "a congruence"),
    ("3:4:5", "AB:BC:CA=6:8:10", "a ratio up to a factor"),
    ("1548", "6618 - 5070 = 1548", "rational numbers"),
    ("101_2", "101_{(2)}", "digits and base"),
]


@pytest.mark.parametrize(("gold", "answer", "rule"), SAME)
def test_parts_are_equal(gold: str, answer: str, rule: str) -> None:
    """The rule that decided is named."""
    told = decide(gold, answer)
    assert (told.equal, told.rule) == (True, rule)


OTHER = [
    ("x=2,y=3", "x=3, y=2"),
    ("x=2,y=3", "3, 2"),
    ("1, 2", "1"),
    ("长8米，宽6米", "长6米，宽8米"),
    ("最大值为5，最小值为-3", "最大值为-3，最小值为5"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "-2"),
    (r"\begin{cases}2,&n=1\\2n,&n\ge2\end{cases}", r"\begin{cases}1,&n=1\\2n,&n\ge2\end{cases}"),
    (r"AB\parallel CD", r"AB\perp CD"),
    (r"\sin 3<\sin 1<\sin 2", r"\sin 1<\sin 2<\sin 3"),
    (r"\exists x\in\mathbb{R},x^2+1<0", r"\forall x\in\mathbb{R},x^2+1<0"),
    (r"x\equiv 7\pmod{12}", r"x\equiv 8\pmod{12}"),
    ("1:2", "0:0"),
    ("5", "x=6=5"),
    ("17", "17_8"),
    ("(1,2)", "(2,1)"),
]


@pytest.mark.parametrize(("gold", "answer"), OTHER)
def test_one_other_part_makes_another_answer(gold: str, answer: str) -> None:
    """Swapped, missing, or of another thing."""
    assert not decide(gold, answer).equal


@pytest.mark.parametrize(("gold", "answer"), [("x^4>16", "x>2 or x<-2"), (r"p \land q", r"q \land p")])
def test_what_cannot_be_told_is_not_wrong(gold: str, answer: str) -> None:
    """A condition that we cannot solve, or logic, may be written in many ways."""
    with pytest.raises(UnreadableError):
        decide(gold, answer)


NUMBERS = ",".join(map(str, range(1500)))
COSTLY = [
    (
        ",".join(rf"\sqrt{{{n}}}" for n in range(2, 800)),
        ",".join(rf"\frac{{\sqrt{{{n}}}}}{{2}}" for n in range(2, 800)),
    ),
    ("1", r"\sum_{k=1}^{2000}\sum_{j=1}^{2000}\sin(jk)"),
    ("1", r"\lcm(" + ",".join(f"2^{{1000000}}+{n}" for n in range(1, 800)) + ")"),
    (r"\{1," * 900 + "2" + r"\}" * 900, r"\{1," * 900 + "2.0" + r"\}" * 900),
]


@pytest.mark.parametrize(("gold", "answer"), COSTLY)
def test_work_is_counted_and_ends(gold: str, answer: str) -> None:
    """Many small steps cost what one large one costs: what takes too long is refused, not begun again and again."""
    with pytest.raises(TooLargeError):
        decide(gold, answer)


def test_long_lists_of_numbers_are_no_work() -> None:
    """In another order and spelling they are the same; with one number changed they are not."""
    turned = ",".join(f"{n}.0" for n in range(1499, -1, -1))
    assert decide(NUMBERS, turned).equal
    assert not decide(NUMBERS, turned.replace("17.0", "17.5", 1)).equal

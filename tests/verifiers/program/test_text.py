"""Where the program stands in an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.program.text import other_language, program_in


@pytest.mark.parametrize(
    "fence", ["```python", "```py", "```Python3", "```", "~~~python", "````python", "``` {.python}"]
)
def test_a_fenced_block_is_the_program(fence: str) -> None:
    """Under any of the marks that models use."""
    close = fence[: len(fence) - len(fence.lstrip("`~"))]
    assert program_in(f"解答如下：\n\n{fence}\nprint(1)\n{close}\n\nDone.") == "print(1)\n"


def test_the_last_python_block_counts() -> None:
    """A first attempt is overridden; sample output and other languages after the program are not it."""
    text = "```python\nold\n```\n```py\nnew\n```\nprints\n```\n42\n```\nin C:\n```c\nint x;\n```"
    assert program_in(text) == "new\n"


def test_without_a_python_block_the_last_unmarked_one_counts_else_the_last() -> None:
    """So a forgotten or wrong mark costs nothing."""
    assert program_in("```\nx = 1\n```\n```bash\nrun\n```") == "x = 1\n"
    assert program_in("```javascript\nx = 1\n```") == "x = 1\n"


def test_a_block_that_is_never_closed_reaches_to_the_end() -> None:
    """Its program is whole, or a compile error will say so."""
    assert program_in("```python\ndef f():\n    return 1") == "def f():\n    return 1\n"


def test_a_block_in_a_list_is_unindented() -> None:
    """Markdown indents what belongs to an item."""
    assert program_in("1. So:\n\n   ```python\n   if 1:\n       x\n   ```") == "if 1:\n    x\n"


@pytest.mark.parametrize(
    "text", ["def f(x):\n    return x", "import sys\nprint(sys.argv)", "n = int(input())\nprint(n)"]
)
def test_a_bare_program_is_one(text: str) -> None:
    """Some models answer with nothing but code."""
    assert program_in(text) == text


@pytest.mark.parametrize(
    "text", ["", "The answer is 42.", "我不知道。", "```python\n```", "Sort the list, then return it."]
)
def test_prose_is_no_program(text: str) -> None:
    """And neither is an empty block."""
    assert program_in(text) is None


@given(
    st.lists(st.text(st.characters(blacklist_characters="`~\r", blacklist_categories=["Cs", "Zs", "Zl", "Zp", "Cc"])))
)
def test_a_program_leaves_its_fence_unchanged(lines: list[str]) -> None:
    """Whatever is between the fences, but for common indentation."""
    program = "\n".join(["x = 1", *lines]) + "\n"
    assert program_in(f"Here:\n```python\n{program}```\n") == program


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("```cpp\nint main() {}\n```", "cpp"),
        ("```C++\nint main() {}\n```", "c++"),
        ("```cpp\nint main() {}\n```\n```python\npass\n```", None),
        ("```text\n3\n```", None),
        ("print(3)", None),
    ],
)
def test_a_program_may_be_marked_as_another_language(text: str, language: str | None) -> None:
    """Then nobody here can tell whether it is right."""
    assert other_language(text) == language

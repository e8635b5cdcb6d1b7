"""Where the program stands in an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.program.text import Program, program_in


def source(text: str) -> str | None:
    """The program alone."""
    found = program_in(text)
    return found and found.source


@pytest.mark.parametrize(
    "fence", ["```python", "```py", "```Python3", "```", "~~~python", "````python", "``` {.python}"]
)
def test_a_fenced_block_is_the_program(fence: str) -> None:
    """Under any of the marks that models use."""
    close = fence[: len(fence) - len(fence.lstrip("`~"))]
    assert source(f"解答如下：\n\n{fence}\nprint(1)\n{close}\n\nDone.") == "print(1)\n"


def test_the_last_python_block_counts() -> None:
    """A first attempt is overridden; sample output and other languages after the program are not it."""
    text = "```python\nold\n```\n```py\nnew\n```\nprints\n```\n42\n```\nin C:\n```c\nint x;\n```"
    assert source(text) == "new\n"


def test_without_a_python_block_the_last_unmarked_one_counts_else_the_last() -> None:
    """So a forgotten or wrong mark costs nothing."""
    assert source("```\nx = 1\n```\n```bash\nrun\n```") == "x = 1\n"
    assert source("```javascript\nx = 1\n```") == "x = 1\n"


def test_a_block_that_is_never_closed_reaches_to_the_end() -> None:
    """Its program is whole, or a compile error will say so."""
    assert source("```python\ndef f():\n    return 1") == "def f():\n    return 1\n"


def test_a_block_in_a_list_is_unindented() -> None:
    """Markdown indents what belongs to an item."""
    assert source("1. So:\n\n   ```python\n   if 1:\n       x\n   ```") == "if 1:\n    x\n"


@pytest.mark.parametrize(
    "text", ["def f(x):\n    return x", "import sys\nprint(sys.argv)", "n = int(input())\nprint(n)"]
)
def test_a_bare_program_is_one(text: str) -> None:
    """Some models answer with nothing but code."""
    assert source(text) == text


@pytest.mark.parametrize(
    "text", ["", "The answer is 42.", "我不知道。", "```python\n```", "Sort the list, then return it."]
)
def test_prose_is_no_program(text: str) -> None:
    """And neither is an empty block."""
    assert source(text) is None


@given(
    st.lists(st.text(st.characters(blacklist_characters="`~\r", blacklist_categories=["Cs", "Zs", "Zl", "Zp", "Cc"])))
)
def test_a_program_leaves_its_fence_unchanged(lines: list[str]) -> None:
    """Whatever is between the fences, but for common indentation."""
    program = "\n".join(["x = 1", *lines]) + "\n"
    assert source(f"Here:\n```python\n{program}```\n") == program


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("```cpp\nint main() {}\n```", "cpp"),
        ("```\n#include <cstdio>\nint main() {}\n```", "cpp"),
        ("```C++\nint main() {}\n```\nIt prints:\n```\n42\n```", "c++"),
        ("```js\nlet x = 1\n```\n```bash\nnode x.js\n```", "js"),
        ("```bash\nls | wc -l\n```", "bash"),
        ("```cpp\nint main() {}\n```\n```python\npass\n```", "python"),
        ("```python\npass\n```\nin C++:\n```cpp\nint main() {}\n```", "python"),
        ("```\nprint(3)\n```\n```bash\npython3 x.py\n```", "python"),
        ("```text\n3\n```", "python"),
        ("print(3)", "python"),
    ],
)
def test_the_language_is_what_the_block_is_marked_as(text: str, language: str) -> None:
    """Nobody here can tell whether a program in another language is right; without a mark it is Python."""
    found = program_in(text)
    assert isinstance(found, Program)
    assert found.language == language

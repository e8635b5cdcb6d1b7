"""The program inside an answer text: its last fenced block, or the whole answer, and the language it is written in.

Sample output, commands and translations often follow a program. So the last block that is marked as Python goes before
one without a mark, that before one of another language; and among blocks of other languages, one without a mark has to
look like Python to be more than sample output.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

PYTHON = "python"
_PYTHON = frozenset({"python", "python3", "py", "py3", "python2", "ipython", "pycon"})
_OTHERS = frozenset(
    {
        *("c", "cpp", "c++", "cc", "rust", "go", "golang", "swift", "java", "kotlin", "scala", "cs", "csharp", "c#"),
        *("js", "javascript", "ts", "typescript", "php", "ruby", "perl", "lua", "r", "julia", "haskell"),
    }
)
_COMMANDS = frozenset({"bash", "sh", "shell", "console", "powershell", "cmd"})
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*\{?\.?([\w+#-]*)")
_CPP = re.compile(r"^\s*#\s*include\s*[<\"]", re.MULTILINE)
_CODE = re.compile(
    r"^(?:def\s+\w+\s*\(|class\s+\w+\s*[:(]|import\s+\w|from\s+[\w.]+\s+import\b|@\w|print\s*\(|pass\s*$"
    r"|(?:for\s.+\sin\s.+|while\s.+|if\s.+|with\s.+|try\s*):|[\w.\[\], ]+=[^=]|\w+(?:\.\w+)*\(.*\)\s*$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Program:
    """What an answer offers as its solution."""

    source: str
    language: str
    """`python`, also where nothing says otherwise; another programming language as its block is marked."""


def program_in(text: str) -> Program | None:
    """Return the program in `text`, None when it holds none."""
    blocks = list(_blocks(text))
    if not blocks:
        return Program(text, PYTHON) if _CODE.search(text) else None
    language, source = _chosen(blocks)
    if not source.strip():
        return None
    if not language and _CPP.search(source):
        language = "cpp"
    return Program(textwrap.dedent(source), language if language in _OTHERS | _COMMANDS else PYTHON)


def _chosen(blocks: list[tuple[str, str]]) -> tuple[str, str]:
    """Return language and content of the last block of the best kind."""
    commands = [block for block in blocks if block[0] in _COMMANDS]
    foreign = [block for block in blocks if block[0] in _OTHERS] or commands
    marked = [block for block in blocks if block[0] in _PYTHON]
    bare = [block for block in blocks if not block[0] and (not foreign or _CODE.search(block[1]))]
    return (marked or bare or foreign or blocks)[-1]


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield language and content of each fenced block; one that is never closed reaches to the end."""
    fence, language, lines = "", "", list[str]()
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence and found and found[1].startswith(fence) and not line.strip(" \t>`~\r"):
            yield language, "\n".join(lines) + "\n"
            fence = ""
        elif fence:
            lines.append(line)
        elif found:
            fence, language, lines = found[1], found[2].lower(), []
    if fence:
        yield language, "\n".join(lines) + "\n"

"""The program inside an answer text: the last fenced block of Python, else of any language, else a bare program."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

_PYTHON = frozenset({"python", "python3", "py", "py3", "python2", "ipython", "pycon"})
_OTHERS = frozenset(
    {
        *("c", "cpp", "c++", "cc", "rust", "go", "golang", "swift", "java", "kotlin", "scala", "cs", "csharp", "c#"),
        *("js", "javascript", "ts", "typescript", "php", "ruby", "perl", "lua", "r", "julia", "haskell"),
        *("bash", "sh", "shell"),
    }
)
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*\{?\.?([\w+#-]*)")
_CODE = re.compile(
    r"^(?:def\s+\w+\s*\(|class\s+\w+\s*[:(]|import\s+\w|from\s+[\w.]+\s+import\b|@\w|print\s*\(|pass\s*$"
    r"|(?:for\s.+\sin\s.+|while\s.+|if\s.+|with\s.+|try\s*):|[\w.\[\], ]+=[^=]|\w+(?:\.\w+)*\(.*\)\s*$)",
    re.MULTILINE,
)


def program_in(text: str) -> str | None:
    """Return the program in `text`, None when it holds none.

    A block marked as Python goes before an unmarked one (often sample output), that before one of another language.
    """
    blocks = list(_blocks(text))
    if not blocks:
        return text if _CODE.search(text) else None
    marked = [block for language, block in blocks if language in _PYTHON]
    bare = [block for language, block in blocks if not language]
    last = (marked or bare or [block for _, block in blocks])[-1]
    return textwrap.dedent(last) if last.strip() else None


def other_language(text: str) -> str | None:
    """Return the programming language in which the program in `text` is written, None when it may be Python."""
    languages = [language for language, _ in _blocks(text)]
    return languages[-1] if languages and all(language in _OTHERS for language in languages) else None


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

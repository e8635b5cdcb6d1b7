r"""One spelling for what means the same: full-width signs, LaTeX dress, Chinese connectives.

The result is plain ASCII LaTeX with single spaces, and the Chinese words that remain.
"""

from __future__ import annotations

import re

_SIGNS = {
    "，": ",", "、": ",", "；": ";", "：": ":", "。": ".", "．": ".", "　": " ", "\u00a0": " ", "\u2009": " ",
    "【": "[", "】": "]", "−": "-", "–": "-", "—": "-", "×": r"\times ", "÷": "/", "·": r"\cdot ", "∶": ":",
    "≤": r"\le ", "⩽": r"\le ", "≥": r"\ge ", "⩾": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "±": r"\pm ",
    "π": r"\pi ", "∞": r"\infty ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ", "∅": r"\emptyset ", "ℝ": r"\mathbb{R}",
    "°": r"^\circ ", "∠": r"\angle ", "¼": r"\frac{1}{4}",
    "½": r"\frac{1}{2}", "¾": r"\frac{3}{4}", "⅓": r"\frac{1}{3}", "⅔": r"\frac{2}{3}", "△": r"\triangle ",
    "√": r"\sqrt ", "∣": "|",
    "“": '"', "”": '"', "‘": "'", "’": "'", "￥": "¥", "﹣": "-",
}  # fmt: skip
_CHARACTERS = str.maketrans({**{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}, **_SIGNS})

_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "₀₁₂₃₄₅₆₇₈₉"
_ON_LINE = str.maketrans(_RAISED + _LOWERED, "0123456789-0123456789")
_SMALL_DIGITS = re.compile(f"([{_RAISED}]+)|[{_LOWERED}]+")

_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"<[|｜][^<>]{1,40}[|｜]>", ""),
        (r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|limits|nolimits|rm|bf)(?![A-Za-z])\s*\.?", ""),
        (r"(?<!\\)\\! ?", ""),
        (r"(?<!\\)\\[,;:> ]|~|\\q?quad(?![A-Za-z])", " "),
        (r"\\(?:dots|cdots|dotsc)(?![A-Za-z])", r"\\ldots"),
        (r"<=", r"\\le "),
        (r">=", r"\\ge "),
        (r"!=", r"\\ne "),
        (r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
        (r"\\(?:leqslant|leq|leqq)(?![A-Za-z])", r"\\le "),
        (r"\\(?:geqslant|geq|geqq)(?![A-Za-z])", r"\\ge "),
        (r"\\neq(?![A-Za-z])", r"\\ne "),
        (r"\\lt(?![A-Za-z])", "<"),
        (r"\\gt(?![A-Za-z])", ">"),
        (r"\\(?:varnothing|empty)(?![A-Za-z])|\\\{\s*\\\}", r"\\emptyset "),
        (r"\\(?:degree|textdegree)(?![A-Za-z])|\^\{?\\circ(?![A-Za-z])\}?", r"^\\circ "),
        (r"\\(?:thickapprox|simeq)(?![A-Za-z])", r"\\approx "),
        (r"\\mid(?![A-Za-z])", "|"),
        (r"\{,\}", ","),
        # Python's power stands between operands, with spaces on both sides or none; Markdown's bold does not
        (r"(?<=[A-Za-z0-9)\]}]) \*\* (?=[A-Za-z0-9(\\-])", "**"),
        (r"(?<=[A-Za-z0-9)\]}])\*\*\(([^()]*)\)", r"^{\1}"),
        (r"(?<=[A-Za-z0-9)\]}])\*\*(-?(?:\d+|[A-Za-z]))", r"^{\1}"),
        (r"\\math(?:bb|bf|rm)\s*\{?R\}?", r"\\mathbb{R}"),
    )
)
_DRESS = re.compile(
    r"\\(?:text|textnormal|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|operatorname|emph)\s*\{([^{}]*)\}"
)
_DELIMITERS = re.compile(r"(?<!\\)\$|\\[()\[\]](?!\d)|\*\*|`")
_LEAD = re.compile(
    r"^(?:(?:the\s+)?(?:final\s+)?answers?\b\s*(?:is|are|[:=])?"
    r"|答案\s*[:是为]*|答\s*:|解\s*:|共有?|一共有?|总共|[:=])\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:[\s.,;:\"']|\\\\|(?<=[^\\])\\(?=$))+$")


def normalise(text: str) -> str:
    """Rewrite an answer or a gold; equal spellings become equal strings, different values stay different."""
    text = _SMALL_DIGITS.sub(_on_line, text.translate(_CHARACTERS))
    if "matrix" not in text and "array" not in text:
        text = re.sub(r"\\\\(?=[A-Za-z(\[)\]])", r"\\", text)  # escaped twice on its way here
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    text = _DELIMITERS.sub("", text)
    while (bare := _DRESS.sub(r" \1 ", text)) != text:
        text = bare
    text = text.replace(r"\$", "$").replace(r"\%", "%").replace(r"\&", "&")
    text = _TAIL.sub("", " ".join(text.split()).lstrip(" \"'"))
    text = _LEAD.sub("", text)
    return _exact_part(_unwrapped(text)).strip()


def _on_line(found: re.Match[str]) -> str:
    """Write small digits as a power or an index."""
    return ("^" if found[1] else "_") + "{" + found.group().translate(_ON_LINE) + "}"


def squeeze(text: str) -> str:
    """Remove what never carries meaning between two normalised strings: spaces and braces around one sign."""
    return re.sub(r"(?<=[\^_])\{([A-Za-z0-9])\}", r"\1", re.sub(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])", "", text))


def split_top(text: str, separators: re.Pattern[str]) -> list[str]:
    """Split at `separators` that stand outside all brackets; the parts are stripped, empty ones dropped."""
    parts, depth, begin, here = [], 0, 0, 0
    while here < len(text):
        if text[here] == "\\" and text[here + 1 : here + 2] in {"{", "}"}:
            depth += 1 if text[here + 1] == "{" else -1
            here += 2
            continue
        found = separators.match(text, here) if depth == 0 else None
        if found and found.end() > here:
            parts.append(text[begin:here])
            begin = here = found.end()
            continue
        depth += (text[here] in "([{") - (text[here] in ")]}")
        here += 1
    return [part.strip() for part in [*parts, text[begin:]] if part.strip()]


def _unwrapped(text: str) -> str:
    """Take off braces that hold the whole text."""
    while text.startswith("{") and text.endswith("}") and not text.endswith("\\}") and _one_group(text):
        text = text[1:-1].strip()
    return text


def _one_group(text: str) -> bool:
    depth = 0
    for index, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return index == len(text) - 1
    return False


def _exact_part(text: str) -> str:
    r"""Keep what stands before `\approx`; a mere approximation stays marked as one."""
    exact, approx, _ = text.partition(r"\approx")
    return exact if approx and exact.strip() else text

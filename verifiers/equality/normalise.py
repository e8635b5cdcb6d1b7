r"""One spelling for what means the same: full-width signs, LaTeX dress, Chinese connectives.

The result is plain ASCII LaTeX with single spaces, and the Chinese words that remain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from verifiers.equality.rational import rational

_SIGNS = {
    "，": ",", "、": ",", "；": ";", "：": ":", "。": ".", "．": ".", "　": " ", "\u00a0": " ", "\u2009": " ",
    "【": "[", "】": "]", "−": "-", "–": "-", "—": "-", "×": r"\times ", "÷": "/", "·": r"\cdot ", "∶": ":",
    "≤": r"\le ", "⩽": r"\le ", "≥": r"\ge ", "⩾": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "±": r"\pm ",
    "π": r"\pi ", "∞": r"\infty ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ", "∅": r"\emptyset ", "ℝ": r"\mathbb{R}",
    "°": r"^\circ ", "∠": r"\angle ", "¼": r"\frac{1}{4}",
    "½": r"\frac{1}{2}", "¾": r"\frac{3}{4}", "⅓": r"\frac{1}{3}", "⅔": r"\frac{2}{3}", "△": r"\triangle ",
    "㎡": "m^2", "㎥": "m^3", "㎝": "cm", "㎞": "km", "㎏": "kg", "㎜": "mm", "℃": r"^\circ C", "℉": r"^\circ F",
    "≡": r"\equiv ", "∥": r"\parallel ", "⊥": r"\perp ", "≌": r"\cong ", "∽": r"\sim ", "∛": r"\sqrt[3]",
    "ⁿ": "^n ", "ₙ": "_n ",
    "Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "√": r"\surd ", "∣": "|",
    "“": '"', "”": '"', "‘": "'", "’": "'", "￥": "¥", "﹣": "-",
}  # fmt: skip
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΣΦΨΩ",
        [
            r"\alpha",
            r"\beta",
            r"\gamma",
            r"\delta",
            r"\epsilon",
            r"\zeta",
            r"\eta",
            r"\theta",
            r"\iota",
            r"\kappa",
            r"\lambda",
            r"\mu",
            r"\nu",
            r"\xi",
            r"\rho",
            r"\sigma",
            r"\tau",
            r"\upsilon",
            r"\phi",
            r"\chi",
            r"\psi",
            r"\omega",
            r"\Gamma",
            r"\Delta",
            r"\Theta",
            r"\Lambda",
            r"\Xi",
            r"\Sigma",
            r"\Phi",
            r"\Psi",
            r"\Omega",
        ],
        strict=True,
    )
)
_CHARACTERS = str.maketrans(
    {
        **{letter: f"{name} " for letter, name in _GREEK.items()},
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **_SIGNS,
    }
)

_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "₀₁₂₃₄₅₆₇₈₉"
_ON_LINE = str.maketrans(_RAISED + _LOWERED, "0123456789-0123456789")
_SMALL_DIGITS = re.compile(f"([{_RAISED}]+)|[{_LOWERED}]+")

Rewrite = str | Callable[[re.Match[str]], str]


def _table(*rows: tuple[str, Rewrite]) -> tuple[tuple[re.Pattern[str], Rewrite], ...]:
    return tuple((re.compile(pattern, re.DOTALL), replacement) for pattern, replacement in rows)


def _as_list(found: re.Match[str]) -> str:
    """Write a system of equations as a list; what is defined case by case is none."""
    rows = [row.replace("&", "").strip() for row in found[1].split(r"\\") if row.strip()]
    return ", ".join(rows) if all("=" in row for row in rows) else found[0]


def _as_degrees(found: re.Match[str]) -> str:
    """Write degrees, minutes and seconds as one fraction of degrees."""
    value = int(found[1]) + Fraction(int(found[2]), 60) + Fraction(int(found[3] or 0), 3600)
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}^\circ "


def _as_root(found: re.Match[str]) -> str:
    """Write 二分之根号三, 三倍根号二, 2根号5 and 四分之π as LaTeX."""
    below, factor, radicand = (rational(part) if part else Fraction(1) for part in found.groups())
    if below is None or factor is None or radicand is None:
        return found[0]
    root = rf"\sqrt{{{radicand}}}" if found[3] else r"\pi "
    return rf"\frac{{{factor}{root}}}{{{below}}}" if found[1] else f"{factor if found[2] else ''}{root}"


def _as_family(found: re.Match[str]) -> str:
    r"""Leave out who runs through the whole numbers in `2k\pi`, but not in `k>3`."""
    if _RELATION.search(found[1]) or not found[1].strip():
        return found[0]
    return re.sub(rf"(?<![A-Za-z\\]){found[2]}(?![A-Za-z])", "k", found[1])


_RELATION = re.compile(r"\\(?:le|ge|ne|in|leq|geq|mid)(?![A-Za-z])|[|{]\s*$")
_INTEGERS = r"(?:\\mathbb ?\{? ?Z ?\}?|Z)"
_SYSTEM = r"(?:aligned|align\*?|cases|gathered|split)"
_HAN = "零一二两三四五六七八九十百"
_WIDE = _table(
    (rf"正负(?=[\d{_HAN}\\])", r"\\pm "),
    (r"(?<!\d)(\d{1,6}) ?(?:\^\\circ ?|度 ?)(\d{1,2}) ?(?:['′]|分)(?: ?(\d{1,2}) ?(?:''|[\"″]|秒))?", _as_degrees),
    (r"^[\u4e00-\u9fff\w∠△() ]{0,16}(?:方程|解析式|关系式|表达式|通项公式|通项)\s*(?:为|是|:)\s*(?=.*=)", ""),
)
"""Where a text holds more than ASCII."""
_LATEX = _table(
    (
        r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits|rm|bf|boldsymbol|bm)(?![A-Za-z])\s*\.?",
        "",
    ),
    (r"(?<!\\)\\! ?", ""),
    (r"(?<!\\)\\[,;:> ]|\\q?quad(?![A-Za-z])", " "),
    (r"\\(?:dots|cdots|dotsc)(?![A-Za-z])", r"\\ldots"),
    (r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
    (r"\\[dt]binom(?![A-Za-z])", r"\\binom"),
    (r"\\(?:leqslant|leq|leqq)(?![A-Za-z])", r"\\le "),
    (r"\\(?:geqslant|geq|geqq)(?![A-Za-z])", r"\\ge "),
    (r"\\neq(?![A-Za-z])", r"\\ne "),
    (r"\\lt(?![A-Za-z])", "<"),
    (r"\\gt(?![A-Za-z])", ">"),
    (r"\\(?:varnothing|empty)(?![A-Za-z])|\\\{\s*\\\}", r"\\emptyset "),
    (r"\\(?:degree|textdegree)(?![A-Za-z])|\^\{?\\circ(?![A-Za-z])\}?", r"^\\circ "),
    (r"(?<!\d)(\d{1,6}) *\^\\circ *(\d{1,2}) *(?:'|\^ ?\{? ?\\prime ?\}?)(?: *(\d{1,2}) *(?:''|\"))?", _as_degrees),
    (r"\\(?:thickapprox|simeq)(?![A-Za-z])", r"\\approx "),
    (r"\\mid(?![A-Za-z])", "|"),
    (r"\\(?:langle|lparen)(?![A-Za-z])", "("),
    (r"\\(?:rangle|rparen)(?![A-Za-z])", ")"),
    (r"\\(?:text)?color ?\{[A-Za-z]+\}", ""),
    (r"\\math(?:bb|bf|rm(?=\s*\{? ?R))\s*(?:\{ ?([RZNQC]) ?\}|([RZNQC])(?![A-Za-z]))", r"\\mathbb{\1\2}"),
    (r"\\(?:overrightarrow|overset ?\{ ?\\(?:right)?arrow ?\})(?![A-Za-z])", r"\\vec"),
    (r"\\\{ ?\\begin ?\{array\} ?\{[lcr ]*\}(.*?)\\end ?\{array\}", _as_list),
    (rf"\\begin ?\{{{_SYSTEM}\}}(.*?)\\end ?\{{{_SYSTEM}\}}", _as_list),
    (rf"^\\\{{ ?x ?(?:\||:) ?(x ?(?:=|\\ne)[^|:]*\\in ?{_INTEGERS}) ?\\\}}$", r"\1"),
    (rf"^([^<>]*?)[,;(]? ?(?:其中|where)? ?([k-n]) ?\\in ?{_INTEGERS} ?\)?$", _as_family),
    (r"(?<=[A-Za-z}])\\\{([^{}]*)(?<!\\)\}$", r"\\setminus \\{\1\\}"),
    (r"\\dot ?\{(\d)\} ?\\dot ?\{(\d)\}", r"\\overline{\1\2}"),
)
"""Where a text holds a backslash."""
_PLAIN = _table(
    (r"<[|｜][^<>]{1,40}[|｜]>", ""),
    (r"~", " "),
    (r"(\.\d+)(?:\.{3,}|…+)", r"\1\\ldots"),
    (r"^\$(?=[\d.]+[^$]*$)", r"\\$"),  # one dollar sign alone is money
    (r"<=", r"\\le "),
    (r">=", r"\\ge "),
    (r"!=", r"\\ne "),
    (r"(?<![A-Za-z])\{([,:])\}", r"\1"),
    (r"\{ ?\} ?[\^_] ?\{?(\w+)\}? ?([PCA]) ?_ ?\{?(\w+)\}?", r"\2_{\1}^{\3}"),
    (r"(?<!\.)\.{3,}$", r"\\ldots"),
    (r"(?<=[A-Z]{2}) ?// ?(?=[A-Z]{2})", r"\\parallel "),
    (r", *(且|或|和|and\b|or\b)", r" \1"),
    (r"^[A-Z] ?\\sim ?(?=[A-Z] ?\()", ""),
    (r"(?<=[=:∈]) ?\{([^{}]*,[^{}]*)\}$", r"\\{\1\\}"),  # braces of a plain set
    # Python's power stands between operands, with spaces on both sides or none; Markdown's bold does not
    (r"(?<=[A-Za-z0-9)\]}]) \*\* (?=[A-Za-z0-9(\\-])", "**"),
    (r"(?<=[A-Za-z0-9)\]}])\*\*\(([^()]*)\)", r"^{\1}"),
    (r"(?<=[A-Za-z0-9)\]}])\*\*(-?(?:\d+|[A-Za-z]))", r"^{\1}"),
)
_RARE = (
    ("根号", _table((rf"(?:([\d{_HAN}]+)分之)?(?:([\d{_HAN}]+)倍?)?根号([\d{_HAN}]+)", _as_root))),
    ("分之", _table((rf"([\d{_HAN}]+)分之([\d{_HAN}]*)(?:\\pi|派)()", _as_root))),
    (r"\choose", _table((r"\{? ?(\w+) ?\\choose ?(\w+) ?\}?", r"\\binom{\1}{\2}"))),
)
"""Where a text holds the sign: on others, they would take long for nothing."""
_SIMPLE = re.compile(r"(?!.*(?:\.\.|, *(?:and|or)\b))[\w .,+-]*", re.ASCII)
"""A text that none of these tables can change."""
_DRESS = re.compile(
    r"\\(?:text|textnormal|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|operatorname|emph)\s*\{([^{}]*)\}"
)
_DELIMITERS = re.compile(r"(?<!\\)\$|\\[()\[\]](?!\d)|\*\*|`")
_LEAD = re.compile(
    r"^(?:(?:(?:the\s+)?(?:final\s+)?answers?\b\s*(?:is|are|[:=])?"
    r"|答案\s*[:是为]*|答\s*:|解\s*:|共有?|一共有?|总共|[\u4e00-\u9fff]{0,4}[A-Za-z] ?: ?(?=[^:]*=)|[:=])\s*)+",
    re.IGNORECASE,
)
_DRESS_NAME = re.compile(r"\\(?:text|mathrm|operatorname)(?![A-Za-z])(?! ?\{)")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_MOST_PASSES = 10
_LONGEST = 200_000
"""Characters at which rewriting is given up."""
_MOST_TORN = 2
"""Braces without a partner that may be an accident."""
_ONE_SIGN = re.compile(r"(?<=[\^_])\{([A-Za-z0-9])\}")
_SPACE = re.compile(r"(?<![A-Za-z\d])\s+|(?<=\d)\s+(?!\d)|\s+(?![A-Za-z\d])|(?<=[A-Za-z])\s+(?=\d)")
_RATIO = re.compile(r"(?<=\d) (?:to|比) (?=\d)")
_QUOTED = re.compile(r"[\w)}']'$")


def normalise(text: str) -> str:
    """Rewrite an answer or a gold; equal spellings become equal strings, different values stay different.

    What is normalised already stays as it is.
    """
    for _ in range(_MOST_PASSES):  # one rule may uncover what another one rewrites
        before, text = text, _once(text)
        if text == before or len(text) > _LONGEST:
            break
    return text


def _once(text: str) -> str:
    if not _SIMPLE.fullmatch(text):
        text = _balanced(_rewritten(text))
    text = _without_tail(" ".join(text.split()).lstrip(" \"'"))
    text = _RATIO.sub(":", _LEAD.sub("", text))
    return _exact_part(_unwrapped(text)).strip()


def _without_tail(text: str) -> str:
    """Strip what ends a sentence or a line; a prime stays."""
    while True:
        short = text.rstrip(' .,;:"')
        if short.endswith("\\"):
            short = short[: -2 if short.endswith("\\\\") else -1]
        elif short.endswith("'") and not _QUOTED.search(short[-2:]):
            short = short[:-1]
        if short == text:
            return text
        text = short


def _rewritten(text: str) -> str:
    tables = [_PLAIN]
    if not text.isascii():
        text = _SMALL_DIGITS.sub(_on_line, text.translate(_CHARACTERS))
        tables.insert(0, _WIDE)
    if "\\" in text:
        if r"\begin" not in text:
            text = re.sub(r"\\\\(?=[A-Za-z(\[)\]])", r"\\", text)  # escaped twice on its way here
        tables.append(_LATEX)
    for pattern, replacement in (row for table in tables for row in table):
        text = pattern.sub(replacement, text)
    for sign, rows in _RARE:
        if sign in text:
            for pattern, replacement in rows:
                text = pattern.sub(replacement, text)
    text = _DELIMITERS.sub("", text)
    for _ in range(_MOST_PASSES):
        before, text = text, _DRESS.sub(r" \1 ", text)
        if text == before:
            break
    return text.replace(r"\%", "%").replace(r"\&", "&")


def _balanced(text: str) -> str:
    """Drop a brace or two without a partner: some publishers' golds were torn out of their box."""
    opened: list[int] = []
    lonely: list[int] = []
    for found in _BRACE.finditer(text):
        if found.group() == "{":
            opened.append(found.start())
        elif found.group() == "}":
            lonely += [] if opened and opened.pop() >= 0 else [found.start()]
    if not 0 < len(lonely := lonely + opened) <= _MOST_TORN:
        return text
    for index in sorted(lonely, reverse=True):
        text = text[:index] + " " + text[index + 1 :]
    return _DRESS_NAME.sub(" ", text)


def _on_line(found: re.Match[str]) -> str:
    """Write small digits as a power or an index."""
    return ("^" if found[1] else "_") + "{" + found.group().translate(_ON_LINE) + "}"


def squeeze(text: str) -> str:
    """Remove what never carries meaning between two normalised strings: spaces and braces around one sign.

    A space between two words or two numbers stays.
    """
    return _ONE_SIGN.sub(r"\1", _SPACE.sub("", text))


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
    if not (text.startswith("{") and text.endswith("}")):
        return text
    closes: dict[int, int] = {}
    opened: list[int] = []
    for found in _BRACE.finditer(text):
        if found.group() == "{":
            opened.append(found.start())
        elif found.group() == "}" and opened:
            closes[opened.pop()] = found.start()
    first, last = 0, len(text) - 1
    while text[first] == "{" and closes.get(first) == last:
        first, last = first + 1, last - 1
    return text[first : last + 1].strip()


def _exact_part(text: str) -> str:
    r"""Keep what stands before `\approx`; a mere approximation stays marked as one."""
    exact, approx, _ = text.partition(r"\approx")
    return exact if approx and exact.strip() else text

"""The tables by which a text is rewritten: signs, LaTeX commands, Chinese ways to write formulas."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from verifiers.equality.quantities.rational import rational

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
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "θ": "theta", "λ": "lambda", "μ": "mu",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "η": "eta",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
CHARACTERS = str.maketrans({**{letter: rf"\{name} " for letter, name in _GREEK.items()}, **_FULL_WIDTH, **_SIGNS})
"""Every sign that has a spelling in ASCII."""

_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "₀₁₂₃₄₅₆₇₈₉"
_ON_LINE = str.maketrans(_RAISED + _LOWERED, "0123456789-0123456789")
SMALL_DIGITS = re.compile(f"([{_RAISED}]+)|[{_LOWERED}]+")

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
WIDE = _table(
    (rf"正负(?=[\d{_HAN}\\])", r"\\pm "),
    (r"(?<!\d)(\d{1,6}) ?(?:\^\\circ ?|度 ?)(\d{1,2}) ?(?:['′]|分)(?: ?(\d{1,2}) ?(?:''|[\"″]|秒))?", _as_degrees),
    (r"^[\u4e00-\u9fff\w∠△() ]{0,16}(?:方程|解析式|关系式|表达式|通项公式|通项)\s*(?:为|是|:)\s*(?=.*=)", ""),
)
"""Where a text holds more than ASCII."""
LATEX = _table(
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
PLAIN = _table(
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
RARE = (
    ("根号", _table((rf"(?:([\d{_HAN}]+)分之)?(?:([\d{_HAN}]+)倍?)?根号([\d{_HAN}]+)", _as_root))),
    ("分之", _table((rf"([\d{_HAN}]+)分之([\d{_HAN}]*)(?:\\pi|派)()", _as_root))),
    (r"\choose", _table((r"\{? ?(\w+) ?\\choose ?(\w+) ?\}?", r"\\binom{\1}{\2}"))),
)
"""Where a text holds the sign: on others, they would take long for nothing."""


def on_line(found: re.Match[str]) -> str:
    """Write small digits as a power or an index."""
    return ("^" if found[1] else "_") + "{" + found.group().translate(_ON_LINE) + "}"

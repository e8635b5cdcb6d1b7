r"""The words of a problem's text, for comparing texts: two spellings of one text give the same words.

Alike become full-width and plain characters, letter case, LaTeX and Unicode signs (`\frac12`, `\dfrac{1}{2}`, `½`),
the dress of formulas (`$`, `\(`, `\left`, `\text{…}`, spaces), Markdown emphasis, HTML entities and thousands
separators. Punctuation is dropped; brackets stay only where they group operators, since `2(3+4)` is not `2·3+4`.

Not covered: traditional against simplified Chinese; numbers in words (`three`, `三`) against digits; HTML tags; macros
that somebody defined; braces that group (`x^{2y}` is read as `x^2y`); lists of three-digit numbers without spaces
(`100,200` is read as one number).
"""

from __future__ import annotations

import html
import re
import unicodedata

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta θ iota ι kappa κ lambda λ "
    "mu μ nu ν xi ξ pi π rho ρ varrho ρ sigma σ varsigma σ tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω"
)
_SIGNS = (
    "cdot × times × ast × div / le ≤ leq ≤ leqslant ≤ leqq ≤ ge ≥ geq ≥ geqslant ≥ geqq ≥ ne ≠ neq ≠ lt < gt > "
    "approx ≈ thickapprox ≈ equiv ≡ pm ± mp ∓ infty ∞ in ∈ notin ∉ cup ∪ cap ∩ subset ⊂ subseteq ⊆ emptyset ∅ "
    "varnothing ∅ angle ∠ triangle △ perp ⊥ parallel ∥ sqrt √ sum ∑ prod ∏ int ∫ to → rightarrow → implies ⇒ "
    "bullet × textbar | overrightarrow \\vec forall ∀ exists ∃ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ "
    "mid | vert | lvert | rvert | circ ° degree ° prime '"
)
_DRESS = (
    "left right big bigl bigr bigg biggl biggr displaystyle textstyle limits nolimits text textbf textit textrm "
    "textnormal emph mbox mathrm mathbf mathit mathsf mathbb mathcal boldsymbol operatorname rm bf it quad qquad "
    "ldots cdots dots dotsc hline item"
)
_PAIRS = f"{_GREEK} {_SIGNS}".split()
_COMMANDS = {
    **dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)),
    **dict.fromkeys(_DRESS.split(), " "),
    **dict.fromkeys(("dfrac", "tfrac", "cfrac"), r"\frac"),
}
"""LaTeX commands that have another spelling, or are only dress."""

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_RARE = re.compile("(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+)|[¼-¾⅐-⅞]")
_UNICODE = str.maketrans(
    {"·": "×", "⋅": "×", "∙": "×", "÷": "/", "∕": "/", "⩽": "≤", "≦": "≤", "⩾": "≥", "≧": "≥", "−": "-", "–": "-"}
    | {"‐": "-", "’": "'", "‘": "'", "′": "'", "∣": "|", "º": "°", "˚": "°", "ς": "σ", "ϕ": "φ", "ϵ": "ε", "⁄": "/"}
)
_BLANK = "{}_$~`"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,31}\d{0,2});", re.IGNORECASE)
_LATEX = re.compile(
    r"\\(?:begin|end)\{[a-z]*\*?\}(?:\{[lcr|]*\})?"
    r"|\\(?P<digits>[dtc]?frac|sqrt) *(?P<first>\d) *(?P<second>\d?)"
    r"|\\(?P<command>[a-z]+)"
    r"|(?<=\d)\\,(?=\d{3}(?!\d))(?P<thousands>)"
    r"|\\(?P<percent>%)|\\[^a-z]"
)
_SPELLINGS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (sign, re.compile(pattern), replacement)
    for sign, pattern, replacement in (
        (",", r",(?<=\d,)(?=\d{3}(?!\d))", ""),
        ("=", r"<=", "≤"),
        ("=", r">=", "≥"),
        ("=", r"!=", "≠"),
        ("^", r" ?\^ ?(?=[°'])", ""),
        ("'", r"(?<=[a-z]{2})'(?=[a-z])|(?<=\bi)'(?=m|ll|ve|d)", ""),
        (" ", r" (?=[a-z](?![a-z]))(?<=(?<![a-z])[a-z] )", ""),
    )
)
"""What to rewrite where a sign occurs. The last joins letters: `A B` in a formula is `AB`."""

_VARIABLES = r"\u0370-\u03ff"
"""Greek letters: one word each, as they stand in formulas."""
_SINGLE = (
    _VARIABLES  # then Thai to Khmer, which put no spaces between words, and Chinese, Japanese and Korean
    + r"\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff"
    + r"\u3041-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u9fff"
    + r"\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_MARKED = (
    r"\u0591-\u05f4\u0610-\u061a\u0620-\u0669\u066e-\u06dc\u06de-\u06ff\u0710-\u088f\u0898-\u08e1\u08e3-\u08ff"
    r"\u0900-\u0963\u0966-\u0dff\u10a0-\u10ff"
)
"""Scripts from Hebrew to Georgian but for punctuation: `re` takes their vowel signs for no letters."""
_LONE = r"(?<=(?<![a-z])[a-z])"
_TOKEN = re.compile(
    rf"[{_SINGLE}]|[^\W\d_{_SINGLE}{_MARKED}]+|[{_MARKED}]+|\d+(?:\.\d+)?|\\[a-z]+"
    r"|[+/=<>^%|±¬×°←-⯿\U0001f000-\U0001faff]"
    rf"|(?<![a-z]{{2}})-(?= ?(?:[\d\\(\[√{_VARIABLES}]|[a-z](?![a-z])))"
    r"|(?<=[\w)\]])\*(?=[\w(\[\\])|(?<=\S )\*(?= \S)"
    rf"|{_LONE}'+|{_LONE}!|(?<=[\d)])!|(?<=[\d)] )!"
    r"|[(\[](?=(?:[\d .,(\[]|\\[a-z]{1,20}|[a-z](?![a-z])){0,40}[-+*/^=<>×±])|[)\]](?= ?[-+*/^×±(\[])"
)


def tokens(text: str) -> list[str]:
    r"""Split a text into the words by which it is compared.

    A word is one Chinese, Japanese or Korean character, one word of another script, one number (`1000`, `3.14`), one
    mathematical sign (`≤`, `×`, `π`) or one LaTeX command (`\frac`).
    """
    words = _TOKEN.findall(_one_spelling(text))
    return ["×" if word == "*" else word for word in words] if "*" in text else words


def _one_spelling(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(_unescaped, text)
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", _RARE.sub(_on_line, text)).casefold().translate(_UNICODE)
    if "\\" in text:
        text = _LATEX.sub(_plain, text)
    text = text.replace("{,}", ",")
    for sign in _BLANK:
        text = text.replace(sign, " ")
    text = " ".join(text.split())
    for sign, pattern, replacement in _SPELLINGS:
        if sign in text:
            text = pattern.sub(replacement, text)
    return text


def _unescaped(found: re.Match[str]) -> str:
    return html.unescape(found.group())


def _on_line(found: re.Match[str]) -> str:
    """Write raised digits as a power, and `½` as LaTeX does."""
    if found["raised"]:
        return "^" + found["raised"].translate(_RAISED) + " "
    top, _, bottom = unicodedata.normalize("NFKC", found.group()).partition("⁄")
    return rf" \frac {top} {bottom} "


def _plain(found: re.Match[str]) -> str:
    command = found["command"] or found["digits"]
    if command:
        name = _COMMANDS.get(command, "\\" + command)
        return f" {name} {found['first'] or ''} {found['second'] or ''} " if found["first"] else f" {name} "
    if found["thousands"] is not None:
        return ""
    return found["percent"] or " "

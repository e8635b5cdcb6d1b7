r"""Values of expressions, with sympy and the LaTeX grammar of math-verify.

Equality is decided exactly where sympy evaluates to rational numbers, and else by evaluating both sides to 40 digits,
at several points where they have variables. Expressions are never printed: that can take forever.

Not covered: a difference below 30 digits, and identities that hold only on part of the sampled points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, Literal

import sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy

from verifiers.equality.errors import UnreadableError
from verifiers.equality.normalise import split_top, squeeze

Side = Literal["gold", "answer"]

_READING = ConversionConfig(lowercase_symbols=False)  # R and r are two radii
_DIGITS = 40
_SMALL = sympy.Float(10) ** -30
_POINTS = ("0.7390851332", "-1.3247179572", "2.6180339887", "0.2360679775", "3.7320508075", "-0.4142135623")

_MATRIX = re.compile(
    r"\\begin ?\{([pbBvV]?)matrix\}(.*?)\\end ?\{\1matrix\}|\\begin ?\{array\} ?\{[^}]*\}(.*?)\\end ?\{array\}",
    re.DOTALL,
)
_CHAIN = re.compile(r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|<|>")
_VARIABLE = re.compile(r"[A-Za-z](?:_\w)?|[a-z]\([a-z]\)")
_MEMBER = re.compile(rf"({_VARIABLE.pattern}) ?\\in(?![a-z])(.*)", re.DOTALL)
_INTERVAL = re.compile(r"([(\[])(.*)([)\]])", re.DOTALL)
_BUILDER = re.compile(r"(?:\\\{)? ?([A-Za-z])(?: ?\\in ?\\mathbb\{R\})? ?(?:\||:)([^|]*?)(?:\\\})?", re.DOTALL)
_FINITE = re.compile(r"\\\{(.*)\\\}", re.DOTALL)
_UNION = re.compile(r"\\cup(?![a-z])|或者?|\bor\b")
_BOTH = re.compile(r"\\cap(?![a-z])|且|\band\b|,")
_MINUS = re.compile(r"\\setminus(?![a-z])|\\backslash(?![a-z])")
_FLIPPED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le", r"\ne": r"\ne"}
_COMMA = re.compile(r"[,;]")
_REALS = re.compile(r"\\mathbb\{R\}|R|(?:the set of )?(?:all )?real numbers|全体实数|实数集?|一切实数", re.IGNORECASE)
_NOTHING = re.compile(r"\\emptyset|(?:the )?empty set|空集|\\\{ ?\\\}", re.IGNORECASE)


def _decimal(found: re.Match[str]) -> str:
    whole, digits = found[1] or "0", found[2]
    return rf"(\frac{{{int(whole + digits)}}}{{{10 ** len(digits)}}})"


def _repeating(found: re.Match[str]) -> str:
    whole, steady, period = found.groups()
    nines = (10 ** len(period) - 1) * 10 ** len(steady)
    return rf"(\frac{{{int(whole + steady + period) - int(whole + steady)}}}{{{nines}}})"


_REWRITES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(\d)\.(\d*)\\(?:overline|dot) ?\{?(\d+)\}?", _repeating),
        (r"\\frac ?([0-9A-Za-z])", r"\\frac{\1}"),
        (r"(\\frac ?\{[^{}]*\}) ?([0-9A-Za-z]|\\pi(?![a-z]))", r"\1{\2}"),
        (r"(?<!\d)(\d*)\.(\d+)", _decimal),
        (r"(?<![\d.}^_])(\d+) ?(\\frac ?\{\d+\} ?\{\d+\})", r"(\1+\2)"),
        (r"\\sqrt ?(\d)", r"\\sqrt{\1}"),
        (r"(?<![A-Za-z\\])(sqrt|sin|cos|tan|ln|log|exp|pi|arctan|arcsin|arccos)(?![A-Za-z])", r"\\\1 "),
        (r"\\sqrt ?\(((?:[^()]|\([^()]*\))*)\)", r"\\sqrt{\1}"),
        (r"\\sqrt ?\(([^()]*)\)", r"\\sqrt{\1}"),
        (r"\\lg(?![a-z])", r"\\log_{10}"),
        (r"(\d+|\}|\)) ?%", r"\1\\cdot\\frac{1}{100}"),
        (r"(\d+|\(\\frac\{\d+\}\{\d+\}\)) ?\^ ?\\circ", r"(\1\\cdot\\frac{\\pi}{180})"),
        (r"(?:\\mathrm ?\{ ?)?(?<![A-Za-z\\])C(?: ?\})? ?_ ?\{?(\w+)\}? ?\^ ?\{?(\w+)\}?", r"\\binom{\1}{\2}"),
        (r"\{? ?(\w+) ?\\choose ?(\w+) ?\}?", r"\\binom{\1}{\2}"),
        (r"\*", r"\\cdot "),
        (r"\\(?:dx|dt)", r"dx"),
    )
)


def same_value(gold: str, given: str, tolerance: float | None) -> bool:
    """Compare two expressions; matrices entry by entry."""
    left, right = _read(gold, "gold"), _read(given, "answer")
    if isinstance(left, sympy.MatrixBase) or isinstance(right, sympy.MatrixBase):
        if getattr(left, "shape", None) != getattr(right, "shape", None):
            return False
        return all(_equal(a, b, tolerance) for a, b in zip(left, right, strict=True))
    return _equal(left, right, tolerance)


def same_equation(gold: str, given: str) -> bool:
    """Compare two equations: the differences of their sides are equal up to a constant factor that is not zero."""
    left, right = _difference(gold, "gold"), _difference(given, "answer")
    names = _names(left) | _names(right)
    if _names(left) != _names(right):
        return False
    factors = []
    for point in _points(names):
        top, bottom = _at(left, point), _at(right, point)
        if top is None or bottom is None:
            continue
        if abs(top) < _SMALL or abs(bottom) < _SMALL:
            return bool(abs(top) < _SMALL and abs(bottom) < _SMALL) and gold == given
        factors.append(top / bottom)
    return len(factors) > 1 and all(_near(factor, factors[0]) for factor in factors)


def same_set(gold: str, given: str) -> bool | None:
    """Compare sets of real numbers written as intervals, inequalities or builders; None when the gold is none."""
    left, right = _set(gold), _set(given)
    if left is None:
        return None
    if right is None:
        return False
    return bool(left == right or sympy.SymmetricDifference(left, right).doit() == sympy.S.EmptySet)


def _equal(left: Any, right: Any, tolerance: float | None) -> bool:
    if left == right:
        return True
    if isinstance(left, sympy.Rational) and isinstance(right, sympy.Rational):
        return tolerance is not None and abs(left - right) <= tolerance
    compared = 0
    for point in _points(_names(left) | _names(right)):
        a, b = _at(left, point), _at(right, point)
        if (a is None) != (b is None):
            return False
        if a is None:
            continue
        compared += 1
        if not (_near(a, b) or (tolerance is not None and abs(a - b) <= tolerance)):
            return False
    return compared > 0


def _near(left: Any, right: Any) -> bool:
    return bool(abs(left - right) <= _SMALL * max(1, abs(left), abs(right)))


def _at(expression: Any, point: Mapping[str, Any]) -> Any | None:
    """Evaluate at a point; None where there is no finite value."""
    bound = {symbol: point[symbol.name] for symbol in expression.free_symbols}
    value = expression.subs(bound).evalf(_DIGITS)
    if not value.is_number or value.has(sympy.oo, sympy.zoo, sympy.nan):
        return None
    return value if all(part.is_Float or part.is_Rational for part in value.as_real_imag()) else None


def _points(names: Iterable[str]) -> list[dict[str, Any]]:
    ordered = sorted(names)
    if not ordered:
        return [{}]
    values = [sympy.Rational(value) for value in _POINTS]
    return [
        {name: values[(start + 2 * index) % len(values)] + index for index, name in enumerate(ordered)}
        for start in range(len(values))
    ]


def _names(expression: Any) -> set[str]:
    return {symbol.name for symbol in expression.free_symbols}


def _difference(text: str, side: Side) -> Any:
    left, _, right = text.partition("=")
    return _read(left, side) - _read(right, side)


def _read(text: str, side: Side) -> Any:
    """Parse an expression or matrix and evaluate what is exact in it."""
    if found := _MATRIX.fullmatch(text.strip()):
        rows = [row for row in re.split(r"\\\\", found[2] or found[3]) if row.strip()]
        matrix = sympy.Matrix([[_read(cell, side) for cell in row.split("&")] for row in rows])
        return matrix.det() if found[1] in {"v"} else matrix
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    try:
        expression = latex2sympy(
            text.strip(), is_real=False, convert_degrees=False, normalization_config=None, conversion_config=_READING
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as err:  # the grammar raises bare Exceptions
        raise UnreadableError(side) from err
    if not isinstance(expression, sympy.Expr | sympy.MatrixBase):
        raise UnreadableError(side)
    imaginary = {symbol: sympy.I for symbol in expression.free_symbols if symbol.name == "i"}
    return expression.xreplace(imaginary).doit()


def _set(text: str) -> Any | None:
    """Read a set of real numbers; None when the text is none."""
    text = text.strip()
    if _REALS.fullmatch(text):
        return sympy.S.Reals
    if _NOTHING.fullmatch(text):
        return sympy.S.EmptySet
    if found := _BUILDER.fullmatch(text):
        return _set(found[2])
    for separator, combine in ((_MINUS, sympy.Complement), (_UNION, sympy.Union), (_BOTH, sympy.Intersection)):
        parts = split_top(text, separator)
        if len(parts) > 1:
            sets = [_set(part) for part in parts]
            return None if None in sets else combine(*sets)
    if found := _MEMBER.fullmatch(text):
        return _set(found[2])
    return _interval(text) or _finite(text) or _inequality(text)


def _interval(text: str) -> Any | None:
    found = _INTERVAL.fullmatch(text)
    ends = split_top(found[2], _COMMA) if found else []
    if not found or len(ends) != 2:
        return None
    low, high = (_real(end) for end in ends)
    return None if low is None or high is None else sympy.Interval(low, high, found[1] == "(", found[3] == ")")


def _finite(text: str) -> Any | None:
    found = _FINITE.fullmatch(text)
    if not found:
        return None
    members = [_real(part) for part in split_top(found[1], _COMMA)]
    return None if None in members else sympy.FiniteSet(*members)


def _inequality(text: str) -> Any | None:
    r"""Read `x > 2`, `2 < x`, `-1 < x \le 3`, `x \ne 0`; None when it says more than bounds of one variable."""
    signs = _CHAIN.findall(text)
    sides = [side.strip() for side in _CHAIN.split(text)]
    if not signs or sum(bool(_VARIABLE.fullmatch(side)) for side in sides) != 1:
        return _linear(sides, signs)
    bounds = []
    for (left, right), sign in zip(pairwise(sides), signs, strict=True):
        bound = _bound(left, sign, right)
        if bound is None:
            return None
        bounds.append(bound)
    return sympy.Intersection(*bounds)


def _linear(sides: list[str], signs: list[str]) -> Any | None:
    """Read one inequality whose sides differ by a linear expression in one variable."""
    if len(signs) != 1:
        return None
    try:
        difference = _read(sides[0], "answer") - _read(sides[1], "answer")
    except UnreadableError:
        return None
    if len(difference.free_symbols) != 1:
        return None
    (symbol,) = difference.free_symbols
    slope, constant = difference.diff(symbol), difference.subs(symbol, 0)
    if not slope.is_number or not slope.is_real or slope == 0:
        return None
    return _half_line(signs[0] if slope > 0 else _FLIPPED[signs[0]], -constant / slope)


def _bound(left: str, sign: str, right: str) -> Any | None:
    if not _VARIABLE.fullmatch(left):
        left, sign, right = right, _FLIPPED[sign], left
    value = _real(right)
    return None if value is None or not _VARIABLE.fullmatch(left) else _half_line(sign, value)


def _half_line(sign: str, value: Any) -> Any:
    low, high = -sympy.oo, sympy.oo
    return {
        "<": lambda: sympy.Interval.open(low, value),
        ">": lambda: sympy.Interval.open(value, high),
        r"\le": lambda: sympy.Interval(low, value),
        r"\ge": lambda: sympy.Interval(value, high),
        r"\ne": lambda: sympy.Complement(sympy.S.Reals, sympy.FiniteSet(value)),
    }[sign]()


def _real(text: str) -> Any | None:
    """Read an end of an interval; None when it is no real number."""
    text = squeeze(text)
    if text.removeprefix("+") == r"\infty":
        return sympy.oo
    if text == r"-\infty":
        return -sympy.oo
    try:
        value = _read(text, "answer")
    except UnreadableError:
        return None
    return value if not value.free_symbols and value.is_extended_real else None

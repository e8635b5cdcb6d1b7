r"""Values of expressions, with sympy and the LaTeX grammar of math-verify.

Equality is decided exactly where sympy evaluates to rational numbers, and else by evaluating both sides to 40 digits,
at several points where they have variables. Expressions are never printed: that can take forever.

Not covered: a relative difference below 75 digits, and identities that hold only on part of the sampled points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy

from verifiers.equality.errors import UnreadableError

Side = Literal["gold", "answer"]

_READING = ConversionConfig(lowercase_symbols=False)  # R and r are two radii
_DIGITS = 100
_SMALL = sympy.Float(10) ** -75
_POINTS = ("0.7390851332", "-1.3247179572", "2.6180339887", "0.2360679775", "3.7320508075", "-0.4142135623")

_MATRIX = re.compile(
    r"\\begin ?\{([pbBvV]?)matrix\}(.*?)\\end ?\{\1matrix\}|\\begin ?\{array\} ?\{[^}]*\}(.*?)\\end ?\{array\}",
    re.DOTALL,
)


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
    try:
        for pattern, replacement in _REWRITES:
            text = pattern.sub(replacement, text)
        expression = latex2sympy(
            text.strip(), is_real=False, convert_degrees=False, normalization_config=None, conversion_config=_READING
        )
        if isinstance(expression, sympy.Expr | sympy.MatrixBase):
            imaginary = {symbol: sympy.I for symbol in expression.free_symbols if symbol.name == "i"}
            return expression.xreplace(imaginary).doit()
    except (MemoryError, RecursionError):
        raise
    except Exception as err:  # the grammar raises bare Exceptions, and sympy what it likes
        raise UnreadableError(side) from err
    raise UnreadableError(side)

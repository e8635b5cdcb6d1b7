r"""From a normalised text to an expression: LaTeX and plain notation, as models mix them.

Read: numbers, letters with indices, + - · / ^ !, fractions, roots, powers, absolute values, floors, trigonometry,
logarithms, binomials (also C_5^2), sums, products and integrals with bounds, percent and degrees.
Where notations differ: `1/2x` is x/2 but `1/xy` is 1/(xy); `\sin 2x\cos x` ends the first argument before `\cos`;
`2\frac{1}{2}` is two and a half; a letter before brackets is a factor, but f, g and h are functions.
Not read: relations, lists, words, limits, derivatives, and `\pm`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from verifiers.equality.algebra.expression import (
    Expression,
    add,
    call,
    inverse,
    multiply,
    negative,
    number,
    power,
    symbol,
)
from verifiers.equality.algebra.operands import OPERANDS, chosen, function, marked, mixed
from verifiers.equality.algebra.tokens import (
    APPLIED,
    AROUND,
    CLOSER,
    FUNCTIONS,
    GROUPS,
    LETTER,
    LONG_WORD,
    MARKS,
    MODULO,
    OVER,
    RUNNING,
    TIMES,
    TOKEN,
    UNKNOWN,
)
from verifiers.equality.errors import NotReadError
from verifiers.equality.quantities.digits import digits

LONGEST = 100_000
"""Characters of one expression."""
_DEGREE = multiply(symbol("pi"), number(Fraction(1, 180)))
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_NUMERIC = frozenset({"number", "repeating"})


def read(text: str) -> Expression:
    """Parse a normalised text.

    Raises:
        NotReadError: it holds something else than one expression, or nests deeper than Python recurses.
    """
    if len(text) > LONGEST or LONG_WORD.search(text):
        raise NotReadError
    reader = Reader(text)
    try:
        found = reader.sum()
    except (RecursionError, ValueError):  # nested too deep, or digits too many
        raise NotReadError from None
    reader.expect_end()
    return found


def is_ours(text: str) -> bool:
    """Whether a text holds no command but those read here, so that nobody else could read it either."""
    commands = {f"\\{name}" for name in _COMMAND.findall(text)}
    known = {*OPERANDS, *MARKS, *TIMES, *OVER, *MODULO, *AROUND, *CLOSER.values(), r"\circ", r"\pm"}
    return all(one in known or one[1:] in FUNCTIONS or LETTER.fullmatch(one) for one in commands)


class Reader:
    """One pass over the tokens, from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens = [(found.lastgroup, found.group()) for found in TOKEN.finditer(text) if found.lastgroup]
        self.here = 0
        self._bars = 0

    @property
    def next(self) -> str:
        """The next token; empty at the end."""
        return self.tokens[self.here][1] if self.here < len(self.tokens) else ""

    @property
    def kind(self) -> str:
        """What the next token is: a group of `TOKEN`; empty at the end."""
        return self.tokens[self.here][0] if self.here < len(self.tokens) else ""

    def take(self, *expected: str) -> bool:
        """Move past the next token if it is one of these."""
        if self.next and self.next in expected:
            self.here += 1
            return True
        return False

    def expect(self, token: str) -> None:
        """Move past a token that must come now."""
        if not self.take(token):
            raise NotReadError

    def expect_end(self) -> None:
        """Refuse tokens that are left."""
        if self.here < len(self.tokens):
            raise NotReadError

    def sum(self) -> Expression:
        """Read terms."""
        terms = [self._term()]
        while self.next in {"+", "-"}:
            terms.append(self._term())
        return add(*terms)

    def _term(self) -> Expression:
        minus = 0
        while self.next in {"+", "-"}:
            minus += self.next == "-"
            self.here += 1
        term = self.product()
        return negative(term) if minus % 2 else term

    def product(self) -> Expression:
        """Read factors: multiplied, divided, or touching."""
        factors = [self.factor()]
        while True:
            if self.take(*TIMES):
                factors.append(self.signed_factor())
            elif self.take(*MODULO):
                factors = [call("mod", multiply(*factors), self.signed_factor())]
            elif self.take(*OVER):
                factors.append(inverse(self._divisor()))
            elif self.begins_factor():
                if self.kind in _NUMERIC and factors[-1].operation == "number":
                    raise NotReadError  # two numbers side by side are no product
                factors.append(self.factor())
            else:
                return multiply(*factors)

    def signed_factor(self) -> Expression:
        """Read a factor that may carry a minus."""
        return negative(self.signed_factor()) if self.take("-") else self.factor()

    def _divisor(self) -> Expression:
        """Read what a slash divides by: a letter takes along what touches it, a number does not."""
        if self.take("-"):
            return negative(self._divisor())
        alone = self.kind in _NUMERIC
        factors = [self.factor()]
        while not alone and self.next not in CLOSER and self.begins_factor():
            factors.append(self.factor())
        return multiply(*factors)

    def begins_factor(self) -> bool:
        """Whether a factor may begin here without a sign before it."""
        token = self.next
        if self.kind in _NUMERIC or self.kind == "word":
            return True
        if token == "|":  # noqa: S105  a bar closes what a bar opened
            return not self._bars
        known = token in AROUND or token in MARKS or token in OPERANDS or token in GROUPS or token[1:] in FUNCTIONS
        return known or bool(LETTER.fullmatch(token))

    def factor(self) -> Expression:
        """Read an atom with its powers, factorials and percent signs."""
        base = self.atom()
        while True:
            if self.take("^"):
                base = multiply(base, _DEGREE) if self.take(r"\circ") else power(base, self._exponent())
            elif self.take("!"):
                base = call("!!", base) if self.take("!") else call("!", base)
                if self.next == "!":
                    raise NotReadError  # whose factorial 3!!! is, nobody can tell
            elif self.take("%"):
                base = multiply(base, number(Fraction(1, 100)))
            else:
                return base

    def script(self) -> Expression:
        """Read what stands raised or lowered: a group, a signed number or one sign."""
        return self.signed_factor() if self.next == "-" else self.atom()

    def _exponent(self) -> Expression:
        """Read an exponent with its own: 2^3^2 is 2^9."""
        found = self.script()
        return power(found, self._exponent()) if self.take("^") else found

    def group(self) -> Expression:
        """Read what stands in brackets."""
        opener = self.next
        self.here += 1
        bars, self._bars = self._bars, 0
        found = self.sum()
        self._bars = bars
        self.expect(CLOSER[opener])
        return found

    def atom(self) -> Expression:
        """Read the smallest unit."""
        kind, token = self.kind, self.next
        if token in AROUND:
            return self._around()
        if token in GROUPS:
            return self.group()
        self.here += 1
        if kind == "number":
            return mixed(self, number(Fraction(Decimal(token.replace(",", "")))))
        if kind == "repeating":
            return number(digits(token) or 0)
        name = token.removeprefix("\\")
        if kind in {"word", "command"} and name in FUNCTIONS:
            return function(self, name)
        if token in MARKS:
            return marked(self, token)
        if reader := OPERANDS.get(f"\\{name}" if kind in {"word", "command"} else ""):
            return reader(self)
        if LETTER.fullmatch(token):
            return self._letter(name)
        raise NotReadError

    def _around(self) -> Expression:
        opener = self.next
        self.here += 1
        self._bars += opener == "|"
        found = self.sum()
        self._bars -= opener == "|"
        self.expect(CLOSER[opener])
        return call(AROUND[opener], found)

    def _letter(self, name: str) -> Expression:
        begin = self.here
        if name in {"C", "A", "P"} and (found := chosen(self, name)):
            return found
        self.here = begin
        if self.take("_"):
            begin = self.here
            index = self.raw()
            if RUNNING.search(index):  # S_{k-1} is another one for each k
                self.here = begin
                return Expression("call", (self.script(),), name=name)
            name += "_" + index
        while self.take("'"):
            name += "'"
        if self.next == "(" and (name.rstrip("'") in UNKNOWN or self._is_applied(name)):
            return Expression("call", tuple(self.arguments()), name=name)
        return symbol(name)

    def _is_applied(self, name: str) -> bool:
        spelled = "".join(token for _, token in self.tokens[self.here : self.here + 6])
        return (name[0].isupper() or name in {"y", "u", "v", "phi", "psi"}) and bool(APPLIED.match(spelled))

    def raw(self) -> str:
        """Take a group, a command or one sign as it is spelled: an index, or what carries a mark."""
        spelled = [self.next]
        self.here += 1
        depth = int(spelled == ["{"])
        while depth and self.here < len(self.tokens):
            depth += (self.next == "{") - (self.next == "}")
            spelled.append(self.next)
            self.here += 1
        return "".join(spelled[1:-1] if len(spelled) > 1 else spelled)

    def arguments(self) -> list[Expression]:
        """Read what a function is applied to."""
        closer = CLOSER[self.next]
        self.here += 1
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        self.expect(closer)
        return found

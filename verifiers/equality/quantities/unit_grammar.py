"""Units alone: their names in singular and plural, areas and volumes, products and quotients, in one spelling each.

Letters side by side are units only where a quotient or a negative power shows it: `2 g h` is a product of unknowns.
"""

from __future__ import annotations

import re
from collections import Counter

from verifiers.equality.quantities.unit_names import COMPOSITE, LENGTHS, NAMES

_TIDY = re.compile(r" ?([\^/]) ?| ?(\\cdot|\*|\\times) ?")
_PER = re.compile(r"/| ?\bper | ?每")
_TIMES = re.compile(r"\\cdot|\\times|\*| ")
_FACTOR_FORM = re.compile(
    r"(?P<before>(?:square|sq\.?|cubic|cu\.?|平方|立方)(?: |(?=[\u4e00-\u9fff])))?(?P<name>.+?)"
    r"(?P<after> squared| cubed)?(?:\^?(?P<power>-?\d))?"
)
_POWERS = {"sq": 2, "平方": 2, "cu": 3, "立方": 3}


def known_unit(text: str) -> str | None:
    """Spell a unit that the tables know, products and quotients included; None for any other text."""
    text = _TIDY.sub(
        lambda found: found[1] or found[2], text.replace("{", "").replace("}", "").replace("\\$", "$")
    ).strip()
    if (name := unit_name(text)) is not None:
        return name
    above, *below = _PER.split(text)
    powers: Counter[str] = Counter()
    for part, sign in ((above, 1), *((part, -1) for part in below)):
        if part.strip() or sign < 0:
            factors = _factors(part.strip("() "), quotient=bool(below))
            if factors is None:
                return None
            for name, power in factors:
                powers[name] += sign * power
    areas = {name for name, power in powers.items() if power > 1}
    return _spelled(powers) if below or "-" in text or areas <= LENGTHS else None


def _factors(text: str, *, quotient: bool) -> list[tuple[str, int]] | None:
    if (factor := _factor(text)) is not None:
        return [factor]
    factors = [_factor(part) for part in _TIMES.split(text) if part]
    known = [factor for factor in factors if factor]
    if len(known) < len(factors) or not known:
        return None
    # letters side by side are a product of unknowns, unless something shows that they are units
    shown = quotient or "\\" in text or "*" in text or "-" in text or text in {"N m", "kW h"}
    return known if shown else None


def _factor(text: str) -> tuple[str, int] | None:
    found = _FACTOR_FORM.fullmatch(text)
    name = unit_name(found["name"]) if found else None
    if not found or name is None or "/" in name:
        return None
    power = int(found["power"] or 1)
    for said in (found["before"], found["after"]):
        power *= _POWERS.get((said or "").strip(" .")[:2], 1)
    return (name, power) if abs(power) < 4 else None


def _spelled(powers: Counter[str]) -> str:
    above = sorted(name if power == 1 else f"{name}^{power}" for name, power in powers.items() if power > 0)
    below = sorted(name if power == -1 else f"{name}^{-power}" for name, power in powers.items() if power < 0)
    return "/".join([r"\cdot ".join(above), *below])


def unit_name(text: str) -> str | None:
    """Spell one name that the tables know, in the singular or the plural."""
    for spelling in (text, singular(text), singular(text).lower() if len(text) > 1 else ""):
        if known := COMPOSITE.get(spelling) or NAMES.get(spelling):
            return known
    return None


def singular(text: str) -> str:
    """Take the plural ending off the last word."""
    if len(text) < 4 or not text.endswith("s") or text.endswith(("ss", "us")):
        return text[:-1] if len(text) == 3 and text in {"hrs", "yds", "lbs", "kms", "cms", "gms"} else text
    if text.endswith("ies") and len(text) > 4:
        return text[:-3] + "y"
    return text[:-2] if text.endswith(("ches", "shes", "xes", "sses", "zes")) else text[:-1]

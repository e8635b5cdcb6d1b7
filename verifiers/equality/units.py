"""Units after (or a currency before) a value."""

from __future__ import annotations

import re

from verifiers.equality.rational import rational

DEGREE = r"^\circ"

_SAME: tuple[tuple[str, ...], ...] = (
    (DEGREE, "度", "degree", "degrees", "deg"),
    ("mm", "毫米", "millimeter", "millimeters"),
    ("cm", "厘米", "centimeter", "centimeters", "centimetre", "centimetres"),
    ("dm", "分米"),
    ("m", "米", "meter", "meters", "metre", "metres"),
    ("km", "千米", "公里", "kilometer", "kilometers", "kilometre", "kilometres"),
    ("cm^2", "平方厘米", "square centimeters", "square cm", "sq cm"),
    ("m^2", "平方米", "square meters", "sq m"),
    ("km^2", "平方千米", "平方公里", "square kilometers"),
    ("cm^3", "立方厘米", "cubic centimeters", "cubic cm"),
    ("m^3", "立方米", "cubic meters"),
    ("g", "克", "gram", "grams"),
    ("kg", "千克", "公斤", "kilogram", "kilograms"),
    ("t", "吨", "ton", "tons"),
    ("L", "升", "l", "liter", "liters", "litre", "litres"),
    ("mL", "毫升", "ml", "milliliter", "milliliters"),
    ("s", "秒", "sec", "second", "seconds"),
    ("min", "分钟", "minute", "minutes"),
    ("h", "小时", "hr", "hrs", "hour", "hours"),
    ("天", "日", "day", "days"),
    ("年", "岁", "year", "years", "years old"),
    ("mi", "英里", "mile", "miles"),
    ("ft", "英尺", "foot", "feet"),
    ("in", "英寸", "inch", "inches"),
    ("km/h", "千米/时", "千米/小时", "公里/小时", "kmh", "kph"),
    ("m/s", "米/秒"),
    ("mph", "miles per hour"),
    ("$", "美元", "dollar", "dollars", "usd"),
    ("¥", "元", "人民币", "yuan", "rmb"),
    ("€", "欧元", "euro", "euros"),
    ("£", "英镑", "pound", "pounds"),
    ("%", "percent", "per cent", "pct"),
)
_CANONICAL = {name: names[0] for names in _SAME for name in names}
_CURRENCY = re.compile(r"^(-?) ?([$¥€£]) ?(?=[\d.\\])")
_WORDS = r"[A-Za-z]+(?: ?/ ?[A-Za-z]+| [a-z]+)*"
_HAN_UNIT = r"(?:千[米克瓦]|(?![零〇一二两三四五六七八九十百千万亿之又])[\u4e00-\u9fff]){1,5}(?:/[\u4e00-\u9fff]{1,2})?"
_UNIT = re.compile(
    r"^(?P<value>.*?[\d)}!|零〇一二两三四五六七八九十百千万亿a-z]) ?(?P<unit>\^\\circ"
    rf"|(?<![a-z])(?:{_WORDS})(?: ?\^ ?(?:\{{ ?[23] ?\}}|[23]))?|{_HAN_UNIT})$"
)
_FUNCTION = re.compile(r"(?:sin|cos|tan|cot|sec|csc|log|ln|lg)(?: ?\^ ?\{?\d+\}?)? ?[\d({]|=")
_NO_UNITS = frozenset({"pi", "or", "and", "if", "sqrt", "sin", "cos", "tan", "log", "ln", "to", "cdot", "infty", "in"})


def _product(found: re.Match[str]) -> bool:
    """Whether Latin letters after a value are unknowns: one or two anywhere, three or a quotient when they touch it."""
    letters, *others = re.findall(r"[A-Za-z]+", found["unit"]) or [""]
    touching = found.end("value") == found.start("unit")
    if others and "/" in found["unit"]:
        return touching and not {letters, *others} <= _CANONICAL.keys()
    return found["unit"].isascii() and len(letters) < (4 if touching else 3)


def split_unit(text: str) -> tuple[str, str | None]:
    """Part a normalised value from its unit, in one spelling per unit; None when it has none."""
    if found := _CURRENCY.match(text):
        return found[1] + text[found.end() :], found[2]
    found = None if rational(text) is not None else _UNIT.match(text)
    if not found or _FUNCTION.search(found["value"]):
        return text, None
    unit = " ".join(re.sub(r"[{} ]*([\^/23])[{} ]*", r"\1", found["unit"]).split())
    known = _CANONICAL.get(unit) or _CANONICAL.get(unit.lower())
    if not known and (_product(found) or _NO_UNITS & set(unit.lower().split())):
        return text, None
    if known == "%":
        return found["value"].strip() + "%", None
    return found["value"].strip(), known or unit.lower()

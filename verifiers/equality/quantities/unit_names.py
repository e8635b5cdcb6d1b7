"""Names of units in English and Chinese, each with one spelling for all, and the sizes of those that stand together.

SI names come of prefixes × bases, the others are listed. Units are never converted, but `2 h 30 min` is one quantity.
Not covered: SI prefixes beyond tera and pico, and names that mean several units (度 of electricity, 分 of a score).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

DEGREE = r"^\circ"

_PREFIXES = (
    ("", "", ""), ("T", "tera", "太"), ("G", "giga", "吉"), ("M", "mega", "兆"), ("k", "kilo", "千"),
    ("d", "deci", "分"), ("c", "centi", "厘"), ("m", "milli", "毫"), ("μ", "micro", "微"), ("n", "nano", "纳"),
    ("p", "pico", "皮"),
)  # fmt: skip
_SI = """
m: meter metre 米
g: gram gramme 克
L: liter litre 升 l
s: second sec 秒 秒钟
W: watt 瓦 瓦特
V: volt 伏 伏特
A: ampere amp 安 安培
J: joule 焦 焦耳
N: newton 牛 牛顿
Pa: pascal 帕 帕斯卡
Hz: hertz 赫 赫兹
mol: mole 摩尔
eV: electronvolt electron-volt 电子伏 电子伏特
Ω: ohm 欧 欧姆 \\Omega Ω
B: byte 字节
cal: calorie 卡 卡路里
Wh: watt-hour 瓦时
"""
_OTHERS = rf"""
{DEGREE}: deg degree 度 °
{DEGREE} C: ℃ °C degree-celsius degrees-celsius degree-C degrees-C celsius 摄氏度 摄氏
{DEGREE} F: ℉ °F degree-fahrenheit degrees-fahrenheit degree-F degrees-F fahrenheit 华氏度 华氏
K: kelvin 开尔文
': arcmin arcminute 角分
'': arcsec arcsecond 角秒
rad: radian 弧度
min: minute mins 分钟
h: hr hour 小时 时 钟头
day: 天 日
week: wk 周 星期 礼拜
month: mo 个月
year: yr 年 岁 years-old year-old 周岁
century: 世纪
mi: mile 英里
ft: foot feet 英尺
in: inch 英寸 in.
yd: yard 码
里: 华里
尺: 市尺
寸: 市寸
nmi: nautical-mile 海里
kg: 公斤 kilo
km: 公里
L: 公升
t: ton tonne metric-ton 吨 公吨
lb: lbs pound 磅
oz: ounce 盎司
斤: 市斤 jin
gal: gallon 加仑
qt: quart 夸脱
pt: pint 品脱
ha: hectare 公顷
acre: 英亩
亩: mu
$: dollar USD US$ US-dollar 美元 美金 buck
¢: cent 美分 ￠
¥: 元 人民币 yuan RMB CNY 块钱 圆 元钱 元整 元人民币
角: 毛 毛钱 角钱 jiao
€: euro EUR 欧元
£: GBP 英镑 pound-sterling
日元: yen JPY 日圆 japanese-yen
HK$: HKD 港元 港币 hong-kong-dollar
₹: rupee INR Rs Rs. 卢比
₩: won KRW 韩元
₽: ruble rouble RUB 卢布
%: percent per-cent pct percentage
bit: 比特
kcal: 大卡
unit: 单位
rpm: revolutions-per-minute
person: people 人 个人 persons
student: 学生 pupil
boy: 男生 男孩
girl: 女生 女孩
child: children 小朋友 孩子 kid
man: men 男人
woman: women 女人
time: 次 回 遍
fold: 倍
page: 页
floor: 层 storey story
row: 排 行
group: 组
pair: 双 对
box: 盒 箱
bag: 袋
bottle: 瓶
cup: 杯
basket: 筐
pack: 包 packet
set: 套
book: 书
apple: 苹果
orange: 橘子 桔子 橙子
egg: 鸡蛋
tree: 树
flower: 花
ball: 球
car: 汽车
way: 方法 办法
point: 分
折: 折扣
tooth: teeth
mouse: mice
goose: geese
"""
COMPOSITE = {
    "mph": "mi/h", "kmph": "km/h", "kph": "km/h", "kmh": "km/h", "cc": "cm^3", "sqft": "ft^2", "kWhr": "kWh",
    "公里时": "km/h", "平方": "m^2", "立方": "m^3", "Nm": r"N\cdot m", "kilometer-per-hour": "km/h",
}  # fmt: skip
"""Names of products and quotients."""

_NO_UNITS = frozenset({"pm", "pA", "dB", "ds", "TW", "Tm", "Gm", "Mm", "ML", "dA", "cA", "dN", "cd", "ns old"})
"""Products of prefix and base that nobody writes, or that mean something else."""

LENGTHS = frozenset({"m", "dm", "cm", "mm", "km", "μm", "nm", "mi", "ft", "in", "yd", "unit", "里", "尺", "寸"})
"""Units that are squared and cubed."""

_FAMILIES = (
    {"week": 604_800, "day": 86_400, "h": 3600, "min": 60, "s": 1},
    {"year": 12, "month": 1},
    {"km": 1_000_000, "m": 1000, "dm": 100, "cm": 10, "mm": 1},
    {"mi": 63_360, "yd": 36, "ft": 12, "in": 1},
    {"t": 1_000_000, "kg": 1000, "g": 1},
    {"lb": 16, "oz": 1},
    {"斤": 10, "两": 1},
    {"L": 1000, "mL": 1},
    {"¥": 100, "角": 10, "fen": 1},
    {"$": 100, "¢": 1},
    {DEGREE: 3600, "'": 60, "''": 1},
)
BESIDE_LARGER = {"分": ("min", "fen"), "两": ("两",), '"': ("''",)}
"""Names that mean a unit only after a larger one, and which: 分 after 小时 or after 角."""


def _named() -> dict[str, str]:
    names = {"ml": "mL", "KB": "kB", "um": "μm", "ug": "μg", "\\mu m": "μm", "\\mu g": "μg"}
    for symbol, words in _table(_SI):
        for short, long, han in _PREFIXES:
            canonical = short + symbol
            spelled = ((han if "\u4e00" <= word[0] <= "\u9fff" else long) + word for word in words)
            names |= dict.fromkeys((canonical, *spelled), canonical)
    for canonical, words in _table(_OTHERS):
        names |= dict.fromkeys((canonical, *(word.replace("-", " ") for word in words)), canonical)
    return {name: canonical for name, canonical in names.items() if not _NO_UNITS & {name, canonical}}


def _table(lines: str) -> Iterator[tuple[str, list[str]]]:
    for line in lines.strip().split("\n"):
        canonical, _, words = line.partition(": ")
        yield canonical, words.split()


NAMES = _named()
"""Spelling in the singular → canonical spelling."""

FACTOR = {
    unit: {other: Fraction(size, sizes[unit]) for other, size in sizes.items()} for sizes in _FAMILIES for unit in sizes
}
"""Unit → every unit of its family, as a multiple of it."""

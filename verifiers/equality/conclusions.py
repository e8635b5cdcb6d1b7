"""What a short statement says in the end: 这个游戏不公平 says 不公平, "the function is even" says even.

Not covered: statements of several clauses, and those that hedge or deny before they come to it.
"""

from __future__ import annotations

import re

_PREDICATES = """
公平 不公平 存在 不存在 无解 有解 有唯一解 有无数解 相切 相交 相离 外切 内切 平行 不平行 垂直 不垂直 相等 不相等 重合
成立 不成立 正确 不正确 错误 可能 不可能 能 不能 可以 不可以 会 不会 够 不够 收敛 发散 连续 不连续 可导 不可导
单调递增 单调递减 递增 递减 增大 减小 不变
"""
_SAID = "|".join(sorted(_PREDICATES.split(), key=len, reverse=True))
_SUBJECT = r"[^不没无非未否别或若且难假设欠失岂反少半部谁说算只,;。]{1,20}?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<subject>{_SUBJECT}(?:是|为|选|属于)|选|应选)(?:一个|一种|一条|[^是为选,;。]{{1,8}}的)?(?P<said>[^是为选,;。]{{1,20}})",
        rf"(?P<subject>{_SUBJECT})(?P<said>{_SAID})",
        r"(?P<subject>(?!nobody|no one|nothing|it is false|not )(?:(?!or |that |if |is )\S+ ){1,8})"
        r"(?:is|are|was|were) (?:an? |the )?(?P<said>[a-z][a-z' -]{1,40})",
        r"(?P<said>yes|no|是的?|不是|能|不能|会|不会|可以|不可以|正确|错误)"
        r"(?P<subject> ?[,;](?! ?(?:yes|no|是的?$|不|否|错|that)))[^,;]{1,80}",
    )
)


def conclusion(text: str) -> tuple[str, str] | None:
    """Return what is said, and of what, in a normalised statement; None when it is none."""
    for form in _FORMS:
        if found := form.fullmatch(text):
            return found["said"].strip(), found["subject"].strip()
    return None

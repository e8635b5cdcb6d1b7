"""Text from a model reaches a terminal as text, never as orders."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from curator.escape import one_line, plain


def test_a_terminal_escape_becomes_visible() -> None:
    """Clearing the screen or setting the title is shown, not done."""
    assert plain("\x1b[2Jhi\x1b]0;owned\x07") == "\\x1b[2Jhi\\x1b]0;owned\\x07"


def test_c1_controls_and_direction_overrides_become_visible() -> None:
    """The one-byte CSI and right-to-left overrides are orders too."""
    assert plain("\x9b31m a\u202eb") == "\\x9b31m a\\u202eb"


def test_rich_markup_is_left_alone() -> None:
    """Square brackets are text; whoever prints must not read them as markup."""
    assert plain("[bold red]x[/]") == "[bold red]x[/]"


def test_chinese_new_lines_and_emoji_stay() -> None:
    """Escaping must not make honest text unreadable."""
    assert plain("答案是：四\n👩‍🚀\t") == "答案是：四\n👩‍🚀\t"


def test_one_line_is_one_line() -> None:
    """Table cells never break a row, and say when they cut."""
    assert one_line("a\nb\tc") == "a\\nb\\tc"
    assert one_line("abcdef", 4) == "abc…"


@given(st.text())
def test_nothing_but_new_lines_and_tabs_controls_a_terminal(text: str) -> None:
    """Whatever the text, no control or surrogate character is left."""
    left = {unicodedata.category(char) for char in plain(text) if char not in "\n\t\u200c\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}

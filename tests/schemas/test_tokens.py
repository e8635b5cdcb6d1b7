"""What a text without a count is estimated at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.tokens import estimate_tokens


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("We are given that the train leaves at nine and arrives at noon, so the trip takes three hours.", 21),
        ("我们知道火车九点出发，中午到达，所以路上用了三个小时。如果速度是每小时80公里，那么距离就是240公里。", 32),
        ("列車は九時に出発して正午に到着するので、移動には三時間かかります。", 25),
        ("Мы знаем, что поезд отправляется в девять часов и прибывает в полдень.", 24),
        ("نعلم أن القطار يغادر في الساعة التاسعة ويصل عند الظهر، لذلك تستغرق الرحلة ثلاث ساعات.", 28),
        ("আমরা জানি ট্রেনটি নয়টায় ছাড়ে এবং দুপুরে পৌঁছায়, তাই যাত্রায় তিন ঘণ্টা লাগে।", 90),
        ("def distance(speed: float, hours: float) -> float:\n    return speed * hours\n", 19),
    ],
)
def test_every_script_is_counted_nearly_as_r1s_tokenizer_does(text: str, counted: int) -> None:
    """A limit in tokens means about the same in any language: `counted` is that tokenizer's own count."""
    assert estimate_tokens(text) == pytest.approx(counted, rel=0.32)


@given(st.text(), st.text())
def test_longer_texts_never_have_fewer_tokens(text: str, more: str) -> None:
    """Any text has a count, none only where there is no text."""
    assert estimate_tokens(text + " " + more) >= max(1, estimate_tokens(text))
    assert (estimate_tokens(text) == 0) == (text == "")

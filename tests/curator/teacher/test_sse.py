"""Bytes of a stream become events."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.teacher.sse import SSEParser

SAMPLE = (
    ": hello\n\n"
    "data: {\"a\":\"设 x²\"}\n\n"
    "event: message\r\ndata:first\r\ndata: second\r\nid: 3\r\n\r\n"
    "\n\n\n"
    "data\n\n"
    "data: 😀\r\r"
    "data: [DONE]\n\n"
).encode()  # fmt: skip
EVENTS = ['{"a":"设 x²"}'.encode(), b"first\nsecond", b"", "😀".encode(), b"[DONE]"]


def parse(pieces: list[bytes]) -> list[bytes]:
    parser = SSEParser()
    return [event for piece in pieces for event in parser.feed(piece)]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"data: a\r\n\r\n", [b"a"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b": ping\n\n", []),
        (b"event: x\nid: 1\n\n", []),
        (b"data: a\n\n\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data: a\n", []),
        (SAMPLE, EVENTS),
    ],
)
def test_events_are_cut_as_the_standard_says(stream, events):
    """Line ends of any kind, comments, empty and multi-line data; an unended event is not one."""
    assert parse([stream]) == events


@given(st.lists(st.integers(0, len(SAMPLE)), max_size=12).map(sorted))
def test_where_the_network_cuts_does_not_matter(cuts):
    """Any cutting, inside characters and line ends too, gives the same events."""
    edges = [0, *cuts, len(SAMPLE)]
    assert parse([SAMPLE[a:b] for a, b in pairwise(edges)]) == EVENTS


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"))), st.data())
def test_what_is_written_is_read(texts, data):
    """Writing texts as events and reading them, with any line end, gives the texts."""
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode() + b"\n"
    assert parse([stream[i : i + 1] for i in range(len(stream))]) == [text.encode() for text in texts]


PLAIN = b"".join(b'data: {"n":%d}\n\n' % n for n in range(9))
JSON_STREAMS = [
    PLAIN + b"data: [DONE]\n\n",
    PLAIN + b": ping\n\n" + PLAIN,
    PLAIN.replace(b"\n", b"\r\n"),
    PLAIN[:40] + b"data",
]


@given(st.sampled_from(JSON_STREAMS), st.lists(st.integers(0, 240), max_size=12).map(sorted))
def test_events_of_json_come_as_one_text(stream, cuts):
    """However they are cut, they are the events one by one, comma between, and without the sign of the end."""
    parser, edges = SSEParser(), [0, *cuts, max(len(stream), 240)]
    texts = [parser.feed_json(stream[a:b]) for a, b in pairwise(edges)]
    assert b",".join(filter(None, texts)) == b",".join(event for event in parse([stream]) if event != b"[DONE]")


def test_a_long_event_is_put_together_once():
    """An event in very many pieces costs time in proportion to its length."""
    parser = SSEParser()
    for _ in range(20_000):
        assert parser.feed(b"x" * 100) == []
    assert parser.feed(b"\n\n") == []
    assert parser.feed(b"data: a\n\n") == [b"a"]

"""Values that cross between processes: they arrive as what they were, and as nothing that could lie."""

from __future__ import annotations

import json
import math
import socket
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import UTC, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.program import plain

KEYS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.complex_numbers(allow_nan=False),
    st.fractions(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    st.timedeltas(),
    st.uuids(),
    st.sampled_from([int, str, ValueError, ...]),
)
VALUES = st.recursive(
    KEYS | st.builds(range, st.integers(0, 99)) | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.lists(inner).map(deque)
        | st.sets(KEYS)
        | st.frozensets(KEYS)
        | st.dictionaries(KEYS, inner)
        | st.dictionaries(KEYS, inner).map(OrderedDict)
        | st.dictionaries(KEYS, inner).map(lambda it: defaultdict(list, it))
    ),
    max_leaves=12,
)


class Liar:
    """Claims to equal everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__


def sent(value: Any) -> Any:
    """What arrives when `value` is sent."""
    data = json.loads(json.dumps(plain.encode(value, lambda it: {"object": [0, type(it).__name__, None]})))
    return plain.decode(data, plain.opaque)


def kinds(value: Any) -> Any:
    """The types of a value and all in it; sets have no order to compare by."""
    if isinstance(value, dict):
        return type(value), [(kinds(key), kinds(item)) for key, item in value.items()]
    if isinstance(value, list | tuple | deque):
        return type(value), [kinds(item) for item in value]
    return type(value)


@given(VALUES)
def test_plain_data_arrives_as_it_was(value: Any) -> None:
    """Values and types survive: True is not 1, a tuple no list, a large integer exact."""
    assert sent(value) == value
    assert kinds(sent(value)) == kinds(value)


@pytest.mark.parametrize("value", [7**999, -(2**64), Fraction(1, 3), Decimal("1.50"), 0.1 + 0.2, -0.0, "\ud800\x00"])
def test_nothing_is_rounded_or_lost(value: Any) -> None:
    """Numbers of any size, signed zeros and broken text are themselves."""
    assert repr(sent(value)) == repr(value)


def test_an_integer_may_have_more_digits_than_python_prints() -> None:
    """The interpreter's limit on decimal digits is no limit of ours."""
    assert sent(-(10**5000)) == -(10**5000)


def test_special_floats_cross() -> None:
    """NaN and infinities, too."""
    assert math.isnan(sent(math.nan))
    assert sent([math.inf, -math.inf]) == [math.inf, -math.inf]


def test_an_object_brings_no_methods() -> None:
    """Whoever overrides equality is equal to nothing here."""
    assert sent(Liar()) != 1
    assert sent([Liar()]) != [1]
    assert repr(sent(Liar())) == "<Liar object>"


def test_subclasses_are_read_past_their_overrides() -> None:
    """The plain value of an instance comes from the built-in type, whatever its class says."""
    liar = type("I", (int,), {"__add__": lambda *_: 9, "__index__": lambda *_: 9, "__int__": lambda *_: 9})
    assert plain.as_plain(liar(5)) == 5
    assert type(plain.as_plain(liar(5))) is int
    assert plain.as_plain(Counter("aab")) == {"a": 2, "b": 1}
    assert plain.as_plain(plain) is plain


def test_the_library_s_types_stay_what_they_are() -> None:
    """With what makes them more than a list, a dictionary or a text."""
    assert sent(Counter("aab")).most_common(1) == [("a", 2)]
    assert sent(defaultdict(list))["x"] == []
    assert sent(deque([1, 2], maxlen=2)).maxlen == 2
    assert sent({"a": 1}.keys()) == {"a"}
    assert list(sent({"a": 1}.values())) == [1]
    assert sent(PurePosixPath("a") / "b").name == "b"
    assert sent(slice(1, None)) == slice(1, None)


@pytest.mark.parametrize(
    "value",
    [
        numpy.array([[1, 2], [3, 4]]),
        numpy.zeros((0, 3)),
        numpy.array(1.5),
        numpy.array([True]),
        numpy.array(["a", "中文"]),
        numpy.array([1, 2], dtype=numpy.uint8),
        numpy.array([1j]),
    ],
)
def test_arrays_cross_as_numbers_with_their_shape(value: Any) -> None:
    """Whoever cannot make one has lists."""
    data = plain.encode(value, lambda it: pytest.fail(f"{it} was lent"))
    assert plain.decode(data, plain.opaque) == value.tolist()
    _, kind, items, dtype, shape = data["object"]
    made = plain.array(plain.decode(items[0], plain.opaque), dtype, shape)
    assert (kind, made.dtype, made.shape) == ("ndarray", value.dtype, value.shape)
    assert numpy.array_equal(made, value)


def test_numbers_of_an_array_are_numbers() -> None:
    """Also within other data; what holds objects is no plain data."""
    assert sent([numpy.int64(3), numpy.float32(0.5), numpy.bool_(True)]) == [3, 0.5, True]
    assert type(sent(numpy.int64(3))) is int
    assert repr(sent(numpy.array([None]))) == "<ndarray object>"


@pytest.mark.parametrize("dtype", ["U999999", "O", "V8", "S1", "", "f8,f8"])
def test_an_array_of_no_such_type_is_refused(dtype: str) -> None:
    """Before any memory is taken for it."""
    with pytest.raises((ValueError, TypeError)):
        plain.array(["a"], dtype, [1])


def test_what_the_other_side_has_is_named_not_copied() -> None:
    """By the handle it is known by."""
    inner = [1]
    data = plain.encode([inner, [1]], plain.opaque, {id(inner): ["same", 7]})
    assert data == [{"object": ["same", 7]}, [1]]


@pytest.mark.parametrize(
    "data",
    [
        *({}, {"list": []}, {"set": [[]]}, {"int": "x"}, {"range": [1, 2, 0]}, {"a": 1, "b": 2}, {"tuple": 3}),
        *({"name": "eval"}, {"name": "nothing"}, {"os.system": ["true"]}, {"uuid.UUID": [5]}, {"datetime.date": [0]}),
        {"collections.deque": [{"range": [0, 10**12, 1]}]},
    ],
)
def test_forged_data_is_refused(data: Any) -> None:
    """What `encode` never writes is a ValueError, whatever it would have broken."""
    with pytest.raises(ValueError):
        plain.decode(data, plain.opaque)


def test_frames_keep_their_borders() -> None:
    """Messages arrive one by one, and the end of the stream is the end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(plain.frame({"a": "é"}) + plain.frame([1]))
        ours.shutdown(socket.SHUT_WR)
        assert [plain.receive(theirs) for _ in range(3)] == [{"a": "é"}, [1], None]


def test_a_frame_tells_its_length_before_it_is_there() -> None:
    """So a message beyond a limit need not be read to be refused."""
    whole = plain.frame("x" * 1000)
    assert plain.framed(whole[:3]) == (4, 0)
    assert plain.framed(whole[:4]) == (4, len(whole))

"""Batches of samples as bodies in columns."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.wire import columnsjson
from noc.wire.columns import BodyError, decode, encode, unpack

NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(max_size=8)
TIMES = st.integers(0, 4_000_000_000_000).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))


@st.composite
def tables(draw: st.DrawFn) -> Samples:
    tag_keys = draw(st.lists(NAMES, max_size=3))
    field_keys = draw(st.lists(NAMES, max_size=3))
    rows = draw(st.integers(0, 4))
    return Samples(
        draw(NAMES),
        draw(TIMES),
        tuple(tag_keys),
        tuple(field_keys),
        tuple(tuple(draw(NAMES) for _ in tag_keys) for _ in range(rows)),
        tuple(tuple(draw(NUMBERS) for _ in field_keys) for _ in range(rows)),
    )


@given(st.lists(tables(), max_size=4))
def test_what_goes_in_comes_out(batch: list[Samples]) -> None:
    assert decode(encode(batch)) == batch


def test_a_number_that_is_not_finite_is_like_one_that_was_not_read() -> None:
    samples = Samples("m", datetime(2026, 1, 1, tzinfo=UTC), (), ("a", "b", "c"), ((),), ((math.nan, math.inf, 1.5),))
    assert decode(encode([samples]))[0].values == ((None, None, 1.5),)


def test_half_a_surrogate_pair_survives() -> None:
    samples = Samples("m", datetime(2026, 1, 1, tzinfo=UTC), ("t",), ("a",), (("\ud800",),), ((1.0,),))
    assert decode(encode([samples])) == [samples]


@given(st.binary(max_size=200))
def test_garbage_is_one_kind_of_error(data: bytes) -> None:
    for payload in (data, b"S1" + data):
        with pytest.raises(BodyError):
            decode(payload)


@given(st.lists(tables(), min_size=1, max_size=2), st.data())
def test_a_payload_that_was_cut_or_changed_is_an_error_or_another_batch_but_nothing_else(
    batch: list[Samples], data: st.DataObject
) -> None:
    payload = bytearray(encode(batch))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= 0x55
    with pytest.raises(BodyError):  # Adler-32, or the magic, or the form
        decode(bytes(payload))


AT = datetime(2026, 1, 1, tzinfo=UTC)
MIXED = [
    Samples("m", AT, ("t",), ("a", "b"), (("x",), ("y",)), ((1.0, None), (3.0, 4.0))),
    Samples("n", AT, ("t",), ("a",), (("x",),), ((5.0,),)),
    Samples("m", AT + timedelta(minutes=1), ("t",), ("a", "b"), (("x",), ("z",)), ((6.0, 7.0), (8.0, 9.0))),
]


def test_samples_of_a_kind_are_one_matrix_and_keep_their_place() -> None:
    body = encode(MIXED)
    first, second = unpack(body)
    assert (first.rows, first.width, list(first.orders), first.heads) == (2, 4, [0, 2], [b"x\x00y", b"x\x00z"])
    assert list(first.values)[4:] == [6.0, 7.0, 8.0, 9.0]
    assert (second.text, list(second.orders)) == (b"n\x00t\x00a", [1])
    assert decode(body) == MIXED


def test_bodies_of_the_first_form_are_read() -> None:
    body = columnsjson.encode(MIXED)
    assert decode(body) == MIXED
    assert [part.text for part in unpack(body)] == [part.text for part in unpack(encode(MIXED))]


def test_a_text_that_holds_a_separator_comes_back_and_forges_nothing() -> None:
    odd = [Samples("m", AT, ("t", "u"), ("a",), (("x\x00y", "z\x01"),), ((1.0,),))]
    assert decode(encode(odd)) == odd
    (part,) = unpack(encode(odd))
    assert part.heads == [b"x y\x00z "]


def test_samples_that_contradict_themselves_are_a_fault() -> None:
    wrong = Samples("m", AT, ("t",), ("v", "w"), (("d",),), ((1.0,),))
    with pytest.raises(ValueError, match="'m': 1 values where rows × fields are 2"):
        encode([*MIXED, wrong])

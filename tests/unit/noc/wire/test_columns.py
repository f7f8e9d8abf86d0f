"""Batches of samples as bodies in columns."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.wire.columns import BodyError, decode, encode

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

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.store.embedded import codec
from noc.store.embedded.codec import ChunkError, Matrix, Times, decode, encode

BEGIN = 1_795_000_000_000

counters = st.integers(0, 2**53).map(float)
decimals = st.integers(-(10**6), 10**6).map(lambda number: number / 100)
awkward = st.sampled_from([0.0, -0.0, 2.0**53, -(2.0**53), 2.0**53 + 2, 5e-324, 1.7e308, -1.7e308, 0.1, 1 / 3])
anything = st.floats(allow_nan=False, allow_infinity=False)
gap = st.just(math.nan)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Times, Matrix]:
    """Times with any distances, and columns each of a sort, with gaps."""
    distances = draw(st.lists(st.integers(1, 10**9) | st.just(60_000), min_size=0, max_size=40))
    times = np.cumsum([draw(st.integers(-BEGIN, BEGIN)), *distances])
    sorts = draw(st.lists(st.sampled_from([counters, decimals, awkward, anything, gap]), min_size=1, max_size=6))
    rows = st.integers(0, 3)
    columns = [
        [draw(gap if draw(rows) == 0 else sort) for _ in times] if draw(st.booleans()) else [draw(sort)] * len(times)
        for sort in sorts
    ]
    return times.astype(np.int64), np.array(columns, np.float64)


def bits(matrix: Matrix) -> list[list[int]]:
    """Return the bits of numbers, and -1 for any gap."""
    return np.where(np.isnan(matrix), -1, matrix.view(np.int64)).tolist()


@given(tables(), st.data())
def test_everything_comes_back_bit_for_bit(table: tuple[Times, Matrix], data: st.DataObject) -> None:
    times, matrix = table
    columns = len(matrix)
    starts = sorted({0} | data.draw(st.sets(st.integers(0, columns - 1))))
    chunk = encode(times, matrix, starts)
    wanted = sorted(data.draw(st.sets(st.integers(0, columns - 1))))
    found_times, found = decode(chunk, wanted)
    assert found_times.tolist() == times.tolist()
    assert bits(found) == bits(matrix[wanted])


@given(tables())
def test_columns_are_read_from_their_groups_alone(table: tuple[Times, Matrix]) -> None:
    times, matrix = table
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "GROUP_NUMBERS", 1)
        chunk = encode(times, matrix, range(len(matrix)))
    for number in range(len(matrix)):
        assert bits(decode(chunk, [number])[1]) == bits(matrix[[number]])


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    times = np.arange(30, dtype=np.int64) * 60_000 + BEGIN
    chunk = encode(times, np.arange(60.0).reshape(2, 30), [0])
    for position in range(len(chunk)):
        for bit in range(8):
            damaged = bytearray(chunk)
            damaged[position] ^= 1 << bit
            with pytest.raises(ChunkError):
                decode(bytes(damaged), [0, 1])


def test_a_cut_chunk_is_noticed() -> None:
    chunk = encode(np.array([BEGIN], np.int64), np.array([[1.0]]), [0])
    for length in range(len(chunk)):
        with pytest.raises(ChunkError):
            decode(chunk[:length], [0])


def test_another_version_is_named() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "VERSION", 9)
        chunk = encode(np.array([BEGIN], np.int64), np.array([[1.0]]), [0])
    with pytest.raises(ChunkError, match="version 9"):
        decode(chunk, [0])


def test_a_column_that_is_not_there_is_an_error() -> None:
    chunk = encode(np.array([BEGIN], np.int64), np.array([[1.0]]), [0])
    with pytest.raises(ChunkError, match="columns"):
        decode(chunk, [1])


@pytest.mark.parametrize(
    ("column", "most"),
    [
        (np.zeros(120), 40),
        (np.full(120, 17.25), 60),
        (1e15 + 7_500_000.0 * np.arange(120), 70),
        (np.round(20 + np.sin(np.arange(120) / 20), 1), 90),
    ],
    ids=["zero", "constant", "steady counter", "temperature"],
)
def test_what_hardly_changes_costs_hardly_anything(column: Matrix, most: int) -> None:
    times = np.arange(120, dtype=np.int64) * 60_000 + BEGIN
    assert len(encode(times, column.reshape(1, -1), [0])) <= most

"""Columns of numbers as words that compress, and back, bit for bit. Pure.

- decimals: multiplied by 1, 10, 100 or 1000 the numbers are whole and below 2**53; kept as they are, as differences, or
  as differences of differences, whichever is shortest, zigzag coded;
- anything else (also -0.0): bits, XORed with those of the number before.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from noc.store.embedded.words import Bits, Flags, Whole, unzigzag, zigzag

SCALES: Final = (1.0, 10.0, 100.0, 1000.0)

_XOR: Final = len(SCALES)
_DIVISORS: Final = np.array((*SCALES, 1.0))
_ORDERS: Final = 3
_LARGEST: Final = 2.0**53
_MINUS_ZERO: Final = np.uint64(1 << 63)
_PROBED: Final = 8
_EXPONENT: Final = 52

Matrix = npt.NDArray[np.float64]
Kinds = npt.NDArray[np.uint8]
_Columns = npt.NDArray[np.intp]


def coded(matrix: Matrix) -> tuple[Kinds, Bits]:
    """Return how each column is written (scale × orders + order, or XOR), and its words.

    matrix: columns × times, at least one, contiguous; no gaps.
    """
    bits = matrix.view(np.uint64)
    words = np.empty_like(bits)
    kinds = np.full(len(matrix), _XOR * _ORDERS, np.uint8)
    left = np.flatnonzero(~(bits == _MINUS_ZERO).any(axis=1))
    probe = np.ascontiguousarray(matrix[:, :: matrix.shape[1] // _PROBED + 1])
    for number, scale in enumerate(SCALES):
        if not left.size:
            break
        likely = left[_whole(probe[left], scale)[1]]
        if likely.size:
            scaled, fits = _whole(matrix[likely] if likely.size < len(matrix) else matrix, scale)
            chosen = likely[fits]
            if chosen.size:
                orders, words[chosen] = _shortest((scaled if fits.all() else scaled[fits]).astype(np.int64))
                kinds[chosen] = number * _ORDERS + orders
                left = left[kinds[left] == _XOR * _ORDERS]
    rest = np.flatnonzero(kinds == _XOR * _ORDERS)
    if rest.size:
        odd = bits[rest]
        words[rest, 0] = odd[:, 0]
        words[rest, 1:] = odd[:, 1:] ^ odd[:, :-1]
    return kinds, words


def _whole(matrix: Matrix, scale: float) -> tuple[Matrix, Flags]:
    """Return the numbers multiplied and rounded, and which columns come back from that."""
    with np.errstate(over="ignore"):
        if scale == 1.0:
            scaled = np.rint(matrix)
            fits = (scaled == matrix).all(axis=1)
        else:
            scaled = matrix * scale
            np.rint(scaled, out=scaled)
            fits = (scaled / scale == matrix).all(axis=1)
        fits &= (scaled.max(axis=1) <= _LARGEST) & (scaled.min(axis=1) >= -_LARGEST)
    return scaled, fits


def _shortest(whole: Whole) -> tuple[Kinds, Bits]:
    """Return for each column the order of differences that has the fewest bits, and those differences."""
    first = whole.copy()
    first[:, 1:] -= whole[:, :-1]
    second = first.copy()
    second[:, 2:] -= first[:, 1:-1]
    variants = (zigzag(whole), zigzag(first), zigzag(second))
    lengths = np.stack([_bits(words) for words in variants])
    orders = lengths.argmin(axis=0)
    found = variants[1]
    for order in (0, 2):
        columns = np.flatnonzero(orders == order)
        found[columns] = variants[order][columns]
    return orders.astype(np.uint8), found


def _bits(words: Bits) -> Whole:
    """Return how many bits the words of each column have, about, from the exponents they have as floats."""
    floats = words.view(np.int64).astype(np.float64)  # zigzag of 2**53 is far below 2**63
    floats += 1.0
    return np.asarray((floats.view(np.int64) >> _EXPONENT).sum(axis=1), np.int64)


def uncoded(kinds: Kinds, words: Bits) -> Matrix:
    """Return the columns of `coded`. Raises IndexError for a kind that is none."""
    scales, orders = np.divmod(kinds, _ORDERS)
    decimals = scales < _XOR
    whole = unzigzag(words)
    twice, once = np.flatnonzero(decimals & (orders == 2)), np.flatnonzero(decimals & (orders >= 1))
    if twice.size:
        whole[twice, 1:] = np.cumsum(whole[twice, 1:], axis=1)
    if once.size:
        whole[once] = np.cumsum(whole[once], axis=1)
    matrix: Matrix = whole / _DIVISORS[scales][:, None]
    if not decimals.all():
        matrix[~decimals] = np.bitwise_xor.accumulate(words[~decimals], axis=1).view(np.float64)
    return matrix


def filled(matrix: Matrix, gaps: Flags) -> Matrix:
    """Return columns with the number before in each gap; before the first number that, and zero where there is none."""
    rows = np.arange(matrix.shape[1])
    firsts = np.argmin(gaps, axis=1)
    last_seen = np.maximum.accumulate(np.where(gaps, firsts[:, None], rows), axis=1)
    return np.nan_to_num(np.take_along_axis(matrix, last_seen, axis=1), nan=0.0)

"""Samples as one body in columns, the form of stores without a server. Pure.

A body is `S2`, then compressed (level 1): how many parts, samples and bytes of text; for each part how many samples,
rows, tag keys and fields; then of all parts, one behind the other, the times (ms), the places in the batch, the numbers
(little-endian doubles, NaN for what wasn't read); last the texts, separated by 0x01: measurement, tag keys and fields
of a part, then the tags of each of its samples, all separated by 0x00.

A part is what has the same measurement, tag keys, fields and number of rows, so that its numbers are a matrix. A store
that has seen the text of a sample before needs not read it again, nor make an object of any number. Batches with a text
that holds a separator are written as noc/wire/columnsjson.py has it, and those are read here too.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite, nan
from typing import Final

from noc.model.instants import EPOCH, MILLISECOND, from_ms
from noc.model.samples import Samples
from noc.wire import columnsjson
from noc.wire.columnsjson import LEVEL, BodyError, inflated

__all__ = ["BodyError", "Part", "decode", "encode", "tags_in", "unpack"]

VERSION: Final = b"S2"
WITHIN: Final = "\x00"
BETWEEN: Final = "\x01"
_COUNTS: Final = struct.Struct("<III")
_PART: Final = struct.Struct("<IIII")
_TEXT: Final = "utf-8"
_ODD: Final = "surrogatepass"

_Kind = tuple[str, tuple[str, ...], tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Part:
    """Samples of one kind. text: measurement, tag keys and fields; heads: the tags of each sample, row by row.

    orders: the place of each in the batch. values: sample by sample, row by row, field by field.
    """

    text: bytes
    rows: int
    tag_keys: int
    fields: int
    heads: list[bytes]
    times: array[int]
    orders: array[int]
    values: array[float]

    @property
    def width(self) -> int:
        """Return how many numbers a sample has."""
        return self.rows * self.fields

    def samples(self, number: int) -> Samples:
        """Return one of its samples."""
        measurement, *keys = self.text.decode(_TEXT, _ODD).split(WITHIN)
        begin = number * self.width
        numbers = [value if isfinite(value) else None for value in self.values[begin : begin + self.width]]
        return Samples(
            measurement,
            from_ms(self.times[number]),
            tuple(keys[: self.tag_keys]),
            tuple(keys[self.tag_keys :]),
            tags_in(self.heads[number], self.rows, self.tag_keys),
            tuple(tuple(numbers[n * self.fields : (n + 1) * self.fields]) for n in range(self.rows)),
        )


def tags_in(head: bytes, rows: int, tag_keys: int) -> tuple[tuple[str, ...], ...]:
    """Return the rows of tags that a head holds."""
    if not tag_keys:
        return ((),) * rows
    texts = head.decode(_TEXT, _ODD).split(WITHIN)
    return tuple(tuple(texts[n * tag_keys : (n + 1) * tag_keys]) for n in range(rows))


def encode(batch: Sequence[Samples]) -> bytes:
    """Return a batch as a body. A number that is not finite is like one that wasn't read.

    Raises ValueError for samples that contradict themselves: rows of other lengths than their keys.
    """
    kinds: dict[_Kind, list[int]] = {}
    for place, samples in enumerate(batch):
        kinds.setdefault((samples.measurement, samples.tag_keys, samples.field_keys, len(samples.tags)), []).append(
            place
        )
    texts: list[str] = []
    within = 0
    heads = bytearray()
    orders, times, values = array("I"), array("q"), array("d")
    for (measurement, tag_keys, field_keys, rows), places in kinds.items():
        part = [batch[place] for place in places]
        heads += _PART.pack(len(part), rows, len(tag_keys), len(field_keys))
        orders.extend(places)
        times.extend([(samples.time - EPOCH) // MILLISECOND for samples in part])
        _extend(values, part, rows * len(field_keys))
        texts.append(WITHIN.join((measurement, *tag_keys, *field_keys)))
        texts += [WITHIN.join(chain.from_iterable(samples.tags)) for samples in part]
        within += len(tag_keys) + len(field_keys) + len(part) * max(0, rows * len(tag_keys) - 1)
    text = BETWEEN.join(texts)
    if text.count(WITHIN) != within or text.count(BETWEEN) != max(0, len(texts) - 1):
        return columnsjson.encode(batch)
    data = text.encode(_TEXT, _ODD)
    counts = _COUNTS.pack(len(kinds), len(batch), len(data))
    numbers = (_bytes(times), _bytes(orders), _bytes(values))
    return VERSION + zlib.compress(b"".join((counts, heads, *numbers, data)), LEVEL)


def decode(body: bytes) -> list[Samples]:
    """Return the batch of a body. Raises BodyError."""
    if body[:2] == columnsjson.VERSION:
        return columnsjson.decode(body)
    found = [(order, part, number) for part in unpack(body) for number, order in enumerate(part.orders)]
    try:
        return [part.samples(number) for _, part, number in sorted(found, key=lambda entry: entry[0])]
    except (ValueError, OverflowError) as error:
        raise BodyError(f"not a batch of samples: {error}") from error


def unpack(body: bytes) -> list[Part]:
    """Return the parts of a body. Raises BodyError. One of the first form is read as well."""
    if body[:2] == columnsjson.VERSION:
        return unpack(encode([_plain(samples) for samples in columnsjson.decode(body)]))
    if body[:2] != VERSION:
        raise BodyError(f"a body of another form ({body[:2]!r})")
    try:
        return list(_parts(inflated(body[2:])))
    except BodyError:
        raise
    except (zlib.error, struct.error, ValueError, IndexError, OverflowError) as error:
        raise BodyError(f"not a batch of samples: {error}") from error


def _parts(data: bytes) -> Iterator[Part]:
    parts, samples, length = _COUNTS.unpack_from(data)
    kinds = [_PART.unpack_from(data, _COUNTS.size + n * _PART.size) for n in range(parts)]
    position = _COUNTS.size + parts * _PART.size
    end = len(data) - length
    times, orders, values = array("q"), array("I"), array("d")
    for numbers, stop in ((times, position + 8 * samples), (orders, position + 12 * samples), (values, end)):
        numbers.frombytes(data[position:stop])
        position = stop
        if sys.byteorder == "big":
            numbers.byteswap()
    texts = data[end:].split(BETWEEN.encode()) if parts else []
    if len(texts) != samples + parts or sum(kind[0] for kind in kinds) != samples or len(times) != samples:
        raise ValueError("fewer texts or times than its heads speak of")
    at = first = 0
    for number, (count, rows, tag_keys, fields) in enumerate(kinds):
        stop = first + count * rows * fields
        if stop > len(values):
            raise ValueError("fewer numbers than its heads speak of")
        yield Part(
            texts[at + number],
            rows,
            tag_keys,
            fields,
            texts[at + number + 1 : at + number + 1 + count],
            times[at : at + count],
            orders[at : at + count],
            values[first:stop],
        )
        at += count
        first = stop


def _extend(values: array[float], part: Sequence[Samples], width: int) -> None:
    """Append the numbers of samples, row by row, NaN for a gap."""
    numbers = list(chain.from_iterable(chain.from_iterable([samples.values for samples in part])))
    if len(numbers) != width * len(part):
        wrong = next((one for one in part if sum(map(len, one.values)) != width), part[0])
        found = sum(map(len, wrong.values))
        raise ValueError(f"'{wrong.measurement}': {found} values where rows × fields are {width}")
    before = len(values)
    try:
        values.extend(numbers)  # type: ignore[arg-type]  # the gaps are dealt with below
    except TypeError:
        del values[before:]
        values.extend([nan if value is None else value for value in numbers])


def _bytes(numbers: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _plain(samples: Samples) -> Samples:
    """Return samples with blanks in place of separators in their texts, as any store keeps them."""
    return Samples(
        _cleaned(samples.measurement),
        samples.time,
        tuple(map(_cleaned, samples.tag_keys)),
        tuple(map(_cleaned, samples.field_keys)),
        tuple(tuple(map(_cleaned, row)) for row in samples.tags),
        samples.values,
    )


def _cleaned(text: str) -> str:
    return text.replace(WITHIN, " ").replace(BETWEEN, " ")

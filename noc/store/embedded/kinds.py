"""Kinds of samples and their tables: what is said in texts, told apart from the numbers. Pure.

A kind is a measurement with its tag keys, fields and number of rows; a table is one kind's rows of one device: the same
tags time after time. Texts come from devices; they are compared whole, never by a digest or a length, so that no
device can write into another's series.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.model.samples import Samples
from noc.store._retention import CLASS_TAG
from noc.store._rows import DEVICE, SITE, Tags, cells, device_of, plain, tags_of
from noc.store.embedded.frame import Column, Shape
from noc.store.embedded.summary import key_of, text_of
from noc.wire.columns import BETWEEN, WITHIN, tags_in

ODD: Final = -1
"""In place of a table's number: such samples must be split first (several devices, none, or a series twice)."""

_WITHIN: Final = WITHIN.encode()
_PATTERN: Final = struct.Struct("<IIII")

Block = tuple[str, str]
"""Device and measurement: what is cut, and kept, together."""

Places = npt.NDArray[np.intp]


class Kind:
    """number: within its memtable. tables: numbers by the text of their tags; heads: these texts; devices: of each."""

    def __init__(self, number: int, text: bytes, rows: int, tag_keys: int, fields: int) -> None:
        self.number = number
        self.text = text
        self.rows = rows
        self.width = rows * fields
        self._tag_keys = tag_keys
        measurement, *names = (plain(name) for name in text.decode("utf-8", "surrogatepass").split(WITHIN))
        self.measurement = measurement
        self.tag_keys = tuple(names[:tag_keys])
        self.fields = tuple(names[tag_keys:])
        self.tables: dict[bytes, int] = {}
        self.heads: list[bytes] = []
        self.devices: list[str] = []
        self._orders: dict[int, Places] = {}
        self._keys: dict[int, bytes] = {}
        self._device = self.tag_keys.index(DEVICE) if DEVICE in self.tag_keys else -1
        self._site = self.tag_keys.index(SITE) if SITE in self.tag_keys else -1
        self._class = self.tag_keys.index(CLASS_TAG) if CLASS_TAG in self.tag_keys else -1
        self.usable = (
            DEVICE in self.tag_keys
            and len(set(self.tag_keys)) == len(self.tag_keys)
            and len(set(self.fields)) == len(self.fields)
        )

    @property
    def key(self) -> tuple[bytes, int, int]:
        """Return what no other kind has."""
        return self.text, self.rows, self._tag_keys

    def place(self, head: bytes) -> tuple[str, str] | None:
        """Return device and site of the tags that a text holds; None where such samples must be split."""
        if not self.usable:
            return None
        if self.rows == 1:
            texts = head.split(_WITHIN)
            if len(texts) != self._tag_keys:
                raise ValueError(f"{head!r} doesn't hold {self._tag_keys} tags")
            device = _plain(texts[self._device])
            return (device, _plain(texts[self._site]) if self._site >= 0 else "") if device.strip(" ") else None
        series = self.series_of(head)
        devices = {device_of(tags) for tags in series}
        if len(devices) != 1 or "" in devices or len(set(series)) < len(series):
            return None
        return devices.pop(), dict(series[0]).get(SITE, "")

    def add(self, head: bytes, device: str) -> int:
        """Return the number of a new table."""
        number = len(self.heads)
        self.tables[head] = number
        self.heads.append(head)
        self.devices.append(device)
        return number

    def series_of(self, head: bytes) -> tuple[Tags, ...]:
        """Return the tags of each row."""
        return tuple(tags_of(self.tag_keys, row) for row in tags_in(head, self.rows, self._tag_keys))

    def columns(self, table: int) -> list[Column]:
        """Return what the numbers of a table's rows are, in the order in which they came."""
        return [(field, tags) for tags in self.series_of(self.heads[table]) for field in self.fields]

    def texts(self, table: int) -> list[bytes]:
        """Return the tags of each row of a table as a text, sorted."""
        head = self.heads[table]
        if not _is_plain(head.replace(_WITHIN, b"")):
            return sorted(map(text_of, self.series_of(head)))
        values, width = head.split(_WITHIN), self._tag_keys
        return sorted(
            [
                _WITHIN.join([key + values[first + n] for n, key in self._by_name if values[first + n].strip(b" ")])
                for first in range(0, width * self.rows, width)
            ]
        )

    @cached_property
    def _by_name(self) -> list[tuple[int, bytes]]:
        """Return the places of the tags in the order of their keys, and these as texts have them."""
        names = sorted(zip(self.tag_keys, range(self._tag_keys), strict=True))
        return [(n, (key + WITHIN).encode("utf-8", "surrogatepass")) for key, n in names]

    def keys(self, table: int) -> bytes:
        """Return the keys of `texts`, one behind the other."""
        found = self._keys.get(table)
        if found is None:
            found = self._keys[table] = b"".join(map(key_of, self.texts(table)))
        return found

    def order(self, table: int) -> Places:
        """Return the places of a table's numbers in the order of a shape: by field, then by tags."""
        if self.rows == 1:
            return self._field_order
        found = self._orders.get(table)
        if found is None:
            series = self.series_of(self.heads[table])
            rows = np.array(sorted(range(self.rows), key=series.__getitem__), np.intp) * len(self.fields)
            found = (self._field_order[:, None] + rows[None, :]).reshape(-1)
            self._orders[table] = found
        return found

    @cached_property
    def _field_order(self) -> Places:
        return np.array(sorted(range(len(self.fields)), key=self.fields.__getitem__), np.intp)

    def pattern(self, present: npt.NDArray[np.bool_]) -> bytes:
        """Return what a shape's text is read with: the kind, and which columns, in the order of `order`, are there."""
        mask = np.packbits(present).tobytes()
        return _PATTERN.pack(self.rows, self._tag_keys, len(self.fields), len(mask)) + mask + self.text

    def block(self, table: int) -> Block:
        """Return the block that a table belongs to."""
        return self.devices[table], self.measurement

    def site_and_class(self, table: int) -> tuple[str, str]:
        """Return site and class of a table's device, as its first row has them; empty for none."""
        first = self.heads[table].split(_WITHIN, self._tag_keys)
        site, own = (_plain(first[n]) if n >= 0 else "" for n in (self._site, self._class))
        return site if site.strip(" ") else "", own if own.strip(" ") else ""


def shape_of(pattern: bytes, head: bytes) -> Shape:
    """Return the shape that a `pattern` and the text of a table's tags make. Raises ValueError."""
    try:
        rows, tag_keys, fields, length = _PATTERN.unpack_from(pattern)
        begin = _PATTERN.size + length
        kind = Kind(0, pattern[begin:], rows, tag_keys, fields)
        mask = np.frombuffer(pattern, np.uint8, length, _PATTERN.size)
        present = np.unpackbits(mask, count=kind.width).astype(np.bool_)
        columns = kind.columns(kind.add(head, ""))
        return Shape(tuple(columns[n] for n in kind.order(0)[present].tolist()))
    except (struct.error, ValueError, IndexError) as error:
        raise ValueError(f"no shape of a chunk: {error}") from error


def _is_plain(text: bytes) -> bool:
    """Return whether a text is surely as a series shows it."""
    return text.isascii() and b"\\" not in text and text.decode().isprintable()


def _plain(text: bytes) -> str:
    decoded = text.decode("utf-8", "surrogatepass")
    return decoded if decoded.isalnum() or (decoded.isprintable() and "\\" not in decoded) else plain(decoded)


def split(samples: Samples) -> Iterator[Samples]:
    """Yield the same numbers as samples that have a table each: of one device, no series twice."""
    by_device: dict[str, dict[Tags, dict[str, float]]] = {}
    for tags, field, value in cells(samples):
        by_device.setdefault(device_of(tags), {}).setdefault(tags, {})[field] = value
    for rows in by_device.values():
        tag_keys = tuple(sorted({key for tags in rows for key, _ in tags}))
        fields = tuple(sorted({field for numbers in rows.values() for field in numbers}))
        named = [dict(tags) for tags in rows]
        yield Samples(
            plain(samples.measurement),
            samples.time,
            tag_keys,
            fields,
            tuple(tuple(tags.get(key, "") for key in tag_keys) for tags in named),
            tuple(tuple(numbers.get(field) for field in fields) for numbers in rows.values()),
        )


def first_form(data: bytes) -> tuple[bytes, int, int, int, bytes]:
    """Return text, rows, tag keys, fields and head of a layout that a log of the first version holds."""
    measurement, series, fields = json.loads(zlib.decompress(data))
    named = [dict(pairs) for pairs in series]
    keys = sorted({key for tags in named for key in tags})
    text = WITHIN.join((measurement, *keys, *fields))
    head = WITHIN.join(tags.get(key, "") for tags in named for key in keys)
    if BETWEEN in text + head or (text + head).count(WITHIN) != len(keys) + len(fields) + len(named) * len(keys) - 1:
        raise ValueError("a layout with a control character, which none was ever written with")
    encoded = text.encode("utf-8", "surrogatepass"), head.encode("utf-8", "surrogatepass")
    return encoded[0], len(named), len(keys), len(fields), encoded[1]

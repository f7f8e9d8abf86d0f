"""From samples to the rows of tables. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain
from typing import Final

from noc.model.samples import Samples
from noc.store._rows import Tags, cells, device_of, plain, tags_of
from noc.store.embedded.memtable import Layout

_BETWEEN: Final = "\x00"
_PART: Final = "\x01"


def key_of(samples: Samples) -> bytes:
    """Return what finds the table of samples: a digest of all they say but time and numbers.

    The texts come from devices: with lengths that could be made to look alike, one could write into another's series.
    """
    parts = [
        samples.measurement,
        *samples.tag_keys,
        _PART,
        *samples.field_keys,
        _PART,
        *chain.from_iterable(samples.tags),
    ]
    text = _BETWEEN.join(parts)
    if text.count(_BETWEEN) != len(parts) - 1:
        text = _BETWEEN.join(part.replace(_BETWEEN, " ") for part in parts)  # as it is stored, too
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def layout_of(samples: Samples) -> Layout | None:
    """Return the layout of samples; None where they must be split first: several devices, or a series twice."""
    series = tuple(tags_of(samples.tag_keys, row) for row in samples.tags)
    fields = tuple(plain(key) for key in samples.field_keys)
    devices = {device_of(tags) for tags in series}
    if len(devices) != 1 or len(set(series)) < len(series) or len(set(fields)) < len(fields):
        return None
    return Layout(plain(samples.measurement), series, fields)


def split(samples: Samples) -> Iterator[Samples]:
    """Yield the same numbers as samples that have a layout each: of one device, no series twice."""
    by_device: dict[str, dict[Tags, dict[str, float]]] = {}
    for tags, field, value in cells(samples):
        by_device.setdefault(device_of(tags), {}).setdefault(tags, {})[field] = value
    for rows in by_device.values():
        tag_keys = tuple(sorted({key for tags in rows for key, _ in tags}))
        fields = tuple(sorted({field for numbers in rows.values() for field in numbers}))
        named = [dict(tags) for tags in rows]
        yield Samples(
            samples.measurement,
            samples.time,
            tag_keys,
            fields,
            tuple(tuple(tags.get(key, "") for key in tag_keys) for tags in named),
            tuple(tuple(numbers.get(field) for field in fields) for numbers in rows.values()),
        )


def extend(values: array[float], samples: Samples, width: int) -> None:
    """Append the numbers of samples, row by row, NaN for a gap. Raises ValueError where their number isn't `width`."""
    before = len(values)
    try:
        values.extend(chain.from_iterable(samples.values))  # type: ignore[arg-type]  # the gaps are dealt with below
    except TypeError:
        del values[before:]
        values.extend([math.nan if value is None else value for value in chain.from_iterable(samples.values)])
    if len(values) - before != width:
        raise ValueError(f"'{samples.measurement}': {len(values) - before} values where rows × fields are {width}")

"""InfluxDB line protocol (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/).

Formatted by hand: influxdb-client's Point objects cost six times as much (docs/adr/0001). Numbers are floats, one type
for a field for ever; what the device calls itself is escaped, so that no name can end a line or forge a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from math import inf

from noc.model.instants import to_ms
from noc.model.samples import Samples

# Control characters, line separators and halves of surrogate pairs (which UTF-8 can't carry) become a blank.
_BLANKS = (*range(32), *range(127, 160), 0x2028, 0x2029, *range(0xD800, 0xE000))
# A backslash before a comma, blank or equals sign would undo its escape; at the end it would eat the separator.
_KEPT = str.maketrans({**dict.fromkeys(_BLANKS, " "), "\\": "/"})
_MEASUREMENT = str.maketrans({**dict.fromkeys(_BLANKS, "\\ "), "\\": "/", " ": "\\ ", ",": "\\,"})
_TAG = {**_MEASUREMENT, ord("="): "\\="}
_SEPARATOR = re.compile(r"(?<!\\) ")
_EQUALS = re.compile(r"(?<!\\)=")

TEXTS_KEPT = 65_536
"""Escaped texts that are kept for the next poll, the least used go first: about 16 MB at most with common names."""


def lines(samples: Samples) -> Iterator[str]:
    """Yield a line for each row that has a number; time in whole milliseconds (`precision=ms`).

    Tags without a value are left out, as the protocol demands.
    """
    stamp = to_ms(samples.time)
    measurement = _measurement(samples.measurement)
    tag_keys = _tag_keys(samples.tag_keys)
    field_keys = _field_keys(samples.field_keys)
    for tags, values in zip(samples.tags, samples.values, strict=True):
        # A list, and a comparison in place of isfinite: half the time goes here (bench/bench_lineprotocol.py).
        fields = ",".join(
            [
                key + repr(value)
                for key, value in zip(field_keys, values, strict=True)
                if value is not None and -inf < value < inf
            ]
        )
        if fields:
            head = "".join([key + text for key, tag in zip(tag_keys, tags, strict=True) if (text := _tag_value(tag))])
            yield f"{measurement}{head} {fields} {stamp}"


def values_in(line: str) -> int:
    """Return how many numbers a line of `lines` carries."""
    return len(_EQUALS.findall(_SEPARATOR.split(line)[1]))


def kept(text: str) -> str:
    """Return what a store keeps of a text: control characters are blanks, backslashes are slashes."""
    return text.translate(_KEPT)


def kept_measurement(text: str) -> str:
    """Return what a store keeps of a measurement's name: a `#` at its beginning would make the line a comment."""
    plain = kept(text)
    return f"_{plain[1:]}" if plain.startswith("#") else plain


@lru_cache(1024)
def _measurement(text: str) -> str:
    return kept_measurement(text).translate(_MEASUREMENT)


@lru_cache(TEXTS_KEPT)
def _tag_value(text: str) -> str:
    """Return a tag's value escaped; nothing where it is blank."""
    return text.translate(_TAG) if kept(text).strip(" ") else ""


@lru_cache(1024)
def _tag_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f",{key.translate(_TAG)}=" for key in keys)


@lru_cache(1024)
def _field_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{key.translate(_TAG)}=" for key in keys)

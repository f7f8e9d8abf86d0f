"""InfluxDB line protocol (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/).

Formatted by hand: a Point object a row costs ten times as much (docs/performance.md). Numbers are floats, one type for
a field for ever; what the device calls itself is escaped, so that no name can end a line or forge a field.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from noc.model.samples import Samples

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Control characters, line separators and halves of surrogate pairs (which UTF-8 can't carry) become a blank.
_BLANKS = (*range(32), *range(127, 160), 0x2028, 0x2029, *range(0xD800, 0xE000))
# A backslash before a comma, blank or equals sign would undo its escape; at the end it would eat the separator.
_MEASUREMENT = str.maketrans({**dict.fromkeys(_BLANKS, "\\ "), "\\": "/", " ": "\\ ", ",": "\\,"})
_TAG = {**_MEASUREMENT, ord("="): "\\="}


def lines(samples: Samples) -> Iterator[str]:
    """Yield a line for each row that has a number; time in whole milliseconds (`precision=ms`).

    Tags without a value are left out, as the protocol demands.
    """
    stamp = (samples.time - _EPOCH) // timedelta(milliseconds=1)
    measurement = samples.measurement.translate(_MEASUREMENT)
    tag_keys = [_tag(key) for key in samples.tag_keys]
    field_keys = [_tag(key) for key in samples.field_keys]
    for tags, values in zip(samples.tags, samples.values, strict=True):
        fields = ",".join(
            f"{key}={value!r}"
            for key, value in zip(field_keys, values, strict=True)
            if value is not None and math.isfinite(value)
        )
        if not fields:
            continue
        named = ((key, _tag(value)) for key, value in zip(tag_keys, tags, strict=True))
        head = "".join(f",{key}={value}" for key, value in named if value.strip("\\ "))
        yield f"{measurement}{head} {fields} {stamp}"


def _tag(text: str) -> str:
    return text.translate(_TAG)

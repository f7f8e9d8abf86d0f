"""Samples as the stores without a server keep them: tags cleaned as the line protocol cleans them, empty ones left out.

So a series has the same name in every store (docs/reference/series.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from noc.model.errors import UsageError
from noc.model.instants import EPOCH, MILLISECOND, to_ms
from noc.model.samples import Samples
from noc.model.series import Refusal
from noc.wire.lineprotocol import lines

DEVICE: Final = "device"
SITE: Final = "site"
DAY_MS: Final = 86_400_000

Tags = tuple[tuple[str, str], ...]
"""Tags of a series, sorted by key; none is empty."""

_BLANKS: Final = (*range(32), *range(127, 160), 0x2028, 0x2029, *range(0xD800, 0xE000))
_PLAIN: Final = {**dict.fromkeys(_BLANKS, " "), ord("\\"): "/"}


def plain(text: str) -> str:
    """Return a device's text as a series shows it: control characters become blanks, backslashes slashes."""
    return text if text.isprintable() and "\\" not in text else text.translate(_PLAIN)


def floor_ms(at: datetime) -> int:
    """Return whole milliseconds of the Unix epoch: the time that a sample is stored under."""
    return to_ms(at)


def ceil_ms(at: datetime) -> int:
    """Return the first whole millisecond that isn't before a time: where a range begins or ends."""
    return -((EPOCH - at) // MILLISECOND)


def tags_of(tag_keys: tuple[str, ...], tags: tuple[str, ...]) -> Tags:
    """Return the tags of a row, cleaned and sorted. Raises ValueError where keys and values differ in number."""
    named = ((plain(key), plain(value)) for key, value in zip(tag_keys, tags, strict=True))
    return tuple(sorted((key, value) for key, value in named if value.strip(" ")))


def cells(samples: Samples) -> Iterator[tuple[Tags, str, float]]:
    """Yield the numbers of samples: tags of the series, field, value. Gaps, NaN and infinities are left out."""
    fields = [plain(key) for key in samples.field_keys]
    for row, values in zip(samples.tags, samples.values, strict=True):
        tags = tags_of(samples.tag_keys, row)
        for field, value in zip(fields, values, strict=True):
            if value is not None and math.isfinite(value):
                yield tags, field, float(value)


def refusal(samples: Samples, reason: str) -> Refusal | None:
    """Return the refusal of all that samples hold; None where they hold no number."""
    count = sum(1 for _ in cells(samples))
    return Refusal("\n".join(lines(samples)), reason, count) if count else None


def asked(where: Mapping[str, str]) -> Tags:
    """Return what a query asks of the tags; nothing for the whole fleet."""
    return tuple(sorted((plain(key), plain(value)) for key, value in where.items()))


def asked_of_place(where: Mapping[str, str]) -> Tags:
    """Return what is asked of the tags. Raises UsageError where neither a device nor a site is named."""
    if not where.get(DEVICE) and not where.get(SITE):
        named = ", ".join(sorted(where)) or "nothing"
        raise UsageError(f"this must name a device or a site: where has {named}; add 'device' or 'site'")
    return asked(where)


def device_of(tags: Tags) -> str:
    """Return the device that a series belongs to; empty for none."""
    return next((value for key, value in tags if key == DEVICE), "")

"""What a record of the spool carries: a body as a store will be sent it, its form, how many numbers it has. Pure.

Form and number are a line in front, `lp-ms 4821`. The first spools of noc hold bodies in columns without that line,
which begin with `S1`: they are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from noc.model.samples import Samples
from noc.wire import columns
from noc.wire.bodies import COLUMNS, decode
from noc.wire.columns import BodyError

_OLD: Final = b"S1"
_HEAD: Final = re.compile(rb"([a-z][a-z0-9-]{0,15}) (\d{1,12})\n")


@dataclass(frozen=True, slots=True)
class Payload:
    """values: numbers in the body; gaps are none."""

    form: str
    values: int
    body: bytes

    def pack(self) -> bytes:
        """Return the payload as bytes."""
        return b"%s %d\n%s" % (self.form.encode(), self.values, self.body)

    def samples(self) -> list[Samples]:
        """Return what it holds. Raises BodyError."""
        return decode(self.form, self.body)


PEEK_BYTES: Final = 32
"""So much of a payload tells how many values it has, or that it is of before there was a first line."""


def values_in(beginning: bytes) -> int | None:
    """Return how many values a payload has, by its first bytes; None where they don't tell."""
    head = _HEAD.match(beginning)
    return None if head is None else int(head[2])


def values_of(payload: bytes) -> int:
    """Return how many values a payload has; 0 where it can't be read."""
    found = values_in(payload[:PEEK_BYTES])
    if found is not None:
        return found
    try:
        return unpack(payload).values
    except BodyError:
        return 0


def unpack(payload: bytes) -> Payload:
    """Return what a record carries. Raises BodyError."""
    head = _HEAD.match(payload)
    if head is not None:
        return Payload(head[1].decode(), int(head[2]), payload[head.end() :])
    if payload.startswith(_OLD):
        return Payload(COLUMNS, count(columns.decode(payload)), payload)
    raise BodyError(f"a payload of no known form ({payload[:8]!r})")


def count(batch: Sequence[Samples]) -> int:
    """Return how many numbers a batch holds: what is None, NaN or infinite is none."""
    return sum(value is not None and isfinite(value) for entry in batch for row in entry.values for value in row)


def packed(batch: Sequence[Samples]) -> bytes:
    """Return a batch as the payload of a store without a server."""
    return Payload(COLUMNS, count(batch), columns.encode(batch)).pack()

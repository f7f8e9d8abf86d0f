"""Line protocol back into Samples: what waits in a spool, what was a dead letter, what another program exported. Pure.

Numbers, integers (`3i`, `3u`) and booleans become numbers; texts are no numbers and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from noc.model.instants import EPOCH
from noc.model.samples import Samples

Precision = Literal["ns", "us", "ms", "s"]
_PER_SECOND: Final[dict[Precision, int]] = {"ns": 1_000_000_000, "us": 1_000_000, "ms": 1_000, "s": 1}
_NAME: Final = r"(?:\\.|[^\\,= \n])+"
_HEAD: Final = re.compile(rf"((?:\\.|[^\\, \n])+)((?:,{_NAME}={_NAME})*) +")
_TAG: Final = re.compile(rf",({_NAME})=({_NAME})")
_FIELD: Final = re.compile(rf'({_NAME})=("(?:\\.|[^"\\])*"|[^, "]+)(,?)')
_TIME: Final = re.compile(r" +(-?\d{1,20})\s*\Z")
_ESCAPED: Final = re.compile(r"\\([,= ])")
_TRUE: Final = frozenset(("t", "T", "true", "True", "TRUE"))
_FALSE: Final = frozenset(("f", "F", "false", "False", "FALSE"))
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Point:
    """One line. tags and fields in the order in which they were written."""

    measurement: str
    time: datetime
    tags: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, float], ...]


def point_of(line: str, precision: Precision = "ms") -> Point:
    """Return what a line says; without fields where all are texts. Raises ValueError, also for a line without a time.

    A time beyond what a datetime holds is an error too.
    """
    head = _HEAD.match(line)
    if head is None:
        raise ValueError(f"not line protocol: {line[:_SHOWN]!r}")
    at = head.end()
    fields: list[tuple[str, float]] = []
    while True:
        field = _FIELD.match(line, at)
        if field is None:
            raise ValueError(f"no field at character {at + 1}: {line[at : at + _SHOWN]!r}")
        number = _number(field[2])
        if number is not None:
            fields.append((_plain(field[1]), number))
        at = field.end()
        if not field[3]:
            break
    stamp = _TIME.match(line, at)
    if stamp is None:
        raise ValueError(f"no time at character {at + 1}: {line[at : at + _SHOWN]!r}")
    tags = tuple((_plain(key), _plain(value)) for key, value in _TAG.findall(head[2]))
    return Point(_plain(head[1]), _time(int(stamp[1]), precision), tags, tuple(fields))


def samples_of(lines: Iterable[str], precision: Precision = "ms") -> list[Samples]:
    """Return lines as tables, in their order: neighbours that share their keys and time are rows of one.

    Empty lines and comments are passed over. Raises ValueError for the first line that is none.
    """
    found: list[Samples] = []
    keys: tuple[object, ...] = ()
    rows: list[Point] = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        point = point_of(line, precision)
        if not point.fields:
            continue
        own = _keys(point)
        if rows and own != keys:
            found.append(_table(rows))
            rows = []
        keys = own
        rows.append(point)
    if rows:
        found.append(_table(rows))
    return found


def texts_in(line: str) -> int:
    """Return how many fields of a line, one that `point_of` takes, are texts."""
    head = _HEAD.match(line) if '="' in line else None
    at = len(line) if head is None else head.end()
    count = 0
    while field := _FIELD.match(line, at):
        count += field[2].startswith('"')
        at = field.end()
    return count


def _keys(point: Point) -> tuple[object, ...]:
    names = tuple(key for key, _ in point.tags), tuple(key for key, _ in point.fields)
    return point.measurement, point.time, *names


def _table(rows: list[Point]) -> Samples:
    first = rows[0]
    return Samples(
        measurement=first.measurement,
        time=first.time,
        tag_keys=tuple(key for key, _ in first.tags),
        field_keys=tuple(key for key, _ in first.fields),
        tags=tuple(tuple(value for _, value in row.tags) for row in rows),
        values=tuple(tuple(value for _, value in row.fields) for row in rows),
    )


def _number(text: str) -> float | None:
    """Return the number of a field's value; None for a text. Raises ValueError for what is nothing."""
    if text.startswith('"'):
        return None
    if text in _TRUE or text in _FALSE:
        return float(text in _TRUE)
    return float(int(text[:-1])) if text[-1] in "iu" else float(text)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _time(stamp: int, precision: Precision) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=stamp * 1_000_000 // _PER_SECOND[precision])
    except OverflowError:
        raise ValueError(f"no time: {stamp} {precision}") from None

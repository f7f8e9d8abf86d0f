"""InfluxQL: statements that no name can break out of, and what is answered to them.

The one way of asking that InfluxDB 1.x, 2.x and 3 Core share. Grammar:
https://docs.influxdata.com/influxdb/v1/query_language/spec/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

from noc.model.instants import from_ms
from noc.wire.lineprotocol import kept, kept_measurement

SHOW_FIELDS: Final = "SHOW FIELD KEYS"
"""The statement for the fields of all measurements, and what kind they are; 3 Core has none that is as cheap."""

SHOW_SOMETHING: Final = "SHOW MEASUREMENTS LIMIT 1"
"""The cheapest statement that needs the database and the right to read it."""

Function = Literal["mean", "min", "max", "last", "count"]
"""Functions of InfluxQL that say the same as our aggregates of that name."""

LAST_PREFIX: Final = "last_"
"""Of the columns that `select_last` gives."""

NUMBER: Final = "noc_number"
"""What a list of the highest calls the number of a series; no tag of ours is called so."""

_END_MS: Final = 9_214_646_400_000  # the year 2262: InfluxDB counts nanoseconds in 64 bits
_NUMBERS: Final = frozenset({int, float})  # and no bool, which is an int
_KINDS: Final = ("float", "integer", "unsigned")
_COMMA: Final = re.compile(r"(?<!\\),")
_EQUALS: Final = re.compile(r"(?<!\\)=")
_ESCAPED: Final = re.compile(r"\\([,= ])")

Key = tuple[str, tuple[tuple[str, str], ...]]
"""A series: its measurement, and its tags in order."""


class Row(BaseModel):
    """What InfluxQL calls a series: rows of one tag set. The first column is the time in ms, where there is one.

    partial: it goes on in the next one.
    """

    name: str = ""
    tags: dict[str, str | None] = {}
    columns: list[str] = []
    values: list[list[object]] = []
    partial: bool = False


class Result(BaseModel):
    """What one statement came to."""

    series: list[Row] = []
    error: str | None = None
    partial: bool = False


class Answer(BaseModel):
    """What /query answers: one document, or several of them in lines, each with a part."""

    results: list[Result] = []
    error: str | None = None


def identifier(name: str) -> str:
    """Return a quoted identifier."""
    return '"' + kept(name).replace('"', '\\"') + '"'


def literal(text: str) -> str:
    """Return a quoted string. `kept` has left no backslash and no control character that could end or bend it."""
    return "'" + kept(text).replace("'", "\\'") + "'"


def carries(where: Mapping[str, str]) -> str | None:
    """Return the condition that a series carries all these tags, blank for all series; None where none can.

    A blank tag is never written, and for InfluxQL it would mean "without this tag"; `time` is no tag's name.
    """
    if any(not kept(part).strip(" ") for pair in where.items() for part in pair) or "time" in where:
        return None
    return " AND ".join(f"{identifier(key)}::tag = {literal(value)}" for key, value in where.items())


@dataclass(frozen=True, slots=True)
class Source:
    """Which numbers: those of one measurement with these tags in `[start, stop)`, milliseconds of the Unix epoch."""

    measurement: str
    where: Mapping[str, str]
    start_ms: int
    stop_ms: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer: a field as it is stored, or in steps by a function of InfluxQL."""

    field: str
    function: Function | None = None


def select(source: Source, columns: Sequence[Column], step_ms: int | None = None) -> str | None:
    """Return the statement for columns; None where nothing can be found.

    step_ms: columns have functions, and there is a row for each step; None: one row for all, or as they are stored.
    """
    condition = carries(source.where)
    start, stop = max(source.start_ms, 0), min(source.stop_ms, _END_MS)
    if condition is None or not columns or start >= stop:
        return None
    grouping = "*" if step_ms is None else f"time({step_ms}ms), * fill(none)"
    wanted = ", ".join(map(_column, columns))
    conditions = " AND ".join(part for part in (condition, _period(start, stop)) if part)
    origin = identifier(kept_measurement(source.measurement))
    return f"SELECT {wanted} FROM {origin} WHERE {conditions} GROUP BY {grouping}"  # noqa: S608 - all is quoted


def _column(column: Column) -> str:
    name = f"{identifier(column.field)}::field"
    return name if column.function is None else f"{column.function}({name})"


def select_top(source: Source, column: Column, count: int, order: Literal["highest", "lowest"]) -> str | None:
    """Return the statement for the series whose number by a function is highest, or lowest, with all their tags."""
    function = "top" if order == "highest" else "bottom"
    return _of_numbers(f'{function}("{NUMBER}", {count}), *', source, column)


def select_count(source: Source, column: Column) -> str | None:
    """Return the statement for how many series there are of which `select_top` finds the highest."""
    return _of_numbers(f'count("{NUMBER}")', source, column)


def _of_numbers(wanted: str, source: Source, column: Column) -> str | None:
    inner = select(source, [column])
    if inner is None:
        return None
    plain = _column(column)
    named = inner.replace(f"SELECT {plain} FROM", f'SELECT {plain} AS "{NUMBER}" FROM', 1)
    return f"SELECT {wanted} FROM ({named})"  # noqa: S608 - all is quoted


def select_last(condition: str, period: tuple[int, int] | None, measurements: Sequence[str] = ()) -> str:
    """Return the statement for the last value of every field of the series that meet a condition.

    period: milliseconds, half-open; None: since ever. measurements: none means all.
    """
    return f"SELECT last(*) {_where(condition, period, measurements)} GROUP BY *"


def select_last_rows(condition: str, period: tuple[int, int], measurements: Sequence[str] = ()) -> str:
    """Return the statement for the last row of each series, with its time."""
    return f"SELECT * {_where(condition, period, measurements)} GROUP BY * ORDER BY time DESC LIMIT 1"


def select_all(devices: Iterable[str], start_ms: int, stop_ms: int) -> str:
    """Return the statement for all that is stored of some devices."""
    named = " OR ".join(f'"device"::tag = {literal(device)}' for device in devices)
    return f"SELECT * FROM /.*/ WHERE ({named}) AND {_period(start_ms, stop_ms)} GROUP BY *"  # noqa: S608 - `literal`


def show_devices(start_ms: int, stop_ms: int) -> str:
    """Return the statement for all devices that have numbers in a period; some that have none may be among them."""
    return f'SHOW TAG VALUES WITH KEY = "device" WHERE {_period(start_ms, stop_ms)}'


def _where(condition: str, period: tuple[int, int] | None, measurements: Sequence[str]) -> str:
    sources = ", ".join(identifier(kept_measurement(name)) for name in measurements) or "/.*/"
    recent = ""
    if period is not None:
        start, stop = max(period[0], 0), min(period[1], _END_MS)
        recent = f" AND {_period(start, stop)}"
    return f"FROM {sources} WHERE {condition}{recent}"


def _period(start_ms: int, stop_ms: int) -> str:
    return f"time >= '{_text(start_ms)}' AND time < '{_text(stop_ms)}'"


def _text(at_ms: int) -> str:
    return f"{from_ms(at_ms):%Y-%m-%dT%H:%M:%S.%f}Z"


def show_series(condition: str) -> str:
    """Return the statement for the keys of the series that meet a condition; 3 Core has none."""
    return f"SHOW SERIES WHERE {condition}"


def joined(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with those joined that came in parts; one that ought to go on and doesn't is still partial."""
    whole: list[Row] = []
    for row in rows:
        before = whole[-1] if whole else None
        if before is not None and before.partial and (before.name, before.tags) == (row.name, row.tags):
            before.values += row.values
            before.partial = row.partial
        else:
            whole.append(row)
    return whole


@dataclass(frozen=True, slots=True)
class Found:
    """The numbers of one column of one series, in order of time, not empty."""

    tags: Mapping[str, str]
    column: int
    times_ms: tuple[int, ...]
    values: tuple[float, ...]


def columns_of(rows: Sequence[Row], source: Source, columns: Sequence[Column]) -> Iterator[Found]:
    """Yield each column of each series with a number. Raises ValueError where rows are no answer to `select`."""
    measurement = kept_measurement(source.measurement)
    for row in rows:
        if len(row.columns) != len(columns) + 1 or row.name != measurement:
            raise ValueError(f"{len(row.columns)} columns of '{kept(row.name)}'")
        times, *found = zip(*row.values, strict=True) if row.values else [()] * (len(columns) + 1)
        if not all(type(at) is int for at in times):
            raise ValueError("times that are not whole milliseconds")
        tags = tags_of(row)
        for number, (_, values) in enumerate(zip(columns, found, strict=True)):
            kinds = set(map(type, values))
            if kinds <= _NUMBERS and values:  # the common case, without a look at each value
                yield Found(tags, number, times, tuple(map(float, values)))
            elif kinds & _NUMBERS:
                pairs = [(at, float(v)) for at, v in zip(times, values, strict=True) if type(v) in _NUMBERS]
                at_ms, numbers = zip(*pairs, strict=True)
                yield Found(tags, number, at_ms, numbers)


def numbers_held(rows: Sequence[Row]) -> Iterator[tuple[Key, set[str]]]:
    """Yield the series that `select_last` found, with their fields that hold numbers; of some none."""
    for row in rows:
        fields = {
            column.removeprefix(LAST_PREFIX)
            for values in row.values
            for column, value in zip(row.columns[1:], values[1:], strict=True)
            if type(value) in _NUMBERS
        }
        yield key_of(row), fields


def keys_of(rows: Iterable[Row]) -> Iterator[Key]:
    """Yield the series that `show_series` found: their keys are written as in the line protocol."""
    for row in rows:
        for (text,) in row.values:
            name, *tags = _COMMA.split(str(text))
            pairs = sorted(_EQUALS.split(tag, maxsplit=1) for tag in tags)
            yield _plain(name), tuple((_plain(key), _plain(value)) for key, value in pairs)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def fields_of(rows: Iterable[Row]) -> Iterator[tuple[str, set[str]]]:
    """Yield the measurements that `SHOW_FIELDS` found, with their fields of numbers."""
    for row in rows:
        yield row.name, {str(field) for field, kind in row.values if kind in _KINDS}


def numbers_of(row: Row) -> Iterator[tuple[str, int, float]]:
    """Yield field, time and value of the numbers in a row; of `select_last` without the prefix of its columns."""
    for values in row.values:
        at = values[0]
        if type(at) is not int:
            raise ValueError("a time that is no whole millisecond")
        for column, value in zip(row.columns[1:], values[1:], strict=True):
            if isinstance(value, int | float) and type(value) in _NUMBERS:
                yield column, at, float(value)


def tags_of(row: Row) -> dict[str, str]:
    """Return the tags that a series has; InfluxQL names those too that it lacks."""
    return {key: value for key, value in sorted(row.tags.items()) if value}


def key_of(row: Row) -> Key:
    """Return which series a row is of."""
    return row.name, tuple(tags_of(row).items())

"""InfluxQL: statements that no name can break out of, and what is answered to them.

The one way of asking that InfluxDB 1.x, 2.x and 3 Core share. Grammar:
https://docs.influxdata.com/influxdb/v1/query_language/spec/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel

from noc.model.instants import EPOCH
from noc.model.series import WHOLE, Aggregate, Series, SeriesName, SeriesQuery
from noc.store._steps import step_ms
from noc.wire.lineprotocol import kept, kept_measurement

SHOW_SOMETHING: Final = "SHOW MEASUREMENTS LIMIT 1"
"""The cheapest statement that needs the database and the right to read it."""

_END: Final = datetime(2262, 1, 1, tzinfo=UTC)  # InfluxDB counts nanoseconds in 64 bits
_LAST_PREFIX: Final = "last_"
_WORDS: Final = frozenset({"mean", "min", "max", "last", "count"})
_NUMBERS: Final = frozenset({int, float})  # and no bool, which is an int


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
    """Return the condition that a series carries all these tags; None where none can.

    A blank tag is never written, and for InfluxQL it would mean "without this tag"; `time` is no tag's name.
    """
    if any(not kept(part).strip(" ") for pair in where.items() for part in pair) or "time" in where:
        return None
    return " AND ".join(f"{identifier(key)}::tag = {literal(value)}" for key, value in where.items())


def has_words(query: SeriesQuery) -> bool:
    """Return whether InfluxQL can work out what a query asks for by itself."""
    return query.step != WHOLE and _WORDS.issuperset(query.aggregates)


def _columns(query: SeriesQuery, fields: Sequence[str]) -> list[tuple[str, Aggregate | None]]:
    aggregates = (None,) if query.step is None else query.aggregates
    return [(name, aggregate) for name in fields for aggregate in aggregates]


def select(query: SeriesQuery, fields: Sequence[str]) -> str | None:
    """Return the statement for a query; None where nothing can be found. Raises UsageError for a step below 1 ms."""
    condition = carries(query.where)
    start, stop = max(query.start, EPOCH), min(query.stop, _END)
    if condition is None or not fields or start >= stop:
        return None
    grouping = "*" if query.step is None else f"time({step_ms(query.step)}ms), * fill(none)"
    columns = [
        f"{identifier(name)}::field" if aggregate is None else f"{aggregate}({identifier(name)}::field)"
        for name, aggregate in _columns(query, fields)
    ]
    source = identifier(kept_measurement(query.measurement))
    period = f"time >= '{_text(start)}' AND time < '{_text(stop)}'"
    conditions = f"{condition} AND {period}" if condition else period
    return f"SELECT {', '.join(columns)} FROM {source} WHERE {conditions} GROUP BY {grouping}"  # noqa: S608 - quoted


def select_last(condition: str, since: datetime | None) -> str:
    """Return the statement for the last value of every field of the series that meet a condition."""
    recent = "" if since is None else f" AND time >= '{_text(since)}'"
    return f"SELECT last(*) FROM /.*/ WHERE {condition}{recent} GROUP BY *"  # noqa: S608 - `carries` quotes


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


def series_of(rows: Sequence[Row], query: SeriesQuery, fields: Sequence[str]) -> Iterator[Series]:
    """Yield a series for each column with a number. Raises ValueError where rows are no answer to `select`."""
    wanted = _columns(query, fields)
    for row in rows:
        if len(row.columns) != len(wanted) + 1 or row.name != kept_measurement(query.measurement):
            raise ValueError(f"{len(row.columns)} columns of '{kept(row.name)}'")
        times, *columns = zip(*row.values, strict=True) if row.values else [()] * (len(wanted) + 1)
        if not all(type(at) is int for at in times):
            raise ValueError("times that are not whole milliseconds")
        for (field, aggregate), column in zip(wanted, columns, strict=True):
            found = [(at, float(v)) for at, v in zip(times, column, strict=True) if type(v) in _NUMBERS]
            if aggregate == "count":
                found = [(at, value) for at, value in found if value]
            if found:
                at_ms, values = zip(*found, strict=True)
                yield Series(row.name, _tags(row), field, at_ms, values, aggregate)


def names_of(rows: Sequence[Row]) -> Iterator[SeriesName]:
    """Yield the series that `select_last` found, with their fields that hold numbers, sorted."""
    for row in rows:
        fields = {
            column.removeprefix(_LAST_PREFIX)
            for values in row.values
            for column, value in zip(row.columns[1:], values[1:], strict=True)
            if type(value) in _NUMBERS
        }
        if fields:
            yield SeriesName(row.name, _tags(row), tuple(sorted(fields)))


def _tags(row: Row) -> dict[str, str]:
    return {key: value for key, value in sorted(row.tags.items()) if value}


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"

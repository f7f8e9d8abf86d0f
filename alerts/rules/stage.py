"""What one expression looks at on one subject: from tables of samples to MET, BETWEEN and OVER for each row. Pure."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from alerts.rules.compiled import BETWEEN, MET, OVER, ExpressionRule
from alerts.rules.held import every
from alerts.rules.language.scene import NOTHING, PAST_AT_MOST, Key, Learned, Past, Question, Row, Scene
from alerts.rules.measurements import ASKED
from alerts.rules.numbers import Number
from alerts.rules.selection import Subject
from noc.model.incident import Fact
from noc.model.samples import Samples

PAST_KEPT: Final = 5
"""So many numbers of a series are kept over a restart: what was a window ago is known to a quarter of it."""

_STALE_INTERVALS: Final = 3
"""A table that is older than so many intervals is not looked at beside a newer one of another measurement."""


class Stage:
    """Holds the newest tables that a program asks for, and what it remembers of before."""

    __slots__ = ("_key", "_rows", "_scene", "_stale_ms", "_tags", "_times", "rule")

    def __init__(self, rule: ExpressionRule, subject: Subject, learned: Learned = NOTHING) -> None:
        self.rule = rule
        self._scene = Scene(subject.entity.removeprefix("device/"), learned)
        self._rows: dict[str, list[Row]] = {}
        self._times: dict[str, int] = {}
        self._key, self._tags = _places(rule.program.rows_of, rule.program.columns.get(rule.program.rows_of, ()))
        self._stale_ms = {name: _STALE_INTERVALS * every(ASKED[name].rhythm, subject) for name in rule.program.columns}

    @property
    def seen(self) -> Mapping[Question, int]:
        """Return when each field was told last that may be absent."""
        return self._scene.seen

    def see(self, question: Question, at_ms: int) -> None:
        """Take up when a field was told last, before a restart."""
        if question in self.rule.program.absent:
            self._scene.seen[question] = at_ms

    def pasts(self) -> Iterator[tuple[str, Key, str]]:
        """Yield what is known of before, for a restart: the series, its key, and a few of its numbers as JSON."""
        for (series, key), past in self._scene.past.items():
            last = len(past) - 1
            kept = sorted({last * n // (PAST_KEPT - 1) for n in range(PAST_KEPT)}) if past else ()
            if kept:
                yield series, key, json.dumps([past[n] for n in kept], separators=(",", ":"))

    def recall(self, series: str, key: Key, written: str) -> None:
        """Take up what was known of before. Raises ValueError where it isn't what `pasts` gives."""
        numbers = json.loads(written)
        if not isinstance(numbers, list) or not self.rule.program.keeps:
            raise ValueError("it is no list of numbers")
        past: Past = deque(maxlen=PAST_AT_MOST)
        for pair in numbers:
            if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(one, int | float) for one in pair):
                raise ValueError("it is no list of times and numbers")
            past.append((int(pair[0]), float(pair[1])))
        self._scene.past.setdefault((series, key), past)

    def move(self, by_ms: int) -> None:
        """Go on after a leap of the clock: what was told before was told as long ago as before."""
        for question in self._scene.seen:
            self._scene.seen[question] += by_ms
        for name in self._times:
            self._times[name] += by_ms
        for series, past in self._scene.past.items():
            self._scene.past[series] = deque(((at_ms + by_ms, value) for at_ms, value in past), maxlen=PAST_AT_MOST)

    def put(self, measurement: str, tables: Sequence[Samples], time_ms: int) -> None:
        """Take the newest tables of one measurement, of one time."""
        columns = self.rule.program.columns[measurement]
        asked = measurement == self.rule.program.rows_of
        rows = [row for table in tables for row in _rows(table, columns, self.rule if asked else None)]
        self._rows[measurement] = rows
        self._times[measurement] = time_ms
        for question in self.rule.program.absent:
            if question[0] == measurement:
                column = columns.index(question[1])
                if any(row[column] is not None for row in rows):
                    self._scene.seen[question] = time_ms

    def numbers(self, time_ms: int, *, whole: bool) -> dict[Key, Number]:
        """Return what the rows are now, by key. whole: of all rows; else only of those that are MET."""
        rule, scene = self.rule, self._scene
        program, found = rule.program, dict[Key, Number]()
        scene.now_ms = time_ms
        scene.tables = {
            name: rows for name, rows in self._rows.items() if time_ms - self._times[name] <= self._stale_ms[name]
        }
        for row in self._looked_at():
            scene.row, scene.key = row, tuple([str(row[place] or "") for place in self._key])
            when = program.when(scene)
            value: float | None = MET
            if when is not True:
                over = program.clear(scene) if whole or program.keeps else None
                value = OVER if over else None if when is None else BETWEEN
            if not whole and value != MET:
                continue
            known = found.get(scene.key)
            if known is None or known.value is None or (value is not None and value > known.value):
                tags = {tag: str(row[place] or "") for tag, place in self._tags}
                found[scene.key] = Number(value, tags, shown=self._shown())
        return found

    def _looked_at(self) -> Sequence[Row]:
        name = self.rule.program.rows_of
        return self._scene.tables.get(name, ()) if name else ((),)

    def _shown(self) -> dict[str, Fact]:
        headline = self.rule.program.headline
        if headline is None:
            return {}
        value, limit = headline.value(self._scene), headline.limit(self._scene)
        outof = None if headline.outof is None else headline.outof(self._scene)
        return {
            "metric": headline.metric,
            "value": _finite(value, headline.factor),
            "limit": _finite(limit, headline.factor),
            "unit": headline.unit or None,
            **({} if outof is None else {"out_of": outof}),
        }


def _finite(value: float | None, factor: float) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value / factor, 6)


def _rows(table: Samples, columns: tuple[str, ...], rule: ExpressionRule | None) -> Iterator[Row]:
    """Yield the columns of each row; with a rule, only of those that it asks for."""
    places, tags = _layout(columns, table.tag_keys, table.field_keys), table.tag_keys
    wanted = () if rule is None else tuple((tags.index(tag), value) for tag, value in rule.tags if tag in tags)
    if rule is not None and len(wanted) < len(rule.tags):
        return
    left_out = () if rule is None else tuple((tags.index(tag), one) for tag, one in rule.left_out if tag in tags)
    rows: Iterable[tuple[tuple[str, ...], tuple[float | None, ...]]] = zip(table.tags, table.values, strict=True)
    for place, value in wanted:
        rows = [row for row in rows if row[0][place] == value]
    for place, pattern in left_out:
        rows = [row for row in rows if not pattern.match(row[0][place])]
    for told, numbers in rows:
        yield tuple(
            [None if place < 0 else told[place] if is_tag else _number(numbers[place]) for is_tag, place in places]
        )


@lru_cache(maxsize=256)
def _places(name: str, columns: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    """Return where the tags stand that tell series of a measurement apart, and where all of its tags do."""
    if not name:
        return (), ()
    measurement = ASKED[name]
    return (
        tuple(columns.index(tag) for tag in measurement.key),
        tuple((tag, columns.index(tag)) for tag in measurement.tags),
    )


@lru_cache(maxsize=256)
def _layout(columns: tuple[str, ...], tags: tuple[str, ...], fields: tuple[str, ...]) -> tuple[tuple[bool, int], ...]:
    """Return of each column whether it is a tag, and where it stands; -1: nowhere."""
    return tuple(
        (True, tags.index(name)) if name in tags else (False, fields.index(name) if name in fields else -1)
        for name in columns
    )


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None

"""Numbers of the past out of a store of time series, as the tables that rules were given then.

An hour at a time, and of so much of the network that it fits into memory: all of it, a region, a site, one device.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from alerts.rules.compiled import ExpressionRule, Rules
from alerts.rules.measurements import ASKED, FOR_RULES
from alerts.rules.selection import NETWORK
from noc.inventory.inventory import Inventory
from noc.model.errors import TooManySeriesError
from noc.model.instants import from_ms
from noc.model.ports import SeriesReader
from noc.model.samples import Samples
from noc.model.series import Series, SeriesQuery

SERIES_AT_ONCE: Final = 5_000

Place = tuple[tuple[str, str], ...]
"""Tags that series have."""

Given = tuple[int, str, tuple[Samples, ...]]
"""Time in milliseconds, entity, and the tables of it."""


Row = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Series of one entity that are too many to be read at once."""

    place: Place
    measurement: str


@dataclass(slots=True)
class Found:
    """What was found of a measurement: rows, and the time of the first."""

    rows: int = 0
    first_ms: int | None = None


class Numbers:
    """Reads what rules ask for. asked: fields by measurement. found: of each of them. refused: what can't be read."""

    def __init__(self, store: SeriesReader, inventory: Inventory, rules: Iterable[Rules]) -> None:
        self._store = store
        self._inventory = inventory
        self.asked = asked_by(rules)
        self._places: list[Place] = [()]
        self.found = {name: Found() for name in self.asked}
        self.refused: set[Refused] = set()

    async def between(self, start_ms: int, stop_ms: int) -> AsyncIterator[list[Given]]:
        """Yield the tables of `[start_ms, stop_ms)`, of one entity after the other, each in order of time.

        Raises StoreError.
        """
        waiting = self._places[::-1]
        kept: list[Place] = []
        while waiting:
            place = waiting.pop()
            smaller = self._within(place)
            try:
                found = [one async for one in self._read(place, start_ms, stop_ms, bool(smaller))]
            except TooManySeriesError:
                waiting += smaller[::-1]
                continue
            kept.append(place)
            self._count(found)
            for given in _by_entity(found):
                yield given
        self._places = kept

    async def _read(self, place: Place, start_ms: int, stop_ms: int, can_part: bool) -> AsyncIterator[Given]:
        for measurement, fields in self.asked.items():
            asked = SeriesQuery(
                measurement, fields, dict(place), from_ms(start_ms), from_ms(stop_ms), at_most=SERIES_AT_ONCE
            )
            try:
                answer = await self._store.read(asked)
            except TooManySeriesError:
                if can_part:
                    raise
                self.refused.add(Refused(place, measurement))
                continue
            for given in _tables(measurement, fields, answer.series):
                yield given

    def _count(self, given: Iterable[Given]) -> None:
        for at_ms, _, tables in given:
            for table in tables:
                known = self.found[table.measurement]
                known.rows += len(table.tags)
                known.first_ms = at_ms if known.first_ms is None else min(at_ms, known.first_ms)

    def _within(self, place: Place) -> list[Place]:
        """Return the smaller places that make up a place; none where it can't be parted."""
        inventory = self._inventory
        if not place:
            alone = [NETWORK, *(one.entity for one in inventory.services.values())]
            return [*_of("region", inventory.regions), *_of("device", alone)]
        (tag, name) = place[0]
        if tag == "region":
            sites = [one.id for one in inventory.sites.values() if one.region == name]
            return [*_of("site", sites), (("device", f"region/{name}"),)]
        if tag == "site":
            circuits = [one.entity for one in inventory.circuits.values() if one.site == name]
            endpoints = [one.entity for one in inventory.endpoints.values() if one.site == name]
            devices = [one.id for one in inventory.devices.values() if one.site == name]
            return [*_of("device", devices), *_of("device", [*endpoints, *circuits, f"site/{name}"])]
        return []


def asked_by(rules: Iterable[Rules]) -> dict[str, tuple[str, ...]]:
    """Return the fields that rules ask for, by measurement, of those that a store keeps."""
    found: dict[str, set[str]] = {}
    for one in (rule for some in rules for rule in some.judged):
        if isinstance(one, ExpressionRule):
            for measurement, columns in one.program.columns.items():
                found.setdefault(measurement, set()).update(set(columns) & ASKED[measurement].fields.keys())
        else:
            fields = {one.field} if one.unless is None else {one.field, one.unless}
            found.setdefault(one.measurement, set()).update(fields)
    return {name: tuple(sorted(fields)) for name, fields in sorted(found.items()) if name not in FOR_RULES and fields}


def entity_of(measurement: str, tag: str) -> str:
    """Return whose series has this tag `device`: of a device it is the name alone."""
    if "/" in tag or (tag == NETWORK and "device" not in ASKED[measurement].of):
        return tag
    return f"device/{tag}"


def _of(tag: str, names: Iterable[str]) -> list[Place]:
    return [((tag, name),) for name in names]


def _tables(measurement: str, fields: tuple[str, ...], found: Iterable[Series]) -> Iterator[Given]:
    """Yield a table for each entity, time and set of tags."""
    by_row: dict[tuple[tuple[str, str], ...], list[Series]] = {}
    for series in found:
        by_row.setdefault(tuple(sorted(series.tags.items())), []).append(series)
    tables: dict[tuple[str, int, tuple[str, ...]], tuple[list[tuple[str, ...]], list[Row]]] = {}
    for tags, of_fields in by_row.items():
        keys, values = tuple(key for key, _ in tags), tuple(value for _, value in tags)
        entity = entity_of(measurement, dict(tags).get("device", ""))
        for at_ms, row in _rows(fields, of_fields):
            named, numbers = tables.setdefault((entity, at_ms, keys), ([], []))
            named.append(values)
            numbers.append(row)
    for (entity, at_ms, keys), (named, numbers) in tables.items():
        yield at_ms, entity, (Samples(measurement, from_ms(at_ms), keys, fields, tuple(named), tuple(numbers)),)


def _rows(fields: tuple[str, ...], found: Sequence[Series]) -> Iterable[tuple[int, Row]]:
    """Return the numbers of one set of tags, a row for each time, None where a field has none then."""
    times = found[0].times_ms
    if tuple(one.field for one in found) == fields and all(one.times_ms == times for one in found):
        return zip(times, zip(*(one.values for one in found), strict=True), strict=True)
    rows: dict[int, list[float | None]] = {}
    for one in found:
        place = fields.index(one.field)
        for at_ms, number in zip(one.times_ms, one.values, strict=True):
            rows.setdefault(at_ms, [None] * len(fields))[place] = number
    return ((at_ms, tuple(row)) for at_ms, row in rows.items())


def _by_entity(found: Iterable[Given]) -> Iterator[list[Given]]:
    """Yield the tables of each entity in order of time; those of one moment together, as a Reading has them."""
    by_entity: dict[str, dict[int, tuple[Samples, ...]]] = {}
    for at_ms, entity, tables in found:
        times = by_entity.setdefault(entity, {})
        times[at_ms] = (*times.get(at_ms, ()), *tables)
    for entity, times in by_entity.items():
        yield [(at_ms, entity, tables) for at_ms, tables in sorted(times.items())]

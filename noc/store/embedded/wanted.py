"""What a query asks for, in the store's own terms, and where it is looked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from noc.model.series import Resolution, SeriesQuery
from noc.store._choice import resolution_for, step_from
from noc.store._retention import CLASS_TAG, Retention
from noc.store._rows import SITE, asked, ceil_ms, device_of
from noc.store._steps import Steps, steps_of
from noc.store.embedded.kinds import Block
from noc.store.embedded.memtable import Memtable
from noc.store.embedded.upkeep import Shelves, kept

RESOLUTIONS: Final[tuple[Resolution, ...]] = ("raw", "5m", "1h")


@dataclass(frozen=True, slots=True)
class Source:
    """What is read: files and memory (oldest first), and how long what is kept."""

    shelves: Shelves
    memtables: Sequence[Memtable]
    retention: Retention


@dataclass(frozen=True, slots=True)
class Part:
    """What is looked for of a block. fields: None for all. tags: that series must have. start, stop: ms."""

    block: Block
    fields: frozenset[str] | None
    tags: frozenset[tuple[str, str]]
    start: int
    stop: int

    @property
    def between(self) -> tuple[int, int]:
        """Return the time."""
        return self.start, self.stop


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query asks for. device: None for all; site: empty for all. start, stop: ms. step: of the answer."""

    query: SeriesQuery
    tags: frozenset[tuple[str, str]]
    device: str | None
    site: str
    fields: frozenset[str]
    start: int
    stop: int
    steps: Steps | None
    resolution: Resolution
    step: timedelta | None

    def part(self, device: str) -> Part:
        """Return what is looked for of a device."""
        return Part((device, self.query.measurement), self.fields, self.tags, self.start, self.stop)


def wanted_of(query: SeriesQuery, source: Source, now: datetime) -> Wanted:
    """Return what a query asks for. Raises UsageError for a step that it can't have."""
    steps_of(query)  # may refuse
    tags = asked(query.where)
    named = dict(tags)
    device_class = named.get(CLASS_TAG) or (_class_of(device_of(tags), source) if source.retention.classes else "")
    lengths = {one: kept(source.retention, one, device_class) for one in RESOLUTIONS}
    made = {one: length for one, length in lengths.items() if one == "raw" or length > lengths["raw"]}
    resolution = resolution_for(query, made, now)
    step = step_from(query, resolution)
    start = ceil_ms(query.start)
    return Wanted(
        query,
        frozenset(tags),
        device_of(tags) or None,
        named.get(SITE, ""),
        frozenset(query.fields),
        start,
        max(start, ceil_ms(query.stop)),
        steps_of(replace(query, step=step)),
        resolution,
        step,
    )


def _class_of(device: str, source: Source) -> str:
    """Return the class of a device, as memory or the newest file that has it tells; empty where none does."""
    for memtable in source.memtables:
        for kind, table in memtable.registry.of_device(device):
            return kind.site_and_class(table)[1]
    for shelf in (source.shelves.raw, source.shelves.hours):
        for number in reversed(shelf.all()):
            with suppress(sqlite3.Error):  # told when it is read
                file = shelf.current(number)
                found = None if file is None else file.class_of(device)
                if found is not None:
                    return found
    return ""


def as_stored(wanted: Wanted) -> Wanted:
    """Return the same, answered from the numbers as they were stored."""
    return replace(wanted, resolution="raw", step=wanted.query.step, steps=steps_of(wanted.query))

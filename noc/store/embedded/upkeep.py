"""What is done with days that are over: merged, rolled up, let go when their time is up. Blocking, in slices."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from noc.model.instants import length_ms
from noc.model.series import Resolution
from noc.store._retention import Retention
from noc.store._rollup import STEP_MS
from noc.store._rows import DAY_MS
from noc.store.embedded.chunkfile import ChunkFile
from noc.store.embedded.codec import ChunkError
from noc.store.embedded.cut import LATE
from noc.store.embedded.merge import MERGED, RETRY_AFTER_MS, Merger
from noc.store.embedded.periods import MONTH
from noc.store.embedded.rolling import Rolling, rolled_key
from noc.store.embedded.shelf import Shelf, is_damage

log = logging.getLogger(__name__)

LOOK_EVERY_MS: Final = 3_600_000
"""How often files that are too old are looked for."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """The folders of a store: numbers as they were measured, and roll-ups."""

    raw: Shelf
    five: Shelf
    hours: Shelf

    @staticmethod
    def of(folder: Path, *, read_only: bool = False) -> Shelves:
        """Return the shelves below a folder, not opened."""
        return Shelves(
            Shelf(folder, read_only=read_only),
            Shelf(folder / "5m", read_only=read_only),
            Shelf(folder / "1h", MONTH, read_only=read_only),
        )

    @property
    def all(self) -> Mapping[Resolution, Shelf]:
        """Return them by what they hold."""
        return {"raw": self.raw, "5m": self.five, "1h": self.hours}

    def open(self) -> None:
        """Find the files. Raises OSError."""
        for shelf in self.all.values():
            shelf.open()

    def close(self) -> None:
        """Close all files."""
        for shelf in self.all.values():
            shelf.close()

    @property
    def damaged(self) -> int:
        """Return how many files and chunks were found damaged."""
        return sum(shelf.damaged for shelf in self.all.values())

    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(shelf.bytes() for shelf in self.all.values())

    def is_rolled(self, day: int, resolution: Resolution) -> bool:
        """Return whether there are roll-ups of a day that tell of all that is in its file. Raises sqlite3.Error."""
        shelf = self.all[resolution]
        rolled = shelf.current(shelf.period.number(day * DAY_MS))
        made_of = 0 if rolled is None else rolled.state(rolled_key(day))
        source = self.raw.current(day) if made_of else None
        return bool(made_of) and (source is None or (source.state(MERGED) == made_of and not source.state(LATE)))


class Upkeep:
    """Does one thing after the other: merge, roll up, let go."""

    def __init__(self, shelves: Shelves, retention: Retention) -> None:
        self._shelves = shelves
        self._retention = retention
        self._mergers = {name: Merger(shelf) for name, shelf in shelves.all.items()}
        self._rolling: Rolling | None = None
        self._settled: dict[int, int] = {}
        self._not_before_ms: dict[int, int] = {}
        self._looked_ms: int | None = None

    def first_kept(self, now_ms: int) -> int:
        """Return the first day of which numbers as they were measured are kept."""
        return (now_ms - length_ms(self._retention.longest_raw)) // DAY_MS

    def stop(self) -> None:
        """Leave what is on its way as it was."""
        for merger in self._mergers.values():
            merger.stop()
        self._rolling = None

    def step(self, now_ms: int) -> bool:
        """Do a slice; return whether there was anything to do. Raises OSError."""
        if self._looked_ms is None or not 0 <= now_ms - self._looked_ms < LOOK_EVERY_MS:
            self._looked_ms = now_ms
            self._let_go(now_ms)
        return self._mergers["raw"].step(now_ms) or self._roll(now_ms) or self._later(now_ms)

    def _later(self, now_ms: int) -> bool:
        # Roll-ups of a day are in one chunk as soon as they are made: there only classes are left out.
        return self._mergers["1h"].step(now_ms) or self._mergers["5m"].go_on(now_ms)

    # --- roll-ups -----------------------------------------------------------------------------------------------------

    def _roll(self, now_ms: int) -> bool:
        day = self._rolling.day if self._rolling is not None else -1
        try:
            if self._rolling is None:
                self._rolling = self._next_rolling(now_ms)
            if self._rolling is None:
                return False
            day = self._rolling.day
            source = self._shelves.raw.current(day)
            if source is None or self._rolling.step(source):
                self._rolling = None
        except (sqlite3.Error, OSError, ChunkError, ValueError) as error:
            self._rolling = None
            self._not_before_ms[day] = now_ms + RETRY_AFTER_MS
            if not isinstance(error, sqlite3.Error | OSError) or is_damage(error):
                self._settled[day] = self._shelves.raw.version(day)
            log.warning("%s: can't be rolled up now: %s", self._shelves.raw.path(day), error)
        return True

    def _next_rolling(self, now_ms: int) -> Rolling | None:
        raw = self._shelves.raw
        for day in raw.all():
            waits = self._not_before_ms.get(day, now_ms) > now_ms
            if waits or self._settled.get(day) == raw.version(day) or (day + 1) * DAY_MS > now_ms:
                continue
            source = raw.current(day)
            if source is not None and source.state(MERGED) and not source.state(LATE):
                targets = {
                    step: self._shelves.all[resolution]
                    for resolution, step in STEP_MS.items()
                    if not self._shelves.is_rolled(day, resolution) and self._ever_kept(step)
                }
                if targets:
                    return Rolling(source, targets, self._wants)
                self._settled[day] = raw.version(day)
        return None

    def _wants(self, step: int, device_class: str) -> bool:
        own = self._retention.of(device_class)
        length = own.five_minutes if step == STEP_MS["5m"] else own.hourly
        return length is not None and own.raw is not None and length > own.raw

    def _ever_kept(self, step: int) -> bool:
        return any(self._wants(step, name) for name in ("", *self._retention.classes))

    # --- letting go ---------------------------------------------------------------------------------------------------

    def _let_go(self, now_ms: int) -> None:
        for resolution, shelf in self._shelves.all.items():
            lengths = [kept(self._retention, resolution, name) for name in ("", *self._retention.classes)]
            for path in shelf.expire(shelf.period.number(now_ms - length_ms(max(lengths)))):
                log.info("%s: is older than the retention and was deleted", path)
            for number, gone in self._outlived(shelf, resolution, now_ms, length_ms(min(lengths))):
                log.info("%s: classes %s are older than their retention", shelf.path(number), sorted(gone))
                self._mergers[resolution].drop(number, gone, now_ms)
                break  # the next one when this one is written

    def _outlived(
        self, shelf: Shelf, resolution: Resolution, now_ms: int, shortest_ms: int
    ) -> Iterator[tuple[int, frozenset[str]]]:
        """Yield files in which some classes of devices, and not all, are too old."""
        if not self._retention.classes:
            return
        for number in shelf.numbers(0, shelf.period.number(now_ms - shortest_ms) - 1):
            age = timedelta(milliseconds=now_ms - shelf.period.begin_ms(number + 1))
            try:
                file: ChunkFile | None = shelf.current(number)
                classes = file.classes() if file is not None else set()
            except sqlite3.Error as error:
                log.warning("%s: can't be read: %s", shelf.path(number), error)
                continue
            gone = frozenset(name for name in classes if kept(self._retention, resolution, name) <= age)
            if gone:
                yield number, gone


def kept(retention: Retention, resolution: Resolution, device_class: str) -> timedelta:
    """Return how long numbers of a class are kept in a resolution."""
    own = retention.of(device_class)
    found = {"raw": own.raw, "5m": own.five_minutes, "1h": own.hourly}[resolution]
    return found if found is not None else timedelta(0)

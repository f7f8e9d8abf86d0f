"""From one store to another: day by day, device by device; counted at the other end; taken up where it was left."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from noc.model.errors import StoreError
from noc.model.instants import from_ms
from noc.model.ports import SeriesReader, SeriesWriter
from noc.model.samples import Samples
from noc.model.series import WHOLE, SeriesQuery
from noc.store._rows import DAY_MS, Tags
from noc.store._tables import tables

VALUES_AT_ONCE: Final = 20_000
"""Numbers of one write."""

DEVICES_AT_ONCE: Final = 50
"""Blocks after which the progress is kept."""


class Target(SeriesWriter, SeriesReader, Protocol):
    """Where numbers go, and can be counted."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A measurement of a device in one day. columns: field and tags; matrix: columns × times, NaN for a gap."""

    device: str
    measurement: str
    columns: tuple[tuple[str, Tags], ...]
    times: npt.NDArray[np.int64]
    matrix: npt.NDArray[np.float64]

    @property
    def values(self) -> int:
        """Return how many numbers there are."""
        return int(np.count_nonzero(~np.isnan(self.matrix)))


class Origin(Protocol):
    """Where numbers come from."""

    def days(self) -> list[int]:
        """Return the days since the epoch, UTC, that there are numbers of, ascending."""
        ...

    def chunks(self, day: int, after: tuple[str, str] | None) -> Iterator[Chunk]:
        """Yield the numbers of a day, sorted by device and measurement, those behind `after` alone."""
        ...


@dataclass(slots=True)
class Progress:
    """How far a copy has come. day, after: what is done; values: written; wrong: what the target counts otherwise."""

    day: int | None = None
    after: tuple[str, str] | None = None
    values: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    @staticmethod
    def read(path: Path) -> Progress:
        """Return what an earlier copy left; a new one where there is nothing. Raises StoreError."""
        if not path.exists():
            return Progress()
        try:
            kept: dict[str, Any] = json.loads(path.read_text())
            after = kept["after"]
            return Progress(
                kept["day"],
                None if after is None else (after[0], after[1]),
                kept["values"],
                kept["refused"],
                list(kept["wrong"]),
            )
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise StoreError(f"{path}: can't be read ({error}); delete it to copy from the beginning") from error

    def keep(self, path: Path) -> None:
        """Have it on disk, whole. Raises StoreError where it can't be written."""
        document: Mapping[str, object] = {
            "day": self.day,
            "after": self.after,
            "values": self.values,
            "refused": self.refused,
            "wrong": self.wrong,
        }
        beside = path.with_suffix(".new")
        try:
            with beside.open("w") as file:
                json.dump(document, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as error:
            raise StoreError(f"{path}: how far it is can't be written: {error.strerror}; see to the folder") from error


async def copy(
    origin: Origin, target: Target, path: Path, told: Callable[[Progress], None], *, verify: bool = True
) -> Progress:
    """Copy all numbers; what an earlier copy has done, by the file at `path`, is passed over. Return how it went.

    To copy again what is there changes nothing. Raises StoreError where a store can't go on.
    """
    done = Progress.read(path)
    for day in origin.days():
        if done.day is not None and day < done.day:
            continue
        after = done.after if day == done.day else None
        chunks = origin.chunks(day, after)
        done.day = day
        while some := list(islice(chunks, DEVICES_AT_ONCE)):
            for chunk in some:
                await _write(chunk, target, done)
            for chunk in some if verify else ():
                await _count(chunk, day, target, done)
            done.after = (some[-1].device, some[-1].measurement)
            done.keep(path)
            told(done)
        done.after = None
        done.day = day + 1
        done.keep(path)
    return done


async def _write(chunk: Chunk, target: Target, done: Progress) -> None:
    rows = tables(chunk.measurement, chunk.columns, chunk.times, chunk.matrix)
    at_once = max(1, VALUES_AT_ONCE // max(1, len(chunk.columns)))
    while batch := list(islice(rows, at_once)):
        refused = sum(refusal.values for refusal in await target.write(target.encode(batch)))
        done.refused += refused
        done.values += _values(batch) - refused


def _values(batch: list[Samples]) -> int:
    return sum(value is not None for samples in batch for row in samples.values for value in row)


async def _count(chunk: Chunk, day: int, target: Target, done: Progress) -> None:
    """Ask the target how many numbers it has of these series in this day."""
    begin = from_ms(day * DAY_MS)
    fields = tuple(sorted({name for name, _ in chunk.columns}))
    where = {"device": chunk.device}
    query = SeriesQuery(
        chunk.measurement, fields, where, begin, begin + timedelta(days=1), WHOLE, ("count",), at_most=1_000_000
    )
    answer = await target.read(query)
    found = sum(int(one.values[0]) for one in answer.series)
    if found < chunk.values:
        done.wrong.append(
            f"{begin:%Y-%m-%d} {chunk.device} {chunk.measurement}: {chunk.values} numbers here, {found} there"
        )


def forget(path: Path) -> None:
    """Delete what tells how far a copy came."""
    with suppress(FileNotFoundError):
        path.unlink()

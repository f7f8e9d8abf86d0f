"""Coverage: what was really seen of each entity in an hour, and what the ledger keeps of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Coverage:
    """The results of one entity in one hour, times in milliseconds.

    first_ms, last_ms: of the first and the last result. count: how many. largest_gap_ms: the longest time between two
    results next to each other, the one before this hour counted where there is one. longest_run: the longest run of
    equal results that changed nothing, because it was not confirmed; one that goes on is of the hour where it ends.
    """

    entity: str
    first_ms: int
    last_ms: int
    count: int
    largest_gap_ms: int
    longest_run: int


@dataclass(frozen=True, slots=True)
class CoverageColumns:
    """The coverage of one hour in columns, as long as `names`; 20,303 rows an hour are too many to be objects.

    start_ms: of the hour. names: entities that are watched. first, last: offsets in the hour, in milliseconds. count: 0
    where there was no result; the others are then 0 too. gap: in milliseconds. run: as `Coverage` tells. stale_after:
    how long a result spoke for the entity, in milliseconds, the longest of the hour. All as unsigned 32 bits ("I").
    """

    start_ms: int
    names: tuple[str, ...]
    first: array[int]
    last: array[int]
    count: array[int]
    gap: array[int]
    run: array[int]
    stale_after: array[int]

    def rows(self) -> Iterator[Coverage]:
        """Yield a row of each entity that had results."""
        columns = zip(self.names, self.first, self.last, self.count, self.gap, self.run, strict=True)
        for name, first, last, count, gap, run in columns:
            if count:
                yield Coverage(name, self.start_ms + first, self.start_ms + last, count, gap, run)

    @property
    def seen(self) -> int:
        """Return how many entities had results."""
        return len(self.count) - self.count.count(0)


@dataclass(frozen=True, slots=True)
class HourOfCoverage:
    """The record of the coverage of one hour, which began at `since_ms`, by one poller.

    entity: the poller. rows: entities with results. digest: SHA-256, hexadecimal, over the rows as they are kept
    beside the ledger: 20,303 entities an hour are too many for a record each.
    """

    entity: str
    since_ms: int
    rows: int
    digest: str

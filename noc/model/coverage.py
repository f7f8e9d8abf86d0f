"""Coverage: what was really seen of each entity in an hour, and what the ledger keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Coverage:
    """The results of one entity in one hour, times in milliseconds.

    first_ms, last_ms: of the first and the last result. count: how many. largest_gap_ms: the longest time between two
    results next to each other, the one before this hour counted where there is one. longest_run: the longest run of
    equal results that changed nothing, because it was not confirmed.
    """

    entity: str
    first_ms: int
    last_ms: int
    count: int
    largest_gap_ms: int
    longest_run: int


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

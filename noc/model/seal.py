"""A Seal: the ledger's hash at the end of a day, told to the outside, so that a change of the past shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seal:
    """The day that ended at `since_ms` (milliseconds of the Unix epoch, midnight UTC) ended with this record.

    entity: the poller that sealed. day: 2026-11-21. records: number of the last record before the seal; hash: its
    hash, hexadecimal.
    """

    entity: str
    since_ms: int
    day: str
    records: int
    hash: str


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """From `since_ms` on the inventory says otherwise what figures are made by: upstreams, sites, weights, dates.

    entity: the poller that read it. digest: SHA-256, hexadecimal, of the policy's text, which is kept beside
    the ledger.
    """

    entity: str
    since_ms: int
    digest: str

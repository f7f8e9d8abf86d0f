"""What reports read: one reading transaction, the inventory, and how figures are worked out; given by noc.app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from noc.availability.policy import Period, Policy
from noc.availability.statement import Statement
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.instants import from_ms
from noc.model.ports import SeriesReader
from noc.model.transition import Transition
from noc.reports.frame.asked import Asked, Head, KnownAt, Slice
from noc.reports.frame.directory import Directory
from noc.state import ledger, reports
from noc.state.database import Transaction
from noc.state.looked import looked_until
from noc.state.records import recorded_of

Statements: TypeAlias = Callable[[Period, int | None, int], Awaitable[Statement]]
Policies: TypeAlias = Callable[[int], Awaitable[Policy]]


@dataclass(frozen=True, slots=True)
class Material:
    """connection: a transaction, which sees one state of everything. now_ms: what time it is.

    statement: the figures of a period, up to a record of the ledger, with evidence until a moment. policy: what figures
    were made by at a record.
    directory: who is where; reports that the ledger alone gives go by it, and not by the inventory. target_of: what is
    promised of an entity, in percent; None: nothing. tell: is given how far it is, 0 to 1. series: where numbers over
    time are read; None where nobody can. told: the head of an answer that is made again, as of the record that it knew;
    None: of a new one.
    """

    connection: Transaction
    inventory: Inventory
    now_ms: int
    statement: Statements
    policy: Policies
    directory: Directory
    target_of: Callable[[str], Fraction | None]
    tell: Callable[[float], None] = lambda _: None
    series: SeriesReader | None = None
    told: Head | None = None

    async def head(self, asked: Asked) -> Head:
        """Return what the answer begins with. Raises UsageError."""
        if self.told is not None:
            known = await self._known_at(self.told.known_at.record)
            return self.told.model_copy(
                update={"known_at": known, "slice": await self._slice(self.told.period, known.record)}
            )
        known_at = await self._known_at(asked.known)
        now_ms = self.now_ms if asked.known is None else known_at.time_ms
        one = asked.named(from_ms(now_ms))
        period = one.period
        if period.start >= now_ms:
            raise UsageError(f"{asked.period} is still to come; there is nothing to report of it")
        until_ms, looked_ms = min(now_ms, period.end), await looked_until(self.connection, now_ms)
        return Head(
            asked=asked,
            unit=one.unit,
            start_ms=period.start,
            end_ms=period.end,
            until_ms=until_ms,
            known_at=known_at,
            slice=await self._slice(period, known_at.record),
            looked_until_ms=looked_ms if looked_ms < until_ms else None,
            simulated=True if self.inventory.simulated else None,
        )

    async def figures(self, head: Head, period: Period | None = None) -> Statement:
        """Return the figures of the head's period so far, or of another one, as known at its record."""
        whole = period or Period(head.start_ms, head.until_ms)
        return await self.statement(whole, head.known_at.record, self.evidence_ms(head))

    def evidence_ms(self, head: Head) -> int:
        """Return until when evidence was gathered, milliseconds.

        Where the period is over, its end is not the end of what is known: an outage may go on behind it.
        """
        if head.looked_until_ms is not None:
            return head.looked_until_ms
        return self.now_ms if head.asked.known is None else head.known_at.time_ms

    async def first_ms(self, before_ms: int, known: int) -> int | None:
        """Return when the ledger begins to know anything; None where it does not before a moment."""
        found = await reports.first_ms(self.connection, known)
        return found if found is not None and found < before_ms else None

    async def _known_at(self, known: int | None) -> KnownAt:
        if known is None:
            newest = await ledger.newest(self.connection, 1)
            record = newest[0] if newest else None
            if record is None:
                return KnownAt(record=0, hash=ledger.FIRST_HASH.hex(), time_ms=self.now_ms)
        else:
            record = await ledger.record_of(self.connection, known)
            if record is None:
                raise UsageError(f"--known {known}: the ledger has no record of this number")
        said = recorded_of(record.kind, record.body)
        time_ms = max(record.since_ms, said.decided_ms) if isinstance(said, Transition) else record.since_ms
        return KnownAt(record=record.seq, hash=record.hash.hex(), time_ms=time_ms)

    async def _slice(self, period: Period, known: int) -> Slice:
        digest, records, first, last = await reports.slice_of(self.connection, period.start, period.end, known)
        return Slice(digest=digest, records=records, first=first, last=last)

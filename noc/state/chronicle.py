"""The states of all entities as the ledger tells of them, kept in memory and read on from where it stood."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from noc.availability.columns.gathered import Gathered
from noc.availability.columns.overlay import Later, overlaid
from noc.availability.columns.timelines import Columns
from noc.model.part import owner_of
from noc.state.statuses import restatements, said


class Chronicle:
    """Parts of devices are left out: they are many, and figures of one are asked for one by one.

    number: of the last record that was read.
    """

    def __init__(self) -> None:
        self.number = 0
        self._gathered = Gathered(lambda entity: owner_of(entity) is None)
        self._late: list[Later] = []
        self._late_number = 0
        self._made: Columns | None = None

    async def read(self, connection: AsyncConnection, until: int) -> None:
        """Read the records up to number `until`, which must be there. One call at a time."""
        if until <= self.number:
            return
        self._made = None
        late = await restatements(connection, self._late_number, until)
        self._late += [
            Later(one.entity, one.since_ms, one.end_ms, one.states) for one in late if owner_of(one.entity) is None
        ]
        self._late_number = until
        async for number, rows in said(connection, self.number, until):  # may be cut off, and goes on from there
            self._gathered.take(rows)
            self.number = number
        self.number = until

    def late_since(self, moment_ms: int) -> bool:
        """Return whether evidence came late of a time behind a moment, in milliseconds."""
        return any(one.end > moment_ms for one in self._late)

    def as_told(self, names: Sequence[str]) -> Columns:
        """Return the states of names, in their order, as they were told in time: without late evidence."""
        return self._gathered.columns(names)

    @property
    def names(self) -> Sequence[str]:
        """Whom records tell of."""
        return [*self._gathered.names, *(one.entity for one in self._late)]

    def columns(self, names: Sequence[str]) -> Columns:
        """Return the states of names, in their order, with what late evidence said. Long for many: use a thread."""
        if self._made is not None and self._made.names == names:
            return self._made
        found = self._gathered.columns(names)
        self._made = overlaid(found, self._late)
        return self._made

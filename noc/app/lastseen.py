"""What was seen between the last checkpoint and a kill: results of liveness on disk, on their way to the store.

A checkpoint is written each half minute, results within half a second. So a start looks at what the spool still has
since then, and has it judged before anything new is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final

from noc.clock import Clock
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.pipeline.liveness import ENTITY, FIELD, MEASUREMENT
from noc.pipeline.status import Result
from noc.spool.payload import unpack
from noc.spool.record import Record
from noc.spool.spool import Spool
from noc.wire.bodies import decode_one
from noc.wire.columns import BodyError

log = logging.getLogger(__name__)

BACK_AT_MOST_MS: Final = 900_000
"""So far back is looked, where the checkpoint is older or there is none: 20,303 devices have 300,000 results in it."""

GOOD: Final = 0.5
"""Results are kept as 1 and 0."""


class LastSeen:
    """Gives results to those who judge, once each, when they start. counted: is told when they were judged.

    poller: whose results. far: those of remote pollers too. found: how many results there were.
    """

    def __init__(
        self, spool: Spool, clock: Clock, poller: str, counted: Callable[[], object], far: bool = False
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._poller = poller
        self._counted = counted
        self._far = far
        self._read: list[Result] | None = None
        self.found = 0

    async def since(self, written_ms: int | None, *, endpoints: bool) -> list[Result]:
        """Return results of end points, or of all else, since a checkpoint was written, in the order of their time.

        written_ms: the same for both; None: there is no checkpoint.
        """
        if self._read is None:
            earliest_ms = to_ms(self._clock.now()) - BACK_AT_MOST_MS
            self._read = await self._results(max(written_ms or 0, earliest_ms))
            self.found = len(self._read)
        found = [one for one in self._read if one.entity.startswith("endpoint/") is endpoints]
        self._read = [one for one in self._read if one.entity.startswith("endpoint/") is not endpoints]
        return found

    def judged(self) -> None:
        """Say that they were judged: they are in the time series already."""
        self._counted()

    async def _results(self, since_ms: int) -> list[Result]:
        try:
            found = await self._spool.looked_through(since_ms, self._look)
        except OSError as error:
            log.error("%s: what was seen before the start can't be read: %s", self._spool.folder, error.strerror)
            return []
        return sorted(dict.fromkeys(found), key=lambda result: result.time_ms)  # a batch may be there twice

    def _look(self, record: Record) -> Iterator[Result]:
        try:
            payload = unpack(record.payload)
            tables = decode_one(payload.form, payload.body, MEASUREMENT)
        except BodyError as error:
            log.error("batch %d, of before the start, can't be read: %s", record.seq, error)
            return
        for table in tables:
            yield from self._of(table)

    def _of(self, table: Samples) -> Iterator[Result]:
        time_ms, field = to_ms(table.time), table.field_keys.index(FIELD)
        for tags, values in zip(table.tags, table.values, strict=True):
            known, value = dict(zip(table.tag_keys, tags, strict=True)), values[field]
            poller = known.get("poller", "")
            if value is not None and (self._far or poller == self._poller):
                yield Result(known.get(ENTITY, ""), time_ms, value >= GOOD, known.get("check", ""), poller)

"""The fan-out: gathers Samples for a moment and hands them on as one batch, which compresses and is one record."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from noc.clock import Clock, Timer
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.pipeline.cardinality import Cardinality

log = logging.getLogger(__name__)

GATHER_S: Final = 0.25
GATHER_VALUES: Final = 5_000
"""A batch is handed on before its time when it has so many numbers: encoding it stays a matter of milliseconds."""


class Fanout:
    """A service. hand_on: takes a batch, at once, and returns its number behind, where it gets one. bound: of series;
    None: there is none. handed: the number of the last batch.
    """

    def __init__(
        self, clock: Clock, hand_on: Callable[[Sequence[Samples]], int | None], bound: Cardinality | None = None
    ) -> None:
        self._clock = clock
        self.bound = bound
        self._hand_on = hand_on
        self._batch: list[Samples] = []
        self._cells = 0
        self._timer: Timer | None = None
        self.handed = 0
        self.values = 0
        """Numbers that were handed on, those that weren't read counted as well."""

    async def start(self) -> None:
        """Nothing has to be done."""

    async def stop(self) -> None:
        """Hand on what is left."""
        self.flush()

    def take(self, samples: Iterable[Samples]) -> None:
        """Take the samples of one Reading."""
        if self.bound is not None:
            samples = self.bound.kept(samples, to_ms(self._clock.now()))
        for entry in samples:
            self._batch.append(entry)
            self._cells += len(entry.tags) * len(entry.field_keys)
        if self._cells >= GATHER_VALUES:
            self.flush()
        elif self._batch and self._timer is None:
            self._timer = self._clock.call_later(GATHER_S, self.flush)

    def flush(self) -> None:
        """Hand on what was taken, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.bound is not None:
            for sentence in self.bound.news(to_ms(self._clock.now())):
                log.error("%s", sentence)
        batch, self._batch = self._batch, []
        self.values += self._cells
        self._cells = 0
        if batch:
            self.handed = self._hand_on(batch) or self.handed

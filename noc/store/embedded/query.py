"""A query in pieces: some devices at a time, so that writes come in between. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from noc.model.series import SeriesAnswer, SeriesQuery
from noc.store._answers import few_enough
from noc.store.embedded import reading, rolledreading
from noc.store.embedded.reading import Found
from noc.store.embedded.wanted import Source, as_stored, wanted_of

DEVICES_AT_ONCE: Final = 25
"""Devices that are read at once, some 50 ms for a day of each."""


class Query:
    """Asked once, `step` for step, with what there is at that moment. Raises UsageError for a wrong step.

    only: the devices to read; None for all that may have something.
    """

    def __init__(self, query: SeriesQuery, source: Source, now: datetime, only: Sequence[str] | None = None) -> None:
        self._wanted = wanted_of(query, source, now)
        self._found: Found = {}
        self._rolled = rolledreading.rolled_days(self._wanted, source) if self._is_rolled else frozenset()
        if not self._rolled:  # nothing is rolled up yet: exact numbers are as near
            self._wanted = as_stored(self._wanted)
        some = reading.devices if only is None else lambda *_: only
        self._devices = iter(some(self._wanted, source) if self._wanted.start < self._wanted.stop else ())

    @property
    def _is_rolled(self) -> bool:
        return self._wanted.resolution != "raw" and self._wanted.steps is not None

    def step(self, source: Source) -> bool:
        """Read some devices; return whether there may be more. Raises TooManySeriesError."""
        some = list(islice(self._devices, DEVICES_AT_ONCE))
        for device in some:
            if self._is_rolled:
                self._found.update(rolledreading.read_device(self._wanted, device, source, self._rolled))
            else:
                self._found.update(reading.read_device(self._wanted, device, source))
            few_enough(len(self._found), self._wanted.query.at_most)
        return len(some) == DEVICES_AT_ONCE

    def answer(self) -> SeriesAnswer:
        """Return what was found."""
        series = tuple([one for key in sorted(self._found) for one in self._found[key]])
        return SeriesAnswer(series, self._wanted.resolution, self._wanted.step)


def read(query: SeriesQuery, source: Source, now: datetime, only: Sequence[str] | None = None) -> SeriesAnswer:
    """Return what a query finds, in one go. Raises TooManySeriesError, and UsageError for a wrong step."""
    asked = Query(query, source, now, only)
    while asked.step(source):
        pass
    return asked.answer()

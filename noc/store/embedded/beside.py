"""Reads the embedded store beside the daemon that writes it, or without one: what was on disk when it was opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from noc.clock import Clock
from noc.model.series import SeriesAnswer, SeriesName, SeriesQuery
from noc.store.embedded import query as queries
from noc.store.embedded import reading
from noc.store.embedded.view import View


class ViewReader:
    """A SeriesReader of a view that is open. What is damaged is left out, and told by the log."""

    def __init__(self, view: View, clock: Clock) -> None:
        self._view = view
        self._clock = clock

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises TooManySeriesError, and UsageError for a wrong step."""
        return await asyncio.to_thread(queries.read, query, self._view.source, self._clock.now())

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags. Raises UsageError where no device and no site is named."""
        return await asyncio.to_thread(reading.names, where, self._view.source)

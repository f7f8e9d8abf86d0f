"""Protocols between rooms that don't know each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from noc.model.samples import Samples
from noc.model.series import (
    Latest,
    LatestQuery,
    Refusal,
    SeriesAnswer,
    SeriesName,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)


class SeriesWriter(Protocol):
    """Takes samples in, as bodies of its own form. To write the same body again changes nothing."""

    @property
    def form(self) -> str:
        """Return the form of its bodies, a name of noc/wire/bodies.py: what is on disk begins with it."""
        ...

    def encode(self, batch: Sequence[Samples]) -> bytes:
        """Return a batch as it will be written. Pure, and called in a thread."""
        ...

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        """Store a body; when this returns, it survives a crash. Return what was refused for good.

        Raises StoreError when nothing of it is sure to be stored and it must be tried again; ValueError when the bytes
        are no body of this form.
        """
        ...


class SeriesReader(Protocol):
    """Gives numbers back. The store picks the resolution, by range, step and what it still has, and says which."""

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds; where it is answered from roll-ups, with the newest numbers, not yet rolled up.

        Raises StoreError when the store can't be asked, TooManySeriesError, and UsageError where the query is wrong.
        """
        ...

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags, sorted; `device` or `site` is among them. Raises StoreError."""
        ...


class FleetReader(Protocol):
    """Gives one number of each of many series."""

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises StoreError, UsageError."""
        ...

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers, sorted by measurement, tags, field. Raises as `read` does."""
        ...


class SeriesSource(SeriesReader, FleetReader, Protocol):
    """All that can be read of time series."""

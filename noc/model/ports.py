"""Protocols between rooms that don't know each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from noc.model.samples import Samples
from noc.model.series import Refusal, Series, SeriesName, SeriesQuery


class SeriesWriter(Protocol):
    """Takes samples in. To write the same samples again changes nothing."""

    async def write(self, batch: Sequence[Samples]) -> tuple[Refusal, ...]:
        """Store a batch; when this returns, it survives a crash. Return what was refused for good.

        Raises StoreError when nothing of it is sure to be stored and it must be tried again.
        """
        ...


class SeriesReader(Protocol):
    """Gives numbers back."""

    async def read(self, query: SeriesQuery) -> tuple[Series, ...]:
        """Return the series that a query finds, sorted by tags and field; those without a number are left out.

        Raises StoreError when the store can't be asked.
        """
        ...

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags (always with `device`), sorted. Raises StoreError."""
        ...

"""Protocols between rooms that don't know each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from noc.model.samples import Samples
from noc.model.series import Refusal, Series, SeriesName, SeriesQuery


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
    """Gives numbers back."""

    async def read(self, query: SeriesQuery) -> tuple[Series, ...]:
        """Return the series that a query finds, sorted by tags and field; those without a number are left out.

        Raises StoreError when the store can't be asked.
        """
        ...

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags (always with `device`), sorted. Raises StoreError."""
        ...

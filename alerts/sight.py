"""Sight: what alerting may ask of the present, beside what is written in the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from noc.model.snapshot import Snapshot
from noc.model.transition import Status


@dataclass(frozen=True, slots=True)
class Seen:
    """The last result of an entity. Times in milliseconds of the Unix epoch.

    time_ms: when it was asked. ok: whether it was well. failing_ms: since when it fails without a break; None where it
    is well.
    """

    time_ms: int
    ok: bool
    failing_ms: int | None = None


class Sight(Protocol):
    """Answers from memory, at once; what it was told of after a restart it knows as the ledger does."""

    def status(self, entity: str) -> Status:
        """Return the status of a device, a part of one, a circuit or an end point by its own evidence."""
        ...

    def since(self, entity: str) -> int | None:
        """Return since when the status is so, in milliseconds; None where it was always unknown."""
        ...

    def seen(self, entity: str) -> Seen | None:
        """Return the last result; None where there is none, or the last one is stale."""
        ...

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return a device as it was last read by SNMP."""
        ...

    def reprobe(self, entities: Collection[str]) -> None:
        """Ask for the liveness of devices soon, beside their rhythm; returns at once. Others are passed over."""
        ...


class Blind:
    """A Sight that sees nothing: every failure is a root of its own."""

    def status(self, entity: str) -> Status:
        """Return unknown."""
        del entity
        return "unknown"

    def since(self, entity: str) -> int | None:
        """Return None."""
        del entity
        return None

    def seen(self, entity: str) -> Seen | None:
        """Return None."""
        del entity
        return None

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return None."""
        del entity
        return None

    def reprobe(self, entities: Collection[str]) -> None:
        """Ask nothing."""


BLIND: Final = Blind()

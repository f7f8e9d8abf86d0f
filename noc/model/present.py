"""What is known of an entity now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from noc.model.part import Part
from noc.model.reading import Failure, SnmpLine
from noc.model.snapshot import Snapshot

Word = Literal["up", "down", "unreachable", "unknown"]


@dataclass(frozen=True, slots=True)
class StatusNow:
    """An entity's status. since_ms: since when, None where it was never seen; seen_ms: its last result. Unix epoch."""

    status: Word
    since_ms: int | None = None
    seen_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PollNow:
    """How a check of a device went last. since_ms: since when it is so, Unix epoch. failures: in a row. line: to its
    SNMP agent, where that is known.
    """

    check: str
    since_ms: int
    failure: Failure | None = None
    failures: int = 0
    line: SnmpLine | None = None

    @property
    def ok(self) -> bool:
        """Return whether it was answered."""
        return self.failure is None


@dataclass(frozen=True, slots=True)
class PartNow:
    """A part and what is known of it now. seen: its device told of it when it was last read."""

    part: Part
    now: StatusNow
    seen: bool = True


class Made(NamedTuple):
    """What a device is, by its own words when it was last read; None where it said nothing. Hostile text."""

    vendor: str | None = None
    model: str | None = None
    version: str | None = None
    serial: str | None = None


class Present(Protocol):
    """Answers from memory."""

    def status(self, entity: str) -> StatusNow:
        """Return the status of a device, a part of one, a circuit or a site; unknown for what is not watched."""
        ...

    @property
    def version(self) -> tuple[int, int]:
        """Return what is another when a status of a device, a part of one, a circuit or a site is, or its since."""
        ...

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return a device as it was last read by SNMP."""
        ...

    def parts(self, entity: str) -> Sequence[PartNow]:
        """Return the parts of a device that have a status of their own."""
        ...

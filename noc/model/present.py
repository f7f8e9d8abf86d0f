"""What is known of an entity now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from noc.model.snapshot import Snapshot

Word = Literal["up", "down", "unreachable", "unknown"]


@dataclass(frozen=True, slots=True)
class StatusNow:
    """An entity's status. since_ms: since when, None where it was never seen; seen_ms: its last result. Unix epoch."""

    status: Word
    since_ms: int | None = None
    seen_ms: int | None = None


class Present(Protocol):
    """Answers from memory."""

    def status(self, entity: str) -> StatusNow:
        """Return the status of a device, a part of one, a circuit or a site; unknown for what is not watched."""
        ...

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return a device as it was last read by SNMP."""
        ...

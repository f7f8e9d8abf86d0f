"""What people change about who is on call, and what they hand over; times in milliseconds of the Unix epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody is on call for a while, whatever the schedule says. instead_of: of whom; None for all who would be.

    source: the calendar that it was read from, and the event in it; empty where a person made it.
    """

    id: int
    schedule: str
    start_ms: int
    end_ms: int
    person: str
    instead_of: str | None = None
    why: str = ""
    who: str = ""
    made_ms: int = 0
    cancelled_ms: int | None = None
    cancelled_by: str | None = None
    source: str = ""

    def holds(self, known_ms: int) -> bool:
        """Tell whether it was made, and not cancelled, by a moment."""
        return self.made_ms <= known_ms and (self.cancelled_ms is None or self.cancelled_ms > known_ms)


@dataclass(frozen=True, slots=True)
class Handover:
    """One shift hands over to the next. at_ms: the hand-off that it is about.

    text: what the outgoing wrote. incidents: open then, by number, each with its owner (empty for nobody).
    """

    id: int
    schedule: str
    at_ms: int
    outgoing: str
    incoming: str
    text: str
    incidents: Mapping[int, str] = field(default_factory=dict)
    written_ms: int = 0
    written_by: str = ""
    accepted_ms: int | None = None
    accepted_by: str | None = None

"""A Window: planned maintenance, and each decision of people about one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

WindowStep = Literal["requested", "approved", "rejected", "cancelled", "shortened"]
"""What people decide. Only an approved Window is planned time; one that is shortened, or cancelled, ends then."""

WindowState = Literal["requested", "approved", "rejected", "cancelled"]


@dataclass(frozen=True, slots=True)
class WindowDecision:
    """At `since_ms` somebody decided about a Window. All times in milliseconds of the Unix epoch, UTC.

    entity: what is worked on, with all below it. window: its number. start_ms, end_ms: when it is, the first time.
    rrule: how it comes again (RFC 5545, 3.3.10: FREQ=WEEKLY;BYDAY=SU), empty for once; zone: the IANA time zone in
    whose wall clock it comes again. without: beginnings of occurrences that are left out. who decided. why: what is
    done, or why it isn't. source: the UID of a carrier's notice, empty where a person asked; sequence: of that notice.
    """

    entity: str
    since_ms: int
    window: int
    step: WindowStep
    start_ms: int
    end_ms: int
    rrule: str
    zone: str
    without: tuple[int, ...]
    who: str
    why: str
    source: str = ""
    sequence: int = 0


_STATES: Final[Mapping[WindowStep, WindowState]] = {
    "requested": "requested",
    "approved": "approved",
    "rejected": "rejected",
    "cancelled": "cancelled",
    "shortened": "approved",
}


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """A Window with all that was decided about it, the first decision (it was requested) first."""

    decisions: tuple[WindowDecision, ...]

    @property
    def number(self) -> int:
        """Return its number."""
        return self.decisions[0].window

    @property
    def entity(self) -> str:
        """Return what is worked on."""
        return self.decisions[0].entity

    @property
    def request(self) -> WindowDecision:
        """Return how it was asked for."""
        return self.decisions[0]

    @property
    def now(self) -> WindowDecision:
        """Return the last decision: it says when the window is."""
        return self.decisions[-1]

    @property
    def state(self) -> WindowState:
        """Return how it stands."""
        return _STATES[self.now.step]

    @property
    def approval(self) -> WindowDecision | None:
        """Return how it was approved; None where it wasn't."""
        return next((one for one in self.decisions if one.step == "approved"), None)

    @property
    def notice_ms(self) -> int:
        """Return how long before its first beginning it was asked for; less than 0 where that was later."""
        return self.request.start_ms - self.request.since_ms

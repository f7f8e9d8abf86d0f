"""A Window: planned maintenance, and each decision of people about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WindowStep = Literal["requested", "approved", "rejected", "cancelled", "shortened"]
"""What people decide. Only an approved Window is planned time; one that is shortened, or cancelled, ends then."""

WindowState = Literal["requested", "approved", "rejected", "cancelled"]


@dataclass(frozen=True, slots=True)
class WindowDecision:
    """At `since_ms` somebody decided about a Window. All times in milliseconds of the Unix epoch, UTC.

    entity: what is worked on, with all below it. window: its number. start_ms, end_ms: when it is, the first time.
    rrule: how it comes again (RFC 5545, 3.3.10: FREQ=WEEKLY;BYDAY=SU), empty for once; zone: the IANA time zone in
    whose wall clock it comes again. without: beginnings of occurrences that are left out. who decided. why: what is
    done, or why it isn't. source: the UID of a carrier's notice, empty where a person asked.
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

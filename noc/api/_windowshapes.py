"""What is told and taken of windows."""

from __future__ import annotations

from pydantic import Field

from noc.api._about import Reason, Said, Speaking
from noc.api._shapes import Moment, Shape
from noc.maintenance.imports import Word
from noc.model.window import WindowState, WindowStep


class Times(Shape):
    """One time of a window."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")


class WindowItem(Times):
    """A window. from, to: the first time, where it comes again."""

    id: int
    entity: str
    """What is worked on, with all below it."""
    state: WindowState
    """Only an approved one is planned time; a cancelled one was until then."""
    under_way: bool
    rrule: str | None
    """How it comes again (RFC 5545); null: once."""
    zone: str
    """The time zone in whose wall clock it comes again."""
    without: list[Moment]
    """Beginnings that are left out."""
    next: list[Times]
    """The next ten times within 400 days, one that is under way first."""
    why: str
    """What is to be done."""
    requested: Moment
    requested_by: str
    notice_s: float
    """How long before its beginning it was asked for; less than 0: afterwards."""
    decided: Moment | None
    decided_by: str | None
    source: str | None
    """The UID of a carrier's notice; null where a person asked."""


class DecisionItem(Times):
    """One step: also a record of the ledger. from, to: as decided then."""

    at: Moment
    step: WindowStep
    who: str
    why: str
    without: list[Moment]


class TogetherItem(Shape):
    """Sites that lose their only path by two windows at the same time, and by neither of them alone."""

    window: int
    """The other one."""
    entity: str
    approved: bool
    """false: it waits for somebody to decide."""
    sites: list[str]


class ImpactItem(Shape):
    """What a window touches, entities by name."""

    entity: str
    lose_only_path: list[str]
    """Sites that lose their only path."""
    not_covered: list[str]
    """Those of them for which the window is not: down time there counts as an outage."""
    lose_a_path: list[str]
    """Sites that go on with fewer paths."""
    circuits: list[str]
    """Circuits that carry nothing."""
    services: list[str]
    """Services that go down."""
    devices: int
    """How many devices nobody reaches."""
    at_the_same_time: list[str]
    """What other windows work on at the same time; it was counted in."""
    only_together: list[TogetherItem]


class WindowDetail(WindowItem):
    """A window with all decisions, and what its first time touches."""

    decisions: list[DecisionItem]
    impact: ImpactItem


class NoticeStep(Shape):
    """What came of a carrier's notice for one circuit."""

    word: Word
    """request: asked for; cancel: taken back; unchanged, older: known; unmatched: no circuit; over; wrong."""
    uid: str
    sequence: int
    summary: str
    entity: str | None
    window: int | None
    why: str | None


class Imported(Shape):
    """What came of a calendar."""

    items: list[NoticeStep]


class WindowRequest(Times, Speaking):
    """What somebody asks for."""

    entity: str
    why: Reason
    """What is to be done."""
    rrule: str = ""
    """RFC 5545, such as FREQ=MONTHLY;BYDAY=1SU; empty: once. Not more often than daily."""
    zone: str = "UTC"
    """IANA time zone, for rrule."""


class Shorter(Said):
    """When a window ends now."""

    end: Moment = Field(alias="to")


class LeftOut(Said):
    """Which time of a window is left out."""

    start: Moment = Field(alias="from")


class Calendar(Speaking):
    """Carriers' notices."""

    calendar: str
    """iCalendar (RFC 5545)."""
    zone: str = "UTC"
    """Of times that name none."""

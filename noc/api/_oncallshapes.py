"""What answers and bodies of who is on call are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from alerts import oncalldesk as desk
from alerts.oncallcalendar import BYTES_AT_MOST
from noc.api._about import Speaking, clean
from noc.api._shapes import Moment, Shape


class DutyItem(Shape):
    """Somebody who is on call."""

    person: str
    name: str
    why: Literal["layer", "override", "hand_over"]
    """hand_over: the next has not accepted yet."""
    by: str
    """The layer, or the number of the override."""
    email: str | None
    phone: str | None
    time_zone: str | None


class PersonItem(Shape):
    """Somebody of the phone list."""

    person: str
    """Key in the settings."""
    name: str
    phone: str | None
    email: str | None
    language: str
    """Of messages to them."""
    time_zone: str | None
    local_time: str | None
    """What their clock says, 14:05; null where the settings name no zone."""


class NextItem(Shape):
    """Who is on call next."""

    start: Moment = Field(alias="from")
    people: list[str]


class ScheduleItem(Shape):
    """Who is on call by a schedule. since, until, next: null where it is more than 35 days away."""

    schedule: str
    name: str
    time_zone: str
    covered: bool
    """False: nobody is on call, and somebody should be."""
    since: Moment | None
    until: Moment | None
    on_call: list[DutyItem]
    next: NextItem | None


class DeskItem(Shape):
    """A desk."""

    desk: str
    name: str
    time_zone: str
    local_time: str
    daylight: bool
    schedule: str
    on_call: list[str]


class OnCall(Shape):
    """Who is on call at a moment. desks: in daylight first."""

    at: Moment
    schedules: list[ScheduleItem]
    desks: list[DeskItem]


class Span(Shape):
    """A time."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")


class ShiftItem(Span):
    """A time with the same people on call."""

    on_call: list[DutyItem]


class Shifts(Shape):
    """A page of the shifts of a schedule in a time. holes: when somebody should be on call and nobody is, in all of
    it.
    """

    items: list[ShiftItem]
    holes: list[Span]
    next: str | None = None


class OverrideItem(Span):
    """Somebody stands in."""

    id: int
    schedule: str
    person: str
    instead_of: str | None
    """null: of all who would be on call."""
    why: str
    who: str
    made: Moment
    cancelled: Moment | None
    cancelled_by: str | None
    source: str | None
    """The calendar that it was read from."""


class HandedOver(Shape):
    """An incident that was open at a hand-over."""

    id: int
    owner: str | None


class HandoverItem(Shape):
    """A hand-over."""

    id: int
    schedule: str
    at: Moment
    """The hand-off that it is about."""
    outgoing: str
    incoming: str
    text: str
    incidents: list[HandedOver]
    written: Moment
    written_by: str
    accepted: Moment | None
    accepted_by: str | None


class NewOverride(Speaking):
    """Somebody is to stand in."""

    schedule: str
    person: str
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    instead_of: str | None = None
    why: Annotated[str, Field(max_length=desk.WHY_AT_MOST), AfterValidator(clean)] = ""


class NewHandover(Speaking):
    """What the outgoing hand over at the nearest hand-off."""

    schedule: str
    text: Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=desk.TEXT_AT_MOST)]


class NewCalendar(Speaking):
    """Shifts as a planning tool writes them. name: the same one again changes only what changed."""

    calendar: Annotated[str, Field(max_length=BYTES_AT_MOST)]
    """iCalendar (RFC 5545)."""
    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]


class Taken(Shape):
    """What came of a calendar. wrong: sentences about events that are nobody's."""

    read: int
    new: int
    cancelled: int
    wrong: list[str]

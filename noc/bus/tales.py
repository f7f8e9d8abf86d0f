"""What an autonomous poller tells of its incidents, and the centre of those that are open (docs/adr/0026). Pure.

A tale carries whole incidents, so that one that comes again changes nothing. Numbers grow with each tale that a poller
makes; it goes on to the next when the centre says by `Acknowledged.tale` that this one is on its disk.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final, TypeVar

import msgspec

from noc.bus.packing import PackingError, packed, squeezed, swollen, unpacked
from noc.model.incident import EntryKind, Fact, NoticeKind, NoticeState, Severity
from noc.model.window import WindowStep

INCIDENTS_AT_MOST: Final = 100
"""Of one tale; more are told by the next."""

LINES_AT_MOST: Final = 500
"""Of the timeline of one incident in a tale, and so many symptoms and notices; the newest."""

OPEN_AT_MOST: Final = 2_000
"""Open incidents of a scope that the centre tells."""

CHANGES_AT_MOST: Final = 1_000
"""Windows, and overrides, and hand-overs, that it tells; the newest."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all. Keys that a newer version has and this one doesn't are passed over."""


Form = TypeVar("Form", bound=Part)


def told_as(one: object, form: type[Form]) -> Form:
    """Return a record in the form in which it is told: what that has no field for stays here."""
    return msgspec.convert(one, form, from_attributes=True)


def fields_of(part: Part) -> dict[str, Any]:
    """Return what a part says by the names of its fields; parts within it stay what they are."""
    return msgspec.structs.asdict(part)


class Line(Part, frozen=True):
    """A line of a timeline, as `noc.model.incident.Entry`."""

    at_ms: int
    kind: EntryKind
    who: str | None = None
    facts: dict[str, Fact] = {}


class SymptomTold(Part, frozen=True):
    """What an incident explains, as `noc.model.incident.Symptom`."""

    entity: str
    rule: str
    origin: str
    severity: Severity
    policy: str
    since_ms: int
    joined_ms: int
    facts: dict[str, Fact] = {}
    left_ms: int | None = None


class NoticeTold(Part, frozen=True):
    """What somebody was told, as `noc.model.incident.Notice`. number: what made its key beside the incident
    (`alerts.escalation.key_of`): the step, which reminder it was, or when the incident grew.
    """

    step: int
    number: int
    person: str
    channel: str
    kind: NoticeKind
    created_ms: int
    state: NoticeState
    attempts: int = 0
    sent_ms: int | None = None
    error: str | None = None
    delivered_ms: int | None = None
    read_ms: int | None = None
    acted_ms: int | None = None


class IncidentTold(Part, frozen=True):
    """An incident, as `noc.model.incident.Incident`, with all that belongs to it. there: its number at the poller."""

    key: str
    there: int
    entity: str
    rule: str
    origin: str
    severity: Severity
    policy: str
    since_ms: int
    opened_ms: int
    cause: str = ""
    facts: dict[str, Fact] = {}
    acknowledged_ms: int | None = None
    acknowledged_by: str | None = None
    acknowledged_until_ms: int | None = None
    resolved_ms: int | None = None
    resolved_by: str | None = None
    lines: tuple[Line, ...] = ()
    symptoms: tuple[SymptomTold, ...] = ()
    notices: tuple[NoticeTold, ...] = ()


class Tale(Part, frozen=True):
    """What an autonomous poller wrote of incidents since the centre took the tale before. Times by its clock.

    alone_ms: since when it called people by itself; None: it didn't. more: another tale follows.
    """

    poller: str
    number: int
    alone_ms: int | None = None
    incidents: tuple[IncidentTold, ...] = ()
    more: bool = False


class _Head(Part, frozen=True):
    """A tale whose incidents aren't read yet: one that can't be must not keep the others."""

    poller: str
    number: int
    alone_ms: int | None = None
    incidents: tuple[msgspec.Raw, ...] = ()
    more: bool = False


class OpenThere(Part, frozen=True):
    """An open incident of the centre, as an autonomous poller needs it. told: person, channel and step of each notice
    that reached somebody or still may. begun_ms: when it was new again, reopened or without its owner.
    """

    key: str
    number: int
    entity: str
    rule: str
    origin: str
    severity: Severity
    policy: str
    since_ms: int
    opened_ms: int
    cause: str = ""
    begun_ms: int | None = None
    acknowledged_ms: int | None = None
    acknowledged_by: str | None = None
    acknowledged_until_ms: int | None = None
    symptoms: tuple[str, ...] = ()
    told: tuple[NoticeTold, ...] = ()


class DecisionThere(Part, frozen=True):
    """What was decided about a window, as `noc.model.window.WindowDecision`, without who and why."""

    since_ms: int
    step: WindowStep
    start_ms: int
    end_ms: int
    rrule: str = ""
    zone: str = ""
    without: tuple[int, ...] = ()


class WindowThere(Part, frozen=True):
    """Planned maintenance that the centre approved, with all that was decided about it."""

    number: int
    entity: str
    decisions: tuple[DecisionThere, ...]


class OverrideThere(Part, frozen=True):
    """Who is on call instead of another, as `noc.model.oncall.Override`."""

    id: int
    schedule: str
    start_ms: int
    end_ms: int
    person: str
    instead_of: str | None = None
    made_ms: int = 0
    cancelled_ms: int | None = None


class HandoverThere(Part, frozen=True):
    """A hand-over of one shift to the next, as `noc.model.oncall.Handover`, without what was written."""

    id: int
    schedule: str
    at_ms: int
    outgoing: str
    incoming: str
    written_ms: int = 0
    accepted_ms: int | None = None


class OpenIncidents(Part, frozen=True):
    """All open incidents of a group's scope, retained, and what people changed beside the settings. at_ms: when it was
    so, by the centre's clock.

    windows: of the scope; None: an older noc says nothing of these, nor of overrides.
    """

    at_ms: int
    incidents: tuple[OpenThere, ...] = ()
    windows: tuple[WindowThere, ...] | None = None
    overrides: tuple[OverrideThere, ...] = ()
    handovers: tuple[HandoverThere, ...] = ()


def written(said: Tale | OpenIncidents) -> bytes:
    """Return a message, compressed."""
    return squeezed(packed(said))


def digest(octets: bytes) -> str:
    """Return what a tale is called whose number can't be read: of its octets, as they are sent."""
    return blake2b(octets, digest_size=16).hexdigest()


def read_tale(octets: bytes) -> Tale:
    """Return a tale. Raises PackingError."""
    return unpacked(swollen(octets), Tale)


def opened(octets: bytes) -> tuple[Tale, tuple[str, ...]]:
    """Return a tale without the incidents that can't be read, and why these can't. Raises PackingError."""
    head = unpacked(swollen(octets), _Head)
    found: list[IncidentTold] = []
    wrong: list[str] = []
    for one in head.incidents:
        try:
            found.append(unpacked(bytes(one), IncidentTold))
        except PackingError as error:
            wrong.append(str(error))
    return Tale(
        poller=head.poller, number=head.number, alone_ms=head.alone_ms, incidents=tuple(found), more=head.more
    ), tuple(wrong)


def as_of(said: OpenIncidents, at_ms: int) -> OpenIncidents:
    """Return the same as of another moment."""
    return msgspec.structs.replace(said, at_ms=at_ms)


def read_open(octets: bytes) -> OpenIncidents:
    """Return the open incidents of the centre. Raises PackingError."""
    return unpacked(swollen(octets), OpenIncidents)

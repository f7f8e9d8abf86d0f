"""What the API answers of incidents, and takes to change them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from alerts.lifesettings import PRIORITIES
from noc.api._shapes import Moment, Shape
from noc.model.incident import EntryKind, Fact, IncidentState, NoticeKind, NoticeState, Severity
from noc.state.diagnostics import DiagnosticState


class IncidentItem(Shape):
    """An incident."""

    id: int
    key: str
    """The same wherever and whenever it is worked out: a digest of rule, entity and since when."""
    entity: str
    rule: str
    severity: Severity
    state: IncidentState
    cause: str
    """What kind of root cause the entity is: site, power, provider, …; empty for the entity itself."""
    parent: int | None
    """The incident that took it over."""
    priority: int
    """1 is the highest."""
    priority_by: str | None
    """Who set it by hand; null: noc worked it out."""
    impact: int
    """1 high, 2 medium, 3 low."""
    urgency: int
    """1 to 4, by the severity."""
    major: bool
    """Whether it was declared a major incident."""
    policy: str
    """The escalation policy."""
    since: Moment
    """Since when the entity is so, dated back."""
    opened: Moment
    """When noc opened it."""
    respond_by: Moment | None
    """By when somebody is to own it."""
    restore_by: Moment | None
    """By when it is to be resolved."""
    update_by: Moment | None
    """By when the next status update of a major incident is due."""
    overdue: list[Literal["respond", "restore", "update"]]
    """Targets that are, or were, missed."""
    facts: dict[str, Fact]
    """What the rule saw."""
    acknowledged: Moment | None
    acknowledged_by: str | None
    acknowledged_until: Moment | None
    """Nobody owns it from then on."""
    in_progress: Moment | None
    """When work on it began."""
    resolved: Moment | None
    resolved_by: str | None
    closed: Moment | None
    reopened: Moment | None
    """When it was reopened last."""
    reopenings: int
    """How often it was reopened."""
    problem: int | None
    """The problem record that it belongs to."""


class EntryItem(Shape):
    """A line of a timeline."""

    at: Moment
    kind: EntryKind
    who: str | None
    """A person, or null for noc itself."""
    facts: dict[str, Fact]


class NoticeItem(Shape):
    """What was, or will be, told to one person on one channel."""

    id: int
    step: int
    """Of the escalation policy, from 1; 0 for who hears of major incidents without being called."""
    person: str
    channel: str
    kind: NoticeKind
    state: NoticeState
    created: Moment
    sent: Moment | None
    delivered: Moment | None
    read: Moment | None
    acted: Moment | None
    instead_of: int | None
    """The notice whose channel failed."""
    attempts: int
    error: str | None


class SymptomItem(Shape):
    """What the incident explains, so that it is none of its own."""

    entity: str
    rule: str
    severity: Severity
    since: Moment
    joined: Moment
    left: Moment | None
    """Since when it is over, or explained no more."""
    facts: dict[str, Fact]


class DiagnosticItem(Shape):
    """What noc asked a device when the incident opened."""

    device: str
    question: str
    state: DiagnosticState
    asked: Moment
    took_ms: int | None
    answer: str


class TicketItem(Shape):
    """The incident in another system."""

    channel: str
    reference: str
    state: str
    url: str | None
    opened: Moment
    changed: Moment


class EntityNoteItem(Shape):
    """What people know of an entity."""

    id: int
    entity: str
    at: Moment
    who: str
    text: str
    until: Moment | None


class IncidentDetail(IncidentItem):
    """An incident with all that happened."""

    timeline: list[EntryItem]
    notices: list[NoticeItem]
    symptom_count: int
    """How many symptoms it has had."""
    symptoms_standing: int
    """How many it has."""
    symptoms: list[SymptomItem]
    """The oldest 500."""
    diagnostics: list[DiagnosticItem]
    tickets: list[TicketItem]
    entity_notes: list[EntityNoteItem]
    """Of its entity, its site and its symptoms."""


def clean(text: str) -> str:
    """Return a person's text without control characters."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text).strip()


Said = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(clean)]
Text = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=4_000)]
Line = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=200)]


class Remark(Shape):
    """What a person says while doing something."""

    note: Said = ""


class Owning(Remark):
    """What a person says while owning an incident."""

    until: Moment | None = None
    """Nobody owns it from then on, and people are called anew. Default: it lasts."""


class Note(Shape):
    """A line for the timeline."""

    note: Text


class Major(Remark):
    """Whether it is a major incident."""

    major: bool = True


class Priority(Shape):
    """How grave an incident is, as somebody says."""

    priority: Annotated[int, Field(ge=1, le=PRIORITIES)] | None
    """1 is the highest. null: noc works it out again."""
    note: Said = ""
    """Why; needed with a priority."""


class NewTicket(Shape):
    """By which number another system knows it."""

    channel: Line
    """The other system, in a word."""
    reference: Line
    """Its number there."""
    url: Annotated[str, Field(max_length=1_000, pattern=r"^https?://")] | None = None


class NewEntityNote(Shape):
    """Something to know of an entity."""

    entity: str
    text: Text
    until: Moment | None = None
    """It isn't shown from then on."""

"""Scenarios as people write them: what happens when, and what is expected to come of it (docs/rehearsal.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from alerts.policies import Delay
from noc.availability.times import format_time, parse
from noc.settings.schema import Duration, Settings

ROOT: Final = "root"
"""In the place of an entity: the incident that the first failure opened."""

LONGEST: Final = timedelta(days=31)

Moment = Annotated[int, BeforeValidator(parse), PlainSerializer(format_time, return_type=str)]
"""A time with zone, ISO 8601, as milliseconds of the Unix epoch."""

Text = Annotated[str, Field(min_length=1, max_length=2_000)]


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1, max_length=1_000)]
"""One name, or a list of them."""


class SetMetric(Settings):
    """A number that a device tells from now on, each time it is asked."""

    entity: str
    """Whose: `device/goma-sat-1`, an interface or an end point."""
    metric: str
    """Name of the field (docs/reference/series.md), `es_n0_db`; with its measurement where several have one of that
    name: `noc_sensor.value`."""
    value: float | None
    """The number, in noc's unit; null: it isn't told any more."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Which of several series of the device: {kind: runtime, name: Time on battery}."""


class PowerCut(Settings):
    """The mains fail: power supplies say so, and when their batteries are empty all is dark."""

    site: str
    """The site, by its id."""
    battery: Delay = timedelta(0)
    """How long the batteries last. Default: there are none."""


class PlannedWork(Settings):
    """A window of planned maintenance, asked for and approved at this moment."""

    entity: str
    """What is worked on, with all below it."""
    lasts: Duration
    """How long it is."""
    begins: Delay = Field(default=timedelta(0), alias="in")
    """How long from now it begins."""
    why: Text = "rehearsal"
    """What is done."""


class Event(Settings):
    """Something that happens: exactly one of these, but for `note` and `by`."""

    at: Delay
    """When, from the start."""
    fail: Names | None = None
    """What stops working: region/…, site/…, device/…, circuit/…, interface/DEVICE/NAME, endpoint/…, service/…,
    poller/NAME (its way out), notifier/NAME."""
    restore: Names | None = None
    """What works again."""
    power_cut: PowerCut | None = None
    """The mains of a site fail."""
    set: SetMetric | None = None
    """A number changes."""
    window: PlannedWork | None = None
    """Planned maintenance."""
    silent: Names | None = None
    """Who doesn't acknowledge from now on, where the scenario lets people acknowledge by themselves: people, team/NAME,
    schedule/NAME, desk/NAME."""
    heard: Names | None = None
    """People who acknowledge again."""
    ack: str | None = None
    """Somebody says "I own it": `root`, `all` that is open, or the incident of an entity."""
    resolve: str | None = None
    """Somebody says that it is over: as `ack`."""
    note: Text | None = None
    """Beside ack and resolve: what they say. Alone: a remark for the record of the exercise."""
    by: str | None = None
    """Who acknowledges, resolves or remarks: a person of `alerts:`."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        named = [name for name in KINDS if getattr(self, name) is not None]
        if len(named) > 1 or (not named and self.note is None):
            raise ValueError(f"an event is one of {', '.join(KINDS)}, note; this one is {_listed(named)}")
        if self.by is not None and named and named[0] not in ("ack", "resolve"):
            raise ValueError("`by` belongs to ack, resolve and note")
        if self.note is not None and named and named[0] not in ("ack", "resolve"):
            raise ValueError("`note` stands alone, or with ack or resolve")
        return self

    @property
    def kind(self) -> str:
        """Return which of the things it is."""
        return next((name for name in KINDS if getattr(self, name) is not None), "note")


KINDS: Final = ("fail", "restore", "power_cut", "set", "window", "silent", "heard", "ack", "resolve")


class ExpectIncident(Settings):
    """An incident that must be there."""

    root_cause: str
    """The entity that it is of."""
    opened_within: Delay | None = None
    """How long after the first failure it is open at the latest."""
    resolved: bool | None = None
    """Whether it is over at the end."""
    priority: Annotated[int, Field(ge=1, le=5)] | None = None
    """Its priority."""
    affects: Names | None = None
    """Entities that are among those affected."""


class ExpectCall(Settings):
    """A message that somebody must be sent."""

    person: str
    """Whom, by the key in `alerts: people:`."""
    kind: Literal["page", "reminder", "escalation", "further", "resolved"] | None = None
    """What for. Default: anything."""
    channel: str | None = None
    """By which notifier. Default: any."""
    by: Delay | None = None
    """When at the latest, from the start. Default: before the end."""
    not_before: Delay | None = None
    """When at the earliest, from the start."""


class Expect(Settings):
    """What must come of it; where it doesn't, the exit code is 1."""

    incidents: tuple[ExpectIncident, ...] | Annotated[int, Field(ge=0)] | None = None
    """The incidents, neither more nor less; or how many there are."""
    also: Names | None = None
    """Entities of which there may be incidents beside these."""
    calls: tuple[ExpectCall, ...] = ()
    """Messages that must be sent."""
    not_called: Names | None = None
    """People who must hear of nothing."""
    pages_at_most: Annotated[int, Field(ge=0)] | None = None
    """How many pages and escalations one person is sent at most."""
    services_up: Names | None = None
    """Services that must never be down."""


class Exercise(Settings):
    """What the record of an exercise says of it, beside what happened (ISO/IEC 24762)."""

    plan: Text
    """The plan that is exercised, with its version."""
    objective: Text
    """What is to be shown."""
    leader: Text
    """Who is in charge of it."""
    participants: tuple[Text, ...] = ()
    """Who takes part."""
    recovery_time: Duration | None = None
    """Within which time services must be back (RTO)."""


class Scenario(Settings):
    """A made-up course of events."""

    start: Moment
    """When it begins."""
    duration: Duration
    """How long it is: a month at most."""
    title: Text | None = None
    """What people call it."""
    why: Text | None = None
    """What is rehearsed."""
    events: tuple[Event, ...] = ()
    """What happens, in any order."""
    acknowledge_after: Duration | None = None
    """How long after they were first told people own an incident, but for those who are silent. Default: only where an
    event says so."""
    expect: Expect | None = None
    """What must come of it."""
    exercise: Exercise | None = None
    """For the record, where it is an exercise."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.duration > LONGEST:
            raise ValueError(f"a rehearsal lasts {LONGEST.days}d at most")
        return self


def _listed(names: list[str]) -> str:
    return f"both {' and '.join(names)}" if names else "none of them"

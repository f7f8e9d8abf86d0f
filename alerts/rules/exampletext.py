"""Examples that stand beside a rule: what comes in, and what must come of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from noc.model.event import EventClass, EventKind, EventSeverity
from noc.settings.schema import Settings, format_duration, parse_duration

Moment = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str)]
"""How long after the beginning; `0s` is the beginning."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class SampleText(Settings):
    """Rows that come in at one time, of one entity."""

    at: Moment
    """When, counted from the beginning."""
    measurement: str | None = None
    """Of which measurement. Default: that of the rule."""
    rows: tuple[dict[str, str | Finite | None], ...]
    """Fields and tags of each row; what isn't named wasn't read."""


class SentText(Settings):
    """An event that comes in."""

    at: Moment
    """When, counted from the beginning."""
    name: str = ""
    """What it calls itself."""
    kind: EventKind = "syslog"
    """A trap, or syslog."""
    event_class: EventClass = Field(default="other", alias="class")
    """What it speaks of."""
    severity: EventSeverity = "warning"
    """How grave it is."""
    facts: dict[str, str | int | Finite | None] = Field(default_factory=dict)
    """What it says."""
    text: str = ""
    """Its text."""
    device: str | None = None
    """Which of several devices sent it: a word."""
    window: bool = False
    """true: it comes in an approved window."""
    times: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How often it comes."""
    every: Moment = timedelta(seconds=1)
    """The time from one to the next."""


class StatusText(Settings):
    """A change of status."""

    at: Moment
    """When, counted from the beginning."""
    status: Literal["up", "down", "unknown"]
    """What it is then."""


class HistoryText(Settings):
    """What the store would say of a field."""

    field: str
    """measurement.field"""
    median: Finite | None = None
    """Of the same hour of the last weeks."""
    spread: Finite = 0.0
    """Of the same."""
    slope_a_day: Finite | None = None
    """How much it grows in a day."""


class ExampleText(Settings):
    """An example: samples, events or status, and when the rule must be raised and cleared."""

    name: str
    """What it shows."""
    samples: tuple[SampleText, ...] = ()
    """What is measured."""
    events: tuple[SentText, ...] = ()
    """What is sent."""
    status: tuple[StatusText, ...] = ()
    """How the status changes."""
    history: tuple[HistoryText, ...] = ()
    """What the store knows."""
    begin: str = "2026-03-02T12:00:00Z"
    """The beginning; only hours of events ask for it."""
    until: Moment | None = None
    """How long is looked. Default: until what comes in last."""
    raised: tuple[Moment, ...] = ()
    """When it is raised, each time; for several entities once for each."""
    cleared: tuple[Moment, ...] = ()
    """When it is cleared."""


class ExamplesText(Settings):
    """What stands in `<rule>.examples.yaml`."""

    examples: tuple[ExampleText, ...]
    """The examples."""

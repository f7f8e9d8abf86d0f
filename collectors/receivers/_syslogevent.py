"""A syslog message as an Event. Pure."""

from __future__ import annotations

from typing import Final

from collectors.receivers._facts import Facts
from noc.inventory.events.compiled import UNKNOWN, EventBook, Meaning
from noc.model.event import TEXT_AT_MOST, Event, EventSeverity, clean
from noc.wire.syslog import Line

NAME_AT_MOST: Final = 200

SEVERITIES: Final[tuple[EventSeverity, ...]] = (
    *("critical", "critical", "critical"),  # emergency, alert, critical
    *("major", "warning"),  # error, warning
    *("info", "info", "info"),  # notice, informational, debug
)
"""By the severity of RFC 5424, section 6.2.1."""

_AUTHENTICATION: Final = (4, 10)
"""Facilities auth and authpriv."""


def event_of(line: Line, book: EventBook, source: str, device: str, now_ms: int) -> tuple[Event, Meaning]:
    """Return the event and what it means."""
    found, said = book.syslog(line.name, line.app, line.text)
    if found is None:
        found = Meaning("authentication") if line.facility in _AUTHENTICATION else UNKNOWN
    facts = Facts()
    for key, value in said.items():
        facts.put(key, int(value) if key == "if_index" and value.isdigit() else value)
    for key, value in found.facts.items():
        facts.put(key, value)
    for key, value in line.pairs.items():
        facts.put(clean(key, 64), value)
    event = Event(
        source=source,
        device=device,
        kind="syslog",
        name=clean(line.name, NAME_AT_MOST),
        event_class=found.event_class,
        severity=found.severity_of(facts.found.get("state"), SEVERITIES[line.severity]),
        first_ms=now_ms,
        last_ms=now_ms,
        facts=facts.found,
        text=clean(line.text, TEXT_AT_MOST),
        device_ms=line.device_ms,
    )
    return event, found

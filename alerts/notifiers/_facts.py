"""A message as plain data: for templates, and for receivers that are programs. Not a notifier itself."""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue

from alerts.notifiers._ports import Letter, Message
from alerts.shorttext import fits, fitted
from noc.availability.times import format_time
from noc.model.incident import Incident

Plain = JsonValue
"""What JSON can say."""

NEVER: Final = "0001-01-01T00:00:00Z"
"""How programs in Go write a time that there is not."""


def incident_data(incident: Incident) -> dict[str, Plain]:
    """Return an incident. Times are ISO 8601 in UTC, null where it didn't happen."""
    return {
        "id": incident.id,
        "key": key_of(incident),
        "entity": incident.entity,
        "rule": incident.rule,
        "severity": incident.severity,
        "state": incident.state,
        "policy": incident.policy,
        "cause": incident.cause,
        "impact": incident.impact,
        "urgency": incident.urgency,
        "priority": incident.priority,
        "since": format_time(incident.since_ms),
        "opened_at": format_time(incident.opened_ms),
        "acknowledged_at": _at(incident.acknowledged_ms),
        "acknowledged_by": incident.acknowledged_by,
        "resolved_at": _at(incident.resolved_ms),
        "resolved_by": incident.resolved_by,
        "facts": dict(incident.facts),
    }


def message_data(message: Message) -> dict[str, Plain]:
    """Return a message with its incident."""
    return {
        "key": message.key,
        "thread": message.thread,
        "to": message.to,
        "name": message.name,
        "kind": message.kind,
        "subject": message.subject,
        "text": message.text,
        "short": short_of(message),
        "language": message.language,
        "url": message.url,
        "ack_url": message.ack_url,
        "incident": incident_data(message.incident),
    }


def letter_data(letter: Letter) -> dict[str, Plain]:
    """Return what a letter says in short, in the form of `message_data`: of the kind `letter`, with no incident."""
    return {
        "key": letter.key,
        "thread": letter.key,
        "to": letter.to,
        "name": letter.name,
        "kind": "letter",
        "subject": letter.subject,
        "text": letter.text,
        "short": letter.short,
        "language": letter.language,
        "url": letter.url,
        "ack_url": None,
        "incident": None,
    }


def short_of(message: Message) -> str:
    """Return what fits into one SMS."""
    return message.short if message.short and fits(message.short) else fitted([message.short or message.subject])


def key_of(incident: Incident) -> str:
    """Return what names an incident in other systems: always the same, and no other one's."""
    return incident.key or f"noc-{incident.id}"


def is_over(message: Message) -> bool:
    """Tell whether a message says that its incident is over, or comes when it is."""
    return message.kind == "resolved" or message.incident.resolved_ms is not None


def _at(time_ms: int | None) -> str | None:
    return None if time_ms is None else format_time(time_ms)

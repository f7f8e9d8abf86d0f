"""Incidents, lines of timelines and notices as plain documents: what the API and the command line both answer. Pure.

Names are those of docs/reference/api.md. Who asks says how a time is written, as each edge has its own way.
"""

from __future__ import annotations

from collections.abc import Callable

from noc.model.incident import Entry, Incident, Notice

WriteTime = Callable[[int], object]
"""Takes milliseconds of the Unix epoch."""


def incident_document(incident: Incident, write: WriteTime) -> dict[str, object]:
    """Return an incident: id, entity, rule, severity, state, policy, since, opened, facts, acknowledged, …"""
    return {
        "id": incident.id,
        "entity": incident.entity,
        "rule": incident.rule,
        "severity": incident.severity,
        "state": incident.state,
        "policy": incident.policy,
        "since": write(incident.since_ms),
        "opened": write(incident.opened_ms),
        "facts": dict(incident.facts),
        "acknowledged": _or_none(incident.acknowledged_ms, write),
        "acknowledged_by": incident.acknowledged_by,
        "resolved": _or_none(incident.resolved_ms, write),
        "resolved_by": incident.resolved_by,
    }


def entry_document(entry: Entry, write: WriteTime) -> dict[str, object]:
    """Return a line of a timeline: at, kind, who, facts."""
    return {"at": write(entry.at_ms), "kind": entry.kind, "who": entry.who, "facts": dict(entry.facts)}


def notice_document(notice: Notice, write: WriteTime) -> dict[str, object]:
    """Return a notice: id, step, person, channel, kind, state, created, sent, attempts, error."""
    return {
        "id": notice.id,
        "step": notice.step,
        "person": notice.person,
        "channel": notice.channel,
        "kind": notice.kind,
        "state": notice.state,
        "created": write(notice.created_ms),
        "sent": _or_none(notice.sent_ms, write),
        "attempts": notice.attempts,
        "error": notice.error,
    }


def _or_none(time_ms: int | None, write: WriteTime) -> object:
    return None if time_ms is None else write(time_ms)

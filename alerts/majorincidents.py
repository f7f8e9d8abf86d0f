"""Major incidents: who hears how they stand, once of each update, and when the next one is due.

What people say of them stands in the timeline; whatever process wrote it, the engine tells it, by the outbox.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from alerts.escalation import heard
from alerts.oncalltargets import Directory, Target
from alerts.policies import AlertSettings
from noc.model.incident import SEVERITIES, Entry, Incident, Notice, Severity
from noc.model.instants import length_ms
from noc.state import incidents, outbox
from noc.state.database import Transaction

OLD_MS: Final = 86_400_000
"""What was said longer ago is told to nobody any more: who subscribes today doesn't hear of yesterday."""

LEAST: Final[Severity] = "major"
"""A major incident is as grave for quiet hours, at least."""


def news(timeline: Iterable[Entry]) -> list[tuple[int, Entry]]:
    """Return what people said of a major incident, numbered from 1: that it is one, or none any more; its updates."""
    found: list[Entry] = []
    is_major = False
    for entry in timeline:
        if entry.kind == "major":
            is_major = entry.facts.get("is") == "major"
            found.append(entry)
        elif entry.kind == "update" and is_major:
            found.append(entry)
    return list(enumerate(found, start=1))


def key_of(incident: Incident, number: int, target: Target) -> str:
    """Return the key of the notice that tells somebody one thing said. number: by `news`."""
    # Not when people were called anew, as in escalation's keys: whoever heard of it once has heard of it.
    parts = [incident.id, incident.opened_ms, "update", number, *target]
    return f"{incident.id}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


def said_by(notice: Notice, incident: Incident, timeline: Iterable[Entry]) -> Entry | None:
    """Return the line of the timeline that a notice tells."""
    target = notice.person, notice.channel
    return next((entry for number, entry in news(timeline) if key_of(incident, number, target) == notice.key), None)


def to_tell(
    incident: Incident, timeline: Iterable[Entry], told: Sequence[Notice], directory: Directory, now_ms: int
) -> tuple[Notice, ...]:
    """Return the notices of what was said and not told yet: to all who were told of the incident, and to subscribers.

    told: every notice of it so far. What was told to anybody was told to all who were to hear it then.
    """
    updates = [notice for notice in told if notice.kind == "update"]
    found: list[Notice] = []
    for number, entry in news(timeline):
        is_told = any(key_of(incident, number, (one.person, one.channel)) == one.key for one in updates)
        if is_told or entry.at_ms < now_ms - OLD_MS:
            continue
        for target, step in _hearers(told, directory, now_ms).items():
            person, channel = target
            until_ms = directory.quiet_until(person, _graver(incident.severity), now_ms)
            key = key_of(incident, number, target)
            next_ms = now_ms if until_ms is None else until_ms
            found.append(Notice(0, key, incident.id, step, person, channel, "update", now_ms, next_ms=next_ms))
    return tuple(found)


def due_ms(incident: Incident, timeline: Iterable[Entry], every_ms: int) -> int | None:
    """Return by when the next update is due; None where none is."""
    if incident.major_ms is None or incident.resolved_ms is not None:
        return None
    return max([incident.major_ms, incident.reopened_ms or 0, *(entry.at_ms for _, entry in news(timeline))]) + every_ms


async def follow(
    connection: Transaction, incident: Incident, directory: Directory, settings: AlertSettings, now_ms: int
) -> Incident:
    """Tell what people said of an incident that is or was a major one, note when the next update is due; return it."""
    timeline = await incidents.timeline_of(connection, incident.id)
    told = await outbox.of_incident(connection, incident.id)
    await outbox.put(connection, to_tell(incident, timeline, told, directory, now_ms))
    by_ms = due_ms(incident, timeline, length_ms(settings.major_incidents.update_every))
    if by_ms == incident.update_by_ms:
        return incident
    await incidents.put(connection, incident.id, {"update_by_ms": by_ms})
    return replace(incident, update_by_ms=by_ms)


def _hearers(told: Sequence[Notice], directory: Directory, now_ms: int) -> dict[Target, int]:
    """Return who hears of it, each person once, with the step that called them; 0: none did."""
    found: dict[str, tuple[Target, int]] = {}
    reached = [notice for notice in told if notice.state == "sent"]
    for target, step in (*heard(reached).items(), *heard(told).items()):
        found.setdefault(target[0], (target, step))
    major = directory.settings.major_incidents
    for target in directory.targets(major.notify, major.by, now_ms):
        found.setdefault(target[0], (target, 0))
    return dict(found.values())


def _graver(severity: Severity) -> Severity:
    return min(severity, LEAST, key=SEVERITIES.index)
